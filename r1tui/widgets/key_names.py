"""Keys as people write them."""

from __future__ import annotations

from r1tui.domain.clean import Clean, clean_line

_NAMES = {
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "space": "Space",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "delete": "Del",
    "backspace": "Backspace",
    "question_mark": "?",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "comma": ",",
    "full_stop": ".",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}
_ASCII_NAMES = {"up": "Up", "down": "Down", "left": "Left", "right": "Right"}


def key_name(key: str, ascii_only: bool = False) -> Clean:
    """`ctrl+t` as `Ctrl+T`, `question_mark` as `?`."""
    *modifiers, last = key.split("+") if key != "+" else ["+"]
    name = (_ASCII_NAMES.get(last) if ascii_only else None) or _NAMES.get(last)
    if name is None:
        is_function_key = last[0] == "f" and last[1:].isdigit()
        name = last.upper() if is_function_key or (modifiers and len(last) == 1) else last
    return clean_line("+".join([*(modifier.capitalize() for modifier in modifiers), name]))


def short_key_name(key: str, ascii_only: bool = False) -> Clean:
    """The same in short, for lines with little room: `^T`."""
    modifier, plus, last = key.partition("+")
    if modifier == "ctrl" and plus and len(last) == 1:
        return clean_line(f"^{last.upper()}")
    return key_name(key, ascii_only)
