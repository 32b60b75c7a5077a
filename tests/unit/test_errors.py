"""Errors that carry a sentence for the user have one base."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import r1tui
from r1tui.domain.phrase import PhrasedError, phrase
from r1tui.services.engines.engine import HostError


def test_an_error_of_ours_keeps_its_sentence() -> None:
    assert isinstance(HostError(phrase("engine.host_junk")), PhrasedError)
    assert HostError(phrase("engine.host_junk")).phrase.key == "engine.host_junk"


def test_no_other_error_holds_a_sentence_by_itself() -> None:
    """`self.phrase = ...` in a class that names an exception as its base stands in `PhrasedError` alone."""
    found = [
        node.name
        for path in Path(r1tui.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).endswith(("Error", "Exception")) for base in node.bases)
        and "self.phrase = " in ast.unparse(node)
    ]
    assert found == ["PhrasedError"]


def test_every_error_that_is_given_a_sentence_has_the_base() -> None:
    for module in pkgutil.walk_packages(r1tui.__path__, "r1tui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    wordy = [error for error in _errors(Exception) if "Phrase" in str(inspect.signature(error.__init__))]
    assert len(wordy) > 10
    assert [error for error in wordy if not issubclass(error, PhrasedError)] == []


def _errors(base: type[BaseException]) -> list[type[BaseException]]:
    """The errors of the package below `base`."""
    below = [each for error in base.__subclasses__() for each in (error, *_errors(error))]
    return [error for error in below if error.__module__.startswith("r1tui.")]
