"""The message catalogue: every word that a user reads, in each language.

A language is a package in this folder and nothing else: its `LANGUAGE` (`locale/language.py`), and modules, one an area
of the app, each with a dictionary `MESSAGES`. A value is a template with places in braces, or its plural forms chosen by
the parameter `n`. Plain modules need no parsing at start-up.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar, cast

from r1tui.domain.address import without_credentials
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.packages import names_in
from r1tui.domain.phrase import Phrase
from r1tui.locale.language import Language

DEFAULT = "en"
"""The language that has every entry."""

MAX_KEY = 200
"""Characters that are shown of a key which is in no catalogue."""

Entry = str | tuple[str, ...]
Said = TypeVar("Said")

_messages: dict[str, Entry] = {}
_language = ""
_rule: Language


def codes() -> tuple[str, ...]:
    """The languages that there are, by code: the packages of this folder."""
    return names_in(__name__)


def about(code: str) -> Language:
    """What a language says of itself. Raises `ModuleNotFoundError` for a language that there is not."""
    found: Language = import_module(f"{__name__}.{code}").LANGUAGE
    return found


def load(language: str) -> dict[str, Entry]:
    """All entries of a catalogue. Raises `ModuleNotFoundError` for a language that there is not."""
    package = import_module(f"{__name__}.{language}")
    entries: dict[str, Entry] = {}
    for module in iter_modules(package.__path__):
        entries.update(import_module(f"{package.__name__}.{module.name}").MESSAGES)
    return entries


def use(language: str) -> None:
    """Speak `language` (one of `codes()`) from now on."""
    global _messages, _language, _rule
    if language != _language:
        _messages, _rule = load(language), about(language)
        _language = language


def language() -> str:
    """The language in use."""
    if not _language:
        use(DEFAULT)
    return _language


def in_every_language(words: Callable[[], Said]) -> dict[str, Said]:
    """What is said in each language, by its code: for a search that finds the words of any, whichever is shown.

    The first time it imports the other catalogues (30 ms): have `load` done in a thread before.
    """
    before = language()
    said: dict[str, Said] = {}
    try:
        for code in codes():
            use(code)
            said[code] = words()
    finally:
        use(before)
    return said


def detect(environ: Mapping[str, str] = os.environ) -> str:
    """The language that LC_ALL, LC_MESSAGES or LANG names, the first that is set; English otherwise.

    A language that we have for another country counts (`zh_TW`, `zh`: `zh_CN`).
    The strings count, not the C library's locale: a server often has none generated but C.
    """
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(variable, "")
        if value:
            return _nearest(value)
    return DEFAULT


def _nearest(value: str) -> str:
    """The code for a POSIX locale such as `zh_CN.UTF-8` or `de@euro`, or a tag such as `zh-Hans`."""
    wanted = value.partition(".")[0].partition("@")[0].replace("-", "_").lower()
    known = {code.lower(): code for code in codes()}
    same_tongue = [code for low, code in known.items() if low.partition("_")[0] == wanted.partition("_")[0]]
    return known.get(wanted) or (same_tongue or [DEFAULT])[0]


def _entry(key: str) -> tuple[Entry | None, Language]:
    """An entry of the language in use, or the English one where it lacks it, and whose plural rule it follows."""
    if not _language:
        use(DEFAULT)
    entry = _messages.get(key)
    if entry is None and _language != DEFAULT:
        return _english().get(key), about(DEFAULT)
    return entry, _rule


@cache
def _english() -> dict[str, Entry]:
    return load(DEFAULT)


def elsewhere(keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Each key → its entries in the languages that are not in use, to be searched; their places are not filled.

    Reads the catalogues: call it in a thread.
    """
    catalogues = [load(code) for code in codes() if code != language()]
    found = dict[str, tuple[str, ...]]()
    for key in keys:
        entries = (catalogue.get(key, "") for catalogue in catalogues)
        found[key] = tuple(each if isinstance(each, str) else each[-1] for each in entries)
    return found


def count(number: int) -> Clean:
    """How many of something, its thousands apart: `7,020`. What only bears a number, such as a process, is text."""
    language()
    return clean_line(f"{number:,}".replace(",", _rule.thousands))


def ungrouped(text: Clean) -> Clean:
    """The same text with its counts as they are typed, for a search."""
    language()
    return clean_line(re.sub(rf"(?<=\d){re.escape(_rule.thousands)}(?=\d{{3}})", "", text))


def t(key: str, /, **params: object) -> Clean:
    """The entry `key` in the language in use, its places filled: with counts where `params` are whole numbers. Foreign
    text in `params` is cleaned.

    An unknown key is returned, cleaned and never filled: it may come from a file. A test keeps ours from being
    unknown, and a screen never fails for a word.
    """
    entry, rule = _entry(key)
    if entry is None:
        return clean_line(key[:MAX_KEY])
    if isinstance(entry, tuple):
        n = params.get("n")
        form = rule.plural(n) if isinstance(n, int) else len(entry) - 1
        entry = entry[min(form, len(entry) - 1)]
    if not params:
        return cast(Clean, entry)
    try:
        return cast(Clean, entry.format(**_filled(params)))
    except (KeyError, IndexError, ValueError, TypeError):
        return cast(Clean, entry)  # a phrase stored by another version may lack what the sentence names today


def _filled(params: Mapping[str, object]) -> dict[str, object]:
    """What stands in the places of a sentence."""
    return {name: _said(value) for name, value in params.items()}


def _said(value: object) -> object:
    """Several things, a tuple, stand there with the language's comma between them."""
    match value:
        case Phrase():
            return say(value)
        case str():
            return clean_line(without_credentials(value))
        case int():
            return count(value)
        case tuple():
            return t("list.comma").join(clean_line(f"{_said(each)}") for each in value)
        case _:
            return value


def is_complete(phrase: Phrase) -> bool:
    """Whether the catalogue has the sentence and the phrase fills all its places, and so the phrases within it."""
    entry, _ = _entry(phrase.key)
    within = [value for value in phrase.params.values() if isinstance(value, Phrase)]
    if entry is None or not all(map(is_complete, within)):
        return False
    try:
        filled = _filled(phrase.params)
        for template in (entry,) if isinstance(entry, str) else entry:
            template.format(**filled)
    except (KeyError, IndexError, ValueError, TypeError):
        return False
    return True


def say(phrase: Phrase) -> Clean:
    """A phrase in the language in use."""
    return t(phrase.key, **phrase.params)
