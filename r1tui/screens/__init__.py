"""Screens join widgets to services and own the workers."""
