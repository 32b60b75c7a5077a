"""R1TUI: DeepSeek-R1 on a machine of your own, in the terminal."""

__version__ = "0.2.0"
__date__ = "2026-11-29"
"""The day of this version, as in CHANGELOG.md, which an installation does not have."""
