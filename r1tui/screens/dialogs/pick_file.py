"""A file to choose: by a few letters of its path below a folder, or by its path, which is completed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from time import monotonic

from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Input

from r1tui.commands import Place
from r1tui.domain.clean import Clean, clean_line
from r1tui.locale import t
from r1tui.screens.base import Dialog, Frame
from r1tui.screens.narrowing import Narrowing
from r1tui.services.file_index import FileIndex, complete, expanded, is_typed_path
from r1tui.toolkit.bindings import Attached, keys_now
from r1tui.toolkit.cells import cut_start
from r1tui.toolkit.option import Option, OptionList
from r1tui.toolkit.shown import Static, styled
from r1tui.widgets.fields import Field
from r1tui.widgets.key_names import key_name

AGAIN = 0.5
"""Seconds between two searches while files are still being listed."""
MOST_FOLDER = 44
"""Cells of the folder's path."""
LEAST_WIDTH = 40
"""Cells of a line before the list has its place."""
LINE = 400
"""Characters of a path that are measured and drawn."""


class PickFileScreen(Narrowing, Dialog[Path | str | None], place=Place.PICK_FILE):
    """Choose a file below the folder `root`, or any other by its path; dismisses with its path, for Esc with what is typed.

    `typed` is in the field when it opens.
    """

    DEFAULT_CSS = """
    PickFileScreen > Frame { width: 90%; max-width: 100; }
    PickFileScreen OptionList { text-wrap: nowrap; text-overflow: ellipsis; height: 12; }
    """

    def __init__(self, root: Path, typed: str = "") -> None:
        super().__init__()
        self._index = FileIndex(root)
        self._typed = typed
        self._found: list[str] = []
        self._searched_for: str | None = None
        """What the list shows the files for."""
        self._listed = False
        self._hidden = False
        self._count = Clean("")

    def writing_field(self) -> Widget:
        """Letters narrow the list, wherever the cursor is."""
        return self.query_one(Field)

    def commands(self) -> Attached:
        """Choose nothing, move in the list while the field keeps the focus, take a path over, show hidden files."""
        return {
            "pick_file.close": self._leave,
            "pick_file.down": partial(self._move, 1),
            "pick_file.up": partial(self._move, -1),
            "pick_file.complete": self._complete,
            "pick_file.hidden": self._toggle_hidden,
        }

    def compose(self) -> ComposeResult:
        """Question, a field to find by, the list, the keys."""
        folder = cut_start(clean_line(str(self._index.root)), MOST_FOLDER)
        with Frame(t("attachment.pick", folder=folder), Clean(""), footed=True):
            yield Field(self._typed, placeholder=t("attachment.narrow"))
            yield OptionList(compact=True)
            yield Static(classes="about")

    def on_mount(self) -> None:
        """List the folder's files in the background."""
        self.query_one(OptionList).can_focus = False
        self._read_anew()

    def _read_anew(self) -> None:
        self._searched_for = None
        self.run_worker(self._read(), group="read", exclusive=True)

    async def _read(self) -> None:
        """List the files; what is typed is looked for again among those that have come meanwhile."""
        searched, self._listed = 0.0, False
        async for count in self._index.read(hidden=self._hidden):
            self._tell_count(t("attachment.listing", count=count))
            if monotonic() - searched >= AGAIN:
                searched = monotonic()
                self._search()
        listed = len(self._index.names)
        self._tell_count(
            t("attachment.cut", count=listed) if self._index.is_cut else t("attachment.listed", count=listed)
        )
        self._listed = True
        self._search()

    def _tell_count(self, count: Clean) -> None:
        keys = {
            name: key_name(keys_now(self.app, f"pick_file.{name}").partition(",")[0])
            for name in ("complete", "hidden")
        }
        hidden = t("attachment.hide") if self._hidden else t("attachment.show_hidden")
        self.query_one(".about", Static).update(count)
        self.query_one(Frame).border_subtitle = styled(t("attachment.pick_keys", what=hidden, **keys))

    def _leave(self) -> None:
        self.dismiss(self.query_one(Field).value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for what is typed now, and no longer for what was before. A blank at the beginning wants no file."""
        if event.value.startswith(" "):
            self._leave()
        else:
            self._search()

    def _search(self) -> None:
        # A function: one that is cancelled before it has begun leaves no coroutine behind.
        search: Callable[[], Awaitable[None]] = partial(self._look_for, self.query_one(Field).value)
        self.run_worker(search, group="search", exclusive=True)

    async def _look_for(self, typed: str) -> None:
        is_path = is_typed_path(typed)
        complete_list = is_path or self._listed  # else what fits may come yet
        found = await (complete(self._index.root, typed) if is_path else self._index.find(typed))
        self._show(found)
        if found or complete_list:
            self._searched_for = typed
            self.shows()

    def in_accordance(self) -> bool:
        """Whether the files are those for what is typed. Before anything is, or shows, nobody can mean one of them."""
        typed = self.query_one(Field).value
        return self._searched_for == typed or not (typed or self._found)

    def _show(self, found: Sequence[str]) -> None:
        if found == self._found and (found or not self._listed):
            return
        options = self.query_one(OptionList)
        at = options.highlighted
        chosen = self._found[at] if at else None  # where the cursor was not moved, it stays on the best
        self._found = list(found)
        options.clear_options()
        room = options.scrollable_content_region.width or LEAST_WIDTH
        options.add_options(Option(cut_start(clean_line(_shown(name)[-LINE:]), room)) for name in found)
        if not found and self._listed:
            options.add_option(Option(styled(t("attachment.nothing_found"), "$text-muted"), disabled=True))
        if found:
            options.highlighted = self._found.index(chosen) if chosen in self._found else 0

    def _move(self, by: int) -> None:
        options = self.query_one(OptionList)
        if by > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def _toggle_hidden(self) -> None:
        self._hidden = not self._hidden
        self._read_anew()

    def _complete(self) -> None:
        """Take the path under the cursor into the field."""
        if (name := self._under_cursor) is not None:
            field = self.query_one(Field)
            field.value = name
            field.cursor_position = len(name)

    @property
    def _under_cursor(self) -> str | None:
        at = self.query_one(OptionList).highlighted
        return self._found[at] if at is not None and at < len(self._found) else None

    def on_option_list_option_selected(self) -> None:
        """A click on a file takes it, as Enter does."""
        self._choose()

    def on_input_submitted(self) -> None:
        """Enter takes what is under the cursor."""
        self._choose()

    def _choose(self) -> None:
        """Dismiss with the file under the cursor, or go into the folder there; a typed path counts as it is."""
        name = self._under_cursor
        typed = self.query_one(Field).value
        if name is None and is_typed_path(typed):
            name = typed.rstrip("/")
        if name is None:
            return
        if name.endswith("/"):
            self._complete()
        else:
            self.dismiss(expanded(self._index.root, name))


def _shown(name: str) -> str:
    """Of a typed path only its last part, which is completed."""
    if is_typed_path(name):
        return name[name.rstrip("/").rfind("/") + 1 :]
    return name
