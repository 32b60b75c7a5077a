"""The settings, the user's keys, and what a change does at once."""
