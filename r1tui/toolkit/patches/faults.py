"""Lets the app deal with its faults itself: nobody sees a traceback."""

from __future__ import annotations

from functools import wraps
from typing import Any

from textual._context import active_message_pump
from textual.app import App
from textual.dom import DOMNode
from textual.worker import active_worker

from r1tui.toolkit.hooks import TakesFaults, hooks
from r1tui.toolkit.patches import Patch

_textual_handle = App._handle_exception


@wraps(_textual_handle)  # what it leans on can be looked at again
def _handle(app: App[Any], error: Exception) -> None:
    if not (isinstance(app, TakesFaults) and app.take_fault(error, ending=_ending(app))):
        _textual_handle(app, error)


def _ending(app: App[Any]) -> bool:
    """Whether the app or the screen at work is being taken down: what still begins there finds its widgets gone already."""
    worker = active_worker.get(None)  # it works for its widget, though Textual has it run in the app's name
    at_work = worker.node if worker is not None else active_message_pump.get(app)
    if not app.is_running or at_work._closing or not at_work.is_attached:
        return True
    return isinstance(at_work, DOMNode) and at_work._pruning


def _fail(app: App[Any], error: Exception) -> None:
    app._handle_exception(error)


def install() -> None:
    """Have each app that can asked first."""
    App._handle_exception = _handle  # type: ignore[method-assign,assignment]
    hooks.fail = _fail


PATCH = Patch(
    "a fault becomes a file and one sentence, or a notice",
    leans_on=(
        "textual.app:App._handle_exception(self, error)",
        "textual._context:active_message_pump.get",
        "textual.message_pump:MessagePump._closing",
        "textual.dom:DOMNode._pruning",
        "textual.worker:Worker.node",
    ),
    upstream="textual/app.py, App._handle_exception: the one way of all faults, which prints the traceback",
    without="a fault ends the app with Textual's traceback",
    install=install,
)
