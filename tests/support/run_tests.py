"""What `tests/run` does in its environment: provide the real things, run pytest, say what could not be had.

`--repeat N` runs the tests that are named N times over and stops at the first run that fails: a test that fails now and
then says so before it lands. `--python 3.12`, `--lowest` (the lowest versions that pyproject.toml allows) and `--latest`
(the newest within its ranges, then beyond them) run the named tests, or the fast ones, in environments of their own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from types import FrameType

from tests.support import environments, provision, shared
from tests.support.bootstrap import ROOT
from tests.support.scripted import VERSIONS

_NO_SERVER = ("tests/unit", "tests/chat", "tests/ui", "tests/services")
FAST = ("tests/unit", "tests/chat")
"""What another environment runs where no tests are named."""
DRAWN = (
    "tests/ui/test_thrift.py",
    "tests/ui/test_prompt.py",
    "tests/ui/test_transcript.py",
    "tests/ui/test_app_chat.py",
)
"""What newer versions of Textual and Rich are tried by as well."""


def main(args: list[str]) -> int:
    """Run pytest with `args`; returns its exit status, 1 where CI lacks the real server."""
    args, times = repetitions(args)
    args, elsewhere = other_environments(args)
    named = [
        arg for arg in args if arg.split("::")[0].startswith("tests") or os.path.exists(arg.split("::")[0])
    ]
    if elsewhere:
        return max(_in_environment(kind, args, named) for kind in elsewhere)
    real = needs_server(named)
    found = provision.provide() if real else provision.find()
    command = [sys.executable, "-m", "pytest", *args]
    if not named and not any(arg == "-n" or arg.startswith(("-n", "--numprocesses")) for arg in args):
        # Three workers fill two cores, since tests in a terminal wait much; a file stays on one worker, as its tests
        # may share a server they start.
        command += ["-n", "3", "--dist", "loadfile"]
    folder = shared.begin()
    try:
        for number in range(1, times + 1):
            status, closing = _run(command)
            if times > 1:
                closing = f"{closing} (run {number} of {times})"
            if status or number == times:
                break
            print(closing, flush=True)
    finally:
        shared.end(folder)
    if real:
        for reason in found.missing:
            print(f"tests: not for real here: {reason}")
        if found.missing and os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            print("tests: CI is set, so this is a failure")
            status = status or 1
        print(f"tests: {tested_with(found)}")
    # The closing line stands last, for whoever reads only that.
    if closing:
        print(closing, flush=True)
    return status


def needs_server(named: list[str]) -> bool:
    """Whether the named tests, or all where none is named, have some that need a real server."""
    return not named or any(not arg.startswith(_NO_SERVER) for arg in named)


def tested_with(found: provision.Provision) -> str:
    """Which servers the tests ran on, as the README has it."""
    real = [f"Ollama {provision.ollama_version(found.ollama)}"] if found.ollama else []
    real += [f"llama.cpp's server ({provision.LLAMA_PACKAGE.replace('==', ' ')})"] if found.llama else []
    scripts = " and ".join(VERSIONS)
    return f"real servers: {', '.join(real) or 'none'}; scripts of Ollama {scripts}"


def other_environments(args: list[str]) -> tuple[list[str], list[str]]:
    """(the arguments without these, the environments asked for: `3.12`, `lowest`, `latest`, `beyond`)."""
    rest, found = [], []
    left = iter(args)
    for arg in left:
        if arg == "--python":
            found.append(next(left, ""))
        elif arg.startswith("--python="):
            found.append(arg.partition("=")[2])
        elif arg == "--lowest":
            found.append("lowest")
        elif arg == "--latest":
            found += ["latest", "beyond"]
        else:
            rest.append(arg)
    return rest, found


def _in_environment(kind: str, args: list[str], named: list[str]) -> int:
    """Run tests in another environment and say with which versions; what breaks beyond the ranges is told, and is no
    failure.
    """
    try:
        if kind == "lowest":
            python = environments.lowest()
        elif kind in ("latest", "beyond"):
            python = environments.latest(beyond=kind == "beyond")
        else:
            python = environments.of_python(kind)
    except provision.Unavailable as reason:
        print(f"tests: {kind}: {reason}")
        return 1
    fast = () if named else FAST + (DRAWN if kind in ("latest", "beyond") else ())
    environ = os.environ | {"PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    print(f"tests: {kind}: {environments.versions(python)}", flush=True)
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", *args, *fast]
    status, closing = _run(command, environ)
    if differing := environments.differences(python):
        print(f"tests: {kind}: other than the lock's: {', '.join(differing)}")
    print(f"tests: {kind}: {environments.versions(python)}: {'passed' if status == 0 else 'BROKEN'}")
    print(closing, flush=True)
    return 0 if kind == "beyond" else status


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


def _run(command: list[str], environ: dict[str, str] | None = None) -> tuple[int, str]:
    """(pytest's exit status, its very last line); whoever ends this ends pytest, as Ctrl+C does."""
    pytest: subprocess.Popen[bytes] | None = None

    def pass_on(signum: int, frame: FrameType | None) -> None:
        if pytest is not None:
            pytest.send_signal(signal.SIGINT)

    for signum in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(signum, pass_on)
    pytest = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE)
    closing = _forward(pytest)
    return pytest.wait(), closing


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
