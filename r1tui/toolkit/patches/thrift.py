"""Sends the terminal only the cells that changed, a colour only where it changes, and no text that it would obey.

Textual draws a changed region from the left edge of its widget, and gives each piece of text its whole style and a
reset: a word at the end of a line of 80 cells is 150 bytes. Over SSH that is most of what an answer costs.

Whatever a screen draws passes `sent`, the one place where text becomes bytes: a widget cannot get past it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache, wraps
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from textual import screen as textual_screen
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, InlineUpdate, LayoutUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

from r1tui.domain.clean import MAX_MARKS, is_harmless, is_mark, visible
from r1tui.toolkit.cells import clusters
from r1tui.toolkit.colours import downgrade
from r1tui.toolkit.hooks import hooks
from r1tui.toolkit.line_diff import Run, SentCells, unsure
from r1tui.toolkit.patches import Patch

# The attributes of a style and their codes (ECMA-48, "SGR").
_ATTRIBUTES = (
    ("bold", "1"), ("dim", "2"), ("italic", "3"), ("underline", "4"), ("blink", "5"), ("blink2", "6"),
    ("reverse", "7"), ("conceal", "8"), ("strike", "9"), ("underline2", "21"), ("frame", "51"),
    ("encircle", "52"), ("overline", "53"),
)  # fmt: skip

_ENDS = {"1": "22", "2": "22", "3": "23", "4": "24", "7": "27", "9": "29"}
"""Code of an attribute → code that ends it, where terminals agree about it; 22 ends both bold and dim."""

_OF_LETTERS = frozenset(("", "1", "2", "3"))
"""Those that a blank does not show."""

Look = tuple[str, str, str]
"""Codes for the attributes, the colour of the text and that of the ground."""
_PLAIN: Look = ("", "", "")


class ThriftyCompositor(Compositor):
    """Textual's compositor, with `ThriftyUpdate`s."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """The regions that changed since the last update."""
        update = super().render_partial_update()
        return None if update is None else ThriftyUpdate(update.chops, update.spans, update.chop_ends)

    def render_full_update(self, simplify: bool = False) -> CompositorUpdate:  # type: ignore[override]
        """The whole screen, in the same few bytes a cell."""
        if simplify:
            return super().render_full_update(simplify)
        self._dirty_regions.clear()
        chops = self._render_chops(self.size.region, lambda y: True)
        spans = [(y, 0, self.size.width) for y in range(self.size.height)]
        return ThriftyUpdate(chops, spans, [cuts[1:] for cuts in self.cuts])


class ThriftyUpdate(ChopsUpdate):
    """Changed spans of the screen."""

    terminal: SentCells | None = None
    """What the terminal shows that it goes to; None where that is not known."""

    def render_segments(self, console: Console) -> str:
        """As text and control sequences."""
        system = COLOR_SYSTEMS[console.color_system or "truecolor"]
        output: list[str] = []
        now = _PLAIN
        for y, x, segments in self._pieces() if self.terminal is None else self._news(self.terminal, system):
            output.append(_place(y, x))
            for text, style, _ in segments:
                shown, x = _anchored(text, y, x)
                look = _look(style, system) if style is not None else _PLAIN
                if look != now and not _same_blank(text, now, look):
                    output.append(_change(now, look))
                    now = look
                if style is not None and style.link:
                    shown = f"\x1b]8;id={style.link_id};{_address(style.link)}\x1b\\{shown}\x1b]8;;\x1b\\"
                output.append(shown)
        if now != _PLAIN:
            output.append("\x1b[0m")
        return "".join(output)

    def _pieces(self) -> Iterator[tuple[int, int, list[Segment]]]:
        """(row, column, what is drawn from there)."""
        for y, x1, x2 in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is not None and x < x2 and end > x1:
                    skipped, segments = cut(strip, x1 - x, min(end, x2) - x)
                    yield y, x + skipped, _drawn(segments)

    def _news(self, terminal: SentCells, system: ColorSystem) -> Iterator[tuple[int, int, list[Segment]]]:
        """Of these, what the terminal does not show yet: a widget that gives way to another leaves it much of the same."""
        for y, x, segments in self._pieces():
            for start, end in terminal.news(y, x, [*_seen(segments, system)]):
                yield y, start, cut(Strip(segments), start - x, end - x)[1]


def _place(y: int, x: int) -> str:
    """Put the cursor to row `y`, column `x`, from 0."""
    return f"\x1b[{y + 1};{x + 1}H"


