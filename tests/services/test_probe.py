"""The whole probe: stages, bounds, disk, processor, and that no failure is a crash or a zero."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from r1tui.domain.hardware import HardwareProfile
from r1tui.locale import say
from r1tui.services.machine import probe as probe_package
from r1tui.services.machine.probe import (
    System,
    bandwidth,
    bandwidth_known,
    probe,
    probe_stages,
)
from r1tui.services.machine.probe.bandwidth import CopySpeed, measure_bandwidth
from r1tui.services.machine.probe.disk import models_dir, probe_disk
from r1tui.services.machine.probe.platform import probe_cpu, probe_notes
from r1tui.services.machine.probe.system import bounded, run_tool
from tests.support.machines import recorded

N100 = "processor\t: 0\nmodel name\t: Intel(R) N100\nphysical id\t: 0\ncore id\t\t: 0\n\n" + (
    "processor\t: 1\nmodel name\t: Intel(R) N100\nphysical id\t: 0\ncore id\t\t: 1\n"
)
FILES = {"/proc/meminfo": "MemTotal: 16252928 kB\nMemAvailable: 11534336 kB\n", "/proc/cpuinfo": N100}


async def test_files_first_then_gpus(tmp_path: Path) -> None:
    stages = [stage async for stage in probe_stages(recorded(tmp_path, FILES))]
    assert [stage.looking for stage in stages] == [True, False]
    assert stages[0].memory is not None
    assert stages[0].cpu.name == "Intel(R) N100"


async def test_an_empty_machine_is_a_list_of_unknowns(tmp_path: Path) -> None:
    profile = await probe(recorded(tmp_path, {}))
    assert profile.memory is None
    assert profile.gpus == ()
    assert any("memory" in say(note) for note in profile.notes)


async def test_a_driver_that_hangs_ends_in_a_stated_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe_package, "TOOLS_SECONDS", 0.05)
    release = threading.Event()

    def hang(argv: Sequence[str]) -> str | None:
        release.wait(20)
        return None

    system = replace(recorded(tmp_path, FILES | {"/proc/driver/nvidia/version": "x"}), run=hang)
    monkeypatch.setattr("r1tui.services.machine.probe.nvidia.by_nvml", lambda *_: None)
    stages = [stage async for stage in probe_stages(system)]
    release.set()
    assert not stages[-1].looking
    assert any("GPUs could not be looked for" in say(note) for note in stages[-1].notes)


async def test_a_reading_that_raises_is_none() -> None:
    def broken() -> int:
        raise RuntimeError

    assert await bounded(broken, 1) is None


async def test_a_reading_that_hangs_leaves_the_loop_free() -> None:
    release = threading.Event()
    waiting = asyncio.ensure_future(bounded(lambda: release.wait(20), 0.1))
    await asyncio.sleep(0)
    assert not waiting.done()
    assert await waiting is None
    release.set()


def test_tools_run_without_a_shell_and_may_be_missing() -> None:
    assert run_tool(["echo", "$HOME; a"]) == "$HOME; a\n"
    assert run_tool(["no-such-tool-here"]) is None
    assert run_tool(["false"]) is None


def test_ollamas_variable_names_the_disk(tmp_path: Path) -> None:
    system = recorded(tmp_path, {}, environ={"OLLAMA_MODELS": "/big/models"})
    assert models_dir(system) == (tmp_path / "big/models", "OLLAMA_MODELS")


def test_the_systemd_units_variable_names_the_disk(tmp_path: Path) -> None:
    files = {
        "/etc/systemd/system/ollama.service": "[Service]\nUser=ollama\nEnvironment=PATH=/bin\n",
        "/etc/systemd/system/ollama.service.d/a.conf": '[Service]\nEnvironment="OLLAMA_MODELS=/srv/models"\n',
    }
    assert models_dir(recorded(tmp_path, files))[0] == tmp_path / "srv/models"


def test_the_home_of_the_systemd_units_user_names_the_disk(tmp_path: Path) -> None:
    files = {
        "/etc/systemd/system/ollama.service": "[Service]\nUser=ollama\n",
        "/etc/passwd": "root:x:0:0::/root:/bin/sh\nollama:x:998:998::/usr/share/ollama:/bin/false\n",
    }
    assert models_dir(recorded(tmp_path, files))[0] == tmp_path / "usr/share/ollama/.ollama/models"


def test_else_it_is_the_users_home_and_for_our_own_server_our_folder(tmp_path: Path) -> None:
    system = recorded(tmp_path, {})
    assert models_dir(system)[0] == tmp_path / "root/.ollama/models"
    assert models_dir(system, Path("/data/r1tui/models"))[0] == Path("/data/r1tui/models")


def test_a_folder_not_made_yet_has_the_room_of_its_parent(tmp_path: Path) -> None:
    found = probe_disk(recorded(tmp_path, {}))
    assert found is not None
    assert found.free > 0
    assert found.path == str(tmp_path / "root/.ollama/models")


def test_a_processors_name_and_physical_cores(tmp_path: Path) -> None:
    cpu = probe_cpu(recorded(tmp_path, {"/proc/cpuinfo": N100}))
    assert (cpu.name, cpu.cores, cpu.speed()[0]) == ("Intel(R) N100", 2, 30e9)


def test_a_raspberry_pi_is_known_by_its_board(tmp_path: Path) -> None:
    files = {
        "/proc/cpuinfo": "processor : 0\nprocessor : 1\n",
        "/proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
    }
    cpu = probe_cpu(recorded(tmp_path, files))
    assert (cpu.name, cpu.cores, cpu.speed()[0]) == ("Raspberry Pi 5 Model B Rev 1.0", 2, 17e9)


@pytest.mark.parametrize(
    ("files", "word"),
    [
        ({"/proc/sys/kernel/osrelease": "5.15.167.4-microsoft-standard-WSL2\n"}, "WSL"),
        ({"/proc/1/environ": "container=lxc\0"}, "LXC"),
    ],
)
def test_a_machine_within_a_machine_is_named(tmp_path: Path, files: dict[str, str], word: str) -> None:
    (note,) = probe_notes(recorded(tmp_path, files))
    assert word in say(note)


def test_copying_memory_gives_a_figure_and_ends() -> None:
    before = time.monotonic()
    assert 1e8 < measure_bandwidth(1).bandwidth < 1e13
    assert time.monotonic() - before < 60


def test_copying_is_tried_again_where_it_was_disturbed_and_the_best_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    speeds = iter([(3.0, False), (9.0, False), (5.0, False), (4.0, False), *4 * [(8.0, True)]])
    monkeypatch.setattr(bandwidth, "_copy", lambda count: CopySpeed(*next(speeds)))
    monkeypatch.setattr(bandwidth, "_load", lambda: 0.1)
    monkeypatch.setattr(bandwidth, "_PAUSE", 0.0)
    assert measure_bandwidth() == CopySpeed(9.0, True)


def test_a_machine_that_was_busy_for_a_minute_is_not_held_up_by_further_tries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    speeds = iter([3.0, 9.0, 5.0, 4.0])
    monkeypatch.setattr(bandwidth, "_copy", lambda count: CopySpeed(next(speeds), False))
    monkeypatch.setattr(bandwidth, "_load", lambda: 2.0)
    assert measure_bandwidth() == CopySpeed(9.0, False)


async def test_a_guessed_bandwidth_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_package, "measure_bandwidth", lambda: CopySpeed(21e9, True))
    files = FILES | {"/proc/cpuinfo": "processor : 0\nmodel name : Mystery\n"}
    profile = await probe(recorded(tmp_path, files), measure=True)
    assert profile.cpu.speed()[0] == 21e9
    assert "guess" in say(profile.cpu.speed()[1])
    known = await probe(recorded(tmp_path / "n100", FILES), measure=True)
    assert known.cpu.bandwidth is None
    assert bandwidth_known(known)


async def test_this_very_machine_is_read() -> None:
    profile = await probe(System())
    assert isinstance(profile, HardwareProfile)
    assert profile.memory is not None
    assert 0 < profile.memory.available <= profile.memory.total
