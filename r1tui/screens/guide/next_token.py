"""Live: what the model holds for likely to come next, token by token."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.widgets import Input

from r1tui.chat.session import ChatSession
from r1tui.commands import Place
from r1tui.domain.clean import Clean, visible
from r1tui.domain.conversation import Conversation
from r1tui.domain.likely import probabilities, shares
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.stream import Alternatives
from r1tui.locale import t
from r1tui.screens.guide.asking import AskingScreen
from r1tui.services.engines.engine import EngineError, ModelManager, Predicts
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.cells import fit, pad_start
from r1tui.toolkit.glyphs import glyphs
from r1tui.toolkit.shown import Static, Styled, stacked, styled
from r1tui.widgets.bars import share_bar
from r1tui.widgets.fields import Field

CANDIDATES = 10
_ASKED_FOR = 20
"""Some may be no text; no server tells of more."""
TEMPERATURES = (0.0, 0.6, 1.2)
_NO_TEXT = "\ufffd"
LONGEST = 2000
"""Characters of the beginning that are sent."""
_TOKEN_CELLS = 16
_BAR_CELLS = 16
"""So that a line fits into 80 columns."""


class NextTokenScreen(AskingScreen, place=Place.NEXT_TOKEN):
    """Enter asks for the candidates after what is written, or takes the one under the cursor and goes on.

    Each request makes one token. Nothing is stored.
    """

    DEFAULT_CSS = """
    NextTokenScreen { overflow-y: auto; }
    """

    def __init__(self, session: ChatSession) -> None:
        super().__init__(session)
        self._asked = ""
        """The beginning that the candidates belong to."""
        self._told: Alternatives | None = None
        self._at = 0
        self._temperature: float | None = None
        """What the bars are of; None: the model's own probabilities."""

    def commands(self) -> Attached:
        """What keys do here, beside Tab."""
        return {
            "next_token.close": self.stop_or_close,
            "next_token.up": partial(self._move, -1),
            "next_token.down": partial(self._move, 1),
        }

    def compose(self) -> ComposeResult:
        """What it costs, the beginning, the candidates, the keys."""
        yield Static(t("live.next.title", model=self._session.server.selected), classes="title")
        yield Static(self._cost(), id="cost", classes="muted")
        yield Field(t("live.next.example"), select_on_focus=False)
        yield Static(id="said")
        yield Static(id="candidates")
        yield Static(t("live.next.keys"), classes="muted keys")

    def _unfit(self) -> Phrase | None:
        return None if isinstance(self._session.server.engine, Predicts) else phrase("live.next.untold")

    def _cost(self) -> Clean:
        """What Enter costs, said before. Only a server that manages models loads one for a request."""
        server = self._session.server
        loaded = server.loaded(server.selected) is not None or not isinstance(server.engine, ModelManager)
        return t("live.next.cost" if loaded else "live.next.cost_cold")

    # Asking

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: ask after what is written; where that was done already, take the candidate and go on."""
        if self._asking:
            return
        beginning = event.value
        if self._told is not None and beginning == visible(self._asked):
            beginning = self._asked + self._candidates()[self._at][0]
            field = self.query_one(Field)
            field.value = beginning
            field.cursor_position = len(field.value)
        if (problem := self._problem()) is not None:
            self._say(problem)
        elif beginning:
            self._work = self.run_worker(self._ask(beginning[-LONGEST:]), exclusive=True)

    async def _ask(self, beginning: str) -> None:
        session = self._session
        engine = session.server.engine
        assert engine is not None
        assert isinstance(engine, Predicts)
        name = session.server.selected
        self._say(phrase("live.asking"))
        try:
            request = await session.requests.build(
                engine, Conversation(), None, session.machine.profile, **session.server.sized(name)
            )
            told = await engine.likeliest(request, beginning, _ASKED_FOR)
        except EngineError as error:
            self._say(error.phrase)
            return
        self._asked, self._told, self._at = beginning, told, 0
        self.query_one("#cost", Static).update(t("live.next.cost"))  # what has answered is loaded
        if self._candidates():
            self._say(None)
        else:
            self._told = None
            self._say(
                phrase("live.next.parts" if told is not None and told.likeliest else "live.next.untold")
            )
        self._draw()

    def _candidates(self) -> tuple[tuple[str, float], ...]:
        """Those that can be taken: a part of a character, told as nothing or as a sign for what is no text, counts among
        the others."""
        told = self._told.likeliest if self._told is not None else ()
        return tuple(each for each in told if each[0] and _NO_TEXT not in each[0])[:CANDIDATES]

    # Showing

    def _draw(self) -> None:
        self.query_one("#candidates", Static).update(stacked(self._lines()))

    def _lines(self) -> list[Styled]:
        candidates = self._candidates()
        if not candidates:
            return []
        logprobs = [each for _, each in candidates]
        own = probabilities(logprobs)
        columns = [own, *(shares(logprobs, temperature) for temperature in TEMPERATURES)]
        shown = [None, *TEMPERATURES].index(self._temperature)
        names = [t("live.next.own"), *(f"T {temperature:g}" for temperature in TEMPERATURES)]
        head = " " * (_TOKEN_CELLS + 2) + " ".join(
            pad_start(Clean(f"[{name}]" if at == shown else name), 9) for at, name in enumerate(names)
        )
        lines = [styled(head, "bold")]
        for at, (token, _) in enumerate(candidates):
            words = fit(f"{glyphs().gutter}{_quoted(token)}{glyphs().gutter}", _TOKEN_CELLS)
            figures = " ".join(f"{column[at]:>9.1%}" for column in columns)
            sign = glyphs().selected if at == self._at else Clean(" ")
            line = f"{sign} {words}{figures}  {share_bar(columns[shown][at], _BAR_CELLS)}"
            lines.append(styled(line, "bold $text-accent" if at == self._at else ""))
        rest = max(0.0, 1.0 - sum(own))
        lines.append(styled(t("live.next.rest", percent=f"{rest:.1%}"), "$text-muted"))
        return lines

    # Keys

    def next_field(self) -> None:
        """Tab: the next temperature."""
        self._turn(1)

    def previous_field(self) -> None:
        """Shift+Tab: the one before."""
        self._turn(-1)

    def _turn(self, by: int) -> None:
        order: list[float | None] = [None, *TEMPERATURES]
        self._temperature = order[(order.index(self._temperature) + by) % len(order)]
        self._draw()

    def _move(self, by: int) -> None:
        """Among the candidates."""
        if candidates := self._candidates():
            self._at = max(0, min(self._at + by, len(candidates) - 1))
            self._draw()


def _quoted(token: str) -> Clean:
    """A token on one line, with signs for line breaks and tabs."""
    return visible(token.replace("\n", "\\n").replace("\t", "\\t"))