def _anchored(text: str, y: int, x: int) -> tuple[str, int]:
    """A text drawn from a cell, and the cell behind it.

    A stretch whose width terminals disagree about gets its cells cleared first, and what is behind it is put where it
    belongs: so a wrong guess moves nothing else.
    """
    if text.isascii():
        return text, x + len(text)
    if not unsure(text):
        return text, x + cell_len(text)
    output: list[str] = []
    stretch, begins, ends = "", x, x
    gap = ""  # spaces, which part words of one stretch, or a stretch from what follows it
    for cluster, width in clusters(text):
        if unsure(cluster):
            if not stretch:
                begins = x
            stretch, gap, ends = stretch + gap + cluster, "", x + width
        elif stretch and cluster == " ":
            gap += cluster
        else:
            output += [*([_stretch(stretch, y, begins, ends)] if stretch else ()), gap, cluster]
            stretch = gap = ""
        x += width
    if stretch:
        output += [_stretch(stretch, y, begins, ends), gap]
    return "".join(output), x


def _stretch(text: str, y: int, begins: int, ends: int) -> str:
    return f"{' ' * (ends - begins)}{_place(y, begins)}{text}{_place(y, ends)}"


def sent(update: RenderableType | None) -> RenderableType | None:
    """What a screen wants to draw, as something that sends the terminal no text that it would obey."""
    match update:
        case None | ThriftyUpdate():
            return update
        case ChopsUpdate():
            return ThriftyUpdate(update.chops, update.spans, update.chop_ends)
        case LayoutUpdate():
            return LayoutUpdate([[_strip(strip) for strip in line] for line in update.strips], update.region)
        case InlineUpdate():
            return InlineUpdate([_strip(strip) for strip in update.strips], update.clear)
        case _:
            return _Drawn(update)


class _Drawn:
    """Anything else that Rich draws."""

    def __init__(self, renderable: RenderableType) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for text, style, control in console.render(self._renderable, options):
            if control is None:
                yield Segment(visible(text, lines=True), style and style.update_link(None))
            else:
                yield Segment(text, style, control)


def _strip(strip: Strip) -> Strip:
    return Strip(
        Segment(segment.text, segment.style and segment.style.update_link(None))
        for segment in _drawn(list(strip))
    )


def _drawn(segments: list[Segment]) -> list[Segment]:
    """The segments with visible signs for control characters, in as many cells as before, and with few marks."""
    if is_harmless("".join([segment.text for segment in segments])):
        return segments
    room = sum(cell_len(segment.text) for segment in segments)
    drawn = []
    marks = 0
    for text, style, _ in segments:
        kept = []
        for cluster, width in clusters(visible(text)):
            if width > room:
                continue
            room -= width
            for char in cluster:
                marks = marks + 1 if is_mark(char) else 0
                if marks <= MAX_MARKS:
                    kept.append(char)
        drawn.append(Segment("".join(kept), style))
    return drawn


@lru_cache(maxsize=256)
def _address(link: str) -> str:
    """A link's address as OSC 8 wants it: printable ASCII."""
    return quote(link, safe="!#$%&'()*+,/:;=?@[]~", errors="replace")


def cut(strip: Strip, start: int, end: int) -> tuple[int, list[Segment]]:
    """The segments from cell `start` to `end`, wide characters whole, and the cell where they really begin.

    That is 0 where what stands before `start` has a width that is not sure.
    """
    text = strip.text
    if start > 0 and unsure(text):
        start = 0
    start = max(start, 0)
    at = 0
    begins = -1
    kept: list[Segment] = []
    for segment in strip:
        if at >= end:
            break
        content, style, _ = segment
        width = len(content) if content.isascii() else cell_len(content)
        if at + width > start:
            if at < start or at + width > end:
                before, content = _sliced(content, start - at, end - at)
                segment = Segment(content, style)
            else:
                before = 0
            if begins < 0:
                begins = at + before
            kept.append(segment)
        at += width
    return max(begins, 0), kept


def _sliced(text: str, start: int, end: int) -> tuple[int, str]:
    """Cells left out before, and the characters that take the cells from `start` to `end`."""
    if text.isascii():
        return max(start, 0), text[max(start, 0) : end]
    at = before = 0
    kept = []
    for cluster, width in clusters(text):
        if at + width > start and at < end:
            kept.append(cluster)
        elif at < end:
            before = at + width
        at += width
    return before, "".join(kept)


@lru_cache(maxsize=1024)
def _look(style: Style, system: ColorSystem) -> Look:
    text, ground = style.color, style.bgcolor
    return (
        ";".join(code for name, code in _ATTRIBUTES if getattr(style, name)),
        ";".join(downgrade(text, system).get_ansi_codes()) if text else "",
        ";".join(downgrade(ground, system).get_ansi_codes(foreground=False)) if ground else "",
    )


def _same_blank(text: str, now: Look, then: Look) -> bool:
    """Whether a text is blanks that look alike both ways: on these neither the text's colour nor its weight is seen."""
    return (
        now[2] == then[2] and not text.strip(" ") and _OF_LETTERS.issuperset(f"{now[0]};{then[0]}".split(";"))
    )


