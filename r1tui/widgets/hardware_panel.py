"""The hardware panel: what this machine carries, what runs on it now, which size suits it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from r1tui.commands import Place
from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.domain.model import RunningModel
from r1tui.toolkit.bindings import Attached, Commanded
from r1tui.widgets.hardware_state import PanelState
from r1tui.widgets.lines import Line
from r1tui.widgets.side_panel import SidePanel

if TYPE_CHECKING:
    from r1tui.domain.hardware import HardwareProfile, Memory
    from r1tui.domain.recommendation import Recommendation

_NOTICEABLE = 0.02
"""A memory figure is drawn anew when it differs by more than this part of the total."""


class HardwarePanel(Commanded, SidePanel, can_focus=True, place=Place.MACHINE):
    """Told by its screen, polls nothing."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "hardware--label",
        "hardware--muted",
        "hardware--accent",
        "hardware--warning",
    }
    DEFAULT_CSS = """
    HardwarePanel {
        width: 40; padding: 0 1; scrollbar-gutter: stable; background: $background; color: $text;
    }
    HardwarePanel .hardware--label { color: $text; text-style: bold; }
    HardwarePanel .hardware--muted { color: $text-muted; }
    HardwarePanel .hardware--accent { color: $accent; }
    HardwarePanel .hardware--warning { color: $warning; }
    """

    class FiguresRequested(Message):
        """The user wants the figures behind the recommendation."""

    @dataclass
    class PullRequested(Message):
        """The user wants the recommended size."""

        tag: str

    @dataclass
    class LowerContextRequested(Message):
        """The user wants a loaded model with less context, so that more of it fits the GPU."""

        model: str

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.state = PanelState()

    # told by the screen

    def show_profile(self, profile: HardwareProfile | None, looking: bool = False) -> None:
        """This machine (None while it is being read); `looking` while GPUs are looked for."""
        before = self.state.profile
        if (
            profile
            and profile.memory
            and before
            and before.memory
            and not _differs(before.memory, profile.memory)
        ):
            profile = replace(profile, memory=before.memory)
        self.state.profile = profile
        self.state.looking = looking
        self.redraw()

    def show_memory(self, memory: Memory) -> None:
        """A newer memory reading; drawn only when it differs by more than 2 % of the total."""
        profile = self.state.profile
        if profile is None or (profile.memory and not _differs(profile.memory, memory)):
            return
        held = profile.memory.held if profile.memory else 0
        self.state.profile = replace(profile, memory=replace(memory, held=held))
        self.redraw()

    def show_recommendation(self, recommendation: Recommendation | None) -> None:
        """What suits the machine."""
        self.state.recommendation = recommendation
        self.redraw()

    def show_running(self, running: Sequence[RunningModel]) -> None:
        """Models in the server's memory."""
        self.state.running = tuple(running)
        self.redraw()

    def show_speed(self, history: Sequence[float]) -> None:
        """Tokens a second of the last answers, oldest first."""
        self.state.speeds = tuple(history)
        self.redraw()

    def show_remote(self, host: str | None) -> None:
        """The server is elsewhere, by this name (None: on this machine): local figures are not shown for it."""
        self.state.remote = host
        self.redraw()

    def heading(self) -> Clean:
        """This machine, or the one elsewhere."""
        from r1tui.widgets.hardware_lines import panel_title

        return panel_title(self.state)

    def body(self, width: int) -> Iterable[Line]:
        """The panel in the words of `hardware_lines`."""
        from r1tui.widgets.hardware_lines import panel_lines  # not before there is something to show

        for parts in panel_lines(self.state, width):
            yield Line(tuple((text, f"hardware--{role}" if role else "") for text, role in parts))

    # asked by the user

    def commands(self) -> Attached:
        """What the screen is asked for."""
        return {
            "hardware.figures": self._ask_figures,
            "hardware.pull": self._ask_pull,
            "hardware.lower_context": self._ask_lower_context,
        }

    def offers(self, name: str) -> bool | None:
        """A key means something where there is what it acts on; else it is text for the prompt."""
        found = self.state.recommendation
        there = {
            "hardware.figures": found is not None,
            "hardware.pull": found is not None and found.best is not None,
            "hardware.lower_context": self._spilt() is not None,
        }
        return True if there[name] else None

    def _spilt(self) -> RunningModel | None:
        """A loaded model that is partly on the CPU though there is a GPU for it."""
        from r1tui.widgets.hardware_lines import spilt

        return next((model for model in self.state.running if spilt(self.state, model)), None)

    def _ask_figures(self) -> None:
        self.post_message(self.FiguresRequested())

    def _ask_pull(self) -> None:
        found = self.state.recommendation
        if found and found.best:
            self.post_message(self.PullRequested(found.best.tag.tag))

    def _ask_lower_context(self) -> None:
        """Have the user load the model that is partly on the CPU with less context."""
        if (model := self._spilt()) is not None:
            self.post_message(self.LowerContextRequested(model.name))


def _differs(before: Memory, now: Memory) -> bool:
    """Whether a reader would see a difference worth the bytes."""
    if (before.total, before.limit) != (now.total, now.limit):
        return True
    return abs(before.available - now.available) > _NOTICEABLE * before.bound
