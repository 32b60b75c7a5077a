"""`r1tui doctor`: what is odd, versions, terminal, server, machine and recommendation, as text, as JSON, or both in a file.

It is made to be given to strangers: no header, no host but this machine, no name of the user's folder.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO
from unicodedata import east_asian_width
from urllib.parse import urlsplit

from r1tui import __version__
from r1tui.domain.address import address_for_strangers, is_loopback, model_for_strangers, without_hosts
from r1tui.domain.clean import Clean, clean_json, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.domain.hardware import GIB, Gpu, HardwareProfile, Memory
from r1tui.domain.hardware_file import (
    HardwareFileError,
    profile_from_dict,
    profile_of_server,
    profile_to_dict,
)
from r1tui.domain.kv_cache import KvCache
from r1tui.domain.model import Model, RunningModel
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.recommendation import Candidate, Recommendation, recommend, speed_cell
from r1tui.domain.sizing import Basis
from r1tui.locale import clock, figures, say, t
from r1tui.services import surroundings
from r1tui.services.atomic import write_atomically
from r1tui.services.engines.engine import CloudAware, Engine, EngineError
from r1tui.services.machine.calibration import CalibrationStore
from r1tui.services.machine.probe import System, probe
from r1tui.services.small_file import FileError, read_json, why
from r1tui.services.terminal.streams import put
from r1tui.services.terminal.terminal import Terminal

_SERVER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What is examined: a server, and the machine that runs its models."""

    engine: Engine
    hardware_file: Path | None = None
    """States the machine in place of the probes; a mistake in it is an error."""
    stated: dict[str, object] | None = None
    """`[hardware]` of the settings, or the host's own, in place of the probes; a mistake in it is a warning."""
    calibrations: CalibrationStore | None = None
    models: Path | None = None
    """Where a server of our own keeps its models; None where the server is another's."""
    kv_cache: KvCache | None = None
    """How a server of our own keeps a context; None where the server is another's."""
    system: System | None = None
    """What the probes read; None for this machine."""
    notes: Sequence[Phrase] = ()
    """Warnings that the connection has already."""
    host: str = ""
    """NAME of the server's `[hosts.NAME]`; empty for one without."""
    named_by: str = ""
    """What named the server's address, such as `--host`."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """What the server says of itself."""

    url: str
    """For strangers: the host is hidden unless it is this machine."""
    local: bool
    reachable: bool = False
    version: str = ""
    models: tuple[Model, ...] = ()
    running: tuple[RunningModel, ...] = ()
    cloud: bool | None = None
    """Whether the server's cloud functions are on; None where it does not tell."""
    error: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All that doctor knows."""

    server: ServerState
    profile: HardwareProfile
    recommendation: Recommendation
    odd: tuple[Phrase, ...]
    """What is not as it should be, or as most machines have it, a sentence each."""
    versions: dict[str, str]
    terminal: dict[str, str]
    named_by: str = ""
    """What named the server's address, such as `--host`; empty for the default."""

    @property
    def by_size(self) -> list[Candidate]:
        """The judged sizes, the smallest first."""
        return sorted(self.recommendation.candidates, key=lambda each: each.file_bytes)

    @property
    def ready(self) -> bool:
        """Whether a chat could start now."""
        return self.server.reachable and bool(self.server.models)


async def ask_server(engine: Engine) -> ServerState:
    """The server's state; never raises for a server that is away, mute or slow."""
    state = ServerState(address_for_strangers(engine.url), engine.local)
    try:
        async with asyncio.timeout(_SERVER_SECONDS):
            version = await engine.version()
            state = replace(state, reachable=True, version=version)
            state = replace(state, models=tuple(await engine.models()), running=tuple(await engine.running()))
            return replace(state, cloud=await engine.cloud() if isinstance(engine, CloudAware) else None)
    except EngineError as error:
        return replace(state, error=error.phrase)
    except TimeoutError:
        return replace(state, error=phrase("hardware.doctor.mute", seconds=f"{_SERVER_SECONDS:.0f}"))


def cloud_advice(cloud: bool | None, version: str) -> list[Phrase]:
    """How to keep a server from asking ollama.com by itself, where it says that it does, or its version does."""
    if cloud:
        return [phrase("engine.cloud_on")]
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if cloud is None and numbers and (0, 12) <= (int(numbers[1]), int(numbers[2])) < (0, 16):
        return [phrase("engine.cloud_old", version=version)]
    return []


