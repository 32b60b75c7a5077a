"""A page of rows in sections, each with its value in one column: searched by typing, what is under the cursor told below."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widgets import Footer

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.domain.phrase import Phrase
from r1tui.locale import codes, in_every_language, load, say, t
from r1tui.screens.base import R1Screen
from r1tui.screens.narrowing import Narrowing
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.cells import cut, cut_start, pad, wrap_text
from r1tui.toolkit.option import Option, OptionList
from r1tui.toolkit.shown import Static, Styled, assembled, styled
from r1tui.widgets.fields import Field
from r1tui.widgets.notices import tell

_GAP = 2
_VALUE = 20
"""Cells of a value that has its default beside it."""
_BESIDE = 8
"""Cells for the default below which it is told below the list alone."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a name, its value, and what is told while the cursor is on it."""

    id: str
    name: Clean
    value: Clean
    about: Clean
    """What it is, told below the list."""
    default: Clean = Clean("")
    """The default in words, where the value is another one."""


Sections = Sequence[tuple[Clean, Sequence[Row]]]
"""Heading → rows."""


class Rows(OptionList):
    """The list. Enter is the page's command, not its own, so that the footer names it."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Neither Enter nor what would scroll sideways: no line is longer than the page."""
        return action not in ("select", "scroll_left", "scroll_right")


