"""Where a person writes: a text area in which Enter sends."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.geometry import Offset, Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult, Selection

from r1tui.commands import Place
from r1tui.domain.clean import Clean, clean
from r1tui.domain.dataclass import dataclass
from r1tui.locale import t
from r1tui.toolkit.bindings import Attached, Commanded
from r1tui.toolkit.glyphs import glyphs
from r1tui.toolkit.line_diff import changed
from r1tui.toolkit.shown import Static
from r1tui.widgets.fields import TextField, pasted_text

_AT_SIGNS = ("@", "＠")
# Not within an address. Chinese has no blanks before a word.
_AT_WORD = re.compile(r"(?<![A-Za-z0-9._%+\-@＠/])[@＠](\S*)$")


class Prompt(Commanded, TextField, place=Place.PROMPT):
    """The prompt. It posts `Submitted` and keeps its text until `accept`; `Changed` tells of drafts.

    Up on the first line and Down on the last walk through earlier prompts (`set_history`). As in a shell's
    line editor, what was typed at each place of the walk is still there on the way back, the draft included.
    """

    DEFAULT_CSS = """
    Prompt, Prompt:focus {
        height: auto; min-height: 1; max-height: 33vh;
        border: none; padding: 0; background: transparent; scrollbar-size-vertical: 1;
    }
    """

    @dataclass
    class Submitted(Message):
        """Enter was pressed with something to send."""

        prompt: Prompt
        text: str

        @property
        def control(self) -> Prompt:
            """The prompt it came from."""
            return self.prompt

    @dataclass
    class CommandSubmitted(Message):
        """Enter was pressed behind `!` and a command, which may be empty."""

        line: str

    class Bare(Message):
        """Enter was pressed with nothing to send."""

    @dataclass
    class Beyond(Message):
        """Up or Down was pressed in the empty prompt, where no earlier prompt is that way."""

        step: int

    @dataclass
    class Pasted(Message):
        """A text was pasted, and stands before the cursor."""

        text: str

    @dataclass
    class FileWanted(Message):
        """`@` was typed where a word begins (`word_after_at`)."""

        at: float
        """When it arrived (`Event.time`)."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, placeholder=t("prompt.placeholder"))
        self._paint_due = False
        self._painted: dict[int, Strip] = {}
        self._past: list[str] = []
        self._walk: list[str] = [""]
        """Earlier prompts, oldest first, and the draft last; each as edited during this walk."""
        self._at = 0
        self._command = False
        """`!` was typed as the first character: pasted text is never a command."""
        self._commands: set[str] = set()
        """Those of the earlier prompts that are commands, with their `!`."""
        self.takes_commands: Callable[[], bool] = lambda: False
        """Whether `!` as the first character is more than a character."""
        self.choosing = False
        """The cursor is among examples above, which Up and Down go through."""

    def hint(self) -> None:
        """Say in the empty field what it takes, as much of it as one line holds."""
        room = self.content_size.width
        said = (t(name) for name in ("prompt.placeholder", "prompt.placeholder_short"))
        self.placeholder = next(
            (each for each in said if cell_len(each) <= room), t("prompt.placeholder_least")
        )

    def on_resize(self) -> None:
        """More or less of the hint has room."""
        self.hint()

    # Textual paints the whole text area again for each move of the cursor; here only the cells that differ.
    selection = reactive(Selection(), init=False, always_update=True, repaint=False)

    def watch_selection(self) -> None:
        """Paint what changed, once the edit that moved the cursor is through."""
        if self.is_attached and not self._paint_due:
            self._paint_due = True
            self.call_later(
                self._paint_changes
            )  # behind all keys that are here already: one look for a burst

    def _paint_changes(self) -> None:
        self._paint_due = False
        for y in range(self.size.height):
            before, after = self._painted.get(y), super().render_line(y)
            if before is None:
                self.refresh_lines(y)
            elif spans := changed(_runs(before), _runs(after), self.size.width):
                self.refresh(*(Region(start, y, end - start, 1) for start, end in spans))

    def render_line(self, y: int) -> Strip:
        """A line, remembered as painted."""
        self._painted[y] = strip = super().render_line(y)
        return strip

    def commands(self) -> Attached:
        """What Enter means, alone and with others."""
        return {"prompt.send": self.submit, "prompt.new_line": self.new_line}

    @on(events.Key)
    def _look_for_at(self, event: events.Key) -> None:
        """Tell of an `@`, once it stands there."""
        if event.character in _AT_SIGNS and not self.is_command:
            self.post_message(self.FileWanted(event.time))

    @on(events.Paste)
    def _tell_of_paste(self, event: events.Paste) -> None:
        self.post_message(self.Pasted(clean(pasted_text(event))))

    @property
    def word_after_at(self) -> str | None:
        """What stands between an `@` at the beginning of a word and the cursor; None where that is not so."""
        row, column = self.cursor_location
        found = _AT_WORD.search(self.document.get_line(row)[:column])
        return found[1] if found else None

    def drop_word_after_at(self) -> None:
        """Remove that word, its `@` too."""
        row, column = self.cursor_location
        if (word := self.word_after_at) is not None:
            self.delete((row, column - len(word) - 1), (row, column), maintain_selection_offset=False)

    @property
    def is_command(self) -> bool:
        """What is written is a command for the shell, and its `!`, in place of a question."""
        return self._command and self.document.get_line(0).startswith("!")

    async def on_key(self, event: events.Key) -> None:
        """`!` in the empty prompt begins a command; an input method's wide one counts as well."""
        if event.character in ("!", "！") and not self.text and self.takes_commands():
            event.stop()
            event.prevent_default()
            self.begin_command()
        else:
            await super().on_key(event)

    def edit(self, edit: Edit) -> EditResult:
        """Do an edit; without its `!` a command is none any more."""
        result = super().edit(edit)
        self._command = self.is_command
        return result

    def begin_command(self) -> None:
        """Begin a command in the empty prompt."""
        self.write_at_cursor("!")
        self._command = True

    def accept_command(self, command: str) -> None:
        """Take a command as done, with its `!`: remember it among the earlier prompts, and leave what else was written."""
        if self.is_command and self.text.startswith(command):
            self.load_text(self.text.removeprefix(command))
            self.move_cursor(self.document.end)
        self._commands.add(command)
        if not self._past or self._past[-1] != command:
            self._past.append(command)
        self._command = False
        self._restart_walk()

    def set_history(self, prompts: Sequence[str]) -> None:
        """Give the earlier prompts, oldest first. A walk in progress begins anew, from the present text."""
        self._past = [clean(prompt) for prompt in prompts]
        self._restart_walk()

    def set_draft(self, text: str, *, command: bool = False) -> None:
        """Replace everything by a stored draft, the cursor at its end; what was there cannot be undone to.

        `command`: it was typed as a command, with its `!`.
        """
        self.load_text(text)
        self._command = command and self.takes_commands()
        self.move_cursor(self.document.end)
        self._restart_walk()

    def accept(self) -> None:
        """Take the text as sent: remember it as the newest of the earlier prompts and clear the field."""
        sent = self.text
        if sent.strip() and (not self._past or self._past[-1] != sent):
            self._past.append(sent)
        self._command = False
        self.load_text("")
        self._restart_walk()

    def _restart_walk(self) -> None:
        self._walk = [*self._past, self.text]
        self._at = len(self._past)

    def scroll_cursor_visible(self, center: bool = False, animate: bool = False) -> Offset:
        """Scroll the cursor into view."""
        if self.cursor_location[0] >= self.document.line_count:
            # Textual 8.2 undoes text before it moves the cursor: a scrollbar that vanishes in between asks
            # for a line that is gone, and the app would end with a ValueError.
            return Offset(0, 0)
        return super().scroll_cursor_visible(center, animate)

    def submit(self) -> None:
        """Send, unless there is nothing but white space: that is only told."""
        if self.is_command:
            self.post_message(self.CommandSubmitted(clean(self.text)))
        elif not self.text.strip():
            self.post_message(self.Bare())
        else:
            self.post_message(self.Submitted(self, clean(self.text)))

    def new_line(self) -> None:
        """Begin a new line."""
        self.write_at_cursor("\n")

    def take_back(self, text: str) -> None:
        """Remove a text that was typed just before the cursor, where it still stands there."""
        row, column = end = self.cursor_location
        first, newline, _ = text.partition("\n")
        row -= text.count("\n")
        if text and row >= 0:
            column = (len(self.document.get_line(row)) if newline else column) - len(first)
            if column >= 0 and self.get_text_range((row, column), end) == text:
                self.delete((row, column), end, maintain_selection_offset=False)

    def action_cursor_up(self, select: bool = False) -> None:
        """Move up, or on the first line recall the prompt before."""
        if not select and not self.text and (self.choosing or self._at == 0):
            self.post_message(self.Beyond(-1))
        elif not select and self.navigator.is_first_wrapped_line(self.cursor_location) and self._at > 0:
            self._recall(self._at - 1)
            first_line_end = self.navigator.get_location_end((0, 0))
            self.move_cursor(first_line_end)
        else:
            super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        """Move down, or on the last line recall the prompt after; after the newest comes the draft."""
        last = self.navigator.is_last_wrapped_line(self.cursor_location)
        if not select and not self.text and (self.choosing or self._at == len(self._walk) - 1):
            self.post_message(self.Beyond(1))
        elif not select and last and self._at < len(self._walk) - 1:
            self._recall(self._at + 1)
        else:
            super().action_cursor_down(select)

    def _recall(self, at: int) -> None:
        self._walk[self._at] = self.text
        if self.is_command:
            self._commands.add(self.text)
        self._at = at
        self.replace(self._walk[at], (0, 0), self.document.end, maintain_selection_offset=False)
        self._command = self._walk[at] in self._commands
        self.move_cursor(self.document.end)


def _runs(strip: Strip) -> list[tuple[str, object]]:
    return [(segment.text, segment.style) for segment in strip]


class PromptBar(Horizontal):
    """The prompt with its sign before it."""

    DEFAULT_CSS = """
    PromptBar { height: auto; max-height: 33vh; }
    PromptBar > Static { width: 3; padding: 0 1; color: $primary; }
    PromptBar > Static.-command { color: $warning; text-style: bold; }
    PromptBar > Prompt { width: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.prompt = Prompt(id="prompt")
        """The field itself; what was written is still known when the page has been taken down."""

    def compose(self) -> ComposeResult:
        """The prompt's sign beside its field."""
        yield Static(glyphs().selected)
        yield self.prompt

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Show whether a command is written."""
        sign = self.query_one(Static)
        if sign.has_class("-command") is not self.prompt.is_command:
            sign.toggle_class("-command")
            sign.update(self._sign())

    def _sign(self) -> Clean:
        return Clean("$") if self.prompt.is_command else glyphs().selected

    def say_anew(self) -> None:
        """Say everything once more, in another language or with other signs."""
        self.query_one(Static).update(self._sign())
        self.prompt.hint()
