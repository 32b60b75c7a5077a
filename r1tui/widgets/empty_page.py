"""What stands where a conversation will: what this is, how fast it answers here, examples to begin with, and the keys."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from r1tui.domain.clean import Clean, clean_line
from r1tui.locale import t
from r1tui.toolkit.cells import cut, wrap_text
from r1tui.toolkit.glyphs import ASCII, glyphs, to_ascii
from r1tui.toolkit.shown import Styled, stacked, styled

INDENT = 2
"""Cells left of the text: the cursor's sign and a space, as in the transcript."""

Line = tuple[Clean, str]
"""Words and the style that they are drawn in."""


class EmptyPage(Widget):
    """Drawn once, and again only when something it tells has changed. The keys are the prompt's and its screen's."""

    DEFAULT_CSS = """
    EmptyPage { height: 1fr; background: $background; color: $foreground; display: none; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._model = Clean("")
        self._keys = Clean("")
        self.chosen: int | None = None
        """The example under the cursor; the last is the guide."""

    @property
    def examples(self) -> list[Clean]:
        """Questions that show what a thinking model is for."""
        return [t("empty.example_python"), t("empty.example_sum"), t("empty.example_code")]

    @property
    def example(self) -> str | None:
        """The question under the cursor; empty for the guide, None where the cursor is in the prompt."""
        if self.chosen is None:
            return None
        return [*self.examples, ""][self.chosen]

    def show(self, model: str, keys: str) -> None:
        """Tell of the model and how fast it is, and which keys lead on."""
        model, keys = clean_line(model), clean_line(keys)
        if (model, keys) != (self._model, self._keys):
            self._model, self._keys = model, keys
            self.refresh()

    def open(self, is_open: bool) -> None:
        """Stand there, or give way to the conversation."""
        self.display = is_open
        if not is_open:
            self.chosen = None

    def move(self, by: int) -> None:
        """The cursor into the examples, among them, and above the first or below the last back to the prompt."""
        last = len(self.examples)
        if self.chosen is None:
            self.chosen = 0 if by > 0 else last
        else:
            at = self.chosen + by
            self.chosen = at if 0 <= at <= last else None
        self.refresh()

    def leave(self) -> bool:
        """The cursor back to the prompt. False where it was there."""
        if self.chosen is None:
            return False
        self.chosen = None
        self.refresh()
        return True

    # Drawing

    def render(self) -> Styled:
        """The lines that find room."""
        lines = self.lines(self.size.width, self.size.height)
        drawn = ((to_ascii(words) if glyphs() is ASCII else words, style) for words, style in lines)
        return stacked([styled(words, style) for words, style in drawn])

    def lines(self, width: int, height: int) -> list[Line]:
        """At most `height` lines. Where room is short the blank ones go first, then the keys, the sentence on what this
        is, and the line above the examples; the examples stay last."""
        blocks = [
            (3, self._wrapped(t("empty.what"), width, "bold")),
            (2, self._wrapped(self._model, width, "")),
            (4, self._wrapped(t("empty.try"), width, "$text-muted")),
            (0, [self._choice(at, words, width) for at, words in enumerate(self.examples)]),
            (1, [self._choice(len(self.examples), t("empty.guide"), width)]),
            (5, self._wrapped(self._keys, width, "$text-muted")),
        ]
        blocks = [block for block in blocks if block[1]]
        spaced: list[Line] = [(Clean(""), "")]
        for rank, lines in blocks:
            spaced += [*lines, *([] if rank in (4, 0) else [(Clean(""), "")])]
        if len(spaced) <= height:
            return spaced
        while sum(len(lines) for _, lines in blocks) > height and len(blocks) > 1:
            blocks.remove(max(blocks, key=lambda block: block[0]))
        return [line for _, lines in blocks for line in lines][: max(0, height)]

    def _wrapped(self, words: Clean, width: int, style: str) -> list[Line]:
        if not words:
            return []
        room = max(10, width - INDENT - 1)
        return [(" " * INDENT + line.strip(), style) for line in wrap_text(words, room)]

    def _choice(self, at: int, words: Clean, width: int) -> Line:
        """One example in one line."""
        words = cut(words, max(10, width - INDENT - 1))
        if at == self.chosen:
            return f"{glyphs().selected} {words}", "bold $text-accent"
        return f"{' ' * INDENT}{words}", ""


def in_a_row(keys: Sequence[tuple[Clean, Clean]]) -> Clean:
    """Keys and what they do, in a line."""
    return f" {glyphs().dot} ".join(f"{key} {words}" for key, words in keys)
