"""From nothing to chatting in three steps."""
