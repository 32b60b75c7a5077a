"""Every model command as a dialogue."""
