"""A list to choose from, narrowed by typing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from textual import events
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from r1tui.commands import Place
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t, ungrouped
from r1tui.screens.base import Dialog, Frame
from r1tui.screens.narrowing import Narrowing
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.cells import columns
from r1tui.toolkit.glyphs import glyphs
from r1tui.toolkit.option import Option, OptionList
from r1tui.toolkit.shown import Static, styled
from r1tui.widgets.explain import Explain
from r1tui.widgets.fields import Field

MOST = 200
"""Entries shown at a time; typing finds the others."""
LINE = 400
"""Characters of an entry that are measured and drawn; no terminal's line holds more."""


Cells = tuple[Clean, ...]
"""Words of an entry that stand in columns with those of the others."""


def _lines(
    entries: Sequence[tuple[str, str | Cells]], marked: Collection[str]
) -> Iterator[tuple[str, Clean]]:
    """(id, line) of each entry; a sign before those that are marked, in a column of its own."""
    rows = [words for _, words in entries if isinstance(words, tuple)]
    aligned = iter(columns(rows) if rows else ())
    for name, words in entries:
        line = next(aligned) if isinstance(words, tuple) else clean_line(words)
        sign = glyphs().selected if name in marked else Clean(" ")
        yield name, f"{sign} {line}" if marked else line


class PickScreen(Narrowing, Dialog[str | None], place=Place.PICK):
    """Choose one of many; dismisses with its id, None for Esc.

    `entries` are (id, words) in the order to show, a line each, cut where it is too long. `moved` is told of the entry
    under the cursor, for a preview; `marked` are the ids of what holds now; `muted` are the ids that are shown and cannot be
    chosen; `about` gives the topic of the guide that explains an entry; `nothing` says what to do where there is no entry.
    """

    MOST = 100
    DEFAULT_CSS = """
    PickScreen > Frame { width: 90%; max-width: 100; }
    PickScreen OptionList { max-height: 50vh; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(
        self,
        question: Phrase,
        entries: Sequence[tuple[str, str | Cells]],
        moved: Callable[[str], object] | None = None,
        marked: Collection[str] = (),
        muted: Collection[str] = (),
        about: Callable[[str], str] | None = None,
        nothing: Phrase | None = None,
    ) -> None:
        super().__init__()
        self.set_class(moved is not None, "-preview")
        self._question = question
        self._entries = list(_lines(entries, marked))
        self._moved = moved
        self._muted = muted
        self._about = about
        self._nothing = nothing or phrase("pick.nothing")

    async def typed(self, event: events.Key | events.Paste) -> tuple[events.Key | events.Paste, ...]:
        """`?` with nothing typed yet explains the entry under the cursor, where the caller knows its topic."""
        if self._about is not None and isinstance(event, events.Key) and not self.query_one(Field).value:
            asked = event.key in ("question_mark", "f1") or event.character == "？"
            option = self.query_one(OptionList).highlighted_option if asked else None
            if option is not None:
                self.post_message(Explain(self._about(self._chosen(option.id))))
                return ()
        return await super().typed(event)

    def writing_field(self) -> Widget:
        """Letters narrow the list, wherever the cursor is."""
        return self.query_one(Field)

    def commands(self) -> Attached:
        """Choose nothing, or move in the list while the field keeps the focus."""
        return {
            "pick.close": self.close,
            "pick.down": partial(self._move, 1),
            "pick.up": partial(self._move, -1),
        }

    def compose(self) -> ComposeResult:
        """Question, a field to narrow the list, the list."""
        title, rest = self.headed(say(self._question))
        with Frame(title, t("pick.keys_explained") if self._about else t("dialogue.keys")):
            if rest:
                yield Static(rest, classes="question")
            yield Field(placeholder=t("pick.narrow"))
            yield OptionList(compact=True)

    def on_mount(self) -> None:
        """Show all entries before anything is typed."""
        self._show("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show the entries that hold every typed word."""
        self._show(event.value)

    def _show(self, typed: str) -> None:
        words = typed.lower().split()
        found = [
            # Its id is its place among all entries, which holds however the list is narrowed.
            Option(text[:LINE], id=str(at), disabled=name in self._muted)
            for at, (name, text) in enumerate(self._entries)
            if all(word in text.lower() or (word.isdecimal() and word in ungrouped(text)) for word in words)
        ]
        if not found:
            why = phrase("pick.nothing_found") if self._entries else self._nothing
            found = [Option(styled(say(why), "$text-muted"), disabled=True)]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(found[:MOST])
        options.highlighted = None
        options.action_first()  # that can be chosen

    def _move(self, by: int) -> None:
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Let the caller preview."""
        if self._moved is not None:
            self._moved(self._chosen(event.option.id))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click, or Enter in the list."""
        self.dismiss(self._chosen(event.option.id))

    def on_input_submitted(self) -> None:
        """Enter in the field takes what is under the cursor."""
        option = self.query_one(OptionList).highlighted_option
        self.dismiss(None if option is None else self._chosen(option.id))

    def _chosen(self, id: str | None) -> str:
        return self._entries[int(id or 0)][0]


class LineScreen(Dialog[str | None], place=Place.LINE):
    """Ask for one line of text; dismisses with it, None for Esc.

    What is typed replaces `value`, or with `edit` is added to it.
    """

    MOST = 90
    DEFAULT_CSS = """
    LineScreen > Frame { width: 90%; max-width: 90; }
    """

    def __init__(self, question: Phrase, value: str = "", *, edit: bool = False) -> None:
        super().__init__()
        self._question = question
        self._value = value
        self._edit = edit

    def commands(self) -> Attached:
        """Esc leaves without an answer."""
        return {"line.close": self.close}

    def compose(self) -> ComposeResult:
        """The question above a field of one line."""
        title, rest = self.headed(say(self._question))
        with Frame(title, t("dialogue.keys")):
            if rest:
                yield Static(rest, classes="question")
            yield Field(self._value, select_on_focus=not self._edit)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Dismiss with what was typed."""
        self.dismiss(clean_line(event.value))
