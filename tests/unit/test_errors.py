"""Errors that carry a sentence for the user have one base."""

from __future__ import annotations

import ast
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
