"""The part of the setup screen that its steps draw on: one list of choices, one progress, one note."""

from __future__ import annotations

from collections.abc import Sequence

from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.domain.pull_view import PullView
from r1tui.screens.base import R1Screen
from r1tui.toolkit.option import Option, OptionList
from r1tui.toolkit.shown import Static, Styled
from r1tui.widgets.pull_bar import PullBar


@dataclass(frozen=True, slots=True)
class SetupResult:
    """What setup ended with."""

    host: str | None
    """Address of the server to use; None for the one that was meant before."""
    model: str
    """The model that was downloaded; empty where there were some already."""


class StepScreen(R1Screen[SetupResult | None]):
    """A screen with `#choices`, `#progress` and `#note`, which its subclass composes."""

    def __init__(self) -> None:
        super().__init__()
        self._noted = ""

    def note(self, text: Clean) -> None:
        """One or two sentences below the choices."""
        if text != self._noted:
            self._noted = text
            self.query_one("#note", Static).update(text)

    def choices(self, options: Sequence[tuple[str, Styled]], highlight: str = "") -> None:
        """Offer these; the cursor stays on its choice where that still exists, drawn anew only when they differ."""
        found = self.query_one("#choices", OptionList)
        before = [(option.id, str(option.prompt)) for option in found.options]
        if before == [(name, str(prompt)) for name, prompt in options]:
            return
        at = found.highlighted_option
        found.set_options([Option(prompt, id=name) for name, prompt in options])
        names = [name for name, _ in options]
        wanted = highlight or (at.id if at is not None and at.id else "")
        if names:
            found.highlighted = names.index(wanted) if wanted in names else 0

    def progress(self, view: PullView | None) -> None:
        """Show a transfer, or none; the choices step back meanwhile."""
        self.query_one("#progress", PullBar).show(view)
        self.query_one("#choices").display = view is None
        if view is None:
            self.query_one("#choices").focus()
