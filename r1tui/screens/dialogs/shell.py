"""A command of the user's while it runs, and what becomes of its output."""

from __future__ import annotations

import asyncio

from textual.app import ComposeResult
from textual.timer import Timer

from r1tui.commands import Place
from r1tui.domain.clean import Clean, clean, clean_line
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.services.shell import Ended, ShellLine, ShellResult
from r1tui.services.small_file import why
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.shown import Static

DRAWN_EVERY, DRAWN_SELDOM = 0.5, 1.0
"""Seconds between two looks at what has come, and between two on a slow line."""
AROUND = 10
"""Rows of the terminal that are no output."""
MOST_ROWS = 30


class ShellScreen(Dialog[ShellResult | None], place=Place.SHELL):
    """Runs a command and shows the end of what it prints; dismisses with its result for Enter, None for Esc."""

    DEFAULT_CSS = """
    ShellScreen > Frame { width: 96%; max-width: 120; }
    ShellScreen .output { margin: 1 0; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, line: ShellLine, low_bandwidth: bool = False) -> None:
        super().__init__()
        self._line = line
        self._every = DRAWN_SELDOM if low_bandwidth else DRAWN_EVERY
        self._drawn = 0
        """Bytes of output when it was looked at last."""
        self._shown = Clean("")
        self._result: ShellResult | None = None
        self._over = False

    def commands(self) -> Attached:
        """Take the output, or end the command and then leave."""
        return {"shell.attach": self._take, "shell.close": self._stop_or_close}

    def offers(self, name: str) -> bool | None:
        """There is nothing to attach before the end."""
        return name != "shell.attach" or self._over

    def compose(self) -> ComposeResult:
        """The command, the end of its output, how it stands and what can be done."""
        with Frame("$ " + clean_line(self._line.line), t("shell.keys")):
            yield Static(classes="output")
            yield Static(say(self._running_words()), classes="state")

    def on_mount(self) -> None:
        """Run the command, and look at its output at intervals."""
        self._began = asyncio.get_running_loop().time()
        self._clock: Timer = self.set_interval(self._every, self._draw)
        self.run_worker(self._run(), exit_on_error=False)

    def on_unmount(self) -> None:
        """Nothing of it outlives its dialogue, whatever ended that."""
        self._line.stop()

    async def _run(self) -> None:
        try:
            self._result = await asyncio.to_thread(self._line.run)
            words = _ended(self._result, self._line.seconds)
        except OSError as error:
            words = phrase("shell.failed", detail=why(error))
        self._over = True
        self._clock.stop()
        self._draw_output()
        self.query_one(".state", Static).update(say(words))

    def _draw(self) -> None:
        self._draw_output()
        self.query_one(".state", Static).update(say(self._running_words()))

    def _draw_output(self) -> None:
        if self._line.received == self._drawn:
            return
        self._drawn = self._line.received
        rows = max(min(self.app.size.height - AROUND, MOST_ROWS), 3)
        columns = self.app.size.width
        text = self._line.last(rows * columns * 4)
        lines = text.rstrip("\n").split("\n")[-rows:]
        shown = clean("\n".join(line[:columns] for line in lines))
        if shown != self._shown:
            self._shown = shown
            self.query_one(".output", Static).update(shown)

    def _running_words(self) -> Phrase:
        seconds = int(asyncio.get_running_loop().time() - self._began) if self.is_mounted else 0
        if not self._line.seconds:
            return phrase("shell.running_freely", seconds=seconds)
        return phrase("shell.running", seconds=seconds, most=int(self._line.seconds))

    def _take(self) -> None:
        self.dismiss(self._result if self._result is not None and self._result.received else None)

    def _stop_or_close(self) -> None:
        if self._over:
            self.dismiss(None)
        else:
            self._line.stop()


def _ended(result: ShellResult, seconds: float) -> Phrase:
    """How a command ended, and what the keys do with its output."""
    if result.ended is Ended.STOPPED:
        how = phrase("shell.stopped")
    elif result.ended is Ended.TOO_LONG:
        how = phrase("shell.too_long", n=int(seconds))
    elif result.code < 0:
        how = phrase("shell.killed", signal=-result.code)
    else:
        how = phrase("shell.ended", code=result.code)
    if not result.received:
        return phrase("shell.nothing", how=how)
    lines = result.output.rstrip("\n").count("\n") + 1
    if result.left_out:
        return phrase("shell.long_output", how=how, n=lines)
    return phrase("shell.output", how=how, n=lines)
