"""Sizing against the real server: what its processes take, how fast it answers, what a real limit leaves."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from r1tui.domain.catalogue import ModelShape, shape_from_info
from r1tui.domain.kv_cache import KvCache
from r1tui.domain.message import AnswerStats
from r1tui.domain.sizing import ALLOWANCE, NUM_BATCH, bytes_per_token, need
from r1tui.services.machine.calibration import CalibrationStore
from tests.support import patience
from tests.support.ollama_server import OllamaServer

pytestmark = pytest.mark.real

MIB = 1 << 20


def post(server: OllamaServer, path: str, body: dict[str, Any]) -> dict[str, Any]:
    request = urllib.request.Request(server.url + path, json.dumps(body).encode())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=1200) as reply:
        return dict(json.load(reply))


def shape(server: OllamaServer) -> ModelShape:
    """The test model as `/api/tags` and `/api/show` tell of it."""
    tags: Any = server.get("/api/tags")
    size = next(model["size"] for model in tags["models"] if model["name"] == server.model)
    found = shape_from_info(
        size, post(server, "/api/show", {"model": server.model})["model_info"], server.model
    )
    assert found is not None
    return found


def generate(server: OllamaServer, num_ctx: int, **options: Any) -> dict[str, Any]:
    return post(
        server,
        "/api/generate",
        {
            "model": server.model,
            "prompt": options.pop("prompt", "Tell me about the sea."),
            "stream": False,
            "think": False,
            "options": {"num_ctx": num_ctx, "num_batch": NUM_BATCH, "temperature": 0} | options,
        },
    )


def children(pid: int) -> list[int]:
    """The processes below `pid`."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that has just ended
            for child in path.read_text().split():
                found += [int(child), *children(int(child))]
    return found


