"""Starts R1TUI: the command `r1tui`, and `python -m r1tui`."""

import sys


def main() -> int:
    """Run the command line; returns the exit code. Ctrl+C ends a start too that has not come to it yet."""
    try:
        from r1tui.cli import main as run

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