def read_hardware_file(path: Path) -> HardwareProfile:
    """The machine stated in a JSON file. Raises `HardwareFileError`, its phrase naming the file or the
    field.
    """
    try:
        data = read_json(path)
    except FileError as error:
        reason = phrase("hardware.file.unreadable", path=str(path), error=error.phrase)
        raise HardwareFileError("", reason) from error
    return profile_from_dict(data)


async def examine(subject: Subject) -> Report:
    """Ask the server and the machine. Raises `HardwareFileError` for a bad `hardware_file`."""
    engine, hardware_file = subject.engine, subject.hardware_file
    profile = await asyncio.to_thread(read_hardware_file, hardware_file) if hardware_file else None
    server = await ask_server(engine)
    warnings = [*subject.notes, *cloud_advice(server.cloud, server.version)]
    if profile is None and subject.stated:
        try:
            profile = profile_of_server(subject.stated)
        except HardwareFileError as error:
            warnings.append(phrase("hardware.warn.settings", problem=error.phrase))
    calibration = None
    if profile is None and not server.local:
        profile = HardwareProfile(local=False)
    elif profile is None:
        profile = await probe(subject.system, local=True, models=subject.models, measure=True)
        if subject.kv_cache is not None:
            profile = replace(profile, kv_cache=subject.kv_cache, own_server=True)
    if hardware_file is None and subject.calibrations is not None:
        calibration = await asyncio.to_thread(
            subject.calibrations.load, engine.url, profile.cpu.name, profile.gpu_name
        )
    # What is loaded now would be given back to another model.
    vram = sum(each.size_vram for each in server.running) if hardware_file is None else 0
    recommendation = recommend(profile.giving_back(vram), calibration)
    advice = (recommendation.cache_advice,) if recommendation.cache_advice is not None else ()
    terminal = await asyncio.to_thread(surroundings.terminal)
    names = urlsplit(engine.url).hostname, subject.host
    hosts = [name for name in names if name and not is_loopback(f"//{name}")]
    found = (
        *_server_oddities(server),
        *_machine_oddities(profile),
        *(_for_strangers(each, hosts) for each in (*warnings, *recommendation.warnings, *advice)),
        *_terminal_oddities(terminal),
    )
    if server.error is not None:
        server = replace(server, error=_for_strangers(server.error, hosts))
    versions = await asyncio.to_thread(surroundings.versions)
    return Report(server, _homeless(profile), recommendation, found, versions, terminal, subject.named_by)


def _for_strangers(words: Phrase, hosts: Sequence[str]) -> Phrase:
    """The phrase with every host hidden in what fills it, and the user's home as `~`."""

    def hidden(value: object) -> object:
        if isinstance(value, Phrase):
            return _for_strangers(value, hosts)
        return _without_home(without_hosts(value, hosts)) if isinstance(value, str) else value

    return Phrase(words.key, {name: hidden(value) for name, value in words.params.items()})


def _without_home(path: str) -> str:
    home = str(Path.home())
    return path if home == "/" else re.sub(rf"{re.escape(home)}(?=/|$)", "~", path)


def _homeless(profile: HardwareProfile) -> HardwareProfile:
    disk = profile.disk
    return replace(profile, disk=replace(disk, path=_without_home(disk.path))) if disk else profile


def _server_oddities(server: ServerState) -> Iterator[Phrase]:
    if not server.reachable:
        yield phrase("hardware.doctor.odd_server", url=server.url)
    elif not server.models:
        yield phrase("hardware.doctor.odd_models")


def _machine_oddities(profile: HardwareProfile) -> Iterator[Phrase]:
    if profile.local and profile.memory is None:
        yield phrase("hardware.doctor.odd_memory")
    for gpu in profile.gpus:
        if gpu.unusable is not None:
            name = gpu.name or gpu.vendor
            yield phrase("hardware.doctor.odd_gpu", name=name, reason=gpu.unusable)


def _terminal_oddities(terminal: dict[str, str]) -> Iterator[Phrase]:
    if terminal["TERM"] in ("", "dumb"):
        yield phrase("hardware.doctor.odd_term", term=terminal["TERM"] or '""')
    if not Terminal.of(terminal).utf8:
        yield phrase("hardware.doctor.odd_utf8")


def _judged(each: Candidate | None, verdict: str, reason: Phrase, *, named: bool = True) -> dict[str, object]:
    speed = each.speed if each else None
    return {
        "tag": each.tag.tag if each and named else None,
        "size": each.size if each and named else None,
        "verdict": verdict,
        "num_ctx": each.num_ctx if each else None,
        "need_bytes": each.need_bytes if each else None,
        "have_bytes": each.have_bytes if each else None,
        "tokens_per_second": {
            "low": round(speed.low, 2),
            "expected": round(speed.expected, 2),
            "high": round(speed.high, 2),
            "basis": speed.basis,
        }
        if speed
        else None,
        "reason": say(reason),
    }


