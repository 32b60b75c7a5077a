"""Words for a person, not yet in a language."""

from __future__ import annotations

from dataclasses import field

from r1tui.domain.address import without_credentials
from r1tui.domain.dataclass import dataclass


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
    """Make a `Phrase` with keyword arguments. No address in them keeps a name or a password."""
    return Phrase(
        key,
        {
            name: without_credentials(value) if isinstance(value, str) else value
            for name, value in params.items()
        },
    )


class PhrasedError(Exception):
    """An error that says in one sentence for the user what happened: the base of all of ours that do."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase.key)
        self.phrase = phrase
