"""Notices at the top right. What a key says each time it is pressed takes the place of what it said before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from textual.app import App
from textual.notifications import Notification, SeverityLevel
from textual.widgets._toast import Toast, ToastRack

from r1tui.domain.phrase import Phrase
from r1tui.locale import say

_IN_TURN = re.compile(r"chat\.think_|chat\.found|chat\.enter_does|copy\.|settings\.saved")
"""Phrases of which only the latest matters, by how their keys begin; of others the same words stand once."""


@dataclass
class _Notice(Notification):
    """A notification that knows what it is about."""

    subject: str = ""


def tell(app: App[Any], what: Phrase, severity: SeverityLevel = "information") -> None:
    """Show a phrase as a notice, never as markup, in place of an earlier one about the same."""
    words = say(what)
    kind = _IN_TURN.match(what.key)
    subject = kind.group() if kind else words
    # At once, not by a message as `App.notify` does: of keys in a burst each must find what the one before said.
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
