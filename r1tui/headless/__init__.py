"""The commands for a shell, a module each. They print and end; no screen is involved."""
