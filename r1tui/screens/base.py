"""What all screens share: words from the catalogue in their key descriptions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from textual.await_complete import AwaitComplete
from textual.binding import ActiveBinding
from textual.screen import ModalScreen, Screen

from r1tui.locale import t
from r1tui.widgets.thrift import ThriftyCompositor

Result = TypeVar("Result")


def _translated(bindings: dict[str, ActiveBinding]) -> dict[str, ActiveBinding]:
    return {
        key: active._replace(binding=replace(active.binding, description=t(active.binding.description)))
        for key, active in bindings.items()
    }


class LeavesOnce:
    """A key pressed twice in a hurry must not take the screen below away too, which would end the app."""

    _left = False

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Leave the screen with `result`; only the first time counts."""
        if self._left:
            return AwaitComplete()
        self._left = True
        left: AwaitComplete = super().dismiss(result)  # type: ignore[misc]
        return left


class R1Screen(LeavesOnce, Screen[Result]):
    """A screen. Descriptions in `BINDINGS` are keys of the catalogue; footer and help see them translated."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = ThriftyCompositor()

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Active bindings, described in the user's language."""
        return _translated(super().active_bindings)


class R1Modal(LeavesOnce, ModalScreen[Result]):
    """A dialogue over a screen, with the same translation."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = ThriftyCompositor()

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Active bindings, described in the user's language."""
        return _translated(super().active_bindings)
