"""Live: the same question with thinking and without, one below the other or side by side."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from time import monotonic

from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.widgets import Input

from r1tui.chat.session import ChatSession
from r1tui.commands import Place
from r1tui.domain.chat import ThinkMode
from r1tui.domain.clean import Clean, clean
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import clock, t
from r1tui.screens.guide.answering import MOST_TOKENS, AnsweringScreen, Way
from r1tui.services.engines.engine import EngineError
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.shown import Static
from r1tui.widgets.fields import Field

SIDE_BY_SIDE = 120
"""Columns from which both stand side by side."""


class ThinkScreen(AnsweringScreen, place=Place.THINK):
    """Enter asks both ways, one after the other; Esc stops. Nothing is stored."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (SIDE_BY_SIDE, "-wide")]
    DEFAULT_CSS = """
    ThinkScreen #ways { height: 1fr; layout: vertical; }
    ThinkScreen.-wide #ways { layout: horizontal; }
    ThinkScreen #ways VerticalScroll { height: 1fr; width: 1fr; scrollbar-size-vertical: 1; margin-bottom: 1; }
    """

    def __init__(self, session: ChatSession) -> None:
        super().__init__(session)
        self._ways = (Way(ThinkMode.ON), Way(ThinkMode.OFF))

    def commands(self) -> Attached:
        """What keys do here, beside Tab."""
        return {
            "think.close": self.stop_or_close,
            "think.page_up": partial(self.scroll_page, -1),
            "think.page_down": partial(self.scroll_page, 1),
        }

    def compose(self) -> ComposeResult:
        """What it costs, the question, both answers."""
        yield Static(t("live.think.title", model=self._session.server.selected), classes="title")
        yield Static(self._cost(), id="cost", classes="muted")
        yield Field(t("live.think.example"), select_on_focus=False)
        yield Static(id="said")
        with Container(id="ways"):
            for way in self._ways:
                with VerticalScroll(can_focus=False):
                    yield Static(id=f"head-{way.mode}", classes="title")
                    yield Static(id=f"text-{way.mode}")
        yield Static(t("live.think.keys"), classes="muted")

    def _unfit(self) -> Phrase | None:
        server = self._session.server
        model = server.model(server.selected)
        if model is not None and model.thinks is False:
            return phrase("live.think.cannot", name=model.name)
        return None

    def _cost(self) -> Clean:
        """At most so many tokens, and how long that takes here as far as it is known."""
        speed = self._speed
        if not speed:
            return t("live.think.cost", tokens=MOST_TOKENS)
        return t("live.think.cost_time", tokens=MOST_TOKENS, time=clock.wait(2 * MOST_TOKENS / speed))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: ask both ways."""
        if self._asking:
            return
        if (problem := self._problem()) is not None:
            self._say(problem)
        elif event.value.strip():
            self._ways = (Way(ThinkMode.ON), Way(ThinkMode.OFF))
            self._draw()
            self._work = self.run_worker(self._ask(event.value), exclusive=True)

    async def _ask(self, question: str) -> None:
        session, engine = self._session, self._session.server.engine
        assert engine is not None
        await session.server.warn_of_remote()
        self._say(phrase("live.asking"))
        try:
            request = await self._request(engine, question)
            for way in self._ways:
                await self._stream(engine, replace(request, think=way.mode), way)
                self._draw()
        except EngineError as error:
            self._say(error.phrase)
            self._draw()
            return
        self._say(None)

    def _draw(self) -> None:
        self._drawn = monotonic()
        for way in self._ways:
            name = t("live.think.on" if way.mode is ThinkMode.ON else "live.think.off")
            head, text = name, Clean("")
            if way.began:
                figures_ = t(
                    "live.think.figures", time=f"{way.seconds:.1f}", thought=way.thought, said=way.said
                )
                head = f"{name} · {figures_}"
                text = clean(way.answer).strip()
                if way.limit:
                    text = f"{text}\n{t('live.think.limit', tokens=MOST_TOKENS)}".strip()
                if not text and way.reasoning:
                    text = t("live.think.thinking", words=clean(way.reasoning).strip()[-200:])
            self.query_one(f"#head-{way.mode}", Static).update(head)
            self.query_one(f"#text-{way.mode}", Static).update(text)
