"""A page of the guide to scroll in, with a cursor over its links."""

from __future__ import annotations

import asyncio

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from r1tui.domain.clean import Clean
from r1tui.toolkit.glyphs import glyphs
from r1tui.toolkit.segments import segment
from r1tui.widgets.guide_rows import Laid, Link, lay_out
from r1tui.widgets.transcript.ink import COMPONENTS, REVERSE, Ink, InkStyles
from r1tui.widgets.transcript.painting import MARGIN, Decoration, drawn


class GuidePage(ScrollView, can_focus=False):
    """Shows one page; laid out in a thread, drawn a line at a time. The keys are its screen's."""

    COMPONENT_CLASSES = COMPONENTS
    DEFAULT_CSS = """
    GuidePage {
        height: 1fr; background: $background; color: $foreground; scrollbar-size-vertical: 1;
        scrollbar-gutter: stable; overflow-x: hidden;
        & > .transcript--text { color: $foreground; }
        & > .transcript--muted { color: $text-muted; }
        & > .transcript--heading { color: $text-primary; }
        & > .transcript--code { color: $text-accent; }
        & > .transcript--quote { color: $text-muted; }
        & > .transcript--link { color: $text-secondary; }
        & > .transcript--cursor { color: $text-accent; }
    }
    """

    class LaidOut(Message):
        """What is shown is the page that is wanted."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = ""
        self.is_laid_out = False
        """Whether what is shown is the page that is wanted."""
        self._wanted: tuple[str, int | None, int] = ("", None, 0)
        """Entry, link and row to show once there is room."""
        self._laid = Laid()
        self._width = 0
        self._link: Link | None = None
        self._ink_styles: InkStyles | None = None

    @property
    def link(self) -> Link | None:
        """The link under the cursor."""
        return self._link

    @property
    def room(self) -> int:
        """Cells of a line."""
        return self.scrollable_content_region.width - MARGIN

    def laid_out(self, text: str) -> Laid:
        """A page as this one would show it. Not on the loop."""
        return lay_out(text, self.room)

    def show(self, text: str, entry: str = "", *, link: int | None = None, row: int = 0) -> None:
        """Show a page, at an entry where one is named, else at a row; `link` is the one to stand on."""
        self._text = text
        self.is_laid_out = False
        self._lay_out(entry, link, row)

    def _lay_out(self, entry: str = "", link: int | None = None, row: int = 0) -> None:
        if self._text and self.room > 0:  # before there is room, the resize comes here again
            self._wanted = ("", None, 0)
            self.run_worker(self._place(entry, link, row), group="page", exclusive=True)
        else:
            self._wanted = (entry, link, row)

    async def _place(self, entry: str, link: int | None, row: int) -> None:
        self._width = self.room
        laid = self._laid = await asyncio.to_thread(self.laid_out, self._text)
        self._link = laid.links[link] if link is not None and link < len(laid.links) else None
        self.virtual_size = Size(self._width, len(laid.rows))
        row = laid.entries.get(entry, row)
        self.scroll_to(y=row, animate=False, force=True, immediate=True)
        self.refresh()
        self.is_laid_out = True
        self.post_message(self.LaidOut())

    def on_resize(self, event: events.Resize) -> None:
        """Another width wraps anew; what was read stays about where it was."""
        if self._wanted != ("", None, 0):
            self._lay_out(*self._wanted)
        elif self._text and self.room != self._width:
            share = self.scroll_y / max(1, len(self._laid.rows))
            self._lay_out("", self.index(), round(share * len(self._laid.rows)))

    def notify_style_update(self) -> None:
        """Draw the page again in another theme's colours."""
        super().notify_style_update()
        self._ink_styles = None

    def step(self, by: int) -> None:
        """The cursor to the next link, or the one before; from none to the first that is seen."""
        links = self._laid.links
        if not links:
            return
        now = self.index()
        if now is not None:
            at = (now + by) % len(links)
        else:
            top, height = round(self.scroll_y), self.size.height
            seen = [n for n, link in enumerate(links) if top <= link.spans[0][0] < top + height]
            at = (seen[0] if by > 0 else seen[-1]) if seen else 0
        self._link = links[at]
        row = self._link.spans[0][0]
        top, height = round(self.scroll_y), self.size.height
        if not top <= row < top + height:
            self.scroll_to(y=max(0, row - height // 2), animate=False, force=True, immediate=True)
        self.refresh()

    def index(self) -> int | None:
        """Which of the page's links is under the cursor."""
        return next((at for at, link in enumerate(self._laid.links) if link is self._link), None)

    def render_line(self, y: int) -> Strip:
        """One line of the view."""
        width = self.scrollable_content_region.width
        if self._ink_styles is None:
            self._ink_styles = InkStyles(self)
        at = y + round(self.scroll_y)
        if not 0 <= at < len(self._laid.rows):
            return Strip([segment(Clean(" " * width), self._ink_styles.style(int(Ink.TEXT)))], width)
        spans = self._link.spans if self._link else ()
        marks = tuple((first, last, Ink.LINK | REVERSE) for row, first, last in spans if row == at)
        sign = glyphs().selected if marks else Clean("")
        return drawn(self._laid.rows[at], self._ink_styles, width, Decoration(sign, marks))[0]
