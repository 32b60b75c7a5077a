"""Puts a notice in the place of an earlier one about the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from textual.app import App
from textual.notifications import Notification, SeverityLevel
from textual.widgets._toast import Toast, ToastRack

from r1tui.domain.clean import Clean
from r1tui.toolkit.hooks import hooks
from r1tui.toolkit.patches import Patch


@dataclass
class _Notice(Notification):
    """A notification that knows what it is about."""

    subject: str = ""


def show(app: App[Any], words: Clean, subject: str, severity: SeverityLevel) -> None:
    """Show a notice, never as markup, and take away what was said about the subject before.

    At once, not by a message as `App.notify` does: of keys in a burst each must find what the one before said.
    """
    shown = app._notifications
    past = [each for each in shown if isinstance(each, _Notice) and each.subject == subject]
    for rack in app.screen.query_children(ToastRack):
        for toast in rack.query(Toast):
            if toast._notification in past:
                toast._expire()  # with what holds it, which Textual would leave
    for each in past:
        app._unnotify(each, refresh=False)
    shown.add(_Notice(words, severity=severity, timeout=app.NOTIFICATION_TIMEOUT, subject=subject))
    app._refresh_notifications()


def install() -> None:
    """Have notices shown so."""
    hooks.show_notice = show


PATCH = Patch(
    "what a key says each time it is pressed takes the place of what it said before",
    leans_on=(
        "textual.widgets._toast:ToastRack",
        "textual.widgets._toast:Toast._notification",
        "textual.widgets._toast:Toast._expire(self)",
        "textual.notifications:Notification(message, title, severity, timeout)",
        "textual.app:App._notifications",
        "textual.app:App._unnotify(self, notification, refresh)",
        "textual.app:App._refresh_notifications(self)",
    ),
    upstream="textual/app.py, App.notify: a notice cannot be taken back, but all of them",
    without="notices about the same stand below each other until their time is over",
    install=install,
)
