"""Whether a process lives, also asked by one that may open no more files."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from r1tui.services.process_identity import STALE_SECONDS, alive, this_process

WITHOUT_FILES = """
import os, time
from r1tui.services.process_identity import STALE_SECONDS, alive, this_process

me, now = this_process(), time.time()
os.closerange(3, 64)
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
try:
    os.open(os.devnull, os.O_RDONLY)
except OSError:
    print(this_process() == me, alive(me, now), alive(me, now - 2 * STALE_SECONDS))
"""


def test_a_process_lives_until_it_has_ended() -> None:
    assert alive(this_process(), 0)
    host, pid, started = this_process().rsplit("/", 2)
    assert not alive(f"{host}/{pid}/{started}9", time.time()), "another one had this number"
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not alive(f"{host}/{gone.pid}/{started}", time.time())


def test_of_another_machine_the_last_heartbeat_tells() -> None:
    assert alive(f"elsewhere/{os.getpid()}/1", time.time())
    assert not alive(f"elsewhere/{os.getpid()}/1", time.time() - 2 * STALE_SECONDS)


def test_where_no_file_is_to_be_had_it_keeps_its_name_and_the_heartbeat_tells() -> None:
    told = subprocess.run([sys.executable, "-c", WITHOUT_FILES], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "True", "False"]
