"""The command palette: everything that can be done on a screen, in groups, found by names in any language and by keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import Any

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from r1tui.commands import Command, Place, Section, command
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.domain.fuzzy import WITHIN, WORD, find, find_key, folded
from r1tui.domain.phrase import Phrase
from r1tui.locale import elsewhere, say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.screens.narrowing import Narrowing
from r1tui.toolkit.bindings import Attached, Commanded, keys_now
from r1tui.toolkit.cells import cut
from r1tui.toolkit.glyphs import ASCII, glyphs
from r1tui.toolkit.option import Option, OptionList
from r1tui.toolkit.shown import Static, Styled, assembled, styled
from r1tui.widgets.fields import Field
from r1tui.widgets.key_names import key_name

RECENT_SHOWN = 5
LINE = 400
"""Characters of an entry that are looked at; no terminal's line holds more."""
TYPED = 80
"""Characters of what was typed that are looked for: more than any command's name has, and a paste may have any number."""
ABOUT = 30
"""Score of a word that only a heading or the line about a command has."""
FAR = 40
"""How much less than the best suits a command on which the cursor may still stand where the best cannot be done."""
_WAY = {Place.MODEL_MENU: "chat.model_menu", Place.TRANSCRIPT: "chat.message_up"}
"""Place → the command whose key leads to where its own keys hold."""


@dataclass(frozen=True)
class Entry:
    """A command that the palette offers."""

    command: Command
    name: Clean
    node: DOMNode
    """What carries it out."""
    keys: tuple[str, ...] = ()
    """As Textual names them; two after one another as `f8 r`."""
    why_not: Phrase | None = None
    """Why it would do nothing now."""
    sought: bool = False
    """Whether it is done elsewhere than where the cursor is: found by what is typed, and in no group."""

    @property
    def possible(self) -> bool:
        """Whether it can be chosen."""
        return self.why_not is None


@dataclass(frozen=True)
class Hit:
    """An entry in the list: how well it suits what was typed, the letters of its name that do, its name in the language
    that does.
    """

    entry: Entry
    score: float = 0
    at: frozenset[int] = frozenset()
    beside: Clean = Clean("")
    loose: bool = False
    """A word that was typed stands nowhere as it is, only its letters."""


def offered(screen: Screen[Any]) -> list[Entry]:
    """What can be done on a screen now, in the order of its groups; what destroys something last."""
    reasons = screen.impossible() if isinstance(screen, Commanded) else {}
    keys = dict[str, list[str]]()
    found = dict[str, Entry]()
    for active in screen.active_bindings.values():
        binding = active.binding
        if active.enabled and binding.id and binding.description:
            each = command(binding.id)
            keys.setdefault(each.id, []).append(binding.key)
            found.setdefault(each.id, Entry(each, clean_line(binding.description), active.node))
    for words, each in screen.keyless() if isinstance(screen, Commanded) else ():
        if each.place in _WAY:
            way, letters = keys_now(screen.app, _WAY[each.place]), keys_now(screen.app, each.id)
            keys[each.id] = [f"{way.partition(',')[0]} {letters.partition(',')[0]}"]
        found[each.id] = Entry(each, clean_line(words), screen, sought=each.section is Section.HERE)
    found.pop("app.palette", None)  # it is open
    sections = list(Section)
    return [
        Entry(
            each.command,
            each.name[:LINE],
            each.node,
            tuple(keys.get(name, ())),
            reasons.get(name),
            each.sought,
        )
        for name, each in sorted(
            found.items(),
            key=lambda item: (
                item[1].command.danger,
                item[1].sought,
                sections.index(item[1].command.section),
            ),
        )
    ]


