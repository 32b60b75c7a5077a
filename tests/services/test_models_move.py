"""The models of the server that R1TUI starts are moved: nothing is lost at any moment, whatever ends it."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from r1tui.locale import say
from r1tui.services.paths import data_dir
from r1tui.services.server.models_move import (
    ModelsMove,
    MoveError,
    finish_move,
    note_move,
    plan_move,
)
from tests.support import mounts

MANIFEST = "manifests/registry.ollama.ai/library/tiny/1b"


def named_blob(content: bytes) -> str:
    """The name of a blob with that content."""
    return f"blobs/sha256-{hashlib.sha256(content).hexdigest()}"


WEIGHTS, TEXT, PART = bytes(range(256)) * 9000, b"template", f"blobs/sha256-{'0' * 64}-partial"
FILES = {
    named_blob(WEIGHTS): WEIGHTS,
    named_blob(TEXT): TEXT,
    PART: b"half",
    MANIFEST: b'{"layers": []}',
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of models as Ollama has it."""
    folder = tmp_path / "old"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        os.utime(folder / name, (1_700_000_000, 1_700_000_000))
    return folder


@pytest.fixture
def two_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file can have a second name, as between two file systems."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, "cross-device")

    monkeypatch.setattr(os, "link", refuse)


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


async def moved(move: ModelsMove) -> None:
    async for _ in move.steps():
        pass


async def test_between_two_disks_all_is_copied_checked_and_counted(
    source: Path, tmp_path: Path, two_disks: None
) -> None:
    target = tmp_path / "new"
    plan = plan_move(source, str(target))
    size = sum(map(len, FILES.values()))
    assert (plan.models, plan.size, plan.to_write, plan.by_links) == (1, size, size, False)
    assert not target.exists(), "a plan changes nothing"
    await moved(move := ModelsMove(plan))
    assert move.complete
    assert contents(target) == contents(source) == FILES
    assert (target / MANIFEST).stat().st_mtime == 1_700_000_000, "when the model was changed"


async def test_on_one_disk_the_files_get_a_second_name(source: Path, tmp_path: Path) -> None:
    plan = plan_move(source, str(tmp_path / "new"))
    assert (plan.to_write, plan.by_links) == (0, True)
    await moved(ModelsMove(plan))
    assert contents(plan.target) == FILES
    assert (plan.target / MANIFEST).samefile(source / MANIFEST)


async def test_the_old_files_go_only_where_the_server_has_the_new_folder(
    source: Path, tmp_path: Path, two_disks: None
) -> None:
    plan = plan_move(source, str(tmp_path / "new"))
    await moved(ModelsMove(plan))
    note_move(data_dir(), plan)
    assert finish_move(data_dir(), source) == 0
    assert contents(source) == FILES
    (source / "a file of somebody").write_text("kept")
    assert finish_move(data_dir(), plan.target) == plan.size
    assert contents(source) == {"a file of somebody": b"kept"}
    assert contents(plan.target) == FILES
    assert finish_move(data_dir(), plan.target) == 0


async def test_a_model_that_came_meanwhile_keeps_what_it_needs(source: Path, tmp_path: Path) -> None:
    plan = plan_move(source, str(tmp_path / "new"))
    await moved(ModelsMove(plan))
    note_move(data_dir(), plan)
    (source / "manifests/other").write_text("{}")
    finish_move(data_dir(), plan.target)
    assert contents(source).keys() == FILES.keys() - {MANIFEST} | {"manifests/other"}


