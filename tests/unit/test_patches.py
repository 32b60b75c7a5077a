"""Private names of Textual and Rich are used in the toolkit's patches alone, each of which knows what it leans on."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import r1tui
from r1tui.toolkit import patches
from r1tui.toolkit.patches import Patch

THEIRS = ("textual", "rich")
OF_NAMED_TUPLES = {"_replace", "_asdict", "_fields", "_make"}
"""Public, as the documentation of `typing.NamedTuple` says, in spite of their names."""


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        name = found.name
        if "__main__" in name or "demo" in name or "win" in name.rpartition(".")[2]:
            continue
        try:
            yield importlib.import_module(name)
        except ImportError:  # of what needs a package that is not here
            continue


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def _of_them(cls: type) -> bool:
    return cls.__module__.partition(".")[0] in THEIRS


@cache
def _owned(cls: type) -> frozenset[str]:
    """Private names that a class defines, or its methods set."""
    found = {*vars(cls), *vars(cls).get("__annotations__", ())}
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):
        return frozenset(filter(_is_private, found))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_self(node.value):
            found.add(node.attr)
    return frozenset(filter(_is_private, found))


def _is_self(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


@cache
def _their_names() -> frozenset[str]:
    """Every private name of their modules and classes."""
    found: set[str] = set()
    for package in THEIRS:
        for module in _modules(importlib.import_module(package)):
            for name, value in vars(module).items():
                found |= {name} if _is_private(name) else set()
                if isinstance(value, type) and _of_them(value):
                    found |= _owned(value)
    return frozenset(found - OF_NAMED_TUPLES)


def _inherited(module: ModuleType, others: Iterable[type]) -> dict[str, frozenset[str]]:
    """Class of a module → private names of Textual and Rich that it has by inheritance, or where it is mixed in."""
    found: dict[str, frozenset[str]] = {}
    for cls in others:
        theirs = frozenset[str]().union(*(_owned(base) for base in cls.__mro__ if _of_them(base)))
        for base in cls.__mro__:
            if base.__module__ == module.__name__:
                found[base.__name__] = found.get(base.__name__, frozenset()) | theirs
    return found


def private_uses(tree: ast.Module, inherited: dict[str, frozenset[str]]) -> list[str]:
    """Where a module uses a private name of Textual or Rich."""
    found = []
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    own |= {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_self(node.value)
    }
    for cls in [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]:
        theirs = inherited.get(cls.name, frozenset())
        for node in ast.walk(cls):
            if isinstance(node, ast.Attribute) and _is_self(node.value) and node.attr in theirs:
                found.append(f"{node.lineno}: self.{node.attr}")
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in theirs:
                found.append(f"{node.lineno}: def {node.name}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not _is_self(node.value) and node.attr in _their_names() - own:
            if ast.unparse(node.value) != "os":  # `os._exit`
                found.append(f"{node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in THEIRS:
            path = [*str(node.module).split("."), *(each.name for each in node.names)]
            if any(map(_is_private, path)):
                found.append(f"{node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.Import):
            named = [each.name.split(".") for each in node.names]
            if any(path[0] in THEIRS and any(map(_is_private, path)) for path in named):
                found.append(f"{node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "setattr", "hasattr"):
            name = node.args[1]
            if isinstance(name, ast.Constant) and name.value in _their_names() - own:
                found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


@pytest.mark.parametrize(
    "source",
    [
        "from textual._compositor import Compositor",
        "from textual.keys import _character_to_key",
        "import textual._context",
        "def f(app):\n    app._driver.write('x')",
        "def f(app):\n    getattr(app, '_driver')",
        "class Mine:\n    def f(self):\n        self._size_known",
        "class Mine:\n    def _size_known(self): ...",
    ],
)
def test_a_private_name_is_found_in_each_way_of_using_it(source: str) -> None:
    assert private_uses(ast.parse(source), {"Mine": frozenset({"_size_known"})})


def test_private_names_of_textual_and_rich_are_used_in_patches_alone() -> None:
    modules = {module.__name__: module for module in _modules(r1tui)}
    classes = [
        cls
        for module in modules.values()
        for cls in vars(module).values()
        if isinstance(cls, type) and cls.__module__ == module.__name__ and any(map(_of_them, cls.__mro__))
    ]
    assert len(classes) > 50
    found = {
        name: uses
        for name, module in modules.items()
        if (
            uses := private_uses(
                ast.parse(Path(str(module.__file__)).read_text()), _inherited(module, classes)
            )
        )
    }
    inside = {name for name in found if name.startswith(patches.__name__)}
    assert inside, "the search finds nothing any more"
    assert {name: uses for name, uses in found.items() if name not in inside} == {}


@pytest.mark.parametrize("name", patches.names())
def test_a_patch_says_what_for_and_finds_what_it_leans_on(name: str) -> None:
    patch = importlib.import_module(f"{patches.__name__}.{name}").PATCH
    assert isinstance(patch, Patch)
    assert patch.missing() == []
    assert all(map(len, (patch.leans_on, patch.purpose, patch.upstream, patch.without)))


def test_what_a_patch_leans_on_is_found_after_it_was_installed_too() -> None:
    patches.apply()
    loaded = [importlib.import_module(f"{patches.__name__}.{name}").PATCH for name in patches.names()]
    assert {patch.purpose: patch.missing() for patch in loaded} == {patch.purpose: [] for patch in loaded}


@pytest.mark.parametrize(
    "gone",
    [
        "textual.nothing:App",
        "textual.app:Nothing",
        "textual.app:App._nothing",
        "textual.app:App._driver.nothing",
        "textual.app:App._display(self, renderable)",
    ],
)
def test_what_is_gone_or_takes_other_parameters_is_missed(gone: str) -> None:
    there = "textual.app:App._display(self, screen)"
    leans_on = (there, "textual.app:App._driver", gone)
    patch = Patch("", leans_on=leans_on, upstream="", without="", install=lambda: None)
    assert patch.missing() == [gone]


def test_there_are_patches() -> None:
    assert {"thrift", "terminal_writer", "faults"} <= set(patches.names())
