"""Downloads from the real registry, by the real server."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from r1tui.domain.pull_view import PullState
from r1tui.services.engines import engine as errors
from r1tui.services.engines.ollama.engine import OllamaEngine
from r1tui.services.models.pulls import PullJob, PullQueue
from tests.services.test_pulls import ended, until
from tests.support import patience
from tests.support.ollama_server import OllamaServer
from tests.support.registry import Registry

pytestmark = [pytest.mark.real, pytest.mark.registry]

MODEL = "r1-test:135m"


@pytest.fixture
def empty(private_server: Callable[..., OllamaServer]) -> OllamaServer:
    """A server without models."""
    return private_server(models=False)


def blobs(server: OllamaServer) -> list[str]:
    folder = server.models_dir / "blobs"
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


async def test_a_model_is_pulled_and_can_think(empty: OllamaServer, registry: Registry) -> None:
    engine = OllamaEngine(empty.url)
    steps = [(p.stage, p.completed, p.total) async for p in engine.pull(registry.name(MODEL), insecure=True)]
    assert [done for _, done, _ in steps] == sorted(done for _, done, _ in steps)
    assert steps[-1][0] == "done"
    assert steps[-1][1] == steps[-1][2] > 90_000_000
    assert (await engine.details(registry.name(MODEL))).thinks
    await engine.close()


async def test_cancel_keeps_and_resume_goes_on_from_there(empty: OllamaServer, registry: Registry) -> None:
    registry.throttle("8m")
    engine = OllamaEngine(empty.url)
    queue = PullQueue(engine)
    job = queue.add(registry.name(MODEL), insecure=True)
    await until(queue, lambda: job.progress.completed > 10_000_000)
    queue.cancel(job)
    kept = job.progress.completed
    assert job.error is not None
    assert job.error.key == "pulls.kept"
    await partials(empty)
    assert await engine.models() == []
    registry.throttle(None)
    lowest: list[int] = []
    queue.watchers.append(lambda job: lowest.append(job.progress.completed))
    queue.resume(job)
    await ended(queue, job)
    assert job.state is PullState.DONE, job.error
    assert min(lowest) >= kept
    assert not [name for name in blobs(empty) if "partial" in name]
    assert len(await engine.models()) == 1
    await queue.close()
    await engine.close()


async def test_a_killed_server_stalls_the_pull_and_a_new_one_takes_it_up(
    empty: OllamaServer, registry: Registry
) -> None:
    registry.throttle("8m")
    engine = OllamaEngine(empty.url)
    queue = PullQueue(engine, pauses=(1.0,) * 20)
    job = queue.add(registry.name(MODEL), insecure=True)
    await until(queue, lambda: job.progress.completed > 5_000_000)
    await asyncio.to_thread(empty.stop)
    await until(queue, lambda: job.state is PullState.STALLED)
    registry.throttle(None)
    await asyncio.to_thread(empty.start)
    await ended(queue, job)
    assert job.state is PullState.DONE, job.error
    await queue.close()
    await engine.close()


@pytest.mark.parametrize(
    ("name", "insecure", "kind"),
    [
        ("no-such-model:1b", True, errors.ModelMissing),
        ("no-such-registry.invalid/library/a:1", False, errors.RegistryUnreachable),
        (MODEL, False, errors.InsecureRegistry),
    ],
)
async def test_each_fault_is_its_own_sentence_and_leaves_nothing(
    empty: OllamaServer, registry: Registry, name: str, insecure: bool, kind: type[errors.EngineError]
) -> None:
    engine = OllamaEngine(empty.url)
    full = name if "/" in name else registry.name(name)
    with pytest.raises(kind):
        async for _ in engine.pull(full, insecure=insecure):
            pass
    assert await engine.models() == []
    assert blobs(empty) == []
    await engine.close()


async def test_a_registry_that_is_away_is_said(empty: OllamaServer, registry: Registry) -> None:
    registry.stop_registry()
    engine = OllamaEngine(empty.url)
    queue = PullQueue(engine, pauses=(0.0,))
    job = queue.add(registry.name(MODEL), insecure=True)
    await ended(queue, job)
    assert job.error is not None
    assert (job.state, job.error.key) == (PullState.FAILED, "engine.registry_away")
    await queue.close()
    await engine.close()


async def test_a_damaged_layer_is_thrown_away(empty: OllamaServer, registry: Registry) -> None:
    blob = max((p for p in (registry.folder / "storage").rglob("data")), key=lambda p: p.stat().st_size)
    with blob.open("r+b") as file:
        file.seek(50_000_000)
        before = file.read(1)
        file.seek(50_000_000)
        file.write(bytes([before[0] ^ 1]))
    engine = OllamaEngine(empty.url)
    try:
        with pytest.raises(errors.WrongDigest):
            async for _ in engine.pull(registry.name(MODEL), insecure=True):
                pass
        assert await engine.models() == []
    finally:
        with blob.open("r+b") as file:
            file.seek(50_000_000)
            file.write(before)
        await engine.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 32 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mount.returncode:
        pytest.skip(f"a small file system wants root: {mount.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk_is_said(
    private_server: Callable[..., OllamaServer], registry: Registry, small_disk: Path
) -> None:
    server = private_server(models=False, OLLAMA_MODELS=str(small_disk))
    engine = OllamaEngine(server.url)
    queue = PullQueue(engine)
    job = queue.add(registry.name(MODEL), insecure=True)
    await ended(queue, job)
    assert job.error is not None
    assert (job.state, job.error.key) == (PullState.FAILED, "engine.disk_full")
    assert await engine.models() == []
    await queue.close()
    await engine.close()
    await asyncio.to_thread(server.stop)


async def test_a_push_reaches_the_registry(
    private_server: Callable[..., OllamaServer], registry: Registry
) -> None:
    server = private_server()
    engine = OllamaEngine(server.url)
    name = registry.name("pushed:1")
    await engine.copy(server.plain, name)
    stages = [progress.stage async for progress in engine.push(name, insecure=True)]
    assert stages[-1] == "done"
    await engine.delete(name)
    async for progress in engine.pull(name, insecure=True):
        last = progress.stage
    assert last == "done"
    await engine.close()


async def test_two_queues_on_one_server_share_the_download(empty: OllamaServer, registry: Registry) -> None:
    engines = [OllamaEngine(empty.url), OllamaEngine(empty.url)]
    queues = [PullQueue(engine) for engine in engines]
    jobs: list[PullJob] = [queue.add(registry.name(MODEL), insecure=True) for queue in queues]
    for queue, job in zip(queues, jobs, strict=True):
        await ended(queue, job)
        assert job.state is PullState.DONE, job.error
        await queue.close()
    for engine in engines:
        await engine.close()


async def partials(server: OllamaServer) -> None:
    async with asyncio.timeout(patience.SECONDS):
        while not [name for name in blobs(server) if "partial" in name]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
