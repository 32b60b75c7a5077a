"""Words for a person, not yet in a language."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence of the message catalogue and what fills its places.

    Domain and services say *what* happened with a phrase; `r1tui.locale.say` puts it into the user's language.
    """

    key: str
    """The catalogue's key, such as `engine.unreachable`."""
    params: dict[str, object] = field(default_factory=dict)
    """Values for the places in braces. Foreign text in them is cleaned when the phrase is said."""


def phrase(key: str, /, **params: object) -> Phrase:
    """Make a `Phrase` with keyword arguments."""
    return Phrase(key, params)
