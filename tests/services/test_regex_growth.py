"""No regular expression of the package takes the square of the length of what somebody else wrote."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CPU_SECONDS = 120
"""Several times what all expressions together take; one that grows faster than the square never ends."""


def tried(*program: str, cpu_seconds: int = CPU_SECONDS) -> subprocess.CompletedProcess[str]:
    """Python with some arguments, ended where it takes more processor time than that."""
    return subprocess.run(
        ["/bin/sh", "-c", f'ulimit -t {cpu_seconds}; exec "$0" "$@"', sys.executable, *program],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
    )


def test_every_expression_looks_at_long_text_in_time_that_grows_with_its_length() -> None:
    done = tried("-m", "tests.support.regex_growth")
    names = done.stdout.splitlines()
    assert done.returncode == 0, f"{names[-1:]} {done.stderr[-500:]}"
    assert len(names) > 200
    assert "r1tui.domain.final_answer._PHRASE" in names


PLANTED = """
import re, sys
from tests.support.regex_growth import main
sys.exit(main([("fast", re.compile("b"), True), ("planted", re.compile(sys.argv[1]), sys.argv[2] == "anywhere")]))
"""


@pytest.mark.parametrize(
    ("expression", "where"),
    [
        ("a*b", "anywhere"),
        ("<[a-z]{40}>.*</code>", "anywhere"),  # it begins at few places
        (r"x\d*\d*y", "beginning"),
    ],
)
def test_one_that_takes_the_square_of_the_length_is_found(expression: str, where: str) -> None:
    done = tried("-c", PLANTED, expression, where)
    assert done.returncode == 1, done.stdout
    assert "planted takes" in done.stderr


def test_one_that_takes_twice_as_long_for_each_character_is_the_last_that_was_named() -> None:
    done = tried("-c", PLANTED, "(?:a+)+b", "beginning", cpu_seconds=5)
    assert done.returncode not in (0, 1)
    assert done.stdout.splitlines()[-1] == "planted"
