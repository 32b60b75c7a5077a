"""Text that came in is one type, text that may be shown another: whoever forgets to clean it is told by mypy.

Each line of the snippets below is looked at by mypy as a line of R1TUI would be, with the project's own settings.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mypy import api

import r1tui

ROOT = Path(r1tui.__file__).parent
HEAD = """
from typing import Any
from r1tui.domain.clean import Clean, clean, clean_line, visible
from r1tui.domain.message import Message
from r1tui.domain.model import Model
from r1tui.domain.phrase import phrase
from r1tui.locale import clock, figures, say, t
from r1tui.toolkit.glyphs import glyphs
import os
{imports}
def show(text: Clean) -> None: ...
def shows(words: Clean, cleaned: list[Clean], foreign: str, raw: list[str], number: int, anything: Any) -> None:
    message, model = Message(anything, anything), Model(foreign)
"""
CLEAN = """
show(words)
show(clean(foreign))
show(clean_line(message.content))
show(visible(model.name))
show(t("common.yes", name=foreign))
show(say(phrase("common.yes", name=foreign)))
show(clock.hour(1.5))
show(figures.size(number))
show(glyphs().dot)
show(Clean("ours"))
show(Clean(f"{number}"))
show(f"{words}")
show(f"{number:,} · {words:>{number}}")
show(f"{clean(foreign)} {words.upper()!r}")
show(words + " and " + words)
show("  " + words)
show(words[1:])
show(words[0] * 3)
show(" " * number + words)
show(words.strip().replace("a", "b").ljust(number))
show(words.splitlines()[0])
show(words.partition("=")[2])
show(", ".join(cleaned))
show(words.join(cleaned))
show(", ".join([*cleaned, "and", words]))
show(", ".join(each.strip() for each in cleaned))
show(", ".join(clean(each) for each in raw))
show(", ".join([clean_line(each) for each in raw]))
show(", ".join(map(clean, raw)))
show(words or f"{number}")
show(words if number else clean(foreign))
"""
FOREIGN = """
show(foreign)
show(message.content)
show(message.reasoning)
show(model.name)
show(os.environ["HOME"])
show(open(foreign).read())
show(input())
show(f"{foreign}")
show(f"{words} {foreign}")
show(f"{words:{foreign}}")
show(f"{model}")
show(words + foreign)
show(foreign + words)
show(foreign[1:])
show(foreign.strip())
show(words.replace("a", foreign))
show(words.format(foreign))
show("{}".format(foreign))
show(", ".join(raw))
show(", ".join([words, foreign]))
show(foreign.join(cleaned))
show(", ".join(each for each in raw))
show(", ".join([each for each in raw]))
show(", ".join([words, *raw]))
show(words or foreign)
show(words if number else foreign)
show(Clean(foreign))
show(Clean(f"{foreign}"))
show(Clean(str(anything) + foreign))
"""


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


def _refused(lines: list[str], folder: Path, imports: str = "") -> dict[str, str]:
    """The lines that mypy refuses, each with what it says."""
    head = HEAD.format(imports=imports)
    first = head.count("\n") + 1
    snippet = folder / "snippet.py"
    snippet.write_text(head + "".join(f"    {line}\n" for line in lines), encoding="utf-8")
    config = ROOT.parent / "pyproject.toml"
    said, wrong, _ = api.run(
        [
            "--config-file",
            str(config),
            "--cache-dir",
            str(folder / "cache"),
            "--no-error-summary",
            str(snippet),
        ]
    )
    assert not wrong, wrong
    found: dict[str, str] = {}
    for number, what in re.findall(rf"^{re.escape(str(snippet))}:(\d+): error: (.*)$", said, re.MULTILINE):
        assert int(number) >= first, what
        found[lines[int(number) - first]] = what
    assert found or "error" not in said, said
    return found


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Which lines of both snippets mypy refuses."""
    return set(_refused(_lines(FOREIGN + CLEAN), tmp_path_factory.mktemp("mypy")))


def test_text_that_came_in_is_refused_where_cleaned_text_is_wanted(refused: set[str]) -> None:
    assert [line for line in _lines(FOREIGN) if line not in refused] == []


def test_what_is_made_of_cleaned_text_our_own_words_and_numbers_passes(refused: set[str]) -> None:
    assert [line for line in _lines(CLEAN) if line in refused] == []
