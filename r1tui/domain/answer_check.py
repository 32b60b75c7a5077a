"""What goes wrong with an answer as a whole, noticed while it comes or at its end.

Each is a note of the message (`Message.error`) whose key says how to ask again (`chat/asking_again.py`).
"""

from __future__ import annotations

from r1tui.domain.loop_detector import LoopDetector
from r1tui.domain.message import Message, MessageStatus
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.reasoning_language import DriftDetector, Script

NO_THINKING = "generation.no_thinking"
LOOPS = "generation.answer_loops"
DRIFTED = {
    Script.HAN: "generation.drifted_to_chinese",
    Script.LATIN: "generation.drifted_to_english",
}


class AnswerCheck:
    """Fed with an answer as it comes."""

    def __init__(self, *, expects_thinking: bool, script: Script | None = None) -> None:
        """`expects_thinking`: the model can think, was asked to, and begins its turn with this answer. `script`: what
        the reasoning was asked to be in.
        """
        self._drift = DriftDetector(script)
        self.loops = LoopDetector(exact=True)
        """Of the answer; the reasoning has its own."""
        self.noticed: Phrase | None = None
        """What was noticed first."""
        self.tells_reasoning = True
        """Whether the server would have told what was thought."""
        self._expects_thinking = expects_thinking

    def take_reasoning(self, text: str) -> None:
        """More of the reasoning."""
        if self._drift.feed(text) and self._drift.drifted_to is not None:
            self._notice(phrase(DRIFTED[self._drift.drifted_to]))

    def take_content(self, text: str) -> None:
        """More of the answer."""
        if not self.loops.found and self.loops.feed(text):
            self._notice(phrase(LOOPS))

    def end(self, message: Message) -> None:
        """The answer has ended."""
        complete = message.status is MessageStatus.COMPLETE and message.content.strip()
        expected = self._expects_thinking and self.tells_reasoning
        if complete and expected and not message.reasoning.strip():
            self._notice(phrase(NO_THINKING))

    def _notice(self, what: Phrase) -> None:
        if self.noticed is None:
            self.noticed = what
