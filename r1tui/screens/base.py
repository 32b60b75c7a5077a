"""What all screens share: words from the catalogue in their key descriptions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, TypeVar

from textual._compositor import Compositor
from textual.await_complete import AwaitComplete
from textual.binding import ActiveBinding, Binding, BindingType
from textual.screen import ModalScreen, Screen

from r1tui.locale import t
from r1tui.widgets.thrift import ThriftyCompositor

Result = TypeVar("Result")


def _told(screen: type[Screen[Any]], bindings: dict[str, ActiveBinding]) -> dict[str, ActiveBinding]:
    """The bindings in the user's language: what the screen itself does first, in the order in which it says so."""
    order = {each.id: at for at, each in enumerate(screen.BINDINGS) if isinstance(each, Binding)}
    ordered = sorted(bindings.items(), key=lambda each: order.get(each[1].binding.id, len(order)))
    return {
        key: active._replace(binding=replace(active.binding, description=t(active.binding.description)))
        for key, active in ordered
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


class Thrifty:
    """Sends only what changed, and nothing that another screen hides.

    For each change on a screen below another, Textual would send the one above whole: an answer that streams behind a
    dialogue would cost 1,300 bytes a token.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._compositor: Compositor = ThriftyCompositor()

    def _compositor_refresh(self) -> None:
        """Paint what changed; below another screen, have that one paint it where it can be seen through."""
        assert isinstance(self, Screen)
        top = self.app.screen
        if self is top:
            Screen._compositor_refresh(self)
            return
        regions = self._compositor._dirty_regions
        above = self.app.screen_stack[self.app.screen_stack.index(self) + 1 :]
        if regions and all(screen.styles.background.a < 1 for screen in above):
            top.refresh(*regions)
        regions.clear()
        self._dirty_widgets.clear()


TAB: list[BindingType] = [
    Binding("tab", "next_field", "key.next_field", id="screen.next", show=False, priority=True),
    Binding(
        "shift+tab", "previous_field", "key.previous_field", id="screen.previous", show=False, priority=True
    ),
]


class Tabbed:
    """Tab at once (`TAB` has priority): text that comes right behind it, as a slow link delivers it, goes where Tab
    leads; else letters for the prompt would be commands of the transcript.
    """

    def action_next_field(self) -> None:
        """To the next field."""
        assert isinstance(self, Screen)
        self.focus_next()

    def action_previous_field(self) -> None:
        """To the one before."""
        assert isinstance(self, Screen)
        self.focus_previous()


class R1Screen(Thrifty, LeavesOnce, Tabbed, Screen[Result]):
    """A screen. Descriptions in `BINDINGS` are keys of the catalogue; footer and help see them translated."""

    BINDINGS: ClassVar[list[BindingType]] = TAB

    def __init__(self) -> None:
        super().__init__()

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Active bindings, described in the user's language."""
        return _told(type(self), super().active_bindings)


class R1Modal(Thrifty, LeavesOnce, ModalScreen[Result]):
    """A dialogue over a screen, with the same translation."""

    def __init__(self) -> None:
        super().__init__()

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Active bindings, described in the user's language."""
        return _told(type(self), super().active_bindings)
