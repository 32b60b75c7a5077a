"""How long a test waits for what must come."""

SECONDS = 60.0
"""No measure of anything: whoever waits goes on at once when it comes, and only what never comes takes so long. On a machine
with ten times the work that it has processors for, starting the app takes 15 s.
"""