async def test_two_names_of_one_folder_are_one_folder(source: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(source)
    (tmp_path / "mixed").mkdir()
    (tmp_path / "mixed" / "blobs").symlink_to(source / "blobs")
    for named in ("link", "mixed", "old"):
        with pytest.raises(MoveError) as refused:
            plan_move(source, str(tmp_path / named))
        assert "already" in say(refused.value.phrase)


async def test_blobs_that_are_links_are_copied_and_links_to_the_old_ones_replaced(
    source: Path, tmp_path: Path, two_disks: None
) -> None:
    weights, elsewhere, target = named_blob(WEIGHTS), tmp_path / "elsewhere", tmp_path / "new"
    (source / weights).rename(elsewhere)
    (source / weights).symlink_to(elsewhere)
    (target / "blobs").mkdir(parents=True)
    (target / named_blob(TEXT)).symlink_to(source / named_blob(TEXT))
    plan = plan_move(source, str(target))
    await moved(ModelsMove(plan))
    note_move(data_dir(), plan)
    finish_move(data_dir(), target)
    assert contents(target) == FILES
    assert not any(path.is_symlink() for path in target.rglob("*"))


@pytest.mark.parametrize("left", [b"", WEIGHTS[:1000], b"x" * len(WEIGHTS), WEIGHTS])
async def test_what_an_earlier_try_has_left_is_checked_before_it_counts(
    source: Path, tmp_path: Path, two_disks: None, left: bytes
) -> None:
    target = tmp_path / "new"
    there = target / named_blob(WEIGHTS)
    there.parent.mkdir(parents=True)
    there.write_bytes(left)
    there.with_name(there.name + ".moving").write_bytes(b"x")
    await moved(ModelsMove(plan_move(source, str(target))))
    assert there.read_bytes() == WEIGHTS


class Killed(BaseException):
    """The process ends here."""


def ended_at(monkeypatch: pytest.MonkeyPatch, last: int) -> None:
    """Have the process end at its step number `last` on the file system: it does nothing more there."""
    count = [0]

    def ending(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            count[0] += 1
            if count[0] >= last:
                raise Killed
            return real(*args, **options)

        return call

    for owner, name in (
        (os, "fsync"),
        (Path, "mkdir"),
        (Path, "replace"),
        (Path, "unlink"),
        (Path, "rmdir"),
    ):
        monkeypatch.setattr(owner, name, ending(getattr(owner, name)))


@pytest.mark.parametrize("links", [False, True])
async def test_no_moment_at_which_it_is_killed_loses_a_file_and_the_next_try_completes(
    source: Path, tmp_path: Path, links: bool, request: pytest.FixtureRequest
) -> None:
    if not links:
        request.getfixturevalue("two_disks")
    target = tmp_path / "new"
    step, setting = 0, source
    while True:
        step += 1
        with pytest.MonkeyPatch.context() as patch:
            ended_at(patch, step)
            patch.setattr(ModelsMove, "undo", lambda self: None)  # a killed process undoes nothing
            try:
                if setting == source:
                    plan = plan_move(source, str(target))
                    ModelsMove(plan)._run()
                    note_move(data_dir(), plan)
                    setting = target
                finish_move(data_dir(), setting)
                killed = False
            except Killed:
                killed = True
        kept = contents(setting)
        assert FILES.items() <= kept.items(), f"lost at step {step}"
        if not killed:
            break
    assert step > 5
    assert contents(target) == FILES
    assert contents(source) == {}


async def test_esc_leaves_both_folders_as_they_were(
    source: Path, tmp_path: Path, two_disks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, reached = tmp_path / "new", asyncio.Event()
    (target / "blobs").mkdir(parents=True)
    (target / named_blob(TEXT)).write_bytes(TEXT)
    loop, real = asyncio.get_running_loop(), os.fsync

    def sync(descriptor: int) -> None:
        loop.call_soon_threadsafe(reached.set)
        while not move._stop.is_set():
            pass
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    move = ModelsMove(plan_move(source, str(target)))
    task = asyncio.create_task(moved(move))
    await reached.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await move.ended()
    assert not move.complete
    assert contents(source) == FILES
    assert contents(target) == {named_blob(TEXT): TEXT}
    assert not (target / "manifests").exists()


async def test_a_disk_that_fills_up_is_said_and_nothing_stays(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mounts.full(tmp_path / "disk") as disk:
        with pytest.raises(MoveError) as refused:
            plan_move(source, str(disk / "new"))
        assert "free" in say(refused.value.phrase)
        assert [path.name for path in disk.iterdir()] == ["filler"]
        # What is free when it is asked may be taken a moment later.
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 40))
        (disk / "filler").write_bytes(bytes(200_000))
        move = ModelsMove(plan_move(source, str(disk / "new")))
        with pytest.raises(MoveError) as refused:
            await moved(move)
        assert "could not take all models (the disk is full)" in say(refused.value.phrase)
        assert [path.name for path in disk.iterdir()] == ["filler"]
    assert contents(source) == FILES


async def test_a_folder_that_cannot_be_used_is_one_sentence(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "other" / Path(MANIFEST).parent).mkdir(parents=True)
    (tmp_path / "other" / MANIFEST).write_text("another model")
    with mounts.read_only(tmp_path / "fixed") as fixed:
        for named in (
            *(tmp_path / name for name in ("missing/new", "file", "file/new", "other", "old/inside", "a\0b")),
            fixed,
            fixed / "new",
        ):
            with pytest.raises(MoveError) as refused:
                plan_move(source, str(named))
            assert "Nothing was changed" in say(refused.value.phrase) or "inside" in str(named)
    assert contents(source) == FILES


async def test_a_damaged_blob_is_named_and_nothing_is_moved(
    source: Path, tmp_path: Path, two_disks: None
) -> None:
    (source / named_blob(TEXT)).write_bytes(b"tampered")
    with pytest.raises(MoveError) as refused:
        await moved(ModelsMove(plan_move(source, str(tmp_path / "new"))))
    assert "damaged" in say(refused.value.phrase)
    assert not (tmp_path / "new").exists()
