"""The chat and what opens from it."""
