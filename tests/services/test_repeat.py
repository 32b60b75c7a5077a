"""`tests/run --repeat N`: a test that fails now and then is found before it lands."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support import patience
from tests.support.bootstrap import ROOT
from tests.support.environments import find_python, unbound
from tests.support.processes import ended
from tests.support.provision import Unavailable
from tests.support.run_tests import other_environments, repetitions

FAILS_THE_THIRD_TIME = """
from pathlib import Path

def test_count():
    count = Path(__file__).with_name("count")
    count.write_text(count.read_text() + "x" if count.exists() else "x")
    assert len(count.read_text()) != 3
"""


WITH_NOTHING_REAL = """
import sys
from tests.support import provision, run_tests

provision.provide = lambda **_: provision.Provision()
sys.exit(run_tests.main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (["tests/unit"], (["tests/unit"], 1)),
        (["--repeat", "20", "tests/unit", "-k", "a"], (["tests/unit", "-k", "a"], 20)),
        (["tests/unit", "--repeat=2"], (["tests/unit"], 2)),
    ],
)
def test_it_stands_anywhere_among_pytests_own_arguments(
    args: list[str], found: tuple[list[str], int]
) -> None:
    assert repetitions(args) == found


@pytest.mark.parametrize("wrong", [["--repeat"], ["--repeat", "0"], ["--repeat=-1"], ["--repeat", "many"]])
def test_another_number_of_times_is_refused_in_a_sentence(wrong: list[str]) -> None:
    with pytest.raises(SystemExit, match="--repeat takes how many times"):
        repetitions(wrong)


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (["tests/unit", "--python", "3.12"], (["tests/unit"], ["3.12"])),
        (["--python=3.13", "-k", "a", "--lowest"], (["-k", "a"], ["3.13", "lowest"])),
        (["--latest"], ([], ["latest", "beyond"])),
        (["-k", "latest"], (["-k", "latest"], [])),
    ],
)
def test_other_environments_are_asked_for_among_pytests_own_arguments(
    args: list[str], found: tuple[list[str], list[str]]
) -> None:
    assert other_environments(args) == found


@pytest.mark.parametrize("wrong", ["", "3", "2.7", "python3.12"])
def test_a_python_that_is_none_is_refused_in_a_sentence(wrong: str) -> None:
    with pytest.raises(Unavailable, match="--python takes a version"):
        find_python(wrong)


def test_beyond_the_ranges_is_no_range() -> None:
    assert unbound("textual~=8.2") == "textual"
    assert unbound("httpx[socks]>=0.27,<1") == "httpx[socks]>=0.27"
    assert unbound("nvidia-ml-py>=12.560") == "nvidia-ml-py>=12.560"


@pytest.mark.timeout(600)  # three runs of pytest, each begun anew
def test_it_stops_at_the_first_run_that_fails_and_says_which(tmp_path: Path) -> None:
    module = tmp_path / "tests" / "unit" / "test_now_and_then.py"
    module.parent.mkdir(parents=True)
    module.write_text(FAILS_THE_THIRD_TIME)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "R1TUI"))}
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            WITH_NOTHING_REAL,
            str(module),
            *["-n", "0", "-p", "no:cacheprovider", "--repeat", "5"],
        ],
        cwd=ROOT,
        env=environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert (module.parent / "count").read_text() == "xxx"
    assert ran.stdout.rstrip().splitlines()[-1].endswith("(run 3 of 5)")


HANGS = """
import os
import time
from pathlib import Path

def test_hangs():
    part = Path(__file__).with_name("part")
    part.write_text(str(os.getpid()))
    part.rename(part.with_name("pid"))
    time.sleep(3600)
"""
IN_THIS_ENVIRONMENT = """
import sys
from pathlib import Path
from tests.support import environments, run_tests

environments.of_python = lambda version: Path(sys.executable)
sys.exit(run_tests.main(sys.argv[1:]))
"""


def test_whoever_ends_it_ends_the_tests_in_another_environment(tmp_path: Path) -> None:
    module = tmp_path / "test_hangs.py"
    module.write_text(HANGS)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "R1TUI"))}
    words = ["--python", "3.12", str(module), "-p", "no:cacheprovider"]
    ran = subprocess.Popen(
        [sys.executable, "-c", IN_THIS_ENVIRONMENT, *words],
        cwd=ROOT,
        env=environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + patience.SECONDS
    while not (tmp_path / "pid").exists():
        assert ran.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    pid = int((tmp_path / "pid").read_text())
    try:
        ran.terminate()
        ran.wait()
        assert ended(pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
