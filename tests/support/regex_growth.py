"""Feeds every regular expression of the package what could make it slow: `python -m tests.support.regex_growth`.

Each is fed a text and one eight times as long; what takes far more than eight times as long for it grows with the
square. Short texts come first: what is slow is so there already, and of what is very fast a long one tells nothing more.
Expressions are found by walking the modules: those that are compiled there, and literal ones given to `re.search` and
the like. Each is named before it is tried, so that who is killed has named the slow one. What is fed is made from the
expression itself: the beginnings of a text that it matches, over and over.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import statistics
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import r1tui

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import sre_parse

LENGTH = 50_000
TIMES = 8
"""How many times shorter the text is that this is compared to."""
SQUARE = 24.0
"""Times as much work for `TIMES` the length from which it is not linear: between 8 and 64."""
NOISE = 0.006
"""Seconds of processor time below which nothing is compared: the square of `LENGTH` takes seconds."""
ROUNDS = 5
"""Times that what seems to grow too fast is compared: on a busy machine the clock is wrong now and then, both ways."""
OWN = {"latex_signs.py"}
"""Files whose expressions only ever see the package's own tables."""
SEARCHING = {"search", "sub", "subn", "finditer", "findall", "split"}


def expressions() -> Iterator[tuple[str, re.Pattern[Any], bool]]:
    """Name, expression, and whether it is looked for anywhere in a text (else from its beginning only)."""
    sources = {path: path.read_text("utf-8") for path in Path(r1tui.__path__[0]).rglob("*.py")}
    uses = rf"\b(\w+)\.(?:{'|'.join(sorted(SEARCHING))})\("
    searched = {name for source in sources.values() for name in re.findall(uses, source)}
    for module in pkgutil.walk_packages(r1tui.__path__, "r1tui."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                yield f"{module.name}.{name}", value, name in searched
    for path, source in sources.items():
        if path.name in OWN:
            continue
        for node in ast.walk(ast.parse(source)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                flags = re.MULTILINE if "re.MULTILINE" in ast.unparse(node) else 0
                pattern: Any = node.args[0].value
                yield f"{path.name}:{node.lineno}", re.compile(pattern, flags), node.func.attr in SEARCHING


def sample(items: Any) -> str:
    """A text that a parsed expression matches, or nearly."""
    out = ""
    for kind, value in items:
        match str(kind):
            case "LITERAL":
                out += chr(value)
            case "NOT_LITERAL" | "ANY":
                out += "x"
            case "IN":
                out += _member(value)
            case "BRANCH":
                out += max((sample(each) for each in value[1]), key=len)
            case "SUBPATTERN":
                out += sample(value[3])
            case "ATOMIC_GROUP":
                out += sample(value)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                low, high, inside = value
                out += sample(inside) * max(int(low), min(2, int(high)))
            case _:
                pass  # a place, or a look around
    return out


def _member(values: Any) -> str:
    for kind, value in values:
        match str(kind):
            case "NEGATE":
                return "x"
            case "LITERAL":
                return chr(value)
            case "RANGE":
                return chr(value[0])
            case "CATEGORY":
                return {"CATEGORY_SPACE": " ", "CATEGORY_DIGIT": "1"}.get(str(value), "a")
    return ""


def pumps(pattern: re.Pattern[Any]) -> Iterator[str]:
    """Long texts that come near to matching."""
    source = pattern.pattern
    text = source if isinstance(source, str) else source.decode("latin-1")
    flags = pattern.flags & ~re.UNICODE if isinstance(source, bytes) else pattern.flags
    model = sample(sre_parse.parse(text, flags & ~re.UNICODE))
    pieces = {model[:end] for end in range(1, min(len(model), 80) + 1)} | {
        " ",
        "\n",
        "1",
        "a",
        "\\",
        "(",
        '"',
    }
    for piece in sorted(filter(None, pieces)):
        yield piece * (LENGTH // len(piece))
    for end in sorted({1, len(model) // 2, len(model)}):
        for piece in (" ", "1", "a", "\n"):
            yield model[:end] + piece * LENGTH


def work(pattern: re.Pattern[Any], text: str, anywhere: bool) -> float:
    """Seconds of processor time that the expression takes for a text."""
    given: Any = text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")
    start = time.thread_time()  # under a limit of its processor time the process's own clock goes by ticks
    found = pattern.finditer(given) if anywhere else iter([pattern.match(given), pattern.fullmatch(given)])
    for _ in found:
        pass
    return time.thread_time() - start


def grows(pattern: re.Pattern[Any], anywhere: bool) -> str:
    """How it takes far more than `TIMES` as long for a text `TIMES` as long, or nothing."""
    for text in pumps(pattern):
        for tried in (text[: len(text) // TIMES], text):
            long = work(pattern, tried, anywhere)
            if long >= NOISE and _times(pattern, tried, anywhere) > SQUARE / 2:
                times = statistics.median(_times(pattern, tried, anywhere) for _ in range(ROUNDS))
                if times > SQUARE:
                    return f"takes {times:.0f} times as long for {TIMES} times {text[:40]!r}"
            if long * TIMES**2 < NOISE:
                break  # by the square of the length, too, the whole text would stay below it
    return ""


def _times(pattern: re.Pattern[Any], text: str, anywhere: bool) -> float:
    """How many times as long it takes for a text as for the beginning of it."""
    short = max(work(pattern, text[: len(text) // TIMES], anywhere) for _ in range(3))
    long = work(pattern, text, anywhere)
    return long / short if long >= NOISE and short else 0.0


def main(found: Iterable[tuple[str, re.Pattern[Any], bool]] | None = None) -> str:
    """Try each once, whatever names it has; the first that is not linear, or nothing."""
    tried = set[tuple[re.Pattern[Any], bool]]()
    for name, pattern, anywhere in expressions() if found is None else found:
        if (pattern, anywhere) in tried:
            continue
        tried.add((pattern, anywhere))
        print(name, flush=True)
        if said := grows(pattern, anywhere):
            return f"{name} {said}"
    return ""


if __name__ == "__main__":
    sys.exit(main() or 0)
