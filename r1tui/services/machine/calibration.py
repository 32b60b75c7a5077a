"""What real answers taught about each host's speed, kept in the data folder."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Mapping
from pathlib import Path

from r1tui.domain.calibration import PLAUSIBLE, Calibration, bandwidth_in_effect
from r1tui.domain.catalogue import ModelShape
from r1tui.domain.message import AnswerStats
from r1tui.domain.sizing import bytes_per_token
from r1tui.domain.untrusted import items, number, table
from r1tui.services.atomic import write_atomically
from r1tui.services.machine.probe.bandwidth import measure_bandwidth
from r1tui.services.small_file import FileError, read_json

_LAST = 5
"""Answers remembered for a model on a processor: their median is what counts."""

TELLING_BYTES = 400e6
"""Bytes read for a token from which a model's speed tells of the memory's bandwidth, and so of other models. A smaller
one is bound by the processor's work and the server's overhead: it only foretells itself."""
_SMALL = "small "
_CALM, _BUSY = "copied calm", "copied busy"
_NOISE = 1.15
"""How many times the kept figure another one has to be to count as another: copies on one machine vary by a tenth."""
_THIS_MACHINE = ""
"""Stands where others have a host's address."""
_CHANGES = threading.Lock()
"""Held from reading the file to writing it: what one thread learns is not written over by another."""

_Rates = dict[str, list[float]]


class CalibrationStore:
    """One file, `calibration.json`, mode 0600. All methods read or write a disk: call them in a thread.

    Keys: host (the server's address), processor (`cpu:NAME` or `gpu:NAME`), model; what copying memory told is kept
    as `copied …` of no host.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "calibration.json"

    def load(self, host: str, cpu: str, gpu: str = "") -> Calibration | None:
        """What is known of a host with these processors; None before its first answer."""
        known = self._read().get(host, {})
        cpu_rates, gpu_rates = known.get(f"cpu:{cpu}", {}), known.get(f"gpu:{gpu}", {})
        small_cpu, small_gpu = known.get(f"{_SMALL}cpu:{cpu}", {}), known.get(f"{_SMALL}gpu:{gpu}", {})
        if not (cpu_rates or gpu_rates or small_cpu or small_gpu):
            return None
        return Calibration(
            _general(cpu_rates),
            _general(gpu_rates),
            _medians(small_cpu | cpu_rates),
            _medians(small_gpu | gpu_rates),
        )

    def knows(self, host: str) -> bool:
        """Whether an answer on the host has told of its memory's bandwidth."""
        return any(not processor.startswith(_SMALL) for processor in self._read().get(host, {}))

    def first_guess(self, cpu: str) -> float:
        """Bytes a second that this machine copies: measured for a processor on a calm machine, then kept.

        After a busy one the next start measures again, at most `_LAST` times. Another figure takes the place of the kept
        one only where it differs by more than noise, on a busy machine only where it is higher.
        """
        if kept := self._read().get(_THIS_MACHINE, {}).get(_CALM, {}).get(cpu):
            return kept[0]
        found = measure_bandwidth()
        with _CHANGES:
            everything = self._read()  # only now: while it was measured an answer may have been learnt from
            here = everything.setdefault(_THIS_MACHINE, {})
            settled, bounds = here.setdefault(_CALM, {}), here.setdefault(_BUSY, {})
            before = bounds.get(cpu, [])
            best = before[0] if before else 0.0
            if found.bandwidth > best * _NOISE or (found.calm and found.bandwidth < best / _NOISE):
                best = found.bandwidth
            if found.calm or len(before) >= _LAST - 1:
                settled[cpu] = [best]
                bounds.pop(cpu, None)
            else:
                bounds[cpu] = [best, *before]
            self._write(everything)
        return best

    def record(
        self, host: str, processor: str, shape: ModelShape, stats: AnswerStats, fill: float | None = None
    ) -> float | None:
        """Learn from one answer; returns the bandwidth in effect, None where the answer does not tell.

        `processor` is `cpu:NAME` or `gpu:NAME`; an answer of a split model teaches nothing of either and is
        not to be recorded. `fill` is the mean number of tokens in the context while it was generated, by
        default prompt and half the answer.
        """
        tokens, seconds = stats.answer_tokens or 0, stats.eval_seconds or 0.0
        if fill is None:
            fill = (stats.prompt_tokens or 0) + tokens / 2
        read = bytes_per_token(shape, fill)
        bandwidth = bandwidth_in_effect(read, tokens, seconds)
        if bandwidth is None:
            return None
        if read < TELLING_BYTES:
            processor = _SMALL + processor
        with _CHANGES:
            everything = self._read()
            rates = everything.setdefault(host, {}).setdefault(processor, {})
            name = shape.name or "?"
            rates[name] = [*rates.pop(name, []), bandwidth][-_LAST:]  # the last learnt model stands last
            self._write(everything)
        return bandwidth

    def _read(self) -> dict[str, dict[str, _Rates]]:
        """Everything; a file that is not there or not ours counts as nothing learnt."""
        try:
            data = read_json(self._path)
        except FileError:
            return {}
        return {
            host: {
                processor: {model: _rates(rates) for model, rates in table(models).items()}
                for processor, models in table(processors).items()
            }
            for host, processors in table(data).items()
        }

    def _write(self, everything: Mapping[str, object]) -> None:
        with contextlib.suppress(OSError):  # a figure lost is measured again by the next answer
            write_atomically(self._path, json.dumps(everything, indent=1))


def _rates(value: object) -> list[float]:
    """Bytes a second that memory can have."""
    rates = (number(each, 1, PLAUSIBLE) for each in items(value))
    return [rate for rate in rates if rate is not None]


def _medians(rates: _Rates) -> dict[str, float]:
    return {model: _median(sorted(last)) for model, last in rates.items() if last}


def _median(ordered: list[float]) -> float:
    """As `statistics.median`, whose module brings 3 MiB and 2 ms that the start does not need."""
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _general(rates: _Rates) -> float | None:
    """What to expect of a model that has not answered yet: as the model that answered last."""
    medians = list(_medians(rates).values())
    return medians[-1] if medians else None
