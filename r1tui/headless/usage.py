"""What can be typed after `r1tui`, as data out of the parser: for completions and the manual page."""

from __future__ import annotations

import argparse

from r1tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Argument:
    """An option or a word of a command."""

    flags: tuple[str, ...]
    """As they are typed, such as `-o`, `--output`; none for a word."""
    metavar: str
    """What stands for its value in the help; empty where it takes none."""
    about: str
    choices: tuple[str, ...]
    needed: bool
    """Whether it is a word that must be there."""
    repeated: bool
    """Whether there may be several of it."""
    dest: str
    """Its name in the parser, which tells what kind of value it is."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What can be typed after the program's name, or after one of its commands."""

    name: str
    """Of the command; empty for the program."""
    about: str
    epilog: str
    arguments: tuple[Argument, ...]
    commands: tuple[Usage, ...] = ()


def usage(parser: argparse.ArgumentParser, name: str = "") -> Usage:
    """All of a parser. argparse tells its actions by no public name; these have been the same since Python 2.7."""
    arguments: list[Argument] = []
    commands: list[Usage] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            commands += [usage(each, command) for command, each in action.choices.items()]
        else:
            arguments.append(_argument(action))
    return Usage(name, parser.description or "", parser.epilog or "", tuple(arguments), tuple(commands))


def _argument(action: argparse.Action) -> Argument:
    choices = tuple(map(str, action.choices or ()))
    metavar = ""
    if action.nargs != 0:
        metavar = str(action.metavar or "|".join(choices) or action.dest.upper())
    # A word that must be there is told by its number: the parser says itself that one is missing.
    needed = not action.option_strings and action.nargs is None
    return Argument(
        tuple(action.option_strings),
        metavar,
        action.help or "",
        choices,
        needed,
        action.nargs == "*" or isinstance(action, argparse._AppendAction),
        action.dest,
    )
