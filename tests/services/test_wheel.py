"""The wheel is whole: installed somewhere else, it starts and finds its themes."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import r1tui
from r1tui import guide

ROOT = Path(__file__).parents[2]


def _run(*command: str | Path, cwd: Path, **environ: str) -> str:
    # PYTHONPATH would put the checkout in the place of what was installed.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | environ
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


_ALONE = """
import importlib.metadata, runpy, sys, tomllib
from packaging.requirements import Requirement
names = lambda lines: {Requirement(line).name for line in lines}
project = tomllib.load(open("pyproject.toml", "rb"))
ours = {"rich", *names(project["project"]["dependencies"])} - names(project["build-system"]["requires"])
ours -= {"pathspec"}  # hatchling's own since its first version
found = importlib.metadata.packages_distributions()
sys.modules.update(dict.fromkeys(module for module, of in found.items() if ours & set(of)))
runpy.run_module("hatchling", run_name="__main__", alter_sys=True)
"""
"""hatchling where no dependency of R1TUI can be imported: pip and uv build in an environment of the build's own."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-c", _ALONE, "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but an environment in which the wheel is installed; dependencies are the tests' own."""
    folder = tmp_path_factory.mktemp("installed")
    _run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = folder / "venv" / "bin" / "python"
    _run(sys.executable, "-m", "pip", "-q", "--python", python, "install", "--no-deps", wheel, cwd=folder)
    site = next((folder / "venv" / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def test_the_wheel_holds_the_package_the_themes_the_stylesheet_and_the_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    themes = {Path(name).name for name in names if name.startswith("r1tui/themes/")}
    assert themes == {path.name for path in (ROOT / "themes").iterdir()}
    assert {"r1tui/cli.py", "r1tui/r1tui.tcss", "r1tui/py.typed"} <= set(names)
    pages = {f"r1tui/guide/{path.relative_to(guide.FOLDER)}" for path in guide.FOLDER.glob("*/*.md")}
    assert pages
    assert pages <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith("tests")]


def test_an_installed_r1tui_tells_its_version_from_any_folder(installed: Path) -> None:
    said = _run(installed / "venv" / "bin" / "r1tui", "--version", cwd=installed)
    assert r1tui.__version__ in said


def test_an_installed_r1tui_is_not_the_checkout_and_finds_its_themes(installed: Path) -> None:
    code = (
        "import pathlib, r1tui; from r1tui.services.themes import load_themes\n"
        "themes, failures = load_themes(pathlib.Path('none')); assert not failures, failures\n"
        "print(r1tui.__file__); print(*themes)"
    )
    python = installed / "venv" / "bin" / "python"
    where, names = _run(
        python, "-c", code, cwd=installed, R1TUI_CONFIG_DIR=str(installed / "config")
    ).splitlines()
    assert Path(where).is_relative_to(installed)
    assert set(names.split()) >= {path.stem for path in (ROOT / "themes").glob("*.toml")}


def test_the_wheel_installs_the_manual_page_in_english(installed: Path) -> None:
    page = installed / "venv" / "share" / "man" / "man1" / "r1tui.1"
    assert page.read_text() == _run(
        installed / "venv" / "bin" / "r1tui", "man", cwd=installed, LC_ALL="C.UTF-8"
    )


def test_two_builds_are_one_to_the_byte(wheel: Path, tmp_path: Path) -> None:
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, cwd=ROOT)
    assert next(tmp_path.glob("*.whl")).read_bytes() == wheel.read_bytes()