def taken(pid: int) -> int:
    """Bytes of memory that a process takes, shared pages by their share."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    raise AssertionError("no Pss")


@pytest.mark.timeout(600)  # the prompt, on whatever else the machine does
@pytest.mark.parametrize("num_ctx", [2048, 4096, 8192])
def test_the_estimate_holds_against_what_the_servers_runner_takes(
    private_server: Callable[..., OllamaServer], num_ctx: int
) -> None:
    server = private_server()  # nobody else loads a model there
    # The context is written when it is made, so a prompt need not fill it; the work buffer is touched by a whole batch.
    reply = generate(server, num_ctx, num_predict=1, prompt="One two three four. " * (NUM_BATCH // 4))
    assert reply["prompt_eval_count"] > NUM_BATCH, "else a part of the work buffer was not touched"
    # A runner of another context length may still be about to end.
    deadline = time.monotonic() + patience.SECONDS
    while len(runners := children(server.pid)) > 1 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert len(runners) == 1
    measured = taken(runners[0])
    said = need(shape(server), num_ctx)
    estimate = said.total - ALLOWANCE
    # What the runner has reserved for a full context, whatever of it was touched.
    log = server.log.read_text(errors="replace")
    reserved = max(float(size) for size in re.findall(r"compute buffer size = +([\d.]+) MiB", log))
    print(
        f"num_ctx {num_ctx}: estimated {estimate / MIB:.0f} MiB, the runner takes {measured / MIB:.0f} MiB; "
        f"for work {said.work / MIB:.0f} MiB, it reserves {reserved:.0f} MiB"
    )
    assert estimate >= 0.9 * measured
    assert estimate <= measured + 100 * MIB
    assert said.work >= 0.9 * reserved * MIB


def test_a_context_in_q8_0_takes_what_is_reckoned_on_the_real_runner(
    private_server: Callable[..., OllamaServer],
) -> None:
    buffers = dict[KvCache, float]()
    sizes = dict[KvCache, int]()
    for kept in (KvCache.F16, KvCache.Q8_0):
        server = private_server(**kept.environment())
        generate(server, 4096, num_predict=4)
        found = re.findall(r"llama_kv_cache: size = +([\d.]+) MiB", server.log.read_text(errors="replace"))
        buffers[kept] = float(found[-1])
        ps: Any = server.get("/api/ps")
        sizes[kept] = ps["models"][0]["size"]
        estimate = need(shape(server), 4096, kv_bytes=kept.bytes).context / MIB
        print(f"{kept}: estimated {estimate:.1f} MiB, the runner keeps {buffers[kept]:.1f} MiB")
        assert estimate == pytest.approx(buffers[kept], rel=0.01)
        server.stop()
    assert buffers[KvCache.Q8_0] < 0.54 * buffers[KvCache.F16]
    saved = (sizes[KvCache.F16] - sizes[KvCache.Q8_0]) / MIB
    assert saved >= 0.9 * (buffers[KvCache.F16] - buffers[KvCache.Q8_0]), "the server counts it so too"


def answer(server: OllamaServer) -> AnswerStats:
    reply = generate(server, 4096, num_predict=64)
    return AnswerStats(
        prompt_tokens=reply["prompt_eval_count"],
        answer_tokens=reply["eval_count"],
        eval_seconds=reply["eval_duration"] / 1e9,
    )


def foretold(model: ModelShape, url: str, learnt: AnswerStats, folder: Path, following: AnswerStats) -> float:
    """Tokens a second that a store which knows one answer foretells of the following one."""
    folder.mkdir()
    store = CalibrationStore(folder)
    store.record(url, "cpu:here", model, learnt)
    found = store.load(url, "here")
    assert found is not None
    effective = found.effective("cpu", model.name)
    assert effective is not None
    fill = (following.prompt_tokens or 0) + (following.answer_tokens or 0) / 2
    return effective / bytes_per_token(model, fill)


def test_the_calibrated_speed_foretells_the_next_answer(real_server: OllamaServer, tmp_path: Path) -> None:
    model = shape(real_server)
    answer(real_server)  # loads the model
    answers = [answer(real_server) for _ in range(7)]
    ratios = []
    for index, (before, after) in enumerate(itertools.pairwise(answers)):
        real = after.tokens_per_second
        assert real is not None
        said = foretold(model, real_server.url, before, tmp_path / str(index), after)
        print(f"foretold {said:.1f} tokens/s, answered at {real:.1f}")
        ratios.append(said / real)
    # The median, since other work on the machine may slow any one of them.
    assert statistics.median(ratios) == pytest.approx(1, rel=0.2)


@pytest.fixture
def limited_group() -> Iterator[Path]:
    """A control group of 512 MiB, of whichever version this machine has."""
    own = Path("/proc/self/cgroup").read_text()
    v1 = next(
        (line.split(":", 2)[2] for line in own.splitlines() if "memory" in line.split(":")[1].split(",")),
        None,
    )
    if v1 is not None:
        folder, limit = Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"
    else:
        folder, limit = Path("/sys/fs/cgroup"), "memory.max"
    group = folder / f"r1tui-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / limit).write_text(str(512 * MIB))
    except OSError as error:
        if group.exists():
            group.rmdir()
        pytest.skip(f"no control group can be made here: {error}")
    yield group
    for _ in range(50):
        try:
            group.rmdir()
        except OSError:
            time.sleep(0.1)
        else:
            return


def test_a_real_limit_is_found_and_obeyed(limited_group: Path) -> None:
    program = (
        "import json\n"
        "from r1tui.services.machine.probe.memory import read_memory\n"
        "memory = read_memory()[0]\n"
        "print(json.dumps([memory.limit, memory.available, memory.bound]))\n"
    )
    shell = shutil.which("sh")
    assert shell is not None
    script = f'echo $$ > "{limited_group}/cgroup.procs" && exec "{sys.executable}" -c "$PROGRAM"'
    done = subprocess.run(
        [shell, "-c", script],
        env=os.environ | {"PROGRAM": program, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    limit, available, bound = json.loads(done.stdout)
    assert limit == bound == 512 * MIB
    assert 0 < available < 512 * MIB
