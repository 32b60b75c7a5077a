"""R1TUI's folders are for their owner alone, whatever made them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from r1tui.locale import say
from r1tui.services import paths
from tests.support.pty_app import ROOT, clean_env


def mode(path: Path) -> int:
    """The rights of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("variable", "folder"), [("R1TUI_DATA_DIR", paths.data_dir), ("R1TUI_CONFIG_DIR", paths.config_dir)]
)
def test_a_folder_that_others_could_look_into_is_narrowed_with_its_files_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, folder: object
) -> None:
    wide = tmp_path / "wide"
    (wide / "bin").mkdir(parents=True)
    (wide / "bin").chmod(0o777)
    (wide / "file").touch()
    (wide / "file").chmod(0o664)
    aim = tmp_path / "elsewhere"
    aim.touch()
    aim.chmod(0o644)
    (wide / "link").symlink_to(aim)
    wide.chmod(0o755)
    paths.told()
    monkeypatch.setenv(variable, str(wide))
    assert folder() == wide  # type: ignore[operator]
    assert [mode(each) for each in (wide, wide / "bin", wide / "file", aim)] == [0o700, 0o700, 0o600, 0o644]
    (notice,) = paths.told()
    assert str(wide) in say(notice)
    assert folder() == wide  # type: ignore[operator]
    assert paths.told() == []


@pytest.mark.parametrize("kind", ["sticky", "home", "above home"])
def test_a_folder_that_is_not_ours_alone_keeps_its_rights_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    shared = tmp_path / "shared"
    (shared / "home").mkdir(parents=True)
    rights = 0o1777 if kind == "sticky" else 0o755
    shared.chmod(rights)
    if kind != "sticky":
        monkeypatch.setenv("HOME", str(shared / "home" if kind == "above home" else shared))
    monkeypatch.setenv("R1TUI_DATA_DIR", str(shared))
    paths.told()
    paths.data_dir()
    assert mode(shared) == rights
    (notice,) = paths.told()
    assert "left as they are" in say(notice)


def test_the_commands_say_it_on_standard_error(tmp_path: Path) -> None:
    env = clean_env(tmp_path)
    data = Path(env["R1TUI_DATA_DIR"])
    data.mkdir(parents=True)
    data.chmod(0o750)
    command = [sys.executable, "-m", "r1tui", "export", "--all"]
    done = subprocess.run(command, env=env, cwd=ROOT, text=True, capture_output=True)
    assert (done.returncode, mode(data)) == (0, 0o700)
    assert f"could look into {data}" in done.stderr
    assert not any(os.stat(each).st_mode & 0o077 for each in data.iterdir())
