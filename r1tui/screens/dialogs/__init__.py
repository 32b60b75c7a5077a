"""Dialogues that several screens share."""
