"""Reads what a terminal sends, also where it sends what Textual's reader stumbles over.

An escape sequence in a paste, as of a coloured log out of tmux, is typed as keys by Textual's own: its return sends the
prompt, and when it swallows the mark of the paste's end the app hears no key any more. A byte that is no UTF-8, as a
terminal of another encoding sends for an accented letter, ends its reading for good.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable
from functools import partial

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.message import Message

from r1tui.toolkit.patches import Patch

_BEGIN, _END = "\x1b[200~", "\x1b[201~"
_ESCAPE, _PICTURE = "\x1b", "\u241b"


class TerminalReader(XTermParser):
    """Textual's parser, for which pastes hold no escape characters."""

    def __init__(self, debug: bool = False) -> None:
        self._pasting = False
        self._before = ""
        """The end of what was read before, where a mark may have begun."""
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        """Parse what came; of a paste, the beginning of its end mark waits for the rest."""
        harmless = self._harmless(data)
        if harmless or not data:
            yield from super().feed(harmless)

    def _harmless(self, data: str) -> str:
        parts: list[str] = []
        if self._pasting:
            data, self._before = self._before + data, ""
        while data:
            if not self._pasting:
                seen = self._before + data
                begin = seen.find(_BEGIN)
                end = begin + len(_BEGIN) - len(self._before) if begin >= 0 else len(data)
                self._before = seen[-len(_BEGIN) + 1 :] if begin < 0 else ""
                self._pasting = begin >= 0
                parts.append(data[:end])
            else:
                end = data.find(_END)
                if end < 0:
                    held = next((n for n in range(len(_END) - 1, 0, -1) if data.endswith(_END[:n])), 0)
                    end = len(data) - held
                    self._before = data[end:]
                    parts.append(data[:end].replace(_ESCAPE, _PICTURE))
                    break
                parts.append(data[:end].replace(_ESCAPE, _PICTURE) + _END)
                end += len(_END)
                self._pasting = False
            data = data[end:]
        return "".join(parts)


def _decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return partial(codecs.getincrementaldecoder(encoding), errors="replace")


def install() -> None:
    """Have Textual read so. Before the app runs."""
    linux_driver.XTermParser = TerminalReader  # type: ignore[attr-defined]
    linux_driver.getincrementaldecoder = _decoder  # type: ignore[attr-defined,assignment]


PATCH = Patch(
    "pastes that hold escape sequences, and bytes that are no UTF-8, are read as text",
    leans_on=(
        "textual._xterm_parser:XTermParser.__init__(self, debug)",
        "textual._xterm_parser:XTermParser.feed(self, data)",
        "textual.drivers.linux_driver:XTermParser",
        "textual.drivers.linux_driver:getincrementaldecoder",
    ),
    upstream="textual/drivers/linux_driver.py, run_input_thread: parser and decoder are named there, without a hook",
    without="an escape sequence in a paste is taken for keys, and a byte that is no UTF-8 ends the reading",
    install=install,
)