class ListingScreen(Narrowing, R1Screen[None]):
    """What the settings and the keys have in common. A subclass gives the rows and says what is done with one."""

    DEFAULT_CSS = """
    ListingScreen > Static { height: auto; padding: 0 1; }
    ListingScreen > .title { margin-bottom: 1; }
    ListingScreen > .problems { color: $text-warning; max-height: 6; }
    ListingScreen > Field { margin: 0 1 1 1; }
    ListingScreen > .about { height: 4; max-height: 25%; margin-top: 1; }
    ListingScreen > .said { min-height: 1; color: $text-muted; }
    ListingScreen > Rows.-textual-compact, ListingScreen > Rows:focus {
        height: 1fr; padding: 0 0 0 1; background: $background; scrollbar-size-vertical: 1;
    }
    ListingScreen > Rows > .option-list--option-disabled { color: $text-accent; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, Row] = {}
        """All rows by their ids, those that the search hides too."""
        self._sought: Mapping[str, str] = {}
        """What a row is found by beside what it shows, in every language."""

    # Given by a subclass

    def title_words(self) -> Styled:
        """The line above the rows: what is listed here."""
        raise NotImplementedError

    def sections(self) -> Sections:
        """All rows as they are now."""
        raise NotImplementedError

    def sought(self) -> dict[str, str]:
        """What each row is found by, in the language in use."""
        raise NotImplementedError

    def change(self) -> None:
        """Change what is under the cursor."""
        raise NotImplementedError

    def problems(self) -> Sequence[Phrase]:
        """What is wrong in the file."""
        return ()

    # The page

    def compose(self) -> ComposeResult:
        """Title, what is wrong in the file, the search, the list, what is under the cursor, what was said last, the keys."""
        yield Static(self.title_words(), classes="title")
        yield Static(classes="problems")
        yield Field(placeholder=t("settings.search"))
        yield Rows(compact=True)
        yield Static(classes="about")
        yield Static(classes="said")
        yield Footer(show_command_palette=False)

    async def on_mount(self) -> None:
        """Fill the list; the search knows every language once their catalogues are read."""
        self.query_one(Rows).focus()
        self.show_rows()
        for code in codes():
            await asyncio.to_thread(load, code)
        found = in_every_language(self.sought)
        self._sought = {
            name: "\n".join(said[name] for said in found.values()).casefold() for name in self._rows
        }
        if self.needle:  # typed meanwhile
            self.show_rows()

    def on_resize(self) -> None:
        """Set the columns anew."""
        if self.is_mounted:
            self.show_rows()

    def writing_field(self) -> Field:
        """Letters that are no command are sought."""
        return self.query_one(Field)

    def list_commands(self, place: str) -> Attached:
        """The commands that both pages have, under the ids of the subclass's place."""
        return {
            f"{place}.close": self.close,
            f"{place}.change": self.change,
            f"{place}.search": self.search,
            f"{place}.to_list": self.to_list,
        }

    def offers(self, name: str) -> bool | None:
        """What is done with a row needs one."""
        done = name.partition(".")[2] in ("change", "default", "before", "after")
        return self.current is not None or not done

    def search(self) -> None:
        """Type what to find."""
        self.set_focus(self.query_one(Field))  # at once: letters in the same burst are what is sought

    def to_list(self) -> None:
        """From the search down to the list."""
        self.set_focus(self.query_one(Rows))

    def close(self) -> None:
        """Leave the search first, then the page; everything is saved already."""
        field = self.query_one(Field)
        if field.value:
            field.value = ""
            self.to_list()
        else:
            self.dismiss()

    def on_input_changed(self) -> None:
        """Show what is found."""
        self.show_rows()

    def on_input_submitted(self) -> None:
        """Enter in the search goes to what was found."""
        self.to_list()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click on a row."""
        event.stop()
        self.change()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tell what is under the cursor; above the first row the heading is to be seen."""
        if event.option_index <= 1:
            self.query_one(Rows).scroll_home(animate=False)
        self._tell_about()

    @property
    def needle(self) -> str:
        """What is searched for among the rows, without blanks around it."""
        return self.query_one(Field).value.strip()

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        option = self.query_one(Rows).highlighted_option
        return None if option is None else self._rows.get(option.id or "")

    def show_rows(self, at: str | None = None) -> None:
        """Show what is found of the rows as they are now, the cursor on row `at` or where it is."""
        rows = self.query_one(Rows)
        at = at or (self.current.id if self.current is not None else None)
        empty = self.current is None
        sections = self.sections()
        self._rows = {row.id: row for _, found in sections for row in found}
        room = self.app.size.width - 3  # a column on each side, and the scrollbar
        name = min(max((cell_len(row.name) for row in self._rows.values()), default=0), room // 2)
        words = self.needle.casefold().split()
        options = list[tuple[str, Styled]]()
        for heading, all_rows in sections:
            found = [row for row in all_rows if self._has(row, heading, words)]
            if found:
                above = Clean("\n") if options else Clean("")
                options.append((f"[{heading}]", assembled(above, (heading, "bold $text-accent"))))
                options += [(row.id, _drawn(row, name, room)) for row in found]
        if not options:
            options.append(("[]", styled(t("settings.nothing_found"), "$text-muted")))
        ids = [name for name, _ in options]
        if ids == [each.id for each in rows.options]:
            for option, (ident, prompt) in zip(rows.options, options, strict=True):
                if option.prompt != prompt:
                    rows.replace_option_prompt(ident, prompt)
        else:
            rows.set_options(
                Option(prompt, ident, disabled=ident not in self._rows) for ident, prompt in options
            )
        rows.highlighted = ids.index(at) if at in ids else None
        if rows.highlighted is None:
            rows.action_first()
        if empty is not (self.current is None):
            self.refresh_bindings()
        self.query_one(".title", Static).update(self.title_words())
        wrong, shown = self.problems(), self.query_one(".problems", Static)
        shown.update("\n".join(map(say, wrong)))
        shown.display = bool(wrong)
        self._tell_about()

    def _has(self, row: Row, heading: Clean, words: Sequence[str]) -> bool:
        """Whether a row has all words that are sought."""
        shown = f"{heading}\n{row.id}\n{row.name}\n{row.value}\n{row.about}".casefold()
        text = shown + self._sought.get(row.id, "")
        return all(word in text for word in words)

    def _tell_about(self) -> None:
        """What is under the cursor: its name in the file, its default, what it does."""
        row = self.current
        if row is None:
            self.query_one(".about", Static).update(Clean(""))
            return
        default = Clean("  ") + t("settings.default_is", value=row.default) if row.default else Clean("")
        lines = wrap_text(row.about, max(2, self.app.size.width - 2))
        head = cut(self.name_in_file(row) + default, self.app.size.width - 2)
        self.query_one(".about", Static).update(
            assembled((head, "$text-muted"), Clean("\n") + "\n".join(lines))
        )

    def name_in_file(self, row: Row) -> Clean:
        """What the file calls a row."""
        return clean_line(row.id)

    def was_left(self, failed: Phrase | None) -> bool:
        """Whether the page was left while something was written; what failed is told where somebody is now."""
        if self._left and failed is not None:
            tell(self.app, failed, "error")
        return self._left

    def say_last(self, words: Phrase) -> None:
        """Say what was done, until something else is."""
        self.query_one(".said", Static).update(say(words))


def titled(title: Clean, count: Clean, file: Path, room: int) -> Styled:
    """The first line: a title, how many are changed, and the end of the file's path that has room beside them."""
    before = Clean("  ") + count if count else Clean("")
    left = room - cell_len(title) - cell_len(before) - 2
    path = cut_start(clean_line(str(file)), max(left - cell_len(t("settings.file_at", path="")), 16))
    return assembled((title, "bold"), before + "  " + t("settings.file_at", path=path))


def _drawn(row: Row, name: int, room: int) -> Styled:
    """A row in `room` cells: name, value, and the default beside it where that is another."""
    parts: list[Clean | Styled | tuple[Clean, str]] = [pad(cut(row.name, name), name + _GAP)]
    left = room - name - _GAP
    beside = left - _VALUE - _GAP
    if row.default and beside >= _BESIDE:
        parts.append((pad(cut(row.value, _VALUE), _VALUE + _GAP), "bold $text-accent"))
        parts.append((cut(t("settings.default_is", value=row.default), beside), "$text-muted"))
    else:
        parts.append((cut(row.value, left), "bold $text-accent" if row.default else ""))
    return assembled(*parts)
