"""`r1tui doctor` as a shell sees it."""

from __future__ import annotations

import io
import json
import platform
import re
import subprocess
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

import r1tui
from r1tui import locale
from r1tui.domain.model import Model, RunningModel
from r1tui.domain.phrase import phrase
from r1tui.services import surroundings
from r1tui.services.doctor import Subject, run_doctor
from r1tui.services.engines.engine import ServerUnreachable
from r1tui.services.machine.calibration import CalibrationStore
from tests.services.test_calibration import SHAPE, answer
from tests.support.machines import recorded

GIB = 1 << 30
LAPTOP = {
    "memory": {"total": int(15.5 * GIB), "available": 11 * GIB},
    "cpu": {"name": "", "bandwidth": 51e9},
    "disk": {"path": "/m", "free": 10**12},
}
TREE = {
    "/proc/meminfo": "MemTotal: 16252928 kB\nMemAvailable: 11534336 kB\n",
    "/proc/cpuinfo": "processor : 0\nmodel name : Intel(R) N100\n",
}


@dataclass
class FakeEngine:
    """A server that is there, or not."""

    local: bool = True
    here: bool = True
    installed: tuple[Model, ...] = (Model("deepseek-r1:8b"),)
    loaded: tuple[RunningModel, ...] = ()
    url: str = "http://127.0.0.1:11434"
    told: str = "0.17.4"
    asked: list[str] = field(default_factory=list)

    async def version(self) -> str:
        if not self.here:
            raise ServerUnreachable(phrase("hardware.doctor.mute", seconds=1))
        return self.told

    async def models(self) -> list[Model]:
        return list(self.installed)

    async def running(self) -> list[RunningModel]:
        return list(self.loaded)


async def doctor(
    tmp_path: Path,
    engine: FakeEngine | None = None,
    *,
    as_json: bool = False,
    report_to: Path | None = None,
    **about: Any,
) -> tuple[int, str, str]:
    """(exit code, standard output, standard error). `about`: fields of `Subject`."""
    out, err = io.StringIO(), io.StringIO()
    system = recorded(tmp_path / "tree", TREE)
    subject = Subject(engine or FakeEngine(), system=system, **about)  # type: ignore[arg-type]
    code = await run_doctor(subject, as_json=as_json, report_to=report_to, out=out, err=err)
    return code, out.getvalue(), err.getvalue()


def stated(tmp_path: Path, data: object) -> Path:
    path = tmp_path / "machine.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


async def test_json_has_the_documented_shape(tmp_path: Path) -> None:
    code, out, _ = await doctor(tmp_path, as_json=True, hardware_file=stated(tmp_path, LAPTOP))
    data = json.loads(out)
    assert code == 0
    assert next(iter(data)) == "warnings"
    assert set(data) == {
        "warnings",
        "version",
        "versions",
        "terminal",
        "server",
        "hardware",
        "recommendation",
        "candidates",
    }
    assert data["server"] == {
        "url": "http://127.0.0.1:11434",
        "named_by": None,
        "reachable": True,
        "version": "0.17.4",
        "local": True,
        "cloud": None,
        "models": ["deepseek-r1:8b"],
    }
    shape = {"tag", "size", "verdict", "num_ctx", "need_bytes", "have_bytes", "tokens_per_second", "reason"}
    assert set(data["recommendation"]) == shape
    assert [set(each) for each in data["candidates"]] == [shape | {"recommended"}] * 6
    best = data["recommendation"]
    assert (best["tag"], best["size"], best["verdict"], best["num_ctx"]) == (
        "deepseek-r1:8b",
        "8b",
        "cpu",
        8192,
    )
    assert set(best["tokens_per_second"]) == {"low", "expected", "high", "basis"}
    assert best["tokens_per_second"]["basis"] == "estimated"
    assert [each["size"] for each in data["candidates"]] == ["1.5b", "7b", "8b", "14b", "32b", "70b"]
    assert [each for each in data["candidates"] if each["recommended"]] == [best | {"recommended": True}]


