"""The guide: chapters, glossary, contents; what is under the cursor leads on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from textual import events
from textual.app import ComposeResult

from r1tui.commands import Place
from r1tui.domain.clean import Clean, clean
from r1tui.domain.phrase import phrase
from r1tui.guide import WORDS, Guide, Page, Target, followed, in_ascii, read
from r1tui.locale import language, t
from r1tui.screens.base import R1Screen
from r1tui.screens.guide import live
from r1tui.toolkit.bindings import Attached, keys_now
from r1tui.toolkit.glyphs import ASCII, glyphs
from r1tui.toolkit.shown import Static
from r1tui.widgets.explain import TryLive
from r1tui.widgets.guide_page import GuidePage
from r1tui.widgets.mode_keys import line, listed, name_of

CONTENTS = "contents"
"""Id of the page that lists the others."""


class GuideScreen(R1Screen[None], place=Place.GUIDE):
    """Shows the guide at a topic (`guide.Guide.target`), else its contents."""

    DEFAULT_CSS = """
    GuideScreen #guide-title { height: 1; padding: 0 2; color: $text-accent; text-style: bold; }
    GuideScreen #guide-keys { height: 1; padding: 0 2; color: $text-muted; }
    """

    def __init__(self, topic: str = "") -> None:
        super().__init__()
        self._topic = topic
        self._page = GuidePage()
        self._guide: Guide | None = None
        self._at = Target(CONTENTS)
        self._past: list[tuple[Target, int | None]] = []
        """Where the reader came from, and the link that was followed there."""
        self._once_laid_out: list[Callable[[], object]] = []

    def compose(self) -> ComposeResult:
        """A line above the page, a line below."""
        yield Static(id="guide-title")
        yield self._page
        yield Static(id="guide-keys")

    def on_mount(self) -> None:
        """Read the files, then show."""
        self.run_worker(self._open(), exclusive=True)

    async def _open(self) -> None:
        self._guide = await asyncio.to_thread(read, language())
        target = self._guide.target(self._topic) or Target(CONTENTS)
        self._show(target)

    def takes(self, event: events.Event) -> bool:
        """Keys act on a page that is read and laid out; what leaves may do so before."""
        leaves = isinstance(event, events.Key) and event.key == "escape"
        return super().takes(event) and (leaves or self._page.is_laid_out)

    def in_turn(self, event: events.Event, then: Callable[[], object]) -> None:
        """Once the page is there."""
        if super().takes(event):
            self._once_laid_out.append(then)
        else:
            super().in_turn(event, then)

    def on_guide_page_laid_out(self) -> None:
        """What has waited for it has its turn."""
        waited, self._once_laid_out = self._once_laid_out, []
        for then in waited:
            then()

    def _show(self, target: Target, link: int | None = None, row: int = 0) -> None:
        guide = self._guide
        assert guide is not None
        page = guide.page(target.page)
        self._at = target if page is not None else Target(CONTENTS)
        if page is None:
            title, text, link = t("guide.title"), contents(guide), link or 0
        else:
            number = t("guide.of", n=page.id, all=len(guide.chapters)) if page.id != WORDS else page.title
            title, text = t("guide.at", title=t("guide.title"), place=number), page.text
        self.query_one("#guide-title", Static).update(_plain(title))
        self._show_keys()
        self._page.show(text, target.entry, link=link, row=row)

    def _show_keys(self) -> None:
        """The keys of this page, as far as there is room; the last two lead to all of them and out."""
        keys_of = partial(keys_now, self.app)
        entries = listed(Place.GUIDE, keys_of, self.matters)
        link = t("guide.short.link")
        tab = name_of(keys_of("screen.next"))
        entries = [(f"{tab} {key}" if words == link and tab else key, words) for key, words in entries]
        self.query_one("#guide-keys", Static).update(line(entries, self.app.size.width - 4, kept=2))

    def on_resize(self) -> None:
        """More or less room for keys."""
        self._show_keys()

    def _go(self, target: Target) -> None:
        if self._guide is not None and target != self._at:
            self._past.append((self._at, self._page.index()))
            self._show(target)

    # Keys

    def commands(self) -> Attached:
        """Among the pages, and on one."""
        return {
            "guide.close": self.close,
            "guide.next": partial(self._turn, 1),
            "guide.previous": partial(self._turn, -1),
            "guide.contents": partial(self._go, Target(CONTENTS)),
            "guide.words": partial(self._go, Target(WORDS)),
            "guide.explain": self._explain,
            "guide.follow": self._follow,
            "guide.back": self._back,
            "guide.find": self._search,
            "guide.try": self._try_this,
            "guide.help": self._help,
            "guide.up": partial(self._move, -1),
            "guide.down": partial(self._move, 1),
            "guide.page_down": partial(self._scroll_page, 1),
            "guide.page_up": partial(self._scroll_page, -1),
            "guide.home": partial(self._scroll_end, last=False),
            "guide.end": partial(self._scroll_end, last=True),
        }

    async def typed(self, event: events.Key | events.Paste) -> tuple[events.Key | events.Paste, ...]:
        """Every key is a command: all are carried out here, so that those of a burst keep their order."""
        if isinstance(event, events.Key) and not event.is_printable:
            active = self._bound(event)
            if active is not None and active.node is self:
                await self.app.run_action(active.binding.action, active.node)
                return ()
        return await super().typed(event)

    def offers(self, name: str) -> bool | None:
        """Some chapters have something to try."""
        return name != "guide.try" or self._at.page in live.CHAPTERS

    def matters(self, name: str) -> bool:
        """The way back is told once a page was left."""
        return super().matters(name) and (name != "guide.back" or bool(self._past))

    def _help(self) -> None:
        """All keys of the guide."""
        from r1tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.active_bindings))

    def close(self) -> None:
        """Back to where the guide was called."""
        self.dismiss(None)

    def _turn(self, by: int) -> None:
        """The next chapter, or the one before; the contents come before the first, the glossary after the last."""
        if self._guide is None:
            return
        order = [CONTENTS, *(page.id for page in self._guide.chapters), WORDS]
        at = order.index(self._at.page) + by
        if 0 <= at < len(order):
            self._go(Target(order[at]))

    def _explain(self) -> None:
        """The word under the cursor, else the glossary."""
        target = self._linked()
        self._go(target if target is not None and target.page == WORDS else Target(WORDS))

    def _follow(self) -> None:
        """Follow the link under the cursor; without one stand on the first."""
        if (target := self._linked()) is not None:
            self._go(target)
        else:
            self._page.step(1)

    def _linked(self) -> Target | None:
        link = self._page.link
        return followed(link.href, self._at.page) if link is not None else None

    def _back(self) -> None:
        """To the page before."""
        if self._past:
            target, link = self._past.pop()
            self._show(target, link)

    def next_field(self) -> None:
        """Tab: to the next link."""
        self._page.step(1)

    def previous_field(self) -> None:
        """Shift+Tab: to the link before."""
        self._page.step(-1)

    def _try_this(self) -> None:
        """What this chapter is about, on the reader's own model."""
        names = live.CHAPTERS[self._at.page]
        if len(names) == 1:
            self.post_message(TryLive(names[0]))
        else:
            self._choose(names)

    def _choose(self, names: tuple[str, ...]) -> None:
        from r1tui.screens.dialogs.pick import PickScreen

        def chosen(name: str | None) -> None:
            if name is not None:
                self.post_message(TryLive(name))

        entries = [(name, t(live.NAMES[name])) for name in names]
        self.app.push_screen(PickScreen(phrase("live.question"), entries), chosen)

    def _move(self, by: int) -> None:
        """A line up or down; among the contents from chapter to chapter."""
        if self._at.page == CONTENTS:
            self._page.step(by)
        else:
            self._page.scroll_relative(y=by, animate=False, force=True, immediate=True)

    def _scroll_page(self, by: int) -> None:
        """A screen up or down."""
        rows = by * max(1, self._page.size.height - 2)
        self._page.scroll_relative(y=rows, animate=False, force=True, immediate=True)

    def _scroll_end(self, last: bool) -> None:
        """The beginning, or the end."""
        self._page.scroll_to(
            y=self._page.max_scroll_y if last else 0, animate=False, force=True, immediate=True
        )

    def _search(self) -> None:
        """Search all pages."""
        if self._guide is not None:
            self.run_worker(self._find(self._guide), exclusive=True)

    async def _find(self, guide: Guide) -> None:
        from r1tui.screens.dialogs.pick import PickScreen

        lines = await asyncio.to_thread(self._lines, guide)
        entries = [
            (f"{at}", t("list.named", name=page.title, words=words))
            for at, (page, _, words) in enumerate(lines)
        ]
        chosen = await self.app.push_screen_wait(PickScreen(phrase("guide.find"), entries))
        if chosen is not None:
            page, row, _ = lines[int(chosen)]
            self._past.append((self._at, self._page.index()))
            self._show(Target(page.id), row=max(0, row - 2))

    def _lines(self, guide: Guide) -> list[tuple[Page, int, str]]:
        """Each row of every page that has words."""
        return [
            (page, at, row.text.strip())
            for page in (*guide.chapters, guide.words)
            for at, row in enumerate(self._page.laid_out(page.text).rows)
            if any(char.isalnum() for char in row.text)
        ]


def _plain(words: Clean) -> Clean:
    """Words in the signs of the terminal."""
    return clean(in_ascii(words)) if glyphs() is ASCII else words


def contents(guide: Guide) -> str:
    """The page that lists the others, in Markdown."""
    lines: list[str] = [f"> {t('guide.about')}"]
    for page in (*guide.chapters, guide.words):
        file = f"{int(page.id):02}-.md" if page.id != WORDS else f"{WORDS}.md"
        lines.append(f"[{page.title}]({file})\n{page.summary}")
    return "\n\n".join(lines)
