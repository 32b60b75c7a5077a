"""The command table and what is made from it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from unittest.mock import MagicMock

import pytest

import r1tui.app
import r1tui.screens
import r1tui.widgets
from r1tui import locale
from r1tui.commands import MESSAGE_COMMANDS, MODEL_COMMANDS, TABLE, Command, Place, at, default_keys
from r1tui.screens.chat.dialogues import Dialogues
from r1tui.screens.chat.screen import ChatScreen, palette_commands
from r1tui.screens.models.commands import ModelCommands
from r1tui.screens.settings.listing import ListingScreen
from r1tui.toolkit.bindings import Commanded, bindings
from tests.support.key_tables import manual, with_tables

PACKAGE = Path(r1tui.app.__file__).parent


@cache
def _classes() -> dict[Place, list[type[Commanded]]]:
    """The classes that carry out the commands of a place."""
    for package in (r1tui.screens, r1tui.widgets):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)

    def below(cls: type[Commanded]) -> Iterator[type[Commanded]]:
        for each in cls.__subclasses__():
            yield each
            yield from below(each)

    found: dict[Place, list[type[Commanded]]] = {}
    for cls in dict.fromkeys(below(Commanded)):
        if "place" in vars(cls) and cls.__module__.startswith("r1tui."):
            found.setdefault(cls.place, []).append(cls)
    return found


def _attached(cls: type[Commanded]) -> set[str]:
    """The ids that a class attaches functions to."""
    holder = MagicMock()
    holder.in_palette = ChatScreen.in_palette
    holder.dialogues.in_palette = Dialogues.in_palette
    holder.dialogues.commands.return_value = Dialogues.commands(holder.dialogues)
    holder.list_commands = partial(ListingScreen.list_commands, holder)
    return set(cls.commands(holder))


@pytest.mark.parametrize("place", Place)
def test_every_command_of_a_place_is_carried_out_by_its_one_class(place: Place) -> None:
    (cls,) = _classes()[place]
    assert _attached(cls) >= {each.id for each in at(place)}


def test_nothing_is_carried_out_that_is_no_command() -> None:
    for place, (cls,) in _classes().items():
        further = set[str]()
        if cls is ChatScreen:
            further = {each.id for each in (*MODEL_COMMANDS, *MESSAGE_COMMANDS, *palette_commands())}
        assert _attached(cls) == {each.id for each in at(place)} | further


def test_what_the_model_menu_offers_is_what_can_be_done_with_models() -> None:
    assert set(ModelCommands.commands(MagicMock())) == {each.id for each in MODEL_COMMANDS}


def test_every_command_and_alias_has_an_id_of_its_own() -> None:
    all_of = (*TABLE, *palette_commands())
    ids = Counter(name for each in all_of for name in (each.id, *(alias.id for alias in each.also)))
    assert [name for name, times in ids.items() if times > 1] == []


def test_no_key_has_two_meanings_in_one_place() -> None:
    assert Place.CHAT in default_keys()
    for place, keys in default_keys().items():
        times = Counter(key for names in keys.values() for key in names.split(","))
        assert [key for key, n in times.items() if n > 1] == [], place


TAKEN_BY_OTHERS = {"ctrl+b": "tmux", "ctrl+a": "screen", "ctrl+s": "flow control"}


def test_no_key_collides_with_what_stands_between_us_and_the_person() -> None:
    for keys in default_keys().values():
        for name, own in keys.items():
            taken = TAKEN_BY_OTHERS.keys() & set(own.split(","))
            assert not taken, f"{name}: {taken}"


@pytest.mark.parametrize("place", Place)
def test_every_key_is_bound_by_the_id_that_remaps_it(place: Place) -> None:
    made = {each.id: each.key for each in bindings(place)}  # type: ignore[union-attr]
    assert made == default_keys().get(place, {})


def test_a_command_without_a_key_stands_in_the_table_only_where_more_than_the_palette_has_it() -> None:
    """The others stand with their functions. The chat by lines has some; others have a key among the messages."""
    keyless = {each.id for each in TABLE if not each.keys}
    by_lines = {*_commands_by_lines()}
    among_messages = {each.id.replace("transcript.", "chat.") for each in at(Place.TRANSCRIPT)}
    assert by_lines
    assert among_messages
    assert keyless - by_lines - among_messages == set()


def _commands_by_lines() -> Iterator[str]:
    return (each.id for each in TABLE if "headless/plain.py" in _files_with(each.id))


@cache
def _files_of_literals() -> dict[str, list[str]]:
    """For each text that stands in quotes the Python files that say it; all are parsed once for all commands."""
    found = dict[str, list[str]]()
    for path in sorted(PACKAGE.rglob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text()))
        said = {
            node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        for literal in said:
            found.setdefault(literal, []).append(str(path.relative_to(PACKAGE)))
    return found


def _files_with(literal: str) -> list[str]:
    """The Python files that say a text in quotes."""
    return _files_of_literals().get(literal, [])


@pytest.mark.parametrize("each", palette_commands(), ids=lambda each: each.id)
def test_a_palette_command_is_one_python_file_and_its_words(each: Command) -> None:
    """What a newcomer touches: the method that carries it out, with its entry above it, and the catalogues."""
    # Some have moments in which they would do nothing.
    (own,) = {*_files_with(each.id)} - {"screens/chat/impossible.py"}
    catalogues = {f"locale/{code}" for code in locale.codes()}
    for key in filter(None, (each.words, each.about)):
        words = [file for file in _files_with(key) if file.startswith("locale/")]
        assert {str(Path(file).parent) for file in words} == catalogues
        assert len(words) == len(catalogues)
        # The name may be that of a command of the table as well: the guide is opened from other screens too.
        assert {*_files_with(key)} - {*words, "commands.py"} == {own}


@pytest.mark.parametrize("language", locale.codes())
def test_the_manual_has_the_keys_of_the_table(language: str) -> None:
    text = manual(language).read_text()
    assert text == with_tables(text, language), "python -m tests.support.key_tables"
