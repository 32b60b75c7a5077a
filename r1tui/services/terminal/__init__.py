"""What this terminal is, its clipboard, and leaving it."""