def to_json(report: Report) -> dict[str, object]:
    """The report in the documented shape."""
    found = report.recommendation
    return {
        "warnings": [say(each) for each in report.odd],
        "version": __version__,
        "versions": report.versions,
        "terminal": report.terminal,
        "server": {
            "url": report.server.url,
            "named_by": report.named_by or None,
            "reachable": report.server.reachable,
            "version": report.server.version or None,
            "local": report.server.local,
            "cloud": report.server.cloud,
            "models": [model_for_strangers(model.name) for model in report.server.models],
        },
        "hardware": profile_to_dict(report.profile),
        "recommendation": _judged(
            found.best or found.advice, found.verdict.value, found.reason, named=found.best is not None
        ),
        "candidates": [
            _judged(each, each.verdict.value, each.reason) | {"recommended": each is found.best}
            for each in report.by_size
        ],
    }


def next_step(report: Report) -> Phrase:
    """What to do now."""
    server, best = report.server, report.recommendation.best
    if not server.reachable:
        return phrase("hardware.doctor.next_server") if server.local else phrase("hardware.doctor.next_host")
    if server.models:
        return phrase("hardware.doctor.next_chat")
    if best is None:
        return phrase("hardware.doctor.next_any")
    if not best.disk_ok:
        return phrase("hardware.doctor.next_disk")
    return phrase("hardware.doctor.next_pull", tag=best.tag.tag)


def to_text(report: Report) -> Iterator[Clean]:
    """The report as lines of text."""
    server, profile, found = report.server, report.profile, report.recommendation
    yield from (f"! {say(each)}" for each in report.odd)
    if not report.odd:
        yield t("hardware.doctor.nothing_odd")
    yield Clean("")
    yield ", ".join(clean_line(f"{name} {number}") for name, number in report.versions.items())
    yield t("hardware.doctor.terminal", values=tuple(_terminal_words(report.terminal)))
    where = t("hardware.doctor.here") if server.local else t("hardware.doctor.elsewhere")
    if server.reachable:
        if server.version:
            yield t("hardware.doctor.server", url=server.url, version=server.version, where=where)
        else:  # of OpenAI's kind, which tells none
            yield t("hardware.doctor.server_other", url=server.url, where=where)
        names = tuple(model_for_strangers(model.name) for model in server.models)
        yield t("hardware.doctor.models", names=names) if names else t("hardware.doctor.no_models")
    else:
        yield t("hardware.doctor.no_server", url=server.url, where=where)
        if server.error:
            yield f"  {say(server.error)}"
    if report.named_by:
        yield "  " + t("hardware.doctor.named_by", name=report.named_by)
    yield from machine_lines(profile)
    yield Clean("")
    told = None if found.best else say(found.reason)  # once, below the sizes
    for each in report.by_size:
        mark = Clean("*" if each is found.best else " ")
        speed = _speed(speed_cell(each))
        reason = Clean("") if say(each.reason) == told else f"  {say(each.reason)}"
        yield f"{mark} {clean_line(each.size):>4}  {each.file_bytes / 1e9:5.1f} GB {speed}{reason}".rstrip()
    bases = {each.speed.basis for each in found.candidates if each.speed}
    if Basis.FROM_MEASURED in bases:
        yield "  " + t("hardware.panel.from_measured")
    if Basis.ESTIMATED in bases:
        yield "  " + t("hardware.panel.guessed")
    yield Clean("")
    if found.best:
        yield "* " + t("hardware.doctor.recommended", tag=found.best.tag.tag, reason=found.reason)
        yield f"  {say(found.best.sum_line)}"
        if found.best.wait_seconds:
            yield "  " + t("hardware.doctor.wait", wait=clock.wait(found.best.wait_seconds))
    else:
        yield t("hardware.doctor.not_recommended", reason=found.reason)
    yield Clean("")
    yield t("hardware.doctor.next", step=next_step(report))


def _speed(figure: Clean) -> Clean:
    """A column: figures one below the other, with their unit; blank for a size without a speed."""
    words = t("transcript.speed", speed=figure)
    cells = sum(2 if east_asian_width(char) in "WF" else 1 for char in words)
    blank = Clean(" ") * max(7 - len(figure), 0)
    return blank + words if figure else blank + Clean(" ") * cells