async def test_advice_without_a_recommendation_has_no_tag(tmp_path: Path) -> None:
    full = LAPTOP | {"memory": {"total": int(7.6 * GIB), "available": int(1.5 * GIB)}}
    _, out, _ = await doctor(tmp_path, as_json=True, hardware_file=stated(tmp_path, full))
    best = json.loads(out)["recommendation"]
    assert (best["tag"], best["size"], best["verdict"]) == (None, None, "free-first")
    assert best["reason"].startswith("Free ")


async def test_nothing_that_fits_is_none(tmp_path: Path) -> None:
    tiny = {"memory": {"total": GIB, "available": GIB // 2}}
    _, out, _ = await doctor(tmp_path, as_json=True, hardware_file=stated(tmp_path, tiny))
    best = json.loads(out)["recommendation"]
    assert (best["tag"], best["verdict"], best["tokens_per_second"]) == (None, "none", None)


async def test_the_probed_machine_is_told_in_the_shape_that_can_be_stated(tmp_path: Path) -> None:
    _, out, _ = await doctor(tmp_path, as_json=True)
    hardware = json.loads(out)["hardware"]
    assert hardware["memory"] == {
        "total": 16252928 << 10,
        "available": 11 << 30,
        "limit": None,
        "reclaimable": 0,
    }
    code, _, _ = await doctor(tmp_path, hardware_file=stated(tmp_path, hardware))
    assert code == 0


async def test_without_a_server_the_next_step_is_to_start_one(tmp_path: Path) -> None:
    code, out, _ = await doctor(tmp_path, FakeEngine(here=False))
    assert code == 1
    assert "none answers at http://127.0.0.1:11434" in out
    assert "Next: start Ollama" in out


async def test_without_a_model_the_next_step_is_to_pull_the_recommended_one(tmp_path: Path) -> None:
    code, out, _ = await doctor(tmp_path, FakeEngine(installed=()))
    assert code == 1
    assert "Next: ollama pull deepseek-r1:1.5b" in out


async def test_with_both_a_chat_can_start(tmp_path: Path) -> None:
    code, out, _ = await doctor(tmp_path)
    assert code == 0
    assert "Next: run r1tui and chat." in out


async def test_a_server_that_tells_no_version_is_not_called_ollama(tmp_path: Path) -> None:
    _, out, _ = await doctor(tmp_path, FakeEngine(told=""))
    assert "Server: one answers at http://127.0.0.1:11434" in out
    assert "Ollama" not in out


async def test_a_remote_server_is_not_judged_by_this_machine(tmp_path: Path) -> None:
    _, out, _ = await doctor(tmp_path, FakeEngine(local=False), as_json=True)
    data = json.loads(out)
    assert data["hardware"]["memory"] is None
    assert data["hardware"]["server"] == "remote"
    assert (data["recommendation"]["tag"], data["recommendation"]["verdict"]) == (None, "none")
    assert all(each["have_bytes"] is None for each in data["candidates"])


async def test_why_nothing_is_recommended_is_told_once(tmp_path: Path) -> None:
    _, out, _ = await doctor(tmp_path, FakeEngine(local=False))
    assert len(re.findall(r"^ +[\d.]+b +[\d.]+ GB$", out, re.M)) == 6
    assert out.count("no server tells its hardware") == 1


async def test_a_remote_machine_stated_in_the_settings_is_judged(tmp_path: Path) -> None:
    _, out, _ = await doctor(tmp_path, FakeEngine(local=False), as_json=True, stated=LAPTOP)
    assert json.loads(out)["recommendation"]["size"] == "8b"


async def test_a_mistake_in_the_settings_is_a_warning(tmp_path: Path) -> None:
    code, out, _ = await doctor(tmp_path, stated={"memory": {"total": "x"}})
    assert code == 0
    assert "memory.total: must be a number" in out


@pytest.mark.parametrize(
    ("data", "word"),
    [
        ({"memory": {"total": GIB}}, "memory.available"),
        (LAPTOP | {"gpus": [{"vendor": "nvidia", "total": "12 GB"}]}, "gpus[0].total"),
        (LAPTOP | {"server": "moon"}, "server"),
        ("{", "is not JSON"),
        ("[]", "memory"),
    ],
)
async def test_a_bad_file_is_refused_with_the_field_named(tmp_path: Path, data: object, word: str) -> None:
    code, out, err = await doctor(tmp_path, hardware_file=stated(tmp_path, data))
    assert (code, out) == (2, "")
    assert word in err
    assert err.count("\n") == 1


async def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    code, _, err = await doctor(tmp_path, hardware_file=tmp_path / "none.json")
    assert code == 2
    assert "none.json" in err


async def test_calibration_counts_for_the_probed_machine_and_not_for_a_stated_one(tmp_path: Path) -> None:
    store = CalibrationStore(tmp_path)
    store.record(FakeEngine.url, "cpu:Intel(R) N100", SHAPE, answer(9))
    _, out, _ = await doctor(tmp_path, as_json=True, calibrations=store)
    assert json.loads(out)["recommendation"]["tokens_per_second"]["basis"] == "measured"
    _, out, _ = await doctor(
        tmp_path, as_json=True, calibrations=store, hardware_file=stated(tmp_path, LAPTOP)
    )
    assert json.loads(out)["recommendation"]["tokens_per_second"]["basis"] == "estimated"


async def test_it_speaks_the_users_language(tmp_path: Path) -> None:
    locale.use("zh_CN")
    _, out, _ = await doctor(tmp_path)
    assert "推荐：deepseek-r1:1.5b" in out
    assert "内存" in out


async def test_the_sizes_stand_in_their_order_and_the_recommended_one_is_marked(tmp_path: Path) -> None:
    _, out, _ = await doctor(tmp_path, hardware_file=stated(tmp_path, LAPTOP))
    rows = re.findall(r"^([* ]) +([\d.]+b) ", out, re.M)
    assert [size for _, size in rows] == ["1.5b", "7b", "8b", "14b", "32b", "70b"]
    assert [size for mark, size in rows if mark == "*"] == ["8b"]


@pytest.mark.parametrize(("language", "unit"), [("en", "tokens/s"), ("zh_CN", "词元/秒")])
async def test_the_speeds_stand_in_a_column_in_the_languages_own_unit(
    tmp_path: Path, language: str, unit: str
) -> None:
    locale.use(language)
    _, out, _ = await doctor(tmp_path, hardware_file=stated(tmp_path, LAPTOP))
    rows = re.findall(r"^[* ] +[\d.]+b +[\d.]+ GB.*$", out, re.MULTILINE)
    assert len(rows) > 4
    assert {row.find(f" {unit}  ") for row in rows} - {-1} == {rows[0].index(f" {unit}  ")}
    assert "t/s" not in out


async def test_a_speed_reads_as_in_every_other_table(tmp_path: Path) -> None:
    _, out, _ = await doctor(tmp_path, hardware_file=stated(tmp_path, LAPTOP))
    assert re.search(r"^ +1\.5b +1\.1 GB +~\d+ tokens/s", out, re.MULTILINE)
    assert re.search(r"^ +70b +42\.5 GB +70b does not fit", out, re.MULTILINE)
    assert "~ a guess until one of them has answered" in out
    store = CalibrationStore(tmp_path / "data")
    store.record(FakeEngine.url, "cpu:Intel(R) N100", SHAPE, answer(9))
    _, out, _ = await doctor(tmp_path, calibrations=store)
    assert re.search(r"^[* ] 1\.5b +1\.1 GB +[\d.]+-[\d.]+ tokens/s", out, re.MULTILINE)
    assert "a range: reckoned from another model's answers" in out


async def test_what_is_odd_stands_first(tmp_path: Path) -> None:
    _, out, _ = await doctor(tmp_path, FakeEngine(here=False), notes=[phrase("engine.host_user_dropped")])
    first, second, _ = out.split("\n", 2)
    assert first == "! No server answers at http://127.0.0.1:11434"
    assert second.startswith("! ")
    assert "OLLAMA_HOST are not sent" in second


async def test_where_nothing_is_odd_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surroundings, "terminal", lambda: {"TERM": "xterm", "LANG": "C.UTF-8", "through": ""})
    _, out, _ = await doctor(tmp_path, hardware_file=stated(tmp_path, LAPTOP))
    assert out.startswith("Nothing odd was found\n")


@pytest.mark.parametrize(
    ("environ", "line", "odd"),
    [
        (
            {"TERM": "tmux-256color", "TMUX": "/tmp/s,1,0", "TERM_PROGRAM": "tmux", "LANG": "C.UTF-8"},
            "TERM=tmux-256color, TERM_PROGRAM=tmux, LANG=C.UTF-8, through tmux",
            "",
        ),
        ({"TERM": "screen", "STY": "1.pts", "LC_ALL": "C.UTF-8", "SSH_TTY": "/dev/pts/1"}, "screen, ssh", ""),
        ({"LANG": "C.UTF-8"}, "Terminal: TERM=", "r1tui plain does not"),
        ({"TERM": "xterm", "LANG": "C"}, "TERM=xterm, LANG=C", "not UTF-8"),
        ({"TERM": "xterm\x1b[2J", "LANG": "C.UTF-8"}, "TERM=xterm", ""),
    ],
)
async def test_the_terminal_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], line: str, odd: str
) -> None:
    monkeypatch.setattr(surroundings, "terminal", partial(surroundings.terminal, environ))
    _, out, _ = await doctor(tmp_path)
    assert line in out
    assert odd in out
    assert "\x1b" not in out


