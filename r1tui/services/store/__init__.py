"""Conversations, drafts and the app's state in one SQLite file."""
