"""Keys as they are typed, looked at before a widget hears of them.

Textual sends a key to the widget with the focus and only then looks what it is bound to, while the next key of a burst is
already on its way to the same widget. What decides where the *following* keys go has to be decided here.
"""

from __future__ import annotations

from unicodedata import name

from textual import events
from textual.keys import KEY_NAME_REPLACEMENTS
from textual.widget import Widget
from textual.widgets import Input, TextArea

_TWINS = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    "\u3000": " ", "。": ".", "、": "/", "【": "[", "】": "]", "「": "{", "」": "}", "《": "<", "》": ">", "￥": "$", "·": "`",
}  # fmt: skip
"""What a Chinese or Japanese input method sends → what is printed on the key (fcitx's and ibus's punctuation tables; of the
two keys that send `、` the slash is the one that is bound)."""


class AltKey(events.Key):
    """A character with Alt; or Esc and that character, which a terminal sends in the same way."""

    apart: tuple[events.Key, ...] = ()
    """The two, where it can be both: only where more came with it, for it is Alt that is pressed with one key."""

    @classmethod
    def of(cls, key: events.Key, character: str, known: bool, followed: bool) -> AltKey:
        """The key; `known`: the pair is another key that has a name, else `key` is the character's own."""
        name = key.key
        if not known and len(name) == 1:
            name = f"alt+shift+{name.lower()}" if name.isupper() else f"alt+{name}"
        made = cls(name, key.character)
        if followed:
            own = key if not known else events.Key(_key_name(character), character)
            made.apart = events.Key("escape", "\x1b"), own
        return made


AltKey.handler_name = events.Key.handler_name


def takes_text(widget: Widget | None) -> bool:
    """Whether letters that are typed with the focus on `widget` are written into it."""
    if isinstance(widget, TextArea):
        return not widget.read_only
    return isinstance(widget, Input)


def ascii_twin(event: events.Key) -> events.Key | None:
    """The key that an input method stood before; None where the event is no such key."""
    twin = _TWINS.get(event.character or "")
    return events.Key(_key_name(twin), twin) if twin else None


def _key_name(character: str) -> str:
    """A printable ASCII character as Textual names its key."""
    key = character if character.isalnum() else name(character).lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(key, key)
