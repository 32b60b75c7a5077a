"""What `tests/run` does in its environment: provide the real things, run pytest, say what could not be had.

`--repeat N` runs the tests that are named N times over and stops at the first run that fails: a test that fails now and
then says so before it lands.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from types import FrameType

from tests.support import provision, shared
from tests.support.bootstrap import ROOT

_NO_SERVER = ("tests/unit", "tests/ui", "tests/services")


def main(args: list[str]) -> int:
    """Run pytest with `args`; returns its exit status, 1 where CI lacks the real server."""
    args, times = repetitions(args)
    named = [
        arg for arg in args if arg.split("::")[0].startswith("tests") or os.path.exists(arg.split("::")[0])
    ]
    needs_server = not named or any(not arg.startswith(_NO_SERVER) for arg in named)
    found = provision.provide(server=needs_server) if needs_server else provision.find()
    command = [sys.executable, "-m", "pytest", *args]
    if not named and not any(arg == "-n" or arg.startswith(("-n", "--numprocesses")) for arg in args):
        # Three workers fill two cores, since tests in a terminal wait much; a file stays on one worker, as its tests
        # may share a server they start.
        command += ["-n", "3", "--dist", "loadfile"]
    folder = shared.begin()
    pytest: subprocess.Popen[bytes] | None = None

    def pass_on(signum: int, frame: FrameType | None) -> None:
        if pytest is not None:
            pytest.send_signal(signal.SIGINT)

    for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(signum, pass_on)
    try:
        for number in range(1, times + 1):
            pytest = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
            closing = _forward(pytest)
            status = pytest.wait()
            if times > 1:
                closing = f"{closing} (run {number} of {times})"
            if status or number == times:
                break
            print(closing, flush=True)
    finally:
        shared.end(folder)
    if needs_server:
        for reason in found.missing:
            print(f"tests: not for real here: {reason}")
        if found.missing and os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            print("tests: CI is set, so this is a failure")
            status = status or 1
    # The closing line stands last, for whoever reads only that.
    if closing:
        print(closing, flush=True)
    return status


def repetitions(args: list[str]) -> tuple[list[str], int]:
    """(the arguments without `--repeat N`, N or 1). Ends with a sentence where N is no number from 1 on."""
    rest, times = [], "1"
    left = iter(args)
    for arg in left:
        if arg == "--repeat":
            times = next(left, "")
        elif arg.startswith("--repeat="):
            times = arg.partition("=")[2]
        else:
            rest.append(arg)
    if not times.isdecimal() or int(times) < 1:
        sys.exit("tests: --repeat takes how many times to run: tests/run tests/unit -k sizing --repeat 20")
    return rest, int(times)


def _forward(pytest: subprocess.Popen[bytes]) -> str:
    """Print what pytest prints but its very last line, and return that."""
    assert pytest.stdout is not None
    held = b""
    for line in pytest.stdout:
        sys.stdout.buffer.write(held)
        sys.stdout.buffer.flush()
        held = line
    return held.decode(errors="replace").rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
