"""Readings of this machine, each with its source."""
