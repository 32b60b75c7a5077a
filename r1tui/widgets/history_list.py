"""The list of conversations by day, or of the places where a search found something."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.message import Message

from r1tui.commands import Place
from r1tui.domain.clean import Clean, clean, clean_line
from r1tui.domain.history import Hit, Summary
from r1tui.locale import clock, t
from r1tui.toolkit.bindings import Attached, Commanded
from r1tui.toolkit.cells import cut
from r1tui.toolkit.glyphs import glyphs
from r1tui.toolkit.option import Option, OptionList
from r1tui.toolkit.shown import Styled, assembled, styled

_WHERE = {
    "prompt": "history.in_prompt",
    "content": "history.in_content",
    "reasoning": "history.in_reasoning",
    "attachment": "history.in_attachment",
    "title": "history.in_title",
}
NEAR_END = 40
"""More is asked for when the cursor comes this close to the last line."""


class HistoryList(Commanded, OptionList, place=Place.HISTORY_LIST):
    """Conversations or hits, one under the cursor. Long lists are given in pages: `MoreWanted` asks for the next."""

    DEFAULT_CSS = """
    HistoryList, HistoryList:focus { border: none; padding: 0 1; background: $surface; }
    HistoryList > .option-list--option-disabled { color: $text-muted; }
    """

    class MoreWanted(Message):
        """The cursor comes near the end of what was given."""

    @dataclass
    class Opened(Message):
        """Enter on a line."""

        entry: Summary | Hit

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[Summary | Hit] = []
        self._heading = ""
        self._asked = False

    def commands(self) -> Attached:
        """Moves, beside the arrows."""
        return {"history.down": self.action_cursor_down, "history.up": self.action_cursor_up}

    @property
    def current(self) -> Summary | Hit | None:
        """What is under the cursor."""
        option = self.highlighted_option
        return None if option is None or option.id is None else self._entries[int(option.id)]

    @property
    def below(self) -> str | None:
        """The conversation one line below the cursor, else the one above."""
        option = self.highlighted_option
        if option is None or option.id is None:
            return None
        at = int(option.id)
        for near in (at + 1, at - 1):
            if 0 <= near < len(self._entries):
                return conversation_of(self._entries[near])
        return None

    def show(self, entries: Sequence[Summary | Hit], keep: str | None = None) -> None:
        """Show these from the top, the cursor on the conversation `keep` if it is among them, else on the first."""
        self._entries = []
        self._heading = ""
        self.clear_options()
        self.extend(entries)
        ids = [conversation_of(entry) for entry in entries]
        if ids:
            self.highlighted = self.get_option_index(str(ids.index(keep) if keep in ids else 0))

    def extend(self, entries: Sequence[Summary | Hit]) -> None:
        """Add the next page below."""
        options: list[Option] = []
        now = time.time()
        for entry in entries:
            if isinstance(entry, Summary) and (heading := self._group(entry, now)) != self._heading:
                self._heading = heading
                options.append(Option(heading, disabled=True))
            options.append(Option(self._line(entry), id=str(len(self._entries))))
            self._entries.append(entry)
        self.add_options(options)
        self._asked = not entries

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Ask for more in time."""
        super().watch_highlighted(highlighted)
        if highlighted is not None and not self._asked and highlighted >= self.option_count - NEAR_END:
            self._asked = True
            self.post_message(self.MoreWanted())

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Tell what was opened, in the domain's words."""
        event.stop()
        if (entry := self.current) is not None:
            self.post_message(self.Opened(entry))

    def on_resize(self, event: events.Resize) -> None:
        """The right-hand column stands at the right-hand side of any width."""
        for number, entry in enumerate(self._entries):
            if isinstance(entry, Summary):
                self.replace_option_prompt(str(number), self._line(entry))

    def _group(self, entry: Summary, now: float) -> Clean:
        if entry.private:
            return t("history.private")
        return t("history.pinned") if entry.pinned else clock.day(entry.updated, now)

    def _line(self, entry: Summary | Hit) -> Styled:
        return self._found(entry) if isinstance(entry, Hit) else self._conversation(entry)

    def _conversation(self, entry: Summary) -> Styled:
        signs = glyphs()
        width = self._width()
        sign = signs.private if entry.private else signs.running if entry.live else Clean(" ")
        size = t("history.messages", n=entry.size)
        right = f"{clean_line(entry.model)}  {size}" if width >= 60 else size
        room = max(8, width - cell_len(right) - 4)
        title = cut(clean_line(entry.title) or t("history.untitled"), room)
        gap = " " * (width - 2 - cell_len(title) - cell_len(right))
        return assembled(sign + " ", title, gap, (right, "$text-muted"))

    def _found(self, hit: Hit) -> Styled:
        title = clean_line(hit.title) or t("history.untitled")
        where = f"  {t(_WHERE[hit.where])}, {clock.day(hit.created, time.time())}"
        line = cut(title + where, self._width())
        return assembled(line[: len(title)], (line[len(title) :], "$text-muted"), Clean("\n"), marked(hit))

    def _width(self) -> int:
        return max(20, (self.scrollable_content_region.width or 78) - 2)


def conversation_of(entry: Summary | Hit) -> str:
    """The id of the conversation that an entry leads to."""
    return entry.id if isinstance(entry, Summary) else entry.conversation_id


def marked(hit: Hit) -> Styled:
    """The snippet with the words found set off, in bold too: colour is not the only sign."""
    parts: list[Styled] = [styled(Clean("  "))]
    at = 0
    for start, end in hit.spans:
        parts.append(styled(clean(hit.snippet[at:start])))
        parts.append(styled(clean(hit.snippet[start:end]), "bold underline"))
        at = end
    parts.append(styled(clean(hit.snippet[at:])))
    return assembled(*parts)
