"""Our dataclasses are what the standard library's are, but for what a start would pay for."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from r1tui.domain import dataclass as ours


@ours.dataclass(frozen=True, slots=True)
class Point:
    """A frozen one."""

    x: float
    y: float = 0.0
    note: str = dataclasses.field(default="", compare=False)


@ours.dataclass
class Node:
    """One that holds others."""

    children: list[Node] = dataclasses.field(default_factory=list)


def pair(make: Callable[..., Any], **how: bool) -> type[Any]:
    """A class with two fields made a dataclass by `make`."""

    class Pair:
        """Two."""

        first: int
        second: object = None

    Pair.__qualname__ = "Pair"
    # Annotations as text are looked up where the class stands.
    made: type[Any] = make(**how)(Pair)
    return made


@pytest.mark.parametrize("how", [{}, {"slots": True}, {"frozen": True, "slots": True}, {"eq": False}])
def test_ours_behaves_as_the_librarys(how: dict[str, bool]) -> None:
    mine, librarys = (pair(each.dataclass, **how) for each in (ours, dataclasses))

    def seen(cls: type[Any]) -> list[object]:
        one, same, other = cls(1), cls(first=1), cls(1, "x")
        return [
            [one == same, one == other, one != other, one == (1, None), one == 1],
            cls.__hash__ is None or how.get("eq") is False or [hash(one) == hash(same), {one: 1}.get(same)],
            hasattr(one, "__dict__"),
            [repr(one), repr(other)] if how.get("eq", True) else None,
            [dataclasses.astuple(dataclasses.replace(one, second=2)), dataclasses.asdict(other)],
            cls.__match_args__,
        ]

    assert seen(mine) == seen(librarys)


def test_a_field_that_is_not_compared_counts_neither_for_equality_nor_for_the_hash() -> None:
    assert Point(1, 2, "here") == Point(1, 2, "there")
    assert len({Point(1, 2, "here"), Point(1, 2, "there"), Point(1, 3)}) == 2


def test_what_is_not_a_number_is_equal_to_itself() -> None:
    assert Point(math.nan) == Point(math.nan)


def test_one_that_holds_itself_can_be_shown() -> None:
    node = Node()
    node.children.append(node)
    assert repr(node) == "Node(children=[...])"


def test_it_is_copied_and_pickled() -> None:
    point = Point(1, 2, "here")
    assert [
        dataclasses.astuple(each) for each in (copy.deepcopy(point), pickle.loads(pickle.dumps(point)))
    ] == [(1, 2, "here")] * 2


def test_a_class_keeps_its_own_methods() -> None:
    @ours.dataclass(frozen=True)
    class Odd:
        """Equal to all, hashed and shown in its own way."""

        value: int

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "odd"

    assert (Odd(1), hash(Odd(1)), repr(Odd(1))) == (Odd(2), 7, "odd")


def test_nothing_but_the_constructor_is_compiled_from_text_once_it_is_used() -> None:
    unused = pair(ours.dataclass, frozen=True, slots=True)

    def compiled() -> set[str]:
        return {
            name
            for name, each in vars(unused).items()
            if hasattr(each, "__code__") and each.__code__.co_filename == "<string>"
        }

    assert compiled() == set()
    unused(1)
    assert compiled() == {"__init__"}
