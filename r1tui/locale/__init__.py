"""The message catalogue: every word that a user reads, in English and Simplified Chinese.

A catalogue is a package of modules, one an area of the app, each with a dictionary `MESSAGES`. A value is a template
with places in braces, or a pair (one, other) chosen by the parameter `n`. Plain modules need no parsing at start-up.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from string import Formatter

from r1tui.domain.clean import clean_line
from r1tui.domain.phrase import Phrase

LANGUAGES: dict[str, str] = {"en": "English", "zh_CN": "简体中文"}
"""Language code → its own name for itself."""

Entry = str | tuple[str, str]

_messages: dict[str, Entry] = {}
_language = ""


def load(language: str) -> dict[str, Entry]:
    """All entries of a catalogue. Raises `ModuleNotFoundError` for a language that there is not."""
    package = import_module(f"r1tui.locale.{language}")
    entries: dict[str, Entry] = {}
    for module in iter_modules(package.__path__):
        entries.update(import_module(f"{package.__name__}.{module.name}").MESSAGES)
    return entries


def use(language: str) -> None:
    """Speak `language` (a key of `LANGUAGES`) from now on."""
    global _messages, _language
    if language != _language:
        _messages = load(language)
        _language = language


def language() -> str:
    """The language in use."""
    if not _language:
        use("en")
    return _language


def detect(environ: Mapping[str, str] = os.environ) -> str:
    """The language that LC_ALL, LC_MESSAGES or LANG names, the first that is set; English otherwise.

    The strings count, not the C library's locale: a server often has none generated but C.
    """
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = environ.get(variable, "")
        if value:
            return "zh_CN" if value.lower().startswith("zh") else "en"
    return "en"


def t(key: str, /, **params: object) -> str:
    """The entry `key` in the language in use, its places filled. Foreign text in `params` is cleaned.

    An unknown key is returned as it is: a test keeps that from happening, and a screen never fails for a word.
    """
    if not _language:
        use("en")
    entry = _messages.get(key, key)
    if isinstance(entry, tuple):
        entry = entry[0] if params.get("n") == 1 and _language == "en" else entry[1]
    if not params:
        return entry
    filled = {
        name: say(value)
        if isinstance(value, Phrase)
        else clean_line(value)
        if isinstance(value, str)
        else value
        for name, value in params.items()
    }
    try:
        return entry.format(**filled)
    except (KeyError, IndexError, ValueError):
        return entry  # a phrase stored by another version may lack what the sentence names today


def is_complete(phrase: Phrase) -> bool:
    """Whether the catalogue has the sentence and the phrase fills all its places."""
    entry = load("en").get(phrase.key)
    if entry is None:
        return False
    templates = entry if isinstance(entry, tuple) else (entry,)
    wanted = {name for template in templates for _, name, _, _ in Formatter().parse(template) if name}
    return wanted <= phrase.params.keys()


def say(phrase: Phrase) -> str:
    """A phrase in the language in use."""
    return t(phrase.key, **phrase.params)
