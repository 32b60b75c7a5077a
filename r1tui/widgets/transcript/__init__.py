"""The chat log: one line-API widget that draws only what changed."""

from r1tui.widgets.transcript.parser import warm_up
from r1tui.widgets.transcript.render import CodeBlock
from r1tui.widgets.transcript.transcript import Transcript

__all__ = ["CodeBlock", "Transcript", "warm_up"]
