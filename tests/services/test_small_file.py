"""Small files: whatever stands where one should, there is one sentence, soon."""

# ruff: noqa: ASYNC240  (a test may block its own loop)

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from r1tui.domain.hardware_file import HardwareFileError
from r1tui.domain.settings import Settings
from r1tui.domain.settings_schema import setting
from r1tui.locale import say
from r1tui.services.atomic import write_atomically
from r1tui.services.doctor import read_hardware_file
from r1tui.services.engines.engine import HostError
from r1tui.services.engines.hosts import resolved_headers
from r1tui.services.machine.calibration import CalibrationStore
from r1tui.services.models.pull_memory import PullMemory
from r1tui.services.server.process import OllamaProcess
from r1tui.services.settings import SettingsError, SettingsStore, load_settings
from r1tui.services.small_file import LIMIT, FileError, read_json, read_text, read_toml
from r1tui.services.themes import load_themes


def _huge(path: Path) -> None:
    path.write_bytes(b" " * (LIMIT + 1))


STRANGE: dict[str, Callable[[Path], object]] = {
    "fifo": os.mkfifo,
    "folder": Path.mkdir,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "terminal": lambda path: path.symlink_to("/dev/tty"),
    "circle": lambda path: path.symlink_to(path),
    "huge": _huge,
    "endless": lambda path: path.symlink_to("/dev/urandom"),
    "not utf-8": lambda path: path.write_bytes(b"\xff\xfe"),
}
BROKEN = {
    "brackets": "a = " + "[" * 50_000,
    "json brackets": "[" * 50_000,
    "json objects": '{"a":' * 50_000,
    "closed": '{"a":' + "[" * 500 + "]" * 500 + "}",
    "dots": ".".join("a" * 200_000) + " = 1",
    "header": "[" + " . ".join("a" * 100_000) + "]",
    "quoted dots": ".".join(['"a"'] * 50_000) + " = 1",
    "number": "a = " + "9" * 5000,
    "hexadecimal number": "[chat]\nmodel = 0x" + "f" * 6000,
    "octal number in a list": "[hosts.a]\nkind = [0o" + "7" * 9000 + "]",
    "binary number": "[server]\nkeep_alive = 0b" + "1" * 30_000,
    "json number": '{"a": ' + "9" * 5000 + "}",
    "inline": "a = " + "{a = " * 5000 + "1" + "}" * 5000,
    "nul": "a\0b",
}


@pytest.fixture(params=[*STRANGE, *BROKEN])
def strange(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A path at which stands anything but a sound small file."""
    path = tmp_path / "strange.toml"
    name = str(request.param)
    if name in STRANGE:
        STRANGE[name](path)
    else:
        path.write_text(BROKEN[name])
    return path


def test_every_reader_has_one_error_for_it(strange: Path) -> None:
    for read in (read_toml, read_json):
        with pytest.raises(FileError) as raised:
            read(strange)
        assert not say(raised.value.phrase).startswith(("os.", "file."))


def test_settings_theme_and_stated_machine_name_the_file_and_the_reason(strange: Path) -> None:
    settings, problems = load_settings(strange)
    assert settings == Settings()
    assert [str(strange) in say(problem) for problem in problems] == [True]
    themes, failures = load_themes(strange.parent)
    assert themes
    assert [str(strange) in say(failure) for failure in failures] == [True]
    with pytest.raises(HardwareFileError) as raised:
        read_hardware_file(strange)
    assert str(strange) in say(raised.value.phrase)


def test_what_r1tui_remembers_there_counts_as_nothing(strange: Path) -> None:
    for name in ("calibration.json", "ollama-server.json"):
        strange.with_name(name).symlink_to(strange)
    assert CalibrationStore(strange.parent).load("", "cpu") is None
    assert PullMemory(strange, "http://h").load() == []
    assert OllamaProcess(strange.parent)._own() is None


@pytest.mark.parametrize("kind", list(STRANGE))
def test_a_header_from_such_a_file_is_one_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "key"
    STRANGE[kind](path)
    with pytest.raises(HostError) as raised:
        resolved_headers({"Authorization": f"file:{path}"})
    assert str(path) in say(raised.value.phrase)


async def test_a_setting_is_saved_over_a_broken_file_with_a_copy_and_never_over_what_is_none(
    strange: Path,
) -> None:
    before = strange.lstat()  # but for its time of access: reading through a link changes that
    store = SettingsStore(strange)
    kept, told = None, ""
    try:
        kept = await store.update(setting("chat.top_p"), 0.5)
    except SettingsError as error:
        told = say(error.phrase)
    if kept is None:
        assert str(strange) in told
        after = strange.lstat()
        assert (after.st_ino, after.st_mode, after.st_mtime_ns) == (
            before.st_ino,
            before.st_mode,
            before.st_mtime_ns,
        )
    else:
        assert kept.stat().st_size == before.st_size
        assert load_settings(strange)[0].chat.top_p == 0.5
    assert store.settings.chat.top_p == 0.5


@pytest.mark.parametrize(
    "text",
    [
        '{"pid": "1", "started": 0, "exe": "x", "port": 1}',
        '{"pid": -1, "started": 0, "exe": "x", "port": 1}',
        '{"pid": 1e300, "started": 0, "exe": "x", "port": 1}',
        '{"pid": 1, "started": 1e400, "exe": [], "port": 99999}',
        '{"pid": 1}',
        "[]",
    ],
)
def test_a_note_of_our_server_with_impossible_figures_is_no_server(tmp_path: Path, text: str) -> None:
    (tmp_path / "ollama-server.json").write_text(text)
    assert OllamaProcess(tmp_path)._own() is None


@pytest.mark.parametrize("rates", ['"x"', "[1e400, null, -1, true]", "{}", "[1" + "0" * 4000 + "]"])
def test_learnt_speeds_that_are_none_are_not_reckoned_with(tmp_path: Path, rates: str) -> None:
    (tmp_path / "calibration.json").write_text(f'{{"h": {{"cpu:c": {{"m": {rates}}}, "x": 5}}, "y": []}}')
    found = CalibrationStore(tmp_path).load("h", "c")
    assert found is None or (found.cpu is None and not found.cpu_models)


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xef\xbb\xbf[chat]\ntop_p = 0.5\n")
    assert read_text(path).startswith("[chat]")
    assert load_settings(path)[0].chat.top_p == 0.5


def test_a_circle_of_links_is_replaced_by_the_file_or_an_error_of_the_system(tmp_path: Path) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to("circle")
    with pytest.raises(OSError, match="circle"):
        write_atomically(circle / "file", "text")
    write_atomically(circle, "text")
    assert circle.read_text() == "text"
    assert not circle.is_symlink()
