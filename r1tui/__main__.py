"""Starts R1TUI by `python -m r1tui`."""

import sys

from r1tui.cli import main

if __name__ == "__main__":
    sys.exit(main())