async def test_the_versions_are_told(tmp_path: Path) -> None:
    _, out, _ = await doctor(tmp_path, as_json=True)
    told = json.loads(out)["versions"]
    assert told["R1TUI"].startswith(r1tui.__version__)
    assert told["Python"].startswith(platform.python_version())
    assert told["Textual"] == version("textual")


@pytest.mark.parametrize("as_json", [False, True])
async def test_no_host_of_others_is_told(tmp_path: Path, as_json: bool) -> None:
    far = "https://gpu.corp.example:8443/team"
    engine = FakeEngine(
        local=False,
        url=far,
        installed=(Model("hub.corp.example/team/x:1"), Model("hf.co/someone/y:Q4"), Model("someone/z:1")),
    )
    notes = [
        phrase("engine.tls_unchecked", url=far, name="gpu.corp.example"),
        phrase("engine.redirected", url=far, location="http://other.corp.example/a"),
        phrase("engine.cloud_on"),
    ]
    _, out, _ = await doctor(
        tmp_path, engine, as_json=as_json, notes=notes, host="gpu.corp.example", named_by="--host"
    )
    assert "corp" not in out
    assert "https://…:8443" in out
    assert "--host" in out
    assert "…/team/x:1" in out
    assert "hf.co/someone/y:Q4" in out
    assert "someone/z:1" in out


