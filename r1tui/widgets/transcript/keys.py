"""The keys of the transcript: each moves in it or asks the screen for something to be done with a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from r1tui.domain.clean import clean
from r1tui.widgets.transcript import events as told
from r1tui.widgets.transcript.cursor import CursorView
from r1tui.widgets.transcript.render import CodeBlock

_ON_A_MESSAGE = frozenset(
    {"toggle_at_cursor", "copy", "open", "save", "edit", "regenerate", "continue", "delete", "find"}
)


class KeyedView(CursorView):
    """A view that keys move in and act on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_lines(-1)", "transcript.key.up", id="transcript.up", show=False),
        Binding("down", "scroll_lines(1)", "transcript.key.down", id="transcript.down", show=False),
        Binding("pageup", "page_up", "transcript.key.page-up", id="transcript.page_up", show=False),
        Binding("pagedown", "page_down", "transcript.key.page-down", id="transcript.page_down", show=False),
        Binding("home,g", "home", "transcript.key.home", id="transcript.home", show=False),
        Binding("end,G", "end", "transcript.key.end", id="transcript.end"),
        Binding("k,ctrl+up", "cursor_up", "transcript.key.previous", id="transcript.previous"),
        Binding("j,ctrl+down", "cursor_down", "transcript.key.next", id="transcript.next"),
        Binding("enter,space", "toggle_at_cursor", "transcript.key.fold", id="transcript.fold"),
        Binding("m", "toggle_formulas", "transcript.key.formulas", id="transcript.formulas", show=False),
        Binding("y", "copy(False)", "transcript.key.copy", id="transcript.copy"),
        Binding("Y", "copy(True)", "transcript.key.copy-all", id="transcript.copy_all", show=False),
        *(
            Binding(
                str(n),
                f"copy_code({n})",
                "transcript.key.copy-code",
                id=f"transcript.copy_code_{n}",
                show=n == 1,
            )
            for n in range(1, 10)
        ),
        Binding("o", "open('pager')", "transcript.key.pager", id="transcript.pager", show=False),
        Binding("O", "open('editor')", "transcript.key.editor", id="transcript.editor", show=False),
        Binding("s", "save", "transcript.key.save", id="transcript.save", show=False),
        Binding("e", "edit", "transcript.key.edit", id="transcript.edit"),
        Binding("r", "regenerate", "transcript.key.regenerate", id="transcript.regenerate"),
        Binding("c", "continue", "transcript.key.continue", id="transcript.continue", show=False),
        Binding(
            "left_square_bracket",
            "sibling(-1)",
            "transcript.key.sibling-before",
            id="transcript.sibling_before",
            show=False,
        ),
        Binding(
            "right_square_bracket",
            "sibling(1)",
            "transcript.key.sibling-after",
            id="transcript.sibling_after",
            show=False,
        ),
        Binding("d", "delete", "transcript.key.delete", id="transcript.delete", show=False),
        Binding("slash", "find", "transcript.key.find", id="transcript.find"),
        Binding("n", "find_next", "transcript.key.find-next", id="transcript.find_next", show=False),
        Binding(
            "N", "find_previous", "transcript.key.find-previous", id="transcript.find_previous", show=False
        ),
    ]

    def code_blocks(self, message_id: str) -> list[CodeBlock]:
        """The code blocks of a message."""
        at = self.layout_.index.get(message_id)
        return self.layout_.entries[at].codes(self.view) if at is not None else []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key means something where there is what it acts on; else it is text for the prompt."""
        message = self.cursor_message
        if action in _ON_A_MESSAGE and message is None:
            return None
        if action == "copy_code":
            blocks = self.code_blocks(message.id) if message else []
            return True if parameters[0] in range(1, len(blocks) + 1) else None
        if action == "sibling":
            return True if message is not None and message.id in self.view.siblings else None
        if action in ("find_next", "find_previous"):
            return True if self.finding else None
        return super().check_action(action, parameters)

    # Keys

    def action_scroll_lines(self, by: int) -> None:
        """A line up or down."""
        self.scroll_rows(by)

    def action_page_up(self) -> None:
        """A screen up."""
        self.scroll_rows(-max(1, self.size.height - 2))

    def action_page_down(self) -> None:
        """A screen down."""
        self.scroll_rows(max(1, self.size.height - 2))

    def action_home(self) -> None:
        """The first row."""
        self.scroll_rows(-self.layout_.total)

    def action_end(self) -> None:
        """The end, and follow."""
        self.show_end()

    def action_cursor_up(self) -> None:
        """To the message above."""
        self.cursor_up()

    def action_cursor_down(self) -> None:
        """To the message below."""
        self.cursor_down()

    def action_toggle_at_cursor(self) -> None:
        """Fold or unfold."""
        self.toggle_at_cursor()

    def action_toggle_formulas(self) -> None:
        """Formulas as their source, or set again."""
        self.toggle_formulas()

    def action_copy(self, with_reasoning: bool) -> None:
        """Copy the message under the cursor."""
        message = self.cursor_message
        if message is None:
            return
        text = clean(message.content)
        if with_reasoning and message.reasoning:
            text = f"<think>\n{clean(message.reasoning).strip()}\n</think>\n\n{text}"
        self.post_message(told.CopyRequested(text))

    def action_copy_code(self, number: int) -> None:
        """Copy code block `number` of the message under the cursor."""
        message = self.cursor_message
        blocks = self.code_blocks(message.id) if message else []
        if 0 < number <= len(blocks):
            self.post_message(told.CopyRequested(blocks[number - 1].text))

    def action_open(self, where: str) -> None:
        """Show the message in another program."""
        if (message := self.cursor_message) is not None:
            self.post_message(told.OpenRequested(message.id, where))

    def action_save(self) -> None:
        """Save the message."""
        self._ask(told.SaveRequested)

    def action_edit(self) -> None:
        """Edit the message."""
        self._ask(told.EditRequested)

    def action_regenerate(self) -> None:
        """Answer again."""
        self._ask(told.RegenerateRequested)

    def action_continue(self) -> None:
        """Go on from a partial answer."""
        self._ask(told.ContinueRequested)

    def action_delete(self) -> None:
        """Delete the message."""
        self._ask(told.DeleteRequested)

    def action_sibling(self, step: int) -> None:
        """Another version of the message."""
        if (message := self.cursor_message) is not None:
            self.post_message(told.SiblingRequested(message.id, step))

    def action_find(self) -> None:
        """Ask for words to find."""
        self.post_message(told.FindRequested())

    def action_find_next(self) -> None:
        """To the next match."""
        self.find_next()

    def action_find_previous(self) -> None:
        """To the match before."""
        self.find_previous()

    def _ask(self, event: Callable[[str], told.MessageEvent]) -> None:
        if (message := self.cursor_message) is not None:
            self.post_message(event(message.id))
