"""What the hardware panel knows. Apart from `hardware_lines`, which is first loaded when there is something to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from r1tui.domain.dataclass import dataclass
from r1tui.domain.model import RunningModel

if TYPE_CHECKING:
    from r1tui.domain.hardware import HardwareProfile
    from r1tui.domain.recommendation import Recommendation


@dataclass(slots=True)
class PanelState:
    """All that the panel knows."""

    profile: HardwareProfile | None = None
    looking: bool = False
    recommendation: Recommendation | None = None
    running: tuple[RunningModel, ...] = ()
    speeds: tuple[float, ...] = ()
    """Tokens a second of the last answers, oldest first."""
    remote: str | None = None
    """Name of a server elsewhere; None when it is on this machine."""
