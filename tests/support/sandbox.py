"""What `tests/sandbox` does: a real Ollama with the test models in a temporary folder, and r1tui on it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

import psutil

from tests.support import provision
from tests.support.bootstrap import ROOT
from tests.support.ollama_server import new_server


def main(args: list[str]) -> int:
    """Run r1tui with `args` on a server of its own; returns its exit status."""
    found = provision.provide()
    if not found.server_ready:
        print("\n".join(f"tests: {reason}" for reason in found.missing), file=sys.stderr)
        return 1
    app: subprocess.Popen[bytes] | None = None
    ended = False

    def pass_on(signum: int, frame: FrameType | None) -> None:
        nonlocal ended
        ended = True
        if app is None:
            raise SystemExit(128 + signum)
        app.send_signal(signum)

    for signum in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, pass_on)
    with tempfile.TemporaryDirectory(prefix="r1tui-sandbox-", ignore_cleanup_errors=True) as folder:
        print("starting Ollama with the test models…", file=sys.stderr, flush=True)
        server = new_server(found, Path(folder) / "server")
        env = os.environ | {
            "OLLAMA_HOST": server.url,
            "R1TUI_DATA_DIR": str(Path(folder) / "data"),
            "R1TUI_CONFIG_DIR": str(Path(folder) / "config"),
        }
        try:
            # In the app Ctrl+C is a key; before and after it, an interrupt ends the sandbox.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if not ended:
                app = subprocess.Popen([sys.executable, "-m", "r1tui", *args], cwd=ROOT, env=env)
                return app.wait()
            return 0
        finally:
            server.stop()
            _end_background(env["R1TUI_DATA_DIR"])


def _end_background(data_dir: str) -> None:
    """End an r1tui that finishes an answer in the background: its server is gone."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get("R1TUI_DATA_DIR") == data_dir:
                process.kill()
                process.wait(5)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
