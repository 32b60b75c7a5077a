"""How often a question is to be asked: what that costs is said before it begins."""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Callable

from textual import events, on
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Checkbox

from r1tui.chat.vote import VoteCost
from r1tui.commands import Place
from r1tui.domain.clean import clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.domain.vote import FEWEST, MOST, USUAL
from r1tui.locale import clock, t
from r1tui.screens.base import Dialog, Frame
from r1tui.screens.models.pull_name import Tick
from r1tui.toolkit.bindings import Attached, Commanded
from r1tui.toolkit.shown import Static
from r1tui.widgets.fields import Field

BOX = r"\boxed{}"
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class WantedVote:
    """What the user decided."""

    planned: int
    boxed: bool
    """The request asks for the final answer in a box."""


class NumberField(Commanded, Field, place=Place.VOTE_NUMBER):
    """A field of digits: any other key in it is a command, Space among them. Up and Down go through the usual numbers."""

    class Started(Message):
        """Enter was pressed: the vote is wanted as it is set."""

    class BoxToggled(Message):
        """The line for the final answer is wanted, or not any more."""

    def commands(self) -> Attached:
        """The keys of the whole dialogue are the field's, so that none overtakes what was typed before it."""
        return {
            "vote.start": lambda: self._tell(self.Started()),
            "vote.box": lambda: self._tell(self.BoxToggled()),
            "vote.more": lambda: self._step(1),
            "vote.fewer": lambda: self._step(-1),
        }

    def validate_value(self, value: str) -> str:
        """Digits alone, those of an input method too."""
        digits = [str(unicodedata.decimal(char)) for char in value if char.isdecimal()]
        return "".join(digits[:_DIGITS])

    async def on_key(self, event: events.Key) -> None:
        """A character that is no digit may be a command."""
        if not event.is_printable or (event.character or "").isdecimal():
            await super().on_key(event)
            return
        event.prevent_default()
        event.stop()
        active = self.screen.active_bindings.get(event.key)
        if active is not None and active.node is self:
            await self.app.run_action(active.binding.action, self)

    @property
    def number(self) -> int | None:
        """What stands there; None where it is no number of times that a question can be asked."""
        return int(self.value) if self.value and FEWEST <= int(self.value) <= MOST else None

    def _tell(self, message: Message) -> None:
        self.post_message(message)

    def _step(self, by: int) -> None:
        now = int(self.value or 0)
        further = [each for each in USUAL if (each > now if by > 0 else each < now)]
        if further:
            self.value = str(further[0] if by > 0 else further[-1])
            self.cursor_position = len(self.value)


class VoteScreen(Dialog[WantedVote | None], place=Place.VOTE):
    """Ask how often; dismisses with the answer, None for Esc."""

    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]
    DEFAULT_CSS = """
    VoteScreen Checkbox { background: $surface; }
    VoteScreen .question { color: $text-muted; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    VoteScreen NumberField { margin: 0; }
    VoteScreen.-low > Frame { padding: 0 1; }
    VoteScreen.-high .how, VoteScreen.-high #cost { margin-top: 1; }
    """

    def __init__(
        self,
        question: str,
        cost: Callable[[int], Awaitable[VoteCost]],
        *,
        boxed: bool = False,
    ) -> None:
        """`cost`: what so many samples take; `boxed`: whether the line for the final answer is wanted."""
        super().__init__()
        self._question = question
        self._cost = cost
        self._boxed = boxed

    def commands(self) -> Attached:
        """Esc leaves, and nothing is asked."""
        return {"vote.close": self.close}

    def compose(self) -> ComposeResult:
        """The question, how often, what it costs, and the line for the final answer."""
        with Frame(t("vote.question"), t("vote.keys", box=BOX)):
            yield Static(clean_line(self._question[:400]), classes="question")
            yield Static(t("vote.how_often"), classes="how")
            yield NumberField(str(USUAL[1]), select_on_focus=True)
            yield Static(id="cost")
            yield Tick(t("vote.box", box=BOX), self._boxed)

    def on_mount(self) -> None:
        """The field takes what is typed from the beginning."""
        self.query_one(NumberField).focus()

    def on_input_changed(self) -> None:
        """Say what that many cost."""
        self.run_worker(self._say_cost(), exclusive=True)

    async def _say_cost(self) -> None:
        number = self.query_one(NumberField).number
        words = t("vote.bad_number")
        if number is not None:
            cost = await self._cost(number)
            words = (
                t("vote.up_to_untimed", n=number, tokens=cost.tokens)
                if cost.seconds is None
                else t("vote.up_to", n=number, tokens=cost.tokens, time=clock.wait(cost.seconds))
            )
        self.query_one("#cost", Static).update(words)

    def on_number_field_box_toggled(self) -> None:
        """Space in the field does what it does on the tick."""
        self.query_one(Checkbox).toggle()

    @on(NumberField.Started)
    @on(Tick.Taken)
    def _started(self) -> None:
        """Dismiss with what was decided, once it is a number."""
        number = self.query_one(NumberField).number
        if number is not None:
            self.dismiss(WantedVote(number, self.query_one(Checkbox).value))
