"""The README's tables of keys, made from the command table: `python -m tests.support.key_tables` writes them anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from r1tui import locale
from r1tui.commands import Place, at
from r1tui.widgets.key_names import key_name

README = Path(__file__).parents[2] / "README.md"
PAGE = (Place.CHAT, Place.PROMPT, Place.APP)
PARTS = {
    Place.SHELF: "shelf.heading",
    Place.TRANSCRIPT: "help.group.transcript",
    Place.SIDEBAR: "key.models",
    Place.MACHINE: "key.machine",
    Place.HISTORY: "key.history",
}
"""What stands folded below, by the catalogue's key of its heading."""
HEADS = {
    "en": ("key", "does", "id", "Keys in the conversation, the lists and the history"),
    "zh_CN": ("按键", "作用", "id", "对话、列表和历史记录中的按键"),
}


def _rows(place: Place) -> Iterator[str]:
    """A line for each command with a key; those that count up are one."""
    counted = ""
    for each in at(place):
        family = each.id.rstrip("0123456789")
        if not each.keys or (each.id != family and family == counted):
            continue
        keys = [
            key for names in (each.keys, *(alias.keys for alias in each.also)) for key in names.split(",")
        ]
        names, ident = ", ".join(key_name(key) for key in keys), f"`{each.id}`"
        if each.id != family:
            counted = family
            last = [other for other in at(place) if other.id.rstrip("0123456789") == family][-1]
            names, ident = f"{names}-{key_name(last.keys)}", f"{ident} … `{last.id}`"
        yield f"| {names} | {locale.t(each.words)} | {ident} |"


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
            for place, words in PARTS.items()
            for line in (f"| **{locale.t(words)}** | | |", *_rows(place))
        ]
    finally:
        locale.use(before)
    below = [f"<details><summary>{folded}</summary>", "", *head, *parts, "", "</details>"]
    return "\n".join([*page, "", *below])


def with_tables(readme: str) -> str:
    """A README's text with its tables of keys as they are to be."""
    for language in HEADS:
        start, end = f"<!-- keys:{language} -->", "<!-- keys:end -->"
        block = re.compile(f"{re.escape(start)}\n.*?{re.escape(end)}", re.DOTALL)
        new = f"{start}\n{tables(language)}\n{end}"
        readme, found = block.subn(lambda _, new=new: new, readme)  # type: ignore[misc]
        assert found == 1, f"the README has {found} tables of keys in {language}"
    return readme


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text()))
