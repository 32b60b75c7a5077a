"""What the manual and the explained file say of the settings is what the settings are."""

from __future__ import annotations

import re
import string
import tomllib

import pytest

from r1tui import locale
from r1tui.domain.setting import Kind, Setting
from r1tui.domain.settings import Settings
from r1tui.domain.settings_schema import SETTINGS, read_settings
from r1tui.locale.setting_words import explained, explained_in_file, shown
from tests.support.key_tables import manual, settings_block

LANGUAGES = pytest.mark.parametrize("language", locale.codes())
EXAMPLE = re.compile(r"^```toml\n(\[interface\].*?)^```$", re.MULTILINE | re.DOTALL)


@LANGUAGES
def test_the_manual_shows_every_setting_with_its_default_and_its_words(language: str) -> None:
    assert settings_block(language) in manual(language).read_text(), "python -m tests.support.key_tables"


@LANGUAGES
def test_the_manuals_example_is_right_and_of_defaults_but_for_its_host(language: str) -> None:
    shown = EXAMPLE.search(manual(language).read_text())
    assert shown is not None
    settings, problems = read_settings(tomllib.loads(shown[1]))
    assert problems == []
    assert settings.hosts.pop("workstation").headers
    assert settings == Settings()


@LANGUAGES
def test_the_file_explains_all_that_may_be_chosen_in_its_own_words(language: str) -> None:
    locale.use(language)
    choices = {item.path: item.choices for item in SETTINGS if item.kind is Kind.CHOICE}
    assert choices
    for item in SETTINGS:
        for choice in choices.get(item.path, ()):
            assert re.search(rf"(?<![\w-]){choice}(?![\w-])", explained_in_file(item)), (item.path, choice)


@LANGUAGES
@pytest.mark.parametrize(
    "item", [item for item in SETTINGS if item.kind in (Kind.CHOICE, Kind.SWITCH)], ids=lambda item: item.path
)
def test_a_value_is_shown_by_the_words_that_its_help_uses(language: str, item: Setting) -> None:
    locale.use(language)
    help_text = explained(item)
    entry = locale.load(language)[item.help]
    assert isinstance(entry, str)
    places = {name for _, name, _, _ in string.Formatter().parse(entry) if name}
    assert places == {*item.places(), *(["choices"] if item.packages else [])}, (
        "it writes none of them itself"
    )
    for value in (True, False) if item.kind is Kind.SWITCH else item.choices:
        word = shown(item, value)
        assert word in help_text, (item.path, value)
        if isinstance(value, str) and value in item.fixed_choices:
            assert word in locale.load(language).values(), "the catalogue has a word for it"


@LANGUAGES
@pytest.mark.parametrize("item", SETTINGS, ids=lambda item: item.path)
def test_what_0_or_an_empty_text_stands_for_is_shown_by_the_words_of_the_help(
    language: str, item: Setting
) -> None:
    locale.use(language)
    if item.kind is Kind.WHOLE or (isinstance(item.default, str) and item.default == ""):
        assert item.nothing, "neither 0 nor an empty line tells what it means"
    if item.nothing:
        word = shown(item, 0 if item.kind is Kind.WHOLE else "")
        assert word not in ("", "0")
        assert word in explained(item)
        assert word in explained_in_file(item)