class Index:
    """The entries' words in all languages, for the search. Building it reads the catalogues: do it in a thread."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        """Of these entries, found in their order where they suit alike."""
        commands = [each.command for each in entries]
        others = elsewhere(
            {key for each in commands for key in (each.words, each.about, each.section.value) if key}
        )
        self._entries = entries
        self._names = [[folded(each.name), *map(folded, others[each.command.words])] for each in entries]
        self._beside = [(Clean(""), *map(clean_line, others[each.words])) for each in commands]
        self._abouts = [
            [
                folded(text)
                for key in (each.section.value, each.about)
                if key
                for text in (t(key), *others[key])
            ]
            for each in commands
        ]
        self._keys = [_key_names(each.keys) for each in entries]

    def search(self, typed: str) -> list[Hit]:
        """What suits all words that were typed, or the key: the best first, what destroys something last.

        Letters that only follow one another count where no name has the words themselves.
        """
        typed = folded(typed.strip()[:TYPED])
        hits = [each for at in range(len(self._entries)) if (each := self._hit(at, typed)).score]
        if any(each.score >= WITHIN for each in hits):
            hits = [each for each in hits if not each.loose]
        return sorted(hits, key=lambda hit: (hit.entry.command.danger, -hit.score))

    def _hit(self, at: int, typed: str) -> Hit:
        entry, words = self._entries[at], typed.split()
        by_language = [[find(word, name) for word in words] for name in self._names[at]]
        found = [max(each, key=lambda found: found.score) for each in zip(*by_language, strict=True)]
        scores = [
            each.score or (ABOUT if any(_has(text, word) for text in self._abouts[at]) else 0)
            for each, word in zip(found, words, strict=True)
        ]
        score = sum(scores) / len(scores) if all(scores) else 0
        by_key = find_key(typed, self._keys[at])
        if by_key > score:
            return Hit(entry, by_key)
        language = max(range(len(by_language)), key=lambda n: sum(each.score for each in by_language[n]))
        letters = frozenset[int]().union(*(each.at for each in by_language[0]))
        loose = any(0 < each.score < WITHIN for each in found)
        return Hit(entry, score, letters, self._beside[at][language], loose)


def _has(text: str, word: str) -> bool:
    """Whether a text has a word that begins so; both folded."""
    return len(word) > 1 and word in text and find(word, text).score >= WORD


def _key_names(keys: Sequence[str]) -> list[str]:
    """Everything that people call these keys."""
    return [*keys, *(_shown(key, ascii_only=each) for key in keys for each in (False, True))]


def _shown(keys: str, *, ascii_only: bool) -> Clean:
    return Clean(" ").join(key_name(key, ascii_only=ascii_only) for key in keys.split(" "))


class Palette(Narrowing, Dialog[Entry | None], place=Place.PALETTE):
    """Dismisses with the command chosen, None for Esc.

    Its frame keeps its size while a name is typed, so that only the lines of the list that change are sent.
    """

    MOST = 76
    DEFAULT_CSS = """
    Palette > Frame { width: 76; max-width: 100%; height: 30; max-height: 92%; }
    Palette OptionList, Palette OptionList:focus {
        height: 1fr; max-height: 100%; text-wrap: nowrap; text-overflow: ellipsis; scrollbar-gutter: stable;
    }
    """

    def __init__(self, entries: Sequence[Entry], recent: Sequence[str] = ()) -> None:
        """`recent`: ids of the commands that were chosen last, the latest first."""
        super().__init__()
        self._entries = entries
        possible = {each.command.id: each for each in entries if each.possible and not each.command.danger}
        self._recent = [possible[name] for name in recent if name in possible][:RECENT_SHOWN]
        self._index: Index | None = None
        self._indexed = asyncio.Event()
        self._shown_room = 0
        self.searched_for = ""
        """What the list shows the commands for."""

    def commands(self) -> Attached:
        """Choose nothing, or move in the list while the field keeps the focus."""
        return {
            "palette.close": self.close,
            "palette.down": partial(self._move, "cursor_down"),
            "palette.up": partial(self._move, "cursor_up"),
            "palette.page_down": partial(self._move, "page_down"),
            "palette.page_up": partial(self._move, "page_up"),
        }

    def writing_field(self) -> Widget:
        """Letters look for a command, wherever the cursor is."""
        return self.query_one(Field)

    def compose(self) -> ComposeResult:
        """The field to search in, the commands, what the one under the cursor does."""
        with Frame(t("palette.title"), t("palette.keys"), footed=True):
            yield Field(placeholder=t("palette.placeholder"))
            yield OptionList(compact=True)
            yield Static(classes="about")

    @cached_property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    @cached_property
    def _about(self) -> Static:
        return self.query_one(".about", Static)

    def on_mount(self) -> None:
        """Show everything, and get ready to search."""
        self._show(self._all())
        self.run_worker(self._make_index())

    async def _make_index(self) -> None:
        self._index = await asyncio.to_thread(Index, self._entries)
        self._indexed.set()

    @property
    def searchable(self) -> bool:
        """Whether what is typed is looked for at once."""
        return self._index is not None

    # What is shown

    def _all(self) -> Iterator[Option]:
        """Everything in its groups, what was chosen last before it."""
        groups = dict[str, list[Entry]]()
        if self._recent:
            groups["palette.recent"] = self._recent
        for each in self._entries:
            if each not in self._recent and not each.sought:
                heading = "palette.danger" if each.command.danger else each.command.section.value
                groups.setdefault(heading, []).append(each)
        for heading, entries in groups.items():
            yield _heading(t(heading), danger=heading == "palette.danger")
            for each in entries:
                yield self._row(Hit(each))

    def _found(self, hits: Sequence[Hit]) -> Iterator[Option]:
        """What suits, without groups but for what destroys something."""
        told = False
        for hit in hits:
            if hit.entry.command.danger and not told:
                told = True
                yield _heading(t("palette.danger"), danger=True)
            yield self._row(hit)
        if not hits:
            yield Option(styled(Clean("  ") + t("palette.none")), disabled=True)
            yield Option(styled(Clean("  ") + t("palette.none_about"), "$text-muted"), disabled=True)

    def _show(self, rows: Iterator[Option], cursor: str | None = None) -> None:
        """These rows, the cursor on that command, else on the first that can be chosen (`""`: on none)."""
        options, self._shown_room = self._list, self._room
        with options.sparing():
            options.set_options(rows)
            options.highlighted = None
            if cursor is None:
                options.action_first()
            elif cursor:
                options.highlighted = options.get_option_index(cursor)
            options.scroll_home(animate=False)
        if options.highlighted is None:
            self._about.update(Clean(""), layout=False)

    async def _search(self, typed: str) -> None:
        if not typed.strip():
            self._show(self._all())
            self.searched_for = typed
            return
        await self._indexed.wait()
        assert self._index is not None
        self.searched_for = typed
        hits = self._index.search(typed)
        best = max((hit.score for hit in hits), default=0)
        near = (hit.entry for hit in hits if hit.entry.possible and hit.score >= best - FAR)
        chosen = next(near, None)
        self._show(self._found(hits), chosen.command.id if chosen else "")

    def _row(self, hit: Hit) -> Option:
        """A command's name, why it cannot be done, and at the right its key."""
        entry = hit.entry
        key = _shown(entry.keys[0], ascii_only=glyphs() is ASCII) if entry.keys else Clean("")
        room = self._room - cell_len(key) - 4
        name = cut(entry.name, room)
        style = "$text-muted" if not entry.possible else "$text-error" if entry.command.danger else ""
        parts: list[Clean | Styled | tuple[Clean, str]] = [Clean("  "), *_marked(name, hit.at, style)]
        beside = f"  {hit.beside}" if hit.beside else Clean("")
        if entry.why_not is not None:
            beside += f" {glyphs().dot} {say(entry.why_not)}"
        beside = cut(beside, max(room - cell_len(name), 0))
        parts += [(beside, "$text-muted"), " " * (room - cell_len(name) - cell_len(beside) + 2)]
        parts.append((key, "$text-muted"))
        return Option(assembled(*parts), id=entry.command.id, disabled=not entry.possible)

    @property
    def _room(self) -> int:
        """Cells of a line: the window's less its frame, its padding and its scrollbar."""
        return min(self.MOST, self.app.size.width) - 6

    async def on_resize(self, event: events.Resize) -> None:
        """The keys stand at the right of another width."""
        if self._room != self._shown_room:
            await self._search(self.query_one(Field).value)

    # What is chosen

    async def on_input_changed(self, event: Input.Changed) -> None:
        """Look for what was typed."""
        event.stop()
        await self._search(event.value)

    def on_input_submitted(self) -> None:
        """Enter takes what is under the cursor."""
        option = self._list.highlighted_option
        if option is not None:
            self._take(option.id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click, or Enter in the list."""
        self._take(event.option.id)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what it does, unless letters typed meanwhile have moved the cursor on."""
        if event.option is not self._list.highlighted_option:
            return
        entry = self._entry(event.option.id)
        about = entry.command.about if entry is not None else ""
        self._about.update(t(about) if about else Clean(""), layout=False)

    def _entry(self, name: str | None) -> Entry | None:
        return next((each for each in self._entries if each.command.id == name), None)

    def _take(self, name: str | None) -> None:
        self.dismiss(self._entry(name))

    async def _move(self, how: str) -> None:
        """Move the cursor, but not round from one end to the other: at the last one are commands that destroy."""
        options = self._list
        before, step = options.highlighted, 1 if how.endswith("down") else -1
        with options.sparing():
            await options.run_action(how)
            at = options.highlighted
            if before is not None and (at is None or (at - before) * step < 0):
                options.highlighted = before
            first = next((at for at, each in enumerate(options.options) if not each.disabled), None)
            if options.highlighted == first:
                options.scroll_home(animate=False)  # its heading


def _heading(words: Clean, *, danger: bool) -> Option:
    return Option(styled(words, "bold $text-error" if danger else "bold $text-accent"), disabled=True)


def _marked(name: Clean, at: frozenset[int], style: str) -> Iterator[tuple[Clean, str]]:
    """A name with those letters set off."""
    begin = 0
    for end in range(1, len(name) + 1):
        if end == len(name) or (end in at) != (begin in at):
            hit = "bold $text-accent" if not style else f"bold {style}"
            yield name[begin:end], hit if begin in at else style
            begin = end
