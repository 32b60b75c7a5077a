"""Live: two sentences cut into the model's tokens, one in English and one in Chinese."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.widgets import Input

from r1tui.chat.cutting import LONGEST_BY_BEGINNINGS, Cut, Cutter, Way, able, server_cuts
from r1tui.chat.session import ChatSession
from r1tui.commands import Place
from r1tui.domain.clean import Clean, visible
from r1tui.domain.conversation import Conversation
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.token_cuts import Piece
from r1tui.locale import clock, t
from r1tui.screens.guide.asking import AskingScreen
from r1tui.services.engines.engine import EngineError
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.glyphs import glyphs
from r1tui.toolkit.shown import Static, stacked, styled
from r1tui.widgets.fields import Field

EXAMPLES = (
    "The weather is beautiful today, so we will have breakfast in the garden.",
    "今天天气很好，我们去花园里吃早饭吧。",
)
"""The same twice, in whichever language the app speaks."""
SIDE_BY_SIDE = 160
"""Columns from which both stand side by side, each example whole."""
_WAYS = {
    Way.SERVER: "live.tokens.by_server",
    Way.VOCABULARY: "live.tokens.by_vocabulary",
    Way.BEGINNINGS: "live.tokens.by_beginnings",
}


class TokensScreen(AskingScreen, place=Place.TOKENS):
    """Enter cuts both sentences; where that takes a request a letter, Enter once more. Nothing is stored."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (SIDE_BY_SIDE, "-wide")]
    DEFAULT_CSS = """
    TokensScreen { overflow-y: auto; }
    TokensScreen #sentences { height: auto; layout: vertical; }
    TokensScreen.-wide #sentences { layout: horizontal; }
    TokensScreen Vertical { height: auto; width: 1fr; }
    TokensScreen.-wide Vertical { margin-right: 2; }
    TokensScreen Field { margin: 1 0 0 0; }
    TokensScreen #said, TokensScreen #way { margin-top: 1; }
    """

    def __init__(self, session: ChatSession) -> None:
        super().__init__(session)
        self._cutter: Cutter | None = None
        self._uncut: list[str] = []
        """The sentences for whose cuts Enter asks letter by letter."""

    def commands(self) -> Attached:
        """What keys do here, beside Tab."""
        return {
            "tokens.close": self.stop_or_close,
            "tokens.page_up": partial(self._scroll_page, -1),
            "tokens.page_down": partial(self._scroll_page, 1),
        }

    def compose(self) -> ComposeResult:
        """What it costs, the sentences, each with its tokens, how they were found."""
        yield Static(t("live.tokens.title", model=self._session.server.selected), classes="title")
        yield Static(self._cost(), id="cost", classes="muted")
        with Container(id="sentences"):
            for at, example in enumerate(EXAMPLES):
                with Vertical():
                    yield Field(example, id=f"sentence-{at}")
                    yield Static(id=f"tokens-{at}")
        yield Static(id="said")
        yield Static(id="way", classes="muted")
        yield Static(t("live.tokens.keys"), classes="muted keys")

    def _unfit(self) -> Phrase | None:
        return None if able(self._session.server.engine) else phrase("live.tokens.untold")

    def _cost(self) -> Clean:
        """What Enter costs, said before."""
        server = self._session.server
        if server_cuts(server.engine):
            return t("live.tokens.cost_server")
        loaded = server.loaded(server.selected) is not None
        return t("live.tokens.cost" if loaded else "live.tokens.cost_cold")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: cut what is written."""
        if self._asking:
            return
        if (problem := self._problem()) is not None:
            self._say(problem)
            return
        sentences = [field.value for field in self.query(Field)]
        letters = bool(self._uncut) and set(self._uncut) <= set(sentences)
        self._work = self.run_worker(self._ask(sentences, letters), exclusive=True)

    async def _ask(self, sentences: list[str], letters: bool) -> None:
        uncut, self._uncut = self._uncut, []
        self._say(phrase("live.asking"))
        try:
            await self._session.server.warn_of_remote()
            cutter = await self._ready()
            found: list[Cut] = []
            for at, words in enumerate(sentences):
                if letters and words in uncut:
                    cut = await cutter.cut_by_beginnings(words, partial(self._tell, len(words)))
                elif words.strip():
                    cut = await cutter.cut(words)
                else:
                    self._show(at, words, None)
                    continue
                found.append(cut)
                self._show(at, words, cut)
                if cut.tokens and not cut.pieces:
                    self._uncut.append(words)
        except EngineError as error:
            self._say(error.phrase)
            return
        self._say(self._left_to_do(found, cutter))
        ways = dict.fromkeys(cut.way for cut in found if cut.way in _WAYS)
        self.query_one("#way", Static).update("\n".join(t(_WAYS[way]) for way in ways))

    async def _ready(self) -> Cutter:
        """What cuts, kept while the page is open: the vocabulary is read once."""
        if self._cutter is None:
            session, engine = self._session, self._session.server.engine
            assert engine is not None
            name = session.server.selected
            request = await session.requests.build(
                engine, Conversation(), None, session.machine.profile, **session.server.sized(name)
            )
            self._cutter = Cutter(engine, request)
        return self._cutter

    def _left_to_do(self, found: list[Cut], cutter: Cutter) -> Phrase | None:
        """What Enter would do now, with its cost; or that the server tells nothing."""
        if any(not cut.tokens for cut in found):
            return phrase("live.tokens.untold")
        if not self._uncut:
            return None
        requests = sum(min(len(words), LONGEST_BY_BEGINNINGS) for words in self._uncut)
        return phrase(
            "live.tokens.letters",
            requests=requests,
            time=clock.wait(requests * cutter.seconds),
            most=LONGEST_BY_BEGINNINGS,
        )

    def _tell(self, all_: int, done: int) -> None:
        self._say(phrase("live.tokens.counting", n=done, all=min(all_, LONGEST_BY_BEGINNINGS)))

    def _show(self, at: int, words: str, cut: Cut | None) -> None:
        where = self.query_one(f"#tokens-{at}", Static)
        if cut is None or not cut.tokens:
            where.update()
            return
        length = sum(len(piece.words) for piece in cut.pieces) if cut.way is Way.BEGINNINGS else len(words)
        figures = t("live.tokens.figures", n=cut.tokens, letters=length, each=f"{length / cut.tokens:.1f}")
        lines = [styled(figures, "bold")]
        if cut.pieces:
            lines.append(styled(pieces_line(cut.pieces)))
        where.update(stacked(lines))

    # Keys

    def _scroll_page(self, by: int) -> None:
        """Where the terminal is too small for all of it."""
        self.scroll_relative(y=by * max(1, self.size.height - 1), animate=False)


def pieces_line(pieces: tuple[Piece, ...]) -> Clean:
    """All pieces with a stroke between each two; one of several tokens has their number."""
    gutter = glyphs().gutter
    told = (
        visible(piece.words.replace("\n", "\\n").replace("\t", "\\t"))
        + (f"({piece.tokens})" if piece.tokens > 1 else "")
        for piece in pieces
    )
    return f"{gutter}{gutter.join(told)}{gutter}"
