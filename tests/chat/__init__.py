"""Tests of `r1tui/chat`, without a screen."""
