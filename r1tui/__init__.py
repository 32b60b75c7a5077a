"""R1TUI: DeepSeek-R1 on a machine of your own, in the terminal."""

__version__ = "0.2.0"
