"""All keys of the screen below, and what a newcomer has to know."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.containers import VerticalScroll

from r1tui.commands import Place, at, command
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.phrase import phrase
from r1tui.guide import entry_of, headings, read
from r1tui.locale import language, t
from r1tui.screens.base import Dialog, Frame
from r1tui.toolkit.bindings import Attached, Remapped, action, keys_now
from r1tui.toolkit.cells import pad
from r1tui.toolkit.glyphs import ASCII, glyphs
from r1tui.toolkit.shown import Static, Styled, assembled
from r1tui.widgets.explain import Explain
from r1tui.widgets.key_names import key_name
from r1tui.widgets.mode_keys import line, listed

_WIDTH = 78
"""Cells of the window."""
_COLUMN = 22
"""Cells of the keys' column."""


class HelpScreen(Dialog[None], place=Place.HELP):
    """Help, given the `active_bindings` of the screen it is called from."""

    DEFAULT_CSS = """
    HelpScreen > Frame { width: 78; max-width: 100%; }
    HelpScreen VerticalScroll { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
    """

    def __init__(self, bindings: Mapping[str, ActiveBinding], words: Sequence[str] = ()) -> None:
        """`words`: entries of the glossary for what that screen shows."""
        super().__init__()
        self._words_shown = words
        self._shown = bindings

    def commands(self) -> Attached:
        """All that a reader does here."""
        return {"help.close": self.close, "help.guide": self._guide, "help.words": self._choose_word}

    def matters(self, name: str) -> bool:
        """There are words to choose from where the screen below shows some."""
        return super().matters(name) and (name != "help.words" or bool(self._words_shown))

    def compose(self) -> ComposeResult:
        """Keys by where they work, then the ideas."""
        arrows = Clean("Up Down") if glyphs() is ASCII else Clean("↑↓")
        keys = [
            (arrows, t("help.short.scroll")),
            *listed(Place.HELP, partial(keys_now, self.app), self.matters),
        ]
        with Frame(t("help.title"), line(keys, self._room)), VerticalScroll():
            yield Static(self._text())

    def _guide(self) -> None:
        self.post_message(Explain())

    def _choose_word(self) -> None:
        """Choose among the words that the screen below shows now."""
        self.run_worker(self._words(), exclusive=True)

    async def _words(self) -> None:
        from r1tui.screens.dialogs.pick import PickScreen

        guide = await asyncio.to_thread(read, language())
        entries = {entry_of(heading): heading for heading in headings(guide.words.text)[:-1]}
        shown = [(entry, entries[entry]) for entry in self._words_shown if entry in entries]
        chosen = await self.app.push_screen_wait(PickScreen(phrase("guide.key.shown"), shown))
        if chosen is not None:
            self.post_message(Explain(chosen))

    def _behind(self) -> Iterator[ActiveBinding]:
        """The app's keys that something on the screen has too, for a while: Ctrl+C copies a selection there."""
        shown = {active.binding.id for active in self._shown.values()}
        for each in at(Place.APP) if isinstance(self.app, Remapped) else ():
            if each.id not in shown:
                binding = Binding(keys_now(self.app, each.id), action(each.id), t(each.words), id=each.id)
                yield ActiveBinding(self.app, binding, True, "")

    @property
    def _room(self) -> int:
        """Cells of a line: the window's less its frame, its padding and its scrollbar."""
        return min(_WIDTH, self.app.size.width) - 6

    def _text(self) -> Styled:
        parts: list[Clean | Styled | tuple[Clean, str]] = [(t("guide.from_help") + "\n\n", "bold")]
        for title, rows in _grouped([*self._shown.values(), *self._behind()]).items():
            parts.append((f"{title}\n", "bold $text-accent"))
            for names, words, ids in rows:
                first, *others = _lines(names)
                parts += [Clean("  "), (pad(first, _COLUMN - 2), "bold"), Clean("  "), words]
                beside = self._room - _COLUMN - 4 - cell_len(words) >= cell_len(ids)
                parts.append((("  " if beside else "\n" + " " * (_COLUMN + 2)) + ids + "\n", "$text-muted"))
                parts += [(f"  {line}\n", "bold") for line in others]
            parts.append(Clean("\n"))
        parts += [t("help.keys") + "\n\n"]
        parts += [(t("help.editing_title") + "\n", "bold $text-accent"), t("help.editing") + "\n\n"]
        parts += [(t("help.ideas_title") + "\n", "bold $text-accent")]
        ideas = (
            t("help.idea_reasoning"),
            t("help.idea_thinking"),
            t("help.idea_memory"),
            t("help.idea_context"),
            t("help.idea_local"),
            t("help.idea_copy"),
        )
        parts += [f"{glyphs().bullet} {idea}\n" for idea in ideas]
        return assembled(*parts)


def _lines(names: Sequence[Clean]) -> list[Clean]:
    """The keys in lines that their column holds; digits in a row as `1-9`."""
    digits = [name for name in names if name.isdigit()]
    if len(digits) > 2:
        names = [f"{digits[0]}-{digits[-1]}", *(name for name in names if not name.isdigit())]
    comma = t("list.comma")
    lines: list[Clean] = []
    for name in names:
        if lines and cell_len(f"{lines[-1]}{comma}{name}{comma}") <= _COLUMN:
            lines[-1] += f"{comma}{name}"
        else:
            lines[-1:] = [*(f"{line}{comma.rstrip()}" for line in lines[-1:]), name]
    return lines


def _grouped(bindings: Iterable[ActiveBinding]) -> dict[Clean, list[tuple[list[Clean], Clean, Clean]]]:
    """Group title → (keys, what they do, their ids), for the bindings that are R1TUI's own: those have an id."""
    keys: dict[tuple[Clean, Clean], list[Clean]] = {}
    ids: dict[tuple[Clean, Clean], list[Clean]] = {}
    for active in bindings:
        binding = active.binding
        if binding.id and binding.description:
            group, words = t(command(binding.id).group.value), clean_line(binding.description)
            ids.setdefault((group, words), []).append(clean_line(binding.id))
            keys.setdefault((group, words), []).append(key_name(binding.key, ascii_only=glyphs() is ASCII))
    groups: dict[Clean, list[tuple[list[Clean], Clean, Clean]]] = {}
    for (group, words), names in keys.items():
        own = _ids(list(dict.fromkeys(ids[group, words])))
        groups.setdefault(group, []).append((list(dict.fromkeys(names)), words, own))
    return groups


def _ids(ids: Sequence[Clean]) -> Clean:
    """Ids in one line; many that count up as the first and the last."""
    return ", ".join(ids) if len(ids) <= 2 else f"{ids[0]} {glyphs().ellipsis} {ids[-1]}"
