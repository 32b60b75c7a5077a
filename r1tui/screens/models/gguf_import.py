"""Asks for a GGUF file of this machine, typed or picked, and the name that the model gets."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterable
from pathlib import Path

from rich.text import Text, TextType
from textual import on
from textual.app import ComposeResult
from textual.suggester import Suggester
from textual.widgets import DirectoryTree, Input

from r1tui.commands import Place
from r1tui.domain.clean import Clean, clean, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.domain.model_name import BadName, parse_name
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.shown import Static, tree_label
from r1tui.widgets.fields import Field

_TAG = re.compile(r"[-.](?:q\d[\w]*|f16|f32|bf16|iq\d[\w]*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WantedImport:
    """A file to make a model of."""

    path: Path
    name: str


def suggested_name(path: Path) -> str:
    """A model's name from a file's: `DeepSeek-R1-Distill-7B-Q4_K_M.gguf` → `deepseek-r1-distill-7b:q4_k_m`."""
    stem = re.sub(r"[^a-z0-9_.-]+", "-", path.stem.lower()).strip("-._")
    found = _TAG.search(stem)
    if found is None:
        return stem[:80]
    return f"{stem[: found.start()][:80]}:{found.group()[1:]}"


def _typed(text: str) -> Path:
    return Path(text.strip()).expanduser()


class PathSuggester(Suggester):
    """Completes the path of a folder or a GGUF file."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """The first entry that goes on from what is typed."""
        return await asyncio.to_thread(_completed, value)


def _completed(value: str) -> str | None:
    folder, _, begun = value.rpartition("/")
    if not folder and not value.startswith("/"):
        return None
    try:
        with os.scandir(os.path.expanduser(folder) or "/") as entries:
            fitting = sorted(
                entry.name + ("/" if entry.is_dir() else "")
                for entry in entries
                if entry.name.startswith(begun)
                and clean(entry.name) == entry.name  # else it cannot be typed; the tree has it
                and (entry.is_dir() or entry.name.lower().endswith(".gguf"))
            )
    except OSError:
        return None
    return f"{folder}/{fitting[0]}" if fitting else None


class GgufTree(DirectoryTree):
    """Folders and GGUF files."""

    ICON_NODE, ICON_NODE_EXPANDED, ICON_FILE = "+ ", "- ", "  "

    def process_label(self, label: TextType) -> Text:
        """A name as it is, cleaned; Textual would read it as markup."""
        return tree_label(clean_line(label if isinstance(label, str) else label.plain))

    def filter_paths(self, paths: Iterable[Path]) -> Iterable[Path]:
        """Only what can be imported, and the way there."""
        return [
            path
            for path in paths
            if not path.name.startswith(".") and (path.suffix.lower() == ".gguf" or path.is_dir())
        ]


class ModelImportScreen(Dialog[WantedImport | None], place=Place.MODEL_IMPORT):
    """Dismisses with a file and a name, None for Esc."""

    DEFAULT_CSS = """
    ModelImportScreen > Frame { width: 96%; max-width: 90; height: 90%; }
    ModelImportScreen GgufTree { height: 1fr; min-height: 3; background: $surface; padding: 0; }
    ModelImportScreen #fault { color: $text-error; }
    """

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self._folder = folder or Path.home()
        self._picked: Path | None = None
        """What was picked in the tree."""
        self._shown = ""
        """How the field shows it: with signs where its name has control characters."""

    def commands(self) -> Attached:
        """Esc leaves without an import."""
        return {"model_import.close": self.close}

    def compose(self) -> ComposeResult:
        """Path, name, and the folders to pick from."""
        with Frame(t("models.import.head"), t("dialogue.field_keys")):
            yield Static(t("models.import.path"))
            yield Field(id="path", suggester=PathSuggester(), placeholder=Clean("~/models/deepseek-r1.gguf"))
            yield Static(t("models.import.name"))
            yield Field(id="name", placeholder=Clean("deepseek-r1-distill:7b"))
            yield Static(id="fault")
            yield GgufTree(self._folder)

    def on_mount(self) -> None:
        """Put the cursor into the field."""
        self.query_one("#path").focus()

    @on(DirectoryTree.FileSelected)
    def _pick(self, event: DirectoryTree.FileSelected) -> None:
        field = self.query_one("#path", Input)
        field.value = str(event.path)
        self._picked, self._shown = event.path, field.value
        self._suggest(event.path)

    @property
    def _path(self) -> Path:
        """The file that the field names."""
        text = self.query_one("#path", Input).value
        return self._picked if self._picked is not None and text == self._shown else _typed(text)

    @on(Input.Submitted, "#path")
    def _path_typed(self) -> None:
        self._suggest(self._path)

    def _suggest(self, path: Path) -> None:
        name = self.query_one("#name", Input)
        if not name.value:
            name.value = suggested_name(path)
        name.focus()

    @on(Input.Submitted, "#name")
    async def _named(self, event: Input.Submitted) -> None:
        path = self._path
        if not await asyncio.to_thread(path.is_file):
            self._fault(phrase("models.import.no_file", path=str(path)))
            return
        try:
            parse_name(event.value)
        except BadName as error:
            self._fault(error.phrase)
            return
        self.dismiss(WantedImport(path, event.value.strip()))

    def _fault(self, words: Phrase) -> None:
        self.query_one("#fault", Static).update(say(words))
