"""Text that came in is one type, text that may be shown another: whoever forgets to clean it is told by mypy.

Each line of the snippets below is looked at by mypy as a line of R1TUI would be, with the project's own settings.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from mypy import api

import r1tui

ROOT = Path(r1tui.__file__).parent
HEAD = """
from typing import Any, TypeVar
from r1tui.domain.clean import Clean, clean, clean_line, visible
from r1tui.domain.message import Message
from r1tui.domain.model import Model
from r1tui.domain.phrase import phrase
from r1tui.locale import clock, figures, say, t
from r1tui.toolkit.glyphs import glyphs
import os
{imports}
T = TypeVar("T")
def show(text: Clean) -> None: ...
def some(kind: type[T]) -> T: raise NotImplementedError
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
show(clean(", ".join(each.name for each in (message, model) if isinstance(each, Model))))
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


SHOWING = ("toolkit", "widgets", "screens", "headless", "services/terminal")
"""The folders whose functions, methods and classes show text, or are given what will be shown."""
_WANTED = ("Clean", "Clean | Styled")


def _modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders or (".",):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _calls(folders: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """A call for each parameter that is annotated as cleaned text, and the module that it needs."""
    for path, tree in _modules(*folders):
        module = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from ((call, module) for call in _filled(f"{module}.{node.name}", node.args))
            elif isinstance(node, ast.ClassDef):
                for each in node.body:
                    if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) or each.decorator_list:
                        continue
                    of = f"{module}.{node.name}"
                    name = of if each.name == "__init__" else f"some({of}).{each.name}"
                    yield from ((call, module) for call in _filled(name, each.args, method=True))


def _filled(name: str, args: ast.arguments, *, method: bool = False) -> Iterator[str]:
    named = [*args.args[method:], *args.kwonlyargs]
    defaults = [None] * (len(args.args) - len(args.defaults)) + list(args.defaults)
    given = dict(zip((each.arg for each in args.args), defaults, strict=True))
    given |= dict(zip((each.arg for each in args.kwonlyargs), args.kw_defaults, strict=True))
    for wanted in named:
        if wanted.annotation is not None and ast.unparse(wanted.annotation) in _WANTED:
            others = (each.arg for each in named if given[each.arg] is None and each is not wanted)
            yield f"{name}({', '.join([f'{wanted.arg}=@', *(f'{each}=anything' for each in others)])})"


def _sinks() -> tuple[list[str], str]:
    """The calls, `@` in place of the text, and the imports for all of them."""
    found = list(_calls(SHOWING))
    return [call for call, _ in found], "\n".join(f"import {module}" for module in {of for _, of in found})


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Which lines of all snippets mypy refuses."""
    sinks, imports = _sinks()
    lines = [each.replace("@", text) for each in sinks for text in ("foreign", "words")]
    return set(_refused(_lines(FOREIGN + CLEAN) + lines, tmp_path_factory.mktemp("mypy"), imports))


def test_text_that_came_in_is_refused_where_cleaned_text_is_wanted(refused: set[str]) -> None:
    assert [line for line in _lines(FOREIGN) if line not in refused] == []


def test_what_is_made_of_cleaned_text_our_own_words_and_numbers_passes(refused: set[str]) -> None:
    assert [line for line in _lines(CLEAN) if line in refused] == []


def test_whatever_shows_text_takes_cleaned_text_alone(refused: set[str]) -> None:
    sinks, _ = _sinks()
    assert len(sinks) > 40  # they were found
    assert [each for each in sinks if each.replace("@", "foreign") not in refused] == []
    assert [each for each in sinks if each.replace("@", "words") in refused] == []


OF_TEXTUAL = {
    "Checkbox": "takes its label as content (`screens/models/pull_name.py`)",
    "DirectoryTree": "so are its labels (`screens/models/gguf_import.py`)",
    "Footer": "shows the keys, told by the catalogue",
    "Input": "`widgets/fields.py` cleans what is in it, and its events name it",
    "TextArea": "the same",
}
"""Widgets of Textual's that a module outside of the toolkit may name, and why they are no way round it."""
SHOWN_BY_TOOLKIT = {
    "Content",
    "Option",
    "OptionList",
    "Static",
    "Label",
    "Text",
    "Segment",
    "Markdown",
    "RichLog",
}
TRUSTED = {
    "domain/clean.py": "cleans",
    "locale/__init__.py": "the catalogue's words are ours, and their parameters are cleaned",
    "toolkit/cells.py": "cuts cleaned text by functions of Rich's",
    "widgets/transcript/maths.py": "cuts it by a pattern",
    "widgets/transcript/render.py": "the parser gives pieces of its cleaned source",
}
"""Modules that call text cleaned by a `cast`, without cleaning it there."""


def _called(tree: ast.Module) -> set[str]:
    """The names that are called, or whose methods are."""
    calls = (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {call.partition(".")[0] for call in calls}


def test_nothing_shows_text_by_textual_or_rich_past_the_toolkit() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name.name}"
        for path, tree in _modules()
        if ROOT / "toolkit" not in path.parents
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("textual", "rich")
        for name in node.names
        if (name.name in SHOWN_BY_TOOLKIT and name.name in _called(tree))
        or (node.module == "textual.widgets" and name.name not in OF_TEXTUAL)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("call", "allowed"),
    [
        (r"print|sys\.std(out|err)\.write(lines)?", {"services/terminal/streams.py"}),
        (r".*\.notify", set()),  # a screen's `tell`
        (r"(\w+\.)?(Input|TextArea)", set()),
        (r"Styled", {"toolkit/shown.py"}),
    ],
)
def test_text_is_shown_in_one_place_of_its_kind(call: str, allowed: set[str]) -> None:
    found = {
        str(path.relative_to(ROOT))
        for path, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and re.fullmatch(call, ast.unparse(node.func))
    }
    assert found == allowed


def test_text_is_called_cleaned_without_cleaning_only_where_that_is_known() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path, tree in _modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "cast"
        and "Clean" in ast.unparse(node.args[0])
    }
    assert found == set(TRUSTED)
