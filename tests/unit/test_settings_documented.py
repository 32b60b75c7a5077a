"""What the README and the explained file say of the settings is what the settings are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import tomlkit

from r1tui import locale
from r1tui.domain.setting import Kind
from r1tui.domain.settings import Settings
from r1tui.domain.settings_schema import SETTINGS, read_settings
from r1tui.locale import say

README = (Path(__file__).parents[2] / "README.md").read_text()
EXAMPLE = re.compile(r"^## Settings\n.*?^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMENTS_AT = 31
"""The column in which a setting's explanation begins."""


def documented() -> str:
    """Every setting with its default and what it does, as the README shows them."""
    lines = list[str]()
    for item in SETTINGS:
        head = f"[{item.section}]"
        if head not in lines:
            lines += ["", head] if lines else [head]
        value = tomlkit.item(item.value(Settings())).as_string()
        lines.append(f"{item.key} = {value}".ljust(COMMENTS_AT) + f"# {say(item.explained())}")
    return "\n".join(lines) + "\n"


def test_the_readme_shows_every_setting_with_its_default_and_its_words() -> None:
    assert documented() in README, f"the README's settings are these now:\n{documented()}"


def test_the_readmes_example_is_right_and_of_defaults_but_for_its_host() -> None:
    shown = EXAMPLE.search(README)
    assert shown is not None
    settings, problems = read_settings(tomllib.loads(shown[1]))
    assert problems == []
    assert settings.hosts.pop("workstation").headers
    assert settings == Settings()


@pytest.mark.parametrize("language", locale.codes())
def test_an_explanation_names_all_that_may_be_chosen(language: str) -> None:
    locale.use(language)
    choices = {item.path: item.choices for item in SETTINGS if item.kind is Kind.CHOICE}
    assert choices
    for item in SETTINGS:
        for choice in choices.get(item.path, ()):
            assert re.search(rf"\b{choice}\b", say(item.explained())), (item.path, choice)
