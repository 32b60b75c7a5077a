"""Words for names that come from elsewhere: values of the settings' file, titles of R1TUI's themes, a server's capabilities.

What is not known here is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from r1tui.domain.clean import Clean, clean_line
from r1tui.locale import t

_VALUES: Mapping[str, str] = {
    "auto": "settings.choice.auto",
    "on": "settings.on",
    "off": "settings.off",
    "low": "settings.choice.low",
    "medium": "settings.choice.medium",
    "high": "settings.choice.high",
    "while-thinking": "settings.choice.while_thinking",
    "open": "settings.choice.open",
    "folded": "settings.choice.folded",
    "question": "settings.choice.question",
    "english": "settings.choice.english",
    "chinese": "settings.choice.chinese",
    "end": "settings.choice.end",
    "ask": "settings.choice.ask",
    "run": "settings.choice.run",
    "stop": "settings.choice.stop",
    "keep": "settings.choice.keep",
    "osc99": "settings.choice.osc99",
    "osc777": "settings.choice.osc777",
    "osc9": "settings.choice.osc9",
    "bell": "settings.choice.bell",
    "q8_0": "settings.choice.q8_0",
    "f16": "settings.choice.f16",
    "ascii": "settings.choice.ascii",
    "unicode": "settings.choice.unicode",
}
_THEMES: Mapping[str, str] = {
    "Deep sea": "theme.title.deep_sea",
    "High contrast": "theme.title.high_contrast",
    "Ink 水墨": "theme.title.ink",
    "R1 dark": "theme.title.r1_dark",
    "R1 light": "theme.title.r1_light",
    "Sixteen colours": "theme.title.sixteen",
}
_CAPABILITIES: Mapping[str, str] = {
    "completion": "models.can.completion",
    "thinking": "models.can.thinking",
    "tools": "models.can.tools",
    "vision": "models.can.vision",
    "embedding": "models.can.embedding",
    "insert": "models.can.insert",
}


def choice(value: str) -> Clean:
    """A value that the settings' file may have."""
    return _said(_VALUES, value)


def theme_title(title: str) -> Clean:
    """The title of a theme."""
    return _said(_THEMES, title)


def capability(name: str) -> Clean:
    """What a model can do, by Ollama's word for it."""
    return _said(_CAPABILITIES, name)


def _said(words: Mapping[str, str], name: str) -> Clean:
    key = words.get(name)
    return t(key) if key is not None else clean_line(name)
