"""The queue of downloads keeps what is there, through stalls, cuts, cancels and restarts."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from r1tui.domain.model_name import BadName
from r1tui.domain.pull_view import PullState
from r1tui.services.engines.ollama import official  # noqa: F401 - loading it can take longer than a stall does here
from r1tui.services.engines.ollama.engine import OllamaEngine
from r1tui.services.models.pulls import PullJob, PullQueue
from tests.support import patience
from tests.support.by_now import by_now
from tests.support.script import Cut, Gate, Hang, Line, Pull, layer, pull
from tests.support.scripted import VERSIONS, ScriptedServer

BIG = "a" * 64
MANIFEST = Line({"status": "pulling manifest"})


@pytest.fixture(params=VERSIONS)
def server_version(request: pytest.FixtureRequest) -> str:
    """All of it holds for either range of servers."""
    return str(request.param)


@pytest.fixture
async def engine(scripted: ScriptedServer) -> AsyncIterator[OllamaEngine]:
    engine = OllamaEngine(scripted.url)
    yield engine
    await engine.close()


@pytest.fixture
async def queue(engine: OllamaEngine) -> AsyncIterator[PullQueue]:
    queue = PullQueue(engine, pauses=(0, 0))
    yield queue
    await queue.close()


@pytest.fixture
async def hasty(engine: OllamaEngine) -> AsyncIterator[PullQueue]:
    """A queue to which a fifth of a second is a stall: for stalls alone, a busy machine has them by itself."""
    queue = PullQueue(engine, stall_seconds=0.2, pauses=(0, 0))
    yield queue
    await queue.close()


async def until(queue: PullQueue, ready: Callable[[], bool]) -> None:
    changed = asyncio.Event()
    queue.watchers.append(lambda job: changed.set())
    async with asyncio.timeout(patience.SECONDS):
        while not ready():
            await changed.wait()
            changed.clear()


async def ended(queue: PullQueue, *jobs: PullJob) -> None:
    await until(
        queue, lambda: all(j.state in (PullState.DONE, PullState.FAILED, PullState.PAUSED) for j in jobs)
    )


async def test_several_wait_their_turn(scripted: ScriptedServer, queue: PullQueue) -> None:
    gate = Gate()
    scripted.pulls.append(pull(gate=gate))
    first, second = queue.add("a:1"), queue.add("b:1")
    await gate.reached.wait()
    assert second.state is PullState.QUEUED
    gate.opened.set()
    await ended(queue, first, second)
    assert [first.state, second.state] == [PullState.DONE] * 2
    assert {"a:1", "b:1"} <= set(scripted.models)


async def test_asking_twice_is_one_download(scripted: ScriptedServer, queue: PullQueue) -> None:
    assert queue.add("a") is queue.add("library/a:latest")
    assert len(queue.jobs) == 1
    with pytest.raises(BadName):
        queue.add("no name")


async def test_the_bar_never_goes_back_over_cut_and_resume(
    scripted: ScriptedServer, queue: PullQueue
) -> None:
    scripted.pulls.append(Pull([MANIFEST, layer(BIG, 600, 1000), Cut()]))
    scripted.pulls.append(
        Pull(
            [
                MANIFEST,
                layer(BIG, None, 1000),
                layer(BIG, 500, 1000),
                layer(BIG, 1000, 1000),
                Line({"status": "success"}),
            ]
        )
    )
    seen: list[tuple[PullState, int]] = []
    queue.watchers.append(lambda job: seen.append((job.state, job.progress.completed)))
    job = queue.add("a:1")
    await ended(queue, job)
    assert [done for _, done in seen] == sorted(done for _, done in seen)
    assert (PullState.STALLED, 600) in seen
    assert job.state is PullState.DONE


async def test_a_stall_is_said_and_retried(scripted: ScriptedServer, hasty: PullQueue) -> None:
    scripted.pulls.append(Pull([MANIFEST, layer(BIG, 600, 1000), Hang()]))
    said: list[str] = []
    hasty.watchers.append(lambda job: said.append(job.error.key) if job.error else None)
    job = hasty.add("a:1")
    await ended(hasty, job)
    assert "pulls.stalled" in said
    assert job.state is PullState.DONE
    assert [gone.path for gone in scripted.dropped] == ["/api/pull"]


async def test_ticks_without_a_byte_are_a_stall_too(scripted: ScriptedServer, hasty: PullQueue) -> None:
    from tests.support.script import Pause

    ticks = [step for _ in range(200) for step in (layer(BIG, 600, 1000), Pause(0.02))]
    scripted.pulls.append(Pull([MANIFEST, *ticks]))
    job = hasty.add("a:1")
    await ended(hasty, job)
    assert job.state is PullState.DONE
    assert len(scripted.sent_to("/api/pull")) == 2


async def test_retries_without_a_byte_are_bounded(scripted: ScriptedServer, queue: PullQueue) -> None:
    away = Line({"error": 'Get "https://r/v2/": dial tcp: connection refused'})
    scripted.pulls += [Pull([MANIFEST, away]) for _ in range(9)]
    job = queue.add("a:1")
    await ended(queue, job)
    assert job.state is PullState.FAILED
    assert job.error is not None
    assert job.error.key == "engine.registry_away"
    assert len(scripted.sent_to("/api/pull")) == 3


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("pull model manifest: file does not exist", "engine.unknown_in_registry"),
        ("write x: no space left on device", "engine.disk_full"),
        ("digest mismatch, file must be downloaded again", "engine.wrong_digest"),
        ("insecure protocol http", "engine.insecure_registry"),
    ],
)
async def test_what_trying_again_cannot_mend_fails_at_once(
    scripted: ScriptedServer, queue: PullQueue, words: str, key: str
) -> None:
    scripted.pulls.append(Pull([MANIFEST, Line({"error": words})]))
    job, after = queue.add("a:1"), queue.add("b:1")
    await ended(queue, job, after)
    assert job.error is not None
    assert (job.state, job.error.key) == (PullState.FAILED, key)
    assert after.state is PullState.DONE
    assert len(scripted.sent_to("/api/pull")) == 2


async def test_checking_may_take_longer_than_a_stall(scripted: ScriptedServer, hasty: PullQueue) -> None:
    gate = Gate()
    script = Pull(
        [
            MANIFEST,
            layer(BIG, 1000, 1000),
            Line({"status": "verifying sha256 digest"}),
            gate,
            Line({"status": "success"}),
        ]
    )
    scripted.pulls.append(script)
    job = hasty.add("a:1")
    await until(hasty, lambda: job.progress.stage == "verifying")
    await asyncio.sleep(0.3)
    assert job.state is PullState.ACTIVE
    gate.opened.set()
    await ended(hasty, job)
    assert len(scripted.sent_to("/api/pull")) == 1


async def test_cancel_keeps_and_says_so_and_resume_goes_on(
    scripted: ScriptedServer, queue: PullQueue
) -> None:
    gate = Gate()
    scripted.pulls.append(Pull([MANIFEST, layer(BIG, 600, 1000), gate]))
    job = queue.add("a:1")
    await gate.reached.wait()
    await until(queue, lambda: job.progress.completed == 600)
    queue.cancel(job)
    assert job.state is PullState.PAUSED
    assert job.error is not None
    assert job.error.key == "pulls.kept"
    queue.resume(job)
    await ended(queue, job)
    assert by_now(lambda: job.state) is PullState.DONE
    assert job.view().fraction == 1
    assert [gone.path for gone in scripted.dropped] == ["/api/pull"]


async def test_a_waiting_one_can_be_cancelled_and_dismissed(
    scripted: ScriptedServer, queue: PullQueue
) -> None:
    gate = Gate()
    scripted.pulls.append(pull(gate=gate))
    first, second = queue.add("a:1"), queue.add("b:1")
    queue.dismiss(second)
    gate.opened.set()
    await ended(queue, first)
    assert queue.jobs == [first]
    assert "b:1" not in scripted.models


async def test_cancelling_before_it_has_begun_holds_nobody_up(
    scripted: ScriptedServer, queue: PullQueue
) -> None:
    first = queue.add("a:1")
    queue.cancel(first)
    second = queue.add("b:1")
    await ended(queue, second)
    assert (first.state, second.state) == (PullState.PAUSED, PullState.DONE)


async def test_what_comes_by_a_mirror_has_its_own_name_in_the_end(
    scripted: ScriptedServer, queue: PullQueue
) -> None:
    job = queue.add("deepseek-r1:8b", mirror="modelscope.cn/library")
    await ended(queue, job)
    assert scripted.sent_to("/api/pull")[0].json["model"] == "modelscope.cn/library/deepseek-r1:8b"
    assert "deepseek-r1:8b" in scripted.models
    assert "modelscope.cn/library/deepseek-r1:8b" not in scripted.models


async def test_insecure_is_sent_only_when_asked_for(scripted: ScriptedServer, queue: PullQueue) -> None:
    await ended(
        queue, queue.add("127.0.0.1:5000/library/a:1"), queue.add("127.0.0.1:5000/library/b:1", insecure=True)
    )
    assert [sent.json.get("insecure", False) for sent in scripted.sent_to("/api/pull")] == [False, True]


async def test_a_pull_of_a_closed_app_is_picked_up_again(
    scripted: ScriptedServer, engine: OllamaEngine, tmp_path: Path
) -> None:
    memory = tmp_path / "state" / "pulls.json"
    gate = Gate()
    scripted.pulls.append(Pull([MANIFEST, layer(BIG, 600, 1000), gate]))
    queue = PullQueue(engine, memory)
    queue.add("a:1", insecure=True)
    paused = queue.add("b:1")
    queue.cancel(paused)
    await gate.reached.wait()
    await queue.close()
    assert stat.S_IMODE(memory.stat().st_mode) == 0o600

    other = OllamaEngine("http://127.0.0.1:1")
    assert await PullQueue(other, memory).restore() == []

    queue = PullQueue(engine, memory)
    (job,) = await queue.restore()
    assert (job.name, job.insecure) == ("a:1", True)
    await ended(queue, job)
    await queue.close()
    assert json.loads(memory.read_text()) == []


@pytest.mark.parametrize(
    "text", ["", "{", "[1, {}]", '[{"url": "URL", "name": "a b", "source": "x"}]', '{"a": 1}']
)
async def test_a_damaged_memory_is_an_empty_one(
    scripted: ScriptedServer, engine: OllamaEngine, tmp_path: Path, text: str
) -> None:
    memory = tmp_path / "pulls.json"
    memory.write_text(text.replace("URL", scripted.url))
    assert await PullQueue(engine, memory).restore() == []


async def test_speed_leaves_out_what_was_there_before(scripted: ScriptedServer, queue: PullQueue) -> None:
    from tests.support.script import Pause

    ticks = [step for n in range(1, 5) for step in (layer(BIG, 1_000_000 + n * 1000, 2_000_000), Pause(0.15))]
    scripted.pulls.append(
        Pull([MANIFEST, layer(BIG, 1_000_000, 2_000_000), *ticks, Line({"status": "success"})])
    )
    speeds: list[float] = []
    queue.watchers.append(lambda job: speeds.append(job.speed) if job.speed else None)
    await ended(queue, queue.add("a:1"))
    assert speeds
    assert max(speeds) < 100_000
