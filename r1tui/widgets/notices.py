"""Notices at the top right. What a key says each time it is pressed takes the place of what it said before."""

from __future__ import annotations

import re
from typing import Any

from textual.app import App
from textual.notifications import SeverityLevel

from r1tui.domain.phrase import Phrase
from r1tui.locale import say
from r1tui.toolkit.hooks import hooks

_IN_TURN = re.compile(r"chat\.think_|chat\.found|chat\.enter_does|copy\.|settings\.saved")
"""Phrases of which only the latest matters, by how their keys begin; of others the same words stand once."""


def tell(app: App[Any], what: Phrase, severity: SeverityLevel = "information") -> None:
    """Show a phrase as a notice, never as markup, in place of an earlier one about the same."""
    words = say(what)
    kind = _IN_TURN.match(what.key)
    hooks.show_notice(app, words, kind.group() if kind else words, severity)
