"""All keys of the screen below, and what a newcomer has to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from r1tui.locale import t
from r1tui.screens.base import R1Modal
from r1tui.widgets.glyphs import ASCII, glyphs
from r1tui.widgets.key_names import key_name

_GROUPS = {
    "prompt": "help.group.prompt",
    "transcript": "help.group.transcript",
    "sidebar": "help.group.sidebar",
    "app": "help.group.app",
}


class HelpScreen(R1Modal[None]):
    """Help, given the `active_bindings` of the screen it is called from."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,question_mark,q", "dismiss", "key.close", id="help.close"),
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 78; max-width: 100%; height: auto; max-height: 95%; padding: 1 2; background: $surface;
        scrollbar-size-vertical: 1;
    }
    HelpScreen Static { height: auto; }
    """

    def __init__(self, bindings: Mapping[str, ActiveBinding]) -> None:
        super().__init__()
        self._shown = bindings

    def compose(self) -> ComposeResult:
        """Keys by where they work, then the ideas."""
        with VerticalScroll():
            yield Static(self._text())

    def _text(self) -> Content:
        parts: list[Content | str | tuple[str, str]] = []
        for title, rows in _grouped(self._shown).items():
            parts.append((f"{title}\n", "bold $text-accent"))
            for keys, words in rows:
                gap = " " * max(22 - cell_len(keys), 2)
                parts += ["  ", (keys, "bold"), f"{gap}{words}\n"]
            parts.append("\n")
        parts += [(t("help.editing_title") + "\n", "bold $text-accent"), t("help.editing") + "\n\n"]
        parts += [(t("help.ideas_title") + "\n", "bold $text-accent")]
        ideas = (
            t("help.idea_reasoning"),
            t("help.idea_thinking"),
            t("help.idea_memory"),
            t("help.idea_context"),
            t("help.idea_local"),
            t("help.idea_copy"),
        )
        parts += [f"{glyphs().bullet} {idea}\n" for idea in ideas]
        return Content.assemble(*parts)


def _grouped(bindings: Mapping[str, ActiveBinding]) -> dict[str, list[tuple[str, str]]]:
    """Group title → (keys, what they do), for the bindings that are R1TUI's own: those have an id."""
    keys: dict[tuple[str, str], list[str]] = {}
    for active in bindings.values():
        binding = active.binding
        if binding.id and binding.description and active.enabled:
            group = t(_GROUPS.get(binding.id.partition(".")[0], "help.group.screen"))
            keys.setdefault((group, binding.description), []).append(
                key_name(binding.key, ascii_only=glyphs() is ASCII)
            )
    groups: dict[str, list[tuple[str, str]]] = {}
    for (group, words), names in keys.items():
        groups.setdefault(group, []).append((", ".join(dict.fromkeys(names)), words))
    return groups
