"""No regular expression of the package takes the square of the length of what somebody else wrote."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CPU_SECONDS = 120
"""Several times what all expressions together take; one that grows faster than the square never ends."""


def test_every_expression_looks_at_long_text_in_time_that_grows_with_its_length() -> None:
    done = subprocess.run(
        [
            "/bin/sh",
            "-c",
            f'ulimit -t {CPU_SECONDS}; exec "$0" -m tests.support.regex_growth',
            sys.executable,
        ],
        cwd=ROOT,
        text=True,
        capture_output=True,
    )
    tried = done.stdout.splitlines()
    assert done.returncode == 0, f"{tried[-1:]} {done.stderr[-500:]}"
    assert len(tried) > 40
