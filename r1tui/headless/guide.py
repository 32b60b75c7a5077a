"""`r1tui guide`: the guide in a shell, paged on a terminal, plain in a pipe."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys

from r1tui.domain.clean import Clean
from r1tui.domain.settings import Settings
from r1tui.guide import Guide, Target, entry_of, read
from r1tui.headless.shell import WRONG_USE, complain
from r1tui.locale import language, t
from r1tui.services.terminal.streams import put
from r1tui.services.terminal.terminal import Terminal
from r1tui.toolkit import glyphs
from r1tui.widgets.guide_rows import WIDEST, Laid, lay_out

PIPED_WIDTH = 78


def print_guide(wanted: str, settings: Settings) -> int:
    """List the chapters, or print what was asked for: a chapter's number, the glossary, an entry of it. Returns the exit code."""
    choice = settings.interface.glyphs
    if (
        choice == "ascii"
        or settings.interface.wide_ambiguous
        or (choice == "auto" and Terminal.of().ascii_only)
    ):
        glyphs.use(glyphs.ASCII)
    guide = read(language())
    if not wanted:
        put(_listed(guide))
        return 0
    target = guide.target(wanted.lower()) or guide.target(entry_of(wanted))
    if target is None:
        last, entries = guide.chapters[-1].id, tuple(guide.entries)
        complain(t("cli.no_chapter", name=wanted, last=last, entries=entries))
        return WRONG_USE
    _show(_text(guide, target))
    return 0


def _listed(guide: Guide) -> Clean:
    """A line for each chapter, one below it for what it is about."""
    lines = [line for page in (*guide.chapters, guide.words) for line in (page.title, f"    {page.summary}")]
    lines += [Clean(""), t("cli.guide_more")]
    return "\n".join(map(glyphs.to_ascii, lines) if glyphs.glyphs() is glyphs.ASCII else lines)


def _text(guide: Guide, target: Target) -> Clean:
    page = guide.page(target.page)
    assert page is not None
    width = min(shutil.get_terminal_size().columns, WIDEST) if sys.stdout.isatty() else PIPED_WIDTH
    laid = lay_out(page.text, width)
    lines = [row.text.rstrip() for row in laid.rows]
    return "\n".join(_entry(lines, laid, target.entry) if target.entry else lines)


def _entry(lines: list[Clean], laid: Laid, name: str) -> list[Clean]:
    """The lines of one entry of the glossary."""
    first = laid.entries[name]
    later = [row for row in laid.entries.values() if row > first]
    return lines[first : min(later, default=len(lines))]


def _show(text: Clean) -> None:
    """Through the user's pager where there is a terminal and the text is longer than it."""
    if not sys.stdout.isatty() or text.count("\n") + 2 < shutil.get_terminal_size().lines:
        put(text)
        return
    sys.stdout.flush()
    environ = {"LESSCHARSET": "utf-8", **os.environ} if Terminal.of().utf8 else dict(os.environ)
    try:
        command = shlex.split(os.environ.get("PAGER") or "less")
        subprocess.run(command, input=f"{text}\n".encode(), env=environ, check=False)
    except (OSError, ValueError):  # no such program
        put(text)
