"""The manual's tables of keys and its settings, made from the command table and the schema.

`python -m tests.support.key_tables` writes them anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import tomlkit

from r1tui import locale
from r1tui.commands import Place
from r1tui.domain.settings import Settings
from r1tui.domain.settings_schema import SETTINGS
from r1tui.locale.setting_words import explained_in_file
from r1tui.widgets.key_rows import PLACES, key_rows

MANUALS = Path(__file__).parents[2] / "r1tui" / "manual"
"""A page a language."""
PAGE = (Place.CHAT, Place.PROMPT, Place.APP)
"""What is shown at once; the rest stands folded below, by place."""
HEADS = {
    "en": ("key", "does", "id", "Keys in the conversation, the lists and the history"),
    "zh_CN": ("按键", "作用", "id", "对话、列表和历史记录中的按键"),
}


def _rows(place: Place) -> Iterator[str]:
    for row in key_rows(place):
        ids = f"`{row.first}` … `{row.last}`" if row.last else f"`{row.first}`"
        yield f"| {row.keys} | {row.words} | {ids} |"


def tables(language: str) -> str:
    """The tables in one language."""
    before = locale.language()
    locale.use(language)
    try:
        key, does, ident, folded = HEADS[language]
        head = [f"| {key} | {does} | {ident} |", "|---|---|---|"]
        page = [*head, *(row for place in PAGE for row in _rows(place))]
        parts = [
            line
            for place, words in PLACES.items()
            if place not in PAGE
            for line in (f"| **{locale.t(words)}** | | |", *_rows(place))
        ]
    finally:
        locale.use(before)
    below = [f"<details><summary>{folded}</summary>", "", *head, *parts, "", "</details>"]
    return "\n".join([*page, "", *below])


def manual(language: str) -> Path:
    """The manual in one language."""
    return MANUALS / f"{language}.md"


def with_tables(text: str, language: str) -> str:
    """A manual's text with its tables of keys as they are to be."""
    start, end = f"<!-- keys:{language} -->", "<!-- keys:end -->"
    block = re.compile(f"{re.escape(start)}\n.*?{re.escape(end)}", re.DOTALL)
    new, found = block.subn(lambda _: f"{start}\n{tables(language)}\n{end}", text)
    assert found == 1, f"the manual has {found} tables of keys in {language}"
    return new


SETTINGS_BEGIN, SETTINGS_END = "```toml\n[interface]\n", "\n[hosts.workstation]\n"
COMMENTS_AT = 31
"""The column in which a setting's explanation begins."""


def settings_block(language: str) -> str:
    """Every setting with its default and what it does, as the manual shows them."""
    before = locale.language()
    locale.use(language)
    try:
        lines = list[str]()
        for item in SETTINGS:
            head = f"[{item.section}]"
            if head not in lines:
                lines += ["", head] if lines else [head]
            value = tomlkit.item(item.value(Settings())).as_string()
            lines.append(f"{item.key} = {value}".ljust(COMMENTS_AT) + f"# {explained_in_file(item)}")
        return "\n".join(lines) + "\n"
    finally:
        locale.use(before)


def with_settings(text: str, language: str) -> str:
    """A manual's text with its settings as they are to be."""
    begin = text.index(SETTINGS_BEGIN) + len("```toml\n")
    return text[:begin] + settings_block(language) + text[text.index(SETTINGS_END, begin) :]


if __name__ == "__main__":
    for code in HEADS:
        manual(code).write_text(with_settings(with_tables(manual(code).read_text(), code), code))
