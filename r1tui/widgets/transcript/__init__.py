"""The chat log: one line-API widget that draws only what changed."""

from r1tui.widgets.transcript.render import CodeBlock
from r1tui.widgets.transcript.transcript import Transcript

__all__ = ["CodeBlock", "Transcript", "warm_up"]


def warm_up() -> None:
    """Import what the first message needs; for a thread, once one is expected."""
    from r1tui.widgets.transcript.maths import readable
    from r1tui.widgets.transcript.parser import parser

    parser().parse("x")
    readable("x")
