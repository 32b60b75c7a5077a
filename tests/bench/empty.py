"""The reference of start-up, idle cost and echo: a Textual app that has a prompt and nothing else."""

from textual.app import App, ComposeResult
from textual.widgets import TextArea


class EmptyApp(App[None]):
    """A text area."""

    def compose(self) -> ComposeResult:
        """Only that."""
        yield TextArea()

    def on_mount(self) -> None:
        """No blinking, as in R1TUI."""
        self.query_one(TextArea).cursor_blink = False
