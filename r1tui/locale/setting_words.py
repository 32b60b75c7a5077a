"""Settings in words: a value as the screens show it, and what a setting does, told with the words that its values have.

A screen shows the words of the language; the file and the manual the words that the file has, with those of the language
beside them where they differ.
"""

from __future__ import annotations

from collections.abc import Callable

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.packages import LANGUAGES, names_in
from r1tui.domain.setting import Kind, Setting, Value
from r1tui.locale import about, given, t
from r1tui.locale.lists import enumerated


def shown(setting: Setting, value: Value) -> Clean:
    """A value as the screens show it."""
    if isinstance(value, bool):
        return t("settings.on") if value else t("settings.off")
    if setting.kind is Kind.CHOICE:
        if setting.packages == LANGUAGES and value not in setting.fixed_choices and value in setting.choices:
            return clean_line(about(str(value)).name)
        return given.choice(str(value))
    if setting.nothing and value in (0, ""):
        return t(setting.nothing)
    return t("settings.value", text=str(value))


def explained(setting: Setting) -> Clean:
    """What it does and what it may be, in the words of the screens."""
    return _explained(setting, lambda value: shown(setting, value))


def explained_in_file(setting: Setting) -> Clean:
    """The same in the words of the file."""

    def written(value: Value) -> Clean:
        if isinstance(value, bool):
            return Clean("true" if value else "false")
        word = given.choice(str(value))
        same = _plain(word) == _plain(str(value))
        return clean_line(str(value)) if same else t("settings.value_in_file", value=str(value), word=word)

    return _explained(setting, written)


def _explained(setting: Setting, word: Callable[[Value], Clean]) -> Clean:
    bounds = {"low": f"{setting.low:g}", "high": f"{setting.high:g}"}
    named = {place: word(value) for place, value in setting.places().items()}
    if setting.nothing:
        named["nothing"] = t(setting.nothing)
    further = enumerated(map(word, names_in(setting.packages))) if setting.packages else ""
    return t(setting.help, **(bounds | named | {"choices": further}))


def _plain(text: str) -> str:
    """What is left of a word without the signs that a language would not write."""
    return "".join(char for char in text.casefold() if char.isalnum())
