"""The guide: what the words mean and how R1 was made, as Markdown pages, one folder a language.

A chapter is a file `NN-name.md`: its title (`# 5 · …`), one line in a quote that tells what it is about, the text, and
last a heading under which the sources stand. `words.md` is the glossary: a heading for each word, which ends in the
English one, so that an entry has the same name in every language. Pages name each other by relative links, which work
in a browser of the repository too. Drawings are fenced blocks without a language.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.dataclass import dataclass

FOLDER = Path(__file__).parent
DEFAULT = "en"
WORDS = "words"
"""Id of the glossary."""

_HEADING = re.compile(r"^## +(.+)$", re.MULTILINE)
_ENGLISH = re.compile(r"[A-Za-z][A-Za-z -]*$")
_SIGNS = str.maketrans(
    "─│┌┐└┘├┤┬┴┼▇▄▁·“”‘’×↑↓←",
    "-|+++++++++#=.-\"\"''x^v<",
)
"""Each sign of a drawing as one of ASCII, so that lines keep their lengths."""


@dataclass(frozen=True, slots=True)
class Page:
    """A chapter, or the glossary."""

    id: str
    """`1` to `11`, or `WORDS`."""
    title: Clean
    summary: Clean
    """What it is about, in a line."""
    text: str
    """The whole page in Markdown."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a link of a page leads to: a page, and on the glossary's an entry."""

    page: str
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """All pages in one language."""

    chapters: tuple[Page, ...]
    words: Page
    entries: tuple[str, ...]
    """The names of the glossary's entries, in its order."""

    def page(self, name: str) -> Page | None:
        """The chapter with that number, or the glossary."""
        return next((page for page in (*self.chapters, self.words) if page.id == name), None)

    def target(self, topic: str) -> Target | None:
        """Where a topic is explained: the number of a chapter, `words`, or the name of an entry; None for any other."""
        if self.page(topic) is not None:
            return Target(topic)
        return Target(WORDS, topic) if topic in self.entries else None


def languages() -> tuple[str, ...]:
    """The languages that the guide is written in."""
    return tuple(sorted(each.parent.name for each in FOLDER.glob("*/words.md")))


@cache
def read(language: str) -> Guide:
    """The guide in a language, or in English where there is none in it. Reads files: not on the app's loop."""
    folder = FOLDER / language
    if language not in languages():
        folder = FOLDER / DEFAULT
    chapters = [_page(path) for path in sorted(folder.glob("[0-9][0-9]-*.md"))]
    words = _page(folder / f"{WORDS}.md")
    entries = (entry_of(heading) for heading in headings(words.text)[:-1])
    return Guide(tuple(chapters), words, tuple(entries))


def _page(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    title, summary = re.findall(r"^[#>] +(.+)$", text, re.MULTILINE)[:2]
    number = path.name.partition("-")[0]
    return Page(str(int(number)) if number.isdigit() else WORDS, clean_line(title), clean_line(summary), text)


def headings(text: str) -> list[str]:
    """The headings of a page below its title; the last one is that of the sources."""
    return _HEADING.findall(text)


def entry_of(heading: str) -> str:
    """The name of a glossary's entry by its heading, or by the anchor of a link to it: its English end."""
    found = _ENGLISH.search(heading)
    return found.group().lower().replace(" ", "-") if found else ""


def followed(href: str, page: str) -> Target | None:
    """What a link on page `page` leads to; None for an address outside the guide."""
    path, _, anchor = unquote(href).partition("#")
    if "://" in path:
        return None
    if path and path != f"{WORDS}.md":
        number = path.partition("-")[0]
        return Target(str(int(number))) if number.isdigit() else None
    return Target(WORDS if path else page, entry_of(anchor) if anchor else "")


def in_ascii(text: str) -> str:
    """A page for terminals that lack the signs of drawings, or that draw them two cells wide."""
    return text.replace("→", "->").translate(_SIGNS)
