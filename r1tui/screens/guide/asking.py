"""What the live parts of the guide share that ask the model: a field, a request that Esc stops, a line for what went wrong."""

from __future__ import annotations

from textual.worker import Worker

from r1tui.chat.session import ChatSession
from r1tui.domain.clean import Clean
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say
from r1tui.screens.base import R1Screen
from r1tui.toolkit.shown import Static
from r1tui.widgets.fields import Field


class AskingScreen(R1Screen[None]):
    """Asks the selected model for what its field holds. Nothing is stored.

    A subclass composes a `Field`, and a `Static` each with the ids `cost` and `said`.
    """

    DEFAULT_CSS = """
    AskingScreen { padding: 0 2; }
    AskingScreen Static { height: auto; }
    AskingScreen .title { color: $text-accent; text-style: bold; }
    AskingScreen > .title:first-child { margin-bottom: 1; }
    AskingScreen .muted { color: $text-muted; }
    AskingScreen > .keys { dock: bottom; }
    AskingScreen #said { color: $text-warning; }
    AskingScreen Field { margin: 1 0; }
    """

    def __init__(self, session: ChatSession) -> None:
        super().__init__()
        self._session = session
        self._work: Worker[None] | None = None

    def on_mount(self) -> None:
        """The cursor at the end of what the field holds."""
        field = self.query_one(Field)
        field.focus()
        field.cursor_position = len(field.value)
        if problem := self._problem():
            self._say(problem)

    def _problem(self) -> Phrase | None:
        """Why nothing can be asked."""
        server = self._session.server
        if server.engine is None or not server.selected:
            return phrase("live.no_model")
        return self._unfit() or (phrase("chat.busy") if self._session.busy else None)

    def _unfit(self) -> Phrase | None:
        """Why the selected model or its server cannot do this."""
        return None

    def _say(self, words: Phrase | None) -> None:
        self.query_one("#said", Static).update(say(words) if words else Clean(""))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """What was asked for is over: the model is loaded by now, which the next part tells as a matter of its cost."""
        if event.worker is self._work and event.worker.is_finished:
            self.run_worker(self._look_at_memory(), group="memory", exclusive=True)

    async def _look_at_memory(self) -> None:
        await self._session.server.refresh_running()
        self.query_one("#cost", Static).update(self._cost())

    def _cost(self) -> Clean:
        """What Enter costs, said before."""
        raise NotImplementedError

    @property
    def _asking(self) -> bool:
        return self._work is not None and not self._work.is_finished

    def stop_or_close(self) -> None:
        """Stop what runs and keep what is there; with nothing running, close."""
        if self._work is not None and self._asking:
            self._work.cancel()
            self._say(phrase("live.stopped"))
        else:
            self.dismiss(None)
