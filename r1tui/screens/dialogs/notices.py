"""What the app said last, to be read again and copied. It is in memory alone."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from r1tui.commands import Place
from r1tui.domain.clean import Clean
from r1tui.locale import clock, t
from r1tui.screens.base import Dialog, Frame
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.notices import Notice
from r1tui.toolkit.option import Option, OptionList
from r1tui.toolkit.shown import Static, Styled, assembled
from r1tui.widgets.notices import graveness, sentence, times


class NoticesScreen(Dialog[None], place=Place.NOTICES):
    """The notices that are given, newest first, each whole, with the time when it was said."""

    DEFAULT_CSS = """
    NoticesScreen > Frame { width: 98; }
    NoticesScreen OptionList, NoticesScreen OptionList:focus { max-height: 60vh; }
    """

    def __init__(self, notices: Sequence[Notice]) -> None:
        super().__init__()
        self._notices = notices

    def commands(self) -> Attached:
        """Done reading, or copied."""
        return {
            "notices.close": self.close,
            "notices.copy": self._copy,
            "notices.copy_all": self._copy_all,
        }

    def offers(self, name: str) -> bool | None:
        """Nothing is copied where nothing was said."""
        return name == "notices.close" or bool(self._notices)

    def compose(self) -> ComposeResult:
        """One row a notice."""
        with Frame(t("notice.title"), t("notice.keys") if self._notices else t("notice.keys_none")):
            if not self._notices:
                yield Static(t("notice.none"))
                return
            yield OptionList(*(Option(_row(each)) for each in self._notices), compact=True)

    def on_mount(self) -> None:
        """The newest is under the cursor."""
        for options in self.query(OptionList):
            options.highlighted = 0
            options.focus()

    def on_option_list_option_selected(self) -> None:
        """Enter copies it too."""
        self._copy()

    def _copy(self) -> None:
        at = self.query_one(OptionList).highlighted
        self.app.copy_to_clipboard(self._notices[at or 0].words)

    def _copy_all(self) -> None:
        self.app.copy_to_clipboard("\n".join(_line(each) for each in self._notices))


def _row(notice: Notice) -> Styled:
    """As it is read: the time in a muted colour, how grave it was in its own."""
    head, words = graveness(notice.severity), sentence(notice)
    return assembled(
        (f"{clock.hour(notice.said)}  ", "$text-muted"),
        *([(head, f"bold $text-{notice.severity}")] if head else ()),
        words,
        (times(notice), "$text-muted"),
    )


def _line(notice: Notice) -> Clean:
    """As it is copied."""
    return (
        f"{clock.date_and_hour(notice.said)}  {graveness(notice.severity)}{sentence(notice)}{times(notice)}"
    )
