"""Files that go with a question: chosen, shown above the prompt, read in another encoding, made shorter. Questions that wait
behind an answer stand above them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual.app import App

from r1tui.chat.events import NeedsContext, Severity
from r1tui.chat.queue import Question
from r1tui.chat.session import ChatSession
from r1tui.domain.attachment import Attachment, rendered
from r1tui.domain.attachment_parts import lines_of, longest, part_that_fits
from r1tui.domain.chat import ChatTurn
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.message import Role
from r1tui.domain.pasted_path import names_a_file, pasted_paths
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import clock, t
from r1tui.screens.chat.shelf_texts import ShelfTexts, entry_of
from r1tui.widgets.prompt import Prompt
from r1tui.widgets.shelf import Shelf, ShelfEntry

if TYPE_CHECKING:
    from r1tui.screens.dialogs.context_choice import Part

LITTLE = 4
"""The part of that half, a quarter, below which the conversation leaves too little room for an attachment."""
SLACK = 16
"""Tokens by which a sum of estimates may differ from the estimate of the whole."""
QUESTION = 400
"""Characters of a question that are shown: more fit into no line."""
COUNTED = 1 << 18
"""Characters up to which the server is asked for its own count of the tokens."""


class Attaching(ShelfTexts):
    """The chat's attachments, between the session that has them and the shelf that shows them."""

    def __init__(
        self,
        app: App[Any],
        session: ChatSession,
        shelf: Shelf,
        prompt: Prompt,
        tell: Callable[[Phrase, Severity], object],
    ) -> None:
        super().__init__(app, tell)
        self._session = session
        self._shelf = shelf
        self._prompt = prompt
        self._costs: list[tuple[Attachment, Clean, float | None]] = []
        """Attachments, their tokens in words and the seconds of reading them, as far as they were reckoned."""
        self._waiting: list[Question] = []
        """Questions that wait, as they are shown."""

    def at(self, line: int) -> Attachment | None:
        """The text of a line; questions that wait stand above the texts."""
        attached, at = self._session.draft.attachments, line - len(self._waiting)
        return attached[at] if 0 <= at < len(attached) else None

    def add(self, attachment: Attachment) -> None:
        """Have one more go with the draft."""
        self._session.draft.attach(attachment)

    def put(self, line: int, changed: Attachment | None) -> None:
        """Have another one in the place of a line's text, or none."""
        at = line - len(self._waiting)
        if changed is None:
            self._session.draft.detach(at)
        else:
            self._session.draft.replace(at, changed)

    @property
    def private(self) -> bool:
        """Whether the conversation is."""
        return self._session.conversation.private

    # Chosen

    async def pick(self) -> bool:
        """Choose a file. Where that began with `@` in the prompt, the `@` goes, or stays with what was typed for Esc."""
        word = self._prompt.word_after_at
        chosen = await self.choose(word or "")
        if isinstance(chosen, Path):
            self._prompt.drop_word_after_at()
            await self.read(chosen)
        elif chosen and word is not None:
            self._prompt.write_at_cursor(chosen.removeprefix(word))
        return True

    async def dragged(self, pasted: str) -> bool:
        """A line was pasted: where it is the path of a file, offer to attach that; where there is none, say how to bring it.

        Where it is attached, the path leaves the prompt.
        """
        from r1tui.screens.dialogs.confirm import ChoiceScreen
        from r1tui.services.file_index import expanded

        names = pasted_paths(pasted)
        paths = [await asyncio.to_thread(expanded, Path(), name) for name in names]
        for name, path in zip(names, paths, strict=True):
            if not await asyncio.to_thread(_exists, path):
                if names_a_file(pasted):
                    host = await asyncio.to_thread(socket.gethostname)
                    self._tell(phrase("attachment.elsewhere", path=name, host=host), "warning")
                return False
        if not paths or not all([await asyncio.to_thread(path.is_file) for path in paths]):
            return False
        question = phrase("attachment.dragged", path=names[0])
        if len(names) > 1:
            question = phrase("attachment.dragged_several", n=len(names), path=names[0])
        answers = [
            ("yes", phrase("attachment.dragged_yes")),
            ("no", phrase("attachment.dragged_no")),
        ]
        if await self._app.push_screen_wait(ChoiceScreen(question, answers)) != "yes":
            return False
        self._prompt.take_back(pasted)
        for path in paths:
            await self.read(path)
        return True

    # Shown

    async def show(self) -> None:
        """Show what is attached at once, and what it costs as soon as that is reckoned."""
        self._show()
        for attachment in self._session.draft.attachments:
            if not self._cost_of(attachment):
                tokens, seconds = await asyncio.to_thread(self._session.attachment_cost, attachment)
                words = t("attachment.tokens", n=_rounded(tokens))
                self._costs.append((attachment, words, seconds))
                self._show()
        for attachment in self._session.draft.attachments:
            if len(attachment.text) <= COUNTED and (cost := self._cost_of(attachment)):
                counted = await self._session.count_attachment(attachment)
                if counted is not None and cost in self._costs:
                    words = t("attachment.counted", n=counted)
                    self._costs[self._costs.index(cost)] = (attachment, words, cost[2])
                    self._show()

    async def reckon_anew(self) -> None:
        """The model, or how fast it reads, is another."""
        self._costs.clear()
        await self.show()

    def _cost_of(self, attachment: Attachment) -> tuple[Attachment, Clean, float | None] | None:
        return next((each for each in self._costs if each[0] is attachment), None)

    def _show(self) -> None:
        attached = self._session.draft.attachments
        self._costs = [cost for cost in self._costs if any(cost[0] is each for each in attached)]
        waiting = self._waiting = list(self._session.queue.waiting)
        if not attached and not waiting and self._shelf.has_focus:
            self._prompt.focus()
        self._shelf.show([*waiting_entries(waiting), *(self._entry(each) for each in attached)])

    def show_waiting(self) -> None:
        """Show the questions that wait, where they are others than before."""
        if self._waiting != self._session.queue.waiting:
            self._show()

    @property
    def on_waiting(self) -> bool:
        """Whether the shelf's cursor is on a question that waits."""
        return self._shelf.cursor < len(self._waiting)

    def _entry(self, attachment: Attachment) -> ShelfEntry:
        if (cost := self._cost_of(attachment)) is None:
            return entry_of(attachment)
        _, tokens, seconds = cost
        shown = None if seconds is None else t("attachment.seconds", time=clock.wait(seconds))
        return entry_of(attachment, tokens, shown)

    # Asked for on the shelf

    async def open(self, line: int) -> bool:
        """Show a text. A question that waits goes back into the prompt: True where it did."""
        if line < len(self._waiting):
            self._session.take_waiting(line)
            return True
        return await super().open(line)

    def remove(self, line: int) -> None:
        """Take a text off the question, or a waiting question out of the queue."""
        if line < len(self._waiting):
            self._session.drop_waiting(line)
        else:
            super().remove(line)

    # Too long

    async def shortened(self, need: NeedsContext, part: Part) -> tuple[Attachment, ...] | None:
        """What goes with a question of which the longest attachment is made shorter; None, and said where it is not known
        yet, where that is not to be or cannot be.
        """
        change = await self._change(need, part)
        if change is None:
            return None
        at, kept = change
        before = need.attachments
        return (*before[:at], *(() if kept is None else (kept,)), *before[at + 1 :])

    async def shorten(self, need: NeedsContext, part: Part) -> bool:
        """Make the longest attachment of the draft shorter; False where that is not to be or cannot be."""
        change = await self._change(need, part)
        if change is None:
            return False
        at, kept = change
        if kept is None:
            self._session.draft.detach(at)
        else:
            self._session.draft.replace(at, kept)
        return True

    async def _change(self, need: NeedsContext, part: Part) -> tuple[int, Attachment | None] | None:
        """Which attachment becomes shorter, and what is kept of it: None of one that is left out."""
        from r1tui.screens.dialogs.context_choice import Part
        from r1tui.screens.dialogs.pick import LineScreen

        cut = longest(need.attachments)
        at = next(at for at, each in enumerate(need.attachments) if each is cut)
        if part is Part.NOTHING:
            return at, None
        if part is Part.RANGE:
            lines = cut.lines
            question = phrase("attachment.which_lines", name=cut.name, lines=lines)
            typed = await self._app.push_screen_wait(LineScreen(question))
            if typed is None:
                return None
            kept = await asyncio.to_thread(lines_of, cut, typed)
            why = phrase("attachment.no_lines", typed=typed, name=cut.name, lines=lines)
        else:
            rates, room = self._session.context.rates, self._room(need, cut)
            kept = await asyncio.to_thread(part_that_fits, cut, room, rates, end=part is Part.TAIL)
            why = phrase("attachment.no_room", name=cut.name)
        if kept is None:
            self._tell(why, "warning")
            return None
        return at, kept

    def _room(self, need: NeedsContext, cut: Attachment) -> int:
        """Tokens of an attachment's text with which the prompt takes half of the context, so that the rest is for reasoning
        and answer; where the conversation leaves little of that, in its place.
        """
        meter, system = self._session.context, self._session.conversation.system
        frame = [replace(each, text="") if each is cut else each for each in need.attachments]
        sent = rendered(frame, need.question)
        half = (meter.size or 0) // 2
        room = half - meter.needed(sent)
        if room < half // LITTLE:
            room = half - meter.estimate((ChatTurn(Role.SYSTEM, system), ChatTurn(Role.USER, sent)))
        return room - SLACK


def waiting_entries(questions: Sequence[Question]) -> list[ShelfEntry]:
    """A line for each question that waits, the first with their number."""
    before = t("shelf.waiting", n=len(questions))
    indent = Clean(" ") * cell_len(before)
    return [
        ShelfEntry(
            (indent if at else before) + t("shelf.question", text=clean_line(each.text[:QUESTION])),
            is_file=False,
        )
        for at, each in enumerate(questions)
    ]


def _rounded(tokens: int) -> int:
    """An estimate in figures that are worth something."""
    return round(tokens, -2) if tokens >= 1000 else round(tokens, -1) if tokens >= 100 else tokens


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
