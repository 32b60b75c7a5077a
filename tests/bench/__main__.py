"""`python -m tests.bench [NAME…] [--quick] [--json FILE]`: run benchmarks, print their figures, keep them as JSON."""

from __future__ import annotations

import argparse
import importlib
import tempfile
from pathlib import Path

from tests.bench.figures import Figure, machine, save, table

PROGRAMS = ("startup", "idle", "tokens", "growth", "large", "keys", "flood", "real", "vote")


def main() -> None:
    """Run what is asked for, in order."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(PROGRAMS)}; all without one")
    parser.add_argument("--quick", action="store_true", help="shorter, less exact runs")
    parser.add_argument("--json", type=Path, default=Path(tempfile.gettempdir()) / "r1tui-bench.json")
    options = parser.parse_args()
    if wrong := set(options.names) - set(PROGRAMS):
        parser.error(f"no such benchmark: {', '.join(sorted(wrong))}")
    figures: list[Figure] = []
    for name in options.names or PROGRAMS:
        program = importlib.import_module(f"tests.bench.{name}")
        found = program.run(options.quick)
        figures += found
        print(f"\n{name}\n{table(found)}", flush=True)
        save(options.json, figures)
    print("\n" + "; ".join(f"{key}: {value}" for key, value in machine().items()))
    print(f"written: {options.json}")


if __name__ == "__main__":
    main()
