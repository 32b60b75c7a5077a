"""Fields to write in: keys take effect in their order, and no text in them is one that a terminal would obey."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, TextArea
from textual.widgets.text_area import Edit, EditResult

from r1tui.domain.clean import Clean, clean, clean_line, visible


async def run_own_binding(field: Widget, event: events.Key) -> None:
    """Do at once what a key is bound to in the field that has it; any other key goes its usual way.

    Textual would let such a key bubble up to the app and come back, while characters typed after it are
    inserted already: of a burst, as a slow link delivers it, Ctrl+U and "new" left nothing.
    """
    if event.is_printable:
        return
    active = field.screen.active_bindings.get(event.key)
    if active is not None and active.node is field:
        event.prevent_default()  # a text area would take a bound Enter for a line break as well
        if await field.app.run_action(active.binding.action, field):
            event.stop()


class Field(Input):
    """One line: no border, no blinking cursor (each blink is bytes over SSH)."""

    DEFAULT_CSS = "Field { background: $panel; }"

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: Clean = Clean(""),
        suggester: Suggester | None = None,
        select_on_focus: bool = False,
        id: str | None = None,
    ) -> None:
        super().__init__(
            clean(value),
            placeholder=placeholder,
            suggester=suggester,
            select_on_focus=select_on_focus,
            compact=True,
            id=id,
        )
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """Whatever sets it: what is drawn has the width that is counted, and is on one line.

        Not `clean`, which judges a joiner of emoji by the next character: that is not typed yet.
        """
        return visible(value.replace("\n", " ").replace("\t", " "))

    async def on_key(self, event: events.Key) -> None:
        """Keep keys in their order."""
        await run_own_binding(self, event)

    def on_paste(self, event: events.Paste) -> None:
        """Insert what was pasted as one line: Textual would take the first and drop the others unsaid."""
        event.prevent_default()
        event.stop()
        self.replace(clean_line(pasted_text(event)), *sorted(self.selection))


class TextField(TextArea):
    """Several lines, with the same manners."""

    def __init__(self, text: str = "", *, id: str | None = None, **kwargs: Any) -> None:
        super().__init__(clean(text), compact=True, highlight_cursor_line=False, id=id, **kwargs)
        self.cursor_blink = False
        self.match_cursor_bracket = False

    def load_text(self, text: str) -> None:
        """Begin anew with a text from elsewhere, cleaned."""
        super().load_text(clean(text))

    def edit(self, edit: Edit) -> EditResult:
        """Do an edit; its text shows signs for what a terminal would obey."""
        edit.text = visible(edit.text, lines=True)
        return super().edit(edit)

    async def on_key(self, event: events.Key) -> None:
        """Keep keys in their order."""
        await run_own_binding(self, event)

    def on_paste(self, event: events.Paste) -> None:
        """Insert pasted text, cleaned, as one edit and one step of undo."""
        event.prevent_default()
        event.stop()
        text = clean(pasted_text(event))
        if text and not self.read_only:
            self.write_at_cursor(text)
            self.focus()

    def write_at_cursor(self, text: str) -> None:
        """Put a text in place of the selection, the cursor behind it."""
        self.move_cursor(self.replace(text, *self.selection, maintain_selection_offset=False).end_location)


def pasted_text(event: events.Paste) -> str:
    """What was pasted; terminals send each line end as the key Enter would, a bare return."""
    return event.text.replace("\r\n", "\n").replace("\r", "\n")