async def test_the_error_of_a_server_elsewhere_does_not_name_it(tmp_path: Path) -> None:
    class Away(FakeEngine):
        async def version(self) -> str:
            raise ServerUnreachable(phrase("engine.unknown_name", url=self.url))

    _, out, _ = await doctor(tmp_path, Away(local=False, url="http://gpu.corp.example:11434"))
    assert "corp" not in out
    assert "on another machine" in out


async def test_a_report_is_one_private_file_with_both(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text("an older one")
    path.chmod(0o644)
    code, out, _ = await doctor(tmp_path, FakeEngine(told="1\x9b2J"), report_to=path)
    text = path.read_text()
    assert code == 0
    assert str(path) in out
    assert path.stat().st_mode & 0o777 == 0o600
    assert "Recommended: deepseek-r1" in text
    assert "\x9b" not in text
    assert json.loads(text.partition("```json\n")[2].removesuffix("```\n"))["server"]["version"] == "1\x9b2J"


async def test_a_report_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    code, out, err = await doctor(tmp_path, report_to=Path("/dev/null/report.md"))
    assert (code, out) == (1, "")
    assert "/dev/null/report.md" in err
    assert err.count("\n") == 1


def test_a_checkout_tells_its_commit(tmp_path: Path) -> None:
    git = ("git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org")
    assert surroundings.revision(tmp_path) == ""
    subprocess.run([*git, "init", "-q"], check=True)
    assert surroundings.revision(tmp_path) == ""
    (tmp_path / "a").write_text("a")
    subprocess.run([*git, "add", "a"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "a"], check=True)
    commit = surroundings.revision(tmp_path)
    assert re.fullmatch(r"[0-9a-f]{7,40}", commit)
    (tmp_path / "a").write_text("b")
    assert surroundings.revision(tmp_path) == f"{commit}-dirty"
