"""What a benchmark found: figures with their targets and what they were measured beside."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. Nothing fails by it: a figure that misses its target says so."""

    name: str
    value: float
    unit: str = ""
    target: float | None = None
    """The bound, in the same unit; None where nothing was promised."""
    at_least: bool = False
    """The target is a lower bound."""
    reference: str = ""
    """What was measured in the same run to compare with, in words."""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    @property
    def shown(self) -> str:
        """The value with its unit, to about three digits."""
        return f"{_digits(self.value)} {self.unit}".strip()

    @property
    def shown_target(self) -> str:
        """The target as people write it."""
        if self.target is None:
            return ""
        return f"{'≥' if self.at_least else '≤'} {self.target:g} {self.unit}".strip()


def _digits(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine() -> dict[str, str]:
    """What the figures were made on."""
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return {
        "cpu": f"{psutil.cpu_count()} × {cpu}",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "textual": version("textual"),
        "load": " ".join(f"{load:.1f}" for load in psutil.getloadavg()),
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def table(figures: Sequence[Figure]) -> str:
    """A Markdown table, as in the README."""
    lines = ["| figure | target | measured | beside it, in the same run |", "|---|---|---|---|"]
    for figure in figures:
        missed = " **(missed)**" if figure.met is False else ""
        lines.append(
            f"| {figure.name} | {figure.shown_target} | {figure.shown}{missed} | {figure.reference} |"
        )
    return "\n".join(lines)


def save(path: Path, figures: Sequence[Figure]) -> None:
    """Write the figures and the machine as JSON."""
    facts = {"machine": machine(), "figures": [asdict(figure) | {"met": figure.met} for figure in figures]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
