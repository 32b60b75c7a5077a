"""What `tests/run` gets of the real things."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support import provision


def wheel_that_needs(library: str, present: Path, folder: Path) -> Path:
    """A package whose import fails as the loader does where a shared library is missing, until `present` is there."""
    path = folder / "xllamacpp-1-py3-none-any.whl"
    words = f"{library}: cannot open shared object file: No such file or directory"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "xllamacpp/__init__.py",
            f"import os\nif not os.path.exists({str(present)!r}):\n    raise ImportError({words!r})\n",
        )
    return path


@pytest.mark.parametrize(("library", "package"), [("libgomp.so.1", "libgomp1"), ("libother.so.1", None)])
def test_a_library_that_the_server_lacks_is_installed_where_its_package_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, package: str | None
) -> None:
    present, installed = tmp_path / "present", list[str]()

    def install(packages: list[str]) -> None:
        installed.extend(packages)
        present.touch()

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(
        provision, "_pip_download", lambda _, folder, *options: wheel_that_needs(library, present, folder)
    )
    monkeypatch.setattr(provision, "_install", install)
    if package is None:
        with pytest.raises(provision.Unavailable, match=library):
            provision._download_llama()
        assert provision.find_llama() is None
    else:
        assert provision._download_llama() == provision.find_llama()
        assert installed == [package]


def test_the_packages_for_whoever_is_not_root_are_those_that_root_has_installed() -> None:
    said = subprocess.run(
        [sys.executable, "-I", provision.__file__, "--packages"], capture_output=True, text=True, check=True
    )
    tables = (
        provision.TOOLS,
        provision.MOUNT,
        provision.SHELLS,
        provision.SQLITE,
        provision.SCREEN,
        provision.LINTER,
        provision.LIBRARIES,
    )
    wanted = {package for table in tables for package in table.values()} | set(provision.BUILD_HEADERS)
    assert set(said.stdout.split()) - set(provision.COMPILERS.values()) == wanted


@pytest.mark.parametrize(
    ("here", "lacking"),
    [((), ["golang-go", "g++"]), (("go",), ["g++"]), (("clang++",), ["golang-go"]), (("go", "g++"), [])],
    ids=str,
)
def test_what_builds_ollama_is_installed_where_it_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: tuple[str, ...], lacking: list[str]
) -> None:
    asked = list[str]()

    def install(packages: list[str]) -> None:
        asked.extend(packages)
        raise provision.Unavailable("sudo apt-get install")

    for command in here:
        (tmp_path / command).touch(0o755)
    monkeypatch.setattr(provision, "_GO", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(provision, "_install", install)
    with pytest.raises(provision.Unavailable, match=r"R1TUI_TEST_OLLAMA.*sudo apt-get install"):
        provision._build_ollama()
    assert asked == lacking
    assert provision.debian_packages()[-len(lacking) :] == lacking or not lacking