def _terminal_words(terminal: dict[str, str]) -> Iterator[Clean]:
    for name, value in terminal.items():
        if name != "through":
            yield f"{clean_line(name)}={clean_line(value)}"
        elif value:
            yield t("hardware.doctor.through", names=value)


def write_report(report: Report, path: Path) -> None:
    """The text and the JSON in one file of 0600, as an issue takes it. Blocks. Raises `OSError`."""
    text = "\n".join(to_text(report))
    write_atomically(path, f"```text\n{text}\n```\n\n```json\n{clean_json(to_json(report), indent=2)}\n```\n")


def machine_lines(profile: HardwareProfile) -> Iterator[Clean]:
    """The machine, a line a part, each figure with its source."""
    for _, line in machine_figures(profile):
        yield line


def machine_figures(profile: HardwareProfile) -> Iterator[tuple[str, Clean]]:
    """The same, each line behind what it tells of: `memory`, `swap`, `processor`, `gpu`, `cache` or `disk`."""
    if not profile.local and profile.memory is None:
        yield "memory", t("hardware.doctor.remote")
        return
    for line in _memory_lines(profile.memory):
        yield "memory", line
    if profile.swap_free:
        yield "swap", t("hardware.doctor.swap", size=figures.memory(profile.swap_free))
    bandwidth, source = profile.cpu.speed()
    name = profile.cpu.name or "?"
    told = t("hardware.doctor.cpu", name=name, bandwidth=f"{bandwidth / 1e9:.0f}", source=source)
    yield "processor", told
    for gpu in profile.gpus:
        yield "gpu", _gpu_line(gpu)
    if not profile.gpus:
        yield "gpu", t("hardware.doctor.no_gpu")
    if profile.kv_cache is not KvCache.F16:
        yield "cache", t("hardware.doctor.cache", type=profile.kv_cache)
    if profile.disk:
        free, path = figures.size(profile.disk.free), profile.disk.path
        yield "disk", t("hardware.doctor.disk", free=free, path=path)
    elif not profile.stated:
        yield "disk", t("hardware.doctor.no_disk")


def _memory_lines(memory: Memory | None) -> Iterator[Clean]:
    if memory is None:
        yield t("hardware.doctor.no_memory")
        return
    yield t(
        "hardware.doctor.memory",
        total=figures.memory(memory.total),
        available=figures.memory(memory.available),
        source=memory.source,
    )
    if memory.limit is not None:
        limit, source = figures.memory(memory.limit), memory.limit_source or memory.source
        yield "  " + t("hardware.doctor.limit", limit=limit, source=source)
    if memory.reclaimable:
        yield "  " + t("hardware.doctor.zfs", size=figures.memory(memory.reclaimable))
    if memory.held > GIB // 16:
        yield "  " + t("hardware.doctor.held", size=figures.memory(memory.held))


def _gpu_line(gpu: Gpu) -> Clean:
    name = gpu.name or gpu.vendor
    if gpu.unusable is not None:
        return t("hardware.doctor.gpu_unused", name=name, reason=gpu.unusable)
    if not gpu.usable:
        return t("hardware.doctor.gpu_idle", name=name)
    bandwidth, source = gpu.speed()
    return t(
        "hardware.doctor.gpu",
        name=name,
        total=figures.memory(gpu.total),
        free=figures.memory(gpu.room),
        bandwidth=f"{bandwidth / 1e9:.0f}",
        source=source,
    )


async def run_doctor(
    subject: Subject,
    *,
    as_json: bool = False,
    report_to: Path | None = None,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Print the report, or write it to `report_to` and say where it is. Exit code: 0 a chat could start now, 1 something
    is missing or the file cannot be written, 2 a bad `hardware_file`.
    """
    try:
        report = await examine(subject)
    except HardwareFileError as error:
        put(f"r1tui: {say(error.phrase)}", err or sys.stderr)
        return 2
    if report_to is not None:
        try:
            await asyncio.to_thread(write_report, report, report_to)
        except OSError as error:
            words = t("hardware.doctor.unwritten", path=str(report_to), detail=why(error, written=True))
            put(f"r1tui: {words}", err or sys.stderr)
            return 1
        put(t("hardware.doctor.written", path=str(report_to)), out or sys.stdout)
    elif as_json:
        put(clean_json(to_json(report), indent=2), out or sys.stdout)
    else:
        for line in to_text(report):
            put(line, out or sys.stdout)
    return 0 if report.ready else 1
