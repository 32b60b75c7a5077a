"""What stands beside the transcript: its name, a blank line, and what it holds; in a frame its name is the frame's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from r1tui.domain.clean import Clean
from r1tui.toolkit.shown import styled
from r1tui.widgets.lines import Line, Lines


class SidePanel(Lines):
    """Lines below a heading. Whether it has a frame is up to its screen's style sheet."""

    COMPONENT_CLASSES = {"side--heading"}
    DEFAULT_CSS = """
    SidePanel {
        height: 1fr; overflow: hidden auto; scrollbar-size-vertical: 1;
        border-title-color: $text-accent; border-title-style: bold;
        & > .side--heading { color: $text-accent; text-style: bold; }
    }
    """

    MARGIN = Clean("")
    """What stands before the heading, where the panel's own padding leaves no margin."""

    def heading(self) -> Clean:
        """The panel's name, which stands above its body."""
        raise NotImplementedError

    def body(self, width: int) -> Iterable[Line]:
        """What it holds, in lines of at most `width` cells."""
        raise NotImplementedError

    @property
    def _framed(self) -> bool:
        return bool(self.styles.border_top[0])

    def styled_lines(self, width: int) -> Iterator[Line]:
        """Its name where no frame has it, a blank line, what it holds."""
        if not self._framed:
            yield Line(((self.MARGIN + self.heading(), "side--heading"),))
        yield Line()
        yield from self.body(width)

    def redraw(self) -> bool:
        """Make the lines anew and send what differs; False where nothing does."""
        title = styled(self.heading())
        if self._framed and self.border_title != title:
            self.border_title = title
        return super().redraw()
