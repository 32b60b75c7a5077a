"""Live: a small sum asked several times, and its short answers counted as they come."""

from __future__ import annotations

import asyncio
import random
from functools import partial
from time import monotonic

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input

from r1tui.chat.session import ChatSession
from r1tui.chat.vote import sample_request
from r1tui.commands import Place
from r1tui.domain.chat import ChatRequest, ThinkMode
from r1tui.domain.clean import Clean, clean
from r1tui.domain.final_answer import final_answer
from r1tui.domain.phrase import phrase
from r1tui.domain.vote import Tally, boxed_line, tally
from r1tui.locale import clock, t
from r1tui.locale.votes import label, summary, tie
from r1tui.screens.guide.answering import MOST_TOKENS, AnsweringScreen, Way
from r1tui.services.engines.engine import Engine, EngineError
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.shown import Static
from r1tui.widgets.bars import share_bar
from r1tui.widgets.fields import Field

PLANNED = 5
"""How often the sum is asked."""
_BAR_CELLS = 24


class VotingScreen(AnsweringScreen, place=Place.LIVE_VOTE):
    """Enter asks, one answer after the other, until the vote is decided; Esc stops. Nothing is stored."""

    DEFAULT_CSS = """
    VotingScreen VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; margin-bottom: 1; }
    """

    def __init__(self, session: ChatSession) -> None:
        super().__init__(session)
        self._answers: list[str | None] = []
        """The short answers of the samples that ended; None for one in which none was found."""
        self._ways: list[Way] = []
        """The samples, the one that is being written last."""
        self._began = 0.0

    def commands(self) -> Attached:
        """What keys do here."""
        return {
            "live_vote.close": self.stop_or_close,
            "live_vote.page_up": partial(self.scroll_page, -1),
            "live_vote.page_down": partial(self.scroll_page, 1),
        }

    def compose(self) -> ComposeResult:
        """What it costs, the question, how the vote stands."""
        yield Static(t("live.vote.title", model=self._session.server.selected), classes="title")
        yield Static(self._cost(), id="cost", classes="muted")
        yield Field(t("live.vote.example"), select_on_focus=False)
        yield Static(id="said")
        with VerticalScroll(can_focus=False):
            yield Static(id="tally", classes="title")
            yield Static(id="samples")
        yield Static(t("live.vote.keys"), classes="muted")

    def _cost(self) -> Clean:
        """At most so many tokens, and how long that takes here as far as it is known."""
        speed = self._speed
        if not speed:
            return t("live.vote.cost", n=PLANNED, tokens=MOST_TOKENS)
        seconds = PLANNED * MOST_TOKENS / speed
        return t("live.vote.cost_time", n=PLANNED, tokens=MOST_TOKENS, time=clock.wait(seconds))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: ask, and count from the beginning."""
        if self._asking:
            return
        if (problem := self._problem()) is not None:
            self._say(problem)
        elif event.value.strip():
            self._answers, self._ways, self._began = [], [], monotonic()
            self._draw()
            self._work = self.run_worker(self._ask(event.value), exclusive=True)

    async def _ask(self, question: str) -> None:
        session, engine = self._session, self._session.server.engine
        assert engine is not None
        await session.server.warn_of_remote()
        self._say(phrase("live.asking"))
        try:
            request = await self._request(engine, f"{question}\n\n{boxed_line(question)}")
            defaults = await session.requests.defaults(engine, session.server.selected)
            for seed in random.sample(range(1, 2**31), PLANNED):
                await self._sample(engine, sample_request(request, seed, defaults))
                if self._tally.decided:
                    break
        except EngineError as error:
            self._say(error.phrase)
            return
        self._say(None)

    async def _sample(self, engine: Engine, request: ChatRequest) -> None:
        """One answer, drawn as it comes, and its short answer counted."""
        way = Way(ThinkMode.AUTO)
        self._ways.append(way)
        await self._stream(engine, request, way)
        self._answers.append(await asyncio.to_thread(final_answer, way.answer, whole=not way.limit))
        self._draw()

    @property
    def _tally(self) -> Tally:
        return tally(self._answers, PLANNED)

    def _draw(self) -> None:
        self._drawn = monotonic()
        found = self._tally
        left = (self._drawn - self._began) / found.asked * found.left if found.asked else None
        self.query_one("#tally", Static).update(summary(found, left))
        lines = [Clean("")]
        for each in found.contenders:
            bar = share_bar(each.votes / PLANNED, _BAR_CELLS)
            lines.append(f"{label(each.answer)}  {bar} {each.votes}")
        if found.decided:
            if found.tie:
                lines.append(tie(found))
            elif not found.contenders:
                lines.append(t("live.vote.none"))
            elif found.left:
                lines.append(t("live.vote.early", n=found.left))
        lines.append(Clean(""))
        lines += [self._line(number) for number in range(len(self._ways))]
        self.query_one("#samples", Static).update(Clean("\n").join(lines))

    def _line(self, number: int) -> Clean:
        """A sample: its short answer, its time and tokens; while it is written the end of what is there."""
        way = self._ways[number]
        figures = t("live.think.figures", time=f"{way.seconds:.1f}", thought=way.thought, said=way.said)
        if number >= len(self._answers):
            words = " ".join(clean(way.answer or way.reasoning).split())[-60:]
            return f"{number + 1}  {t('live.vote.writes', words=words)} · {figures}"
        answer = self._answers[number]
        if answer is not None:
            return f"{number + 1}  {label(answer)} · {figures}"
        none = t("live.think.limit", tokens=MOST_TOKENS) if way.limit else t("live.vote.no_answer")
        return f"{number + 1}  {none} · {figures}"