def _seen(segments: Iterable[Segment], system: ColorSystem) -> Iterator[Run]:
    """The texts of segments, each with what is seen of its style: of blanks often the ground alone."""
    for text, style, _ in segments:
        look = _look(style, system) if style is not None else _PLAIN
        if style is not None and style.link:
            yield text, (look, style.link, style.link_id)
            continue
        words = text.rstrip(" ")
        yield words, look
        ground = ("", "", look[2])
        yield text[len(words) :], ground if _same_blank("", ground, look) else look


@lru_cache(maxsize=1024)
def _change(now: Look, then: Look) -> str:
    """The shortest way from one look to another: what goes is ended by itself, or everything by a reset."""
    anew = ["0", *(code for code in then if code)]
    old, new = ([code for code in each[0].split(";") if code] for each in (now, then))
    gone = {_ENDS[code] for code in old if code not in new and code in _ENDS}
    stays = [code for code in old if code in new and _ENDS.get(code) not in gone]
    colours = zip(then[1:], now[1:], strict=True)
    step = [
        *sorted(gone),
        *(code for code in new if code not in stays),
        *(c for c, was in colours if c != was),
    ]
    unending = any(code not in new and code not in _ENDS for code in old)
    if unending or (now[1] and not then[1]) or (now[2] and not then[2]):
        return _sgr(anew)
    return min(_sgr(step), _sgr(anew), key=len)


def _sgr(codes: list[str]) -> str:
    return f"\x1b[{';'.join(codes)}m"


_textual_refresh = Screen._compositor_refresh
_textual_display = App._display


@wraps(_textual_refresh)  # what they lean on can be looked at again
def _refresh(screen: Screen[Any]) -> None:
    """Paint what changed on a screen; below another one, have that one paint it where it can be seen through.

    For each change on a screen below another, Textual would send the one above whole: an answer that streams behind a
    dialogue would cost 1,300 bytes a token.
    """
    top = screen.app.screen
    if screen is top:
        _textual_refresh(screen)
        return
    regions = screen._compositor._dirty_regions
    above = screen.app.screen_stack[screen.app.screen_stack.index(screen) + 1 :]
    if regions and all(each.styles.background.a < 1 for each in above):
        top.refresh(*regions)
    regions.clear()
    screen._dirty_widgets.clear()


@wraps(_textual_display)
def _display(app: App[Any], screen: Screen[Any], renderable: RenderableType | None) -> None:
    """Draw what a screen wants to show. All that is drawn passes here."""
    update, terminal = sent(renderable), _terminal(app)
    if isinstance(update, ThriftyUpdate):
        update.terminal = terminal
    elif update is not None and terminal is not None:
        terminal.forget()
    _textual_display(app, screen, update)


_terminals: WeakKeyDictionary[object, SentCells] = WeakKeyDictionary()
"""What the terminal shows → by Textual's writer to it: there is another one each time the app takes the terminal over."""


def _terminal(app: App[Any]) -> SentCells | None:
    """What the app's terminal has been sent; None where it has none."""
    writer = getattr(app._driver, "_writer_thread", None)
    return None if writer is None else _terminals.setdefault(writer, SentCells())


def forget_shown(app: App[Any]) -> None:
    """Send all that is drawn from now on: something else may have changed what the terminal shows."""
    if (terminal := _terminal(app)) is not None:
        terminal.forget()


def install() -> None:
    """Have all screens draw so."""
    textual_screen.Compositor = ThriftyCompositor  # type: ignore[attr-defined]
    Screen._compositor_refresh = _refresh  # type: ignore[method-assign,assignment]
    App._display = _display  # type: ignore[method-assign,assignment]
    hooks.forget_shown = forget_shown
    hooks.line_filters = ()  # all text is made visible further down


PATCH = Patch(
    "only the cells that changed are sent, and no text that the terminal would obey",
    leans_on=(
        "textual._compositor:ChopsUpdate(chops, spans, chop_ends)",
        "textual._compositor:LayoutUpdate(strips, region)",
        "textual._compositor:InlineUpdate(strips, clear)",
        "textual._compositor:Compositor.render_partial_update(self)",
        "textual._compositor:Compositor.render_full_update(self, simplify)",
        "textual._compositor:Compositor._render_chops(self, crop, is_rendered_line)",
        "textual._compositor:Compositor._dirty_regions",
        "textual._compositor:Compositor.cuts",
        "textual.screen:Compositor",
        "textual.screen:Screen._compositor",
        "textual.screen:Screen._dirty_widgets",
        "textual.screen:Screen._compositor_refresh(self)",
        "textual.app:App._display(self, screen, renderable)",
        "textual.app:App._driver",
        "textual.drivers.linux_driver:LinuxDriver._writer_thread",
    ),
    upstream="textual/screen.py makes its compositor, textual/app.py draws its updates, both without a hook",
    without="an answer costs about six times the bytes; text is made visible line by line (`hooks.VisibleText`)",
    install=install,
)
