"""What the manual and the explained file say of the settings is what the settings are."""

from __future__ import annotations

import re
import tomllib

import pytest

from r1tui import locale
from r1tui.domain.setting import Kind
from r1tui.domain.settings import Settings
from r1tui.domain.settings_schema import SETTINGS, read_settings
from r1tui.locale import say
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
def test_an_explanation_names_all_that_may_be_chosen(language: str) -> None:
    locale.use(language)
    choices = {item.path: item.choices for item in SETTINGS if item.kind is Kind.CHOICE}
    assert choices
    for item in SETTINGS:
        for choice in choices.get(item.path, ()):
            assert re.search(rf"\b{choice}\b", say(item.explained())), (item.path, choice)
