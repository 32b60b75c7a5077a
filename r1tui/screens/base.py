"""What all screens share: words from the catalogue in their key descriptions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any, ClassVar, TypeVar

from rich.cells import cell_len
from textual import events
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import ActiveBinding, Binding
from textual.containers import Vertical
from textual.dom import DOMNode
from textual.events import Event
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from r1tui.commands import Place
from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.locale import t
from r1tui.toolkit.bindings import Attached, Commanded
from r1tui.toolkit.bursts import WITHIN
from r1tui.toolkit.notices import HasNotices, Notice
from r1tui.toolkit.shown import styled
from r1tui.toolkit.typing import AltKey, ascii_twin, takes_text
from r1tui.widgets.notices import NoticeLine

Result = TypeVar("Result")
Typing = events.Key | events.Paste
"""What a person types, or pastes."""


def _told(screen: type[Screen[Any]], bindings: dict[str, ActiveBinding]) -> dict[str, ActiveBinding]:
    """The bindings in the user's language: what the screen itself does first, in the order in which it says so."""
    order = {each.id: at for at, each in enumerate(screen.BINDINGS) if isinstance(each, Binding)}
    ordered = sorted(bindings.items(), key=lambda each: order.get(each[1].binding.id, len(order)))
    return {
        key: active._replace(binding=replace(active.binding, description=t(active.binding.description)))
        for key, active in ordered
    }


class LeavesOnce:
    """A key that was pressed twice must not take the screen below away too, which would end the app."""

    _left = False

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Leave the screen with `result`; only the first time counts."""
        if self._left:
            return AwaitComplete()
        self._left = True
        left: AwaitComplete = super().dismiss(result)  # type: ignore[misc]
        return left


class StyledOnce:
    """A screen that is not styled again when it comes up: its widgets were a moment before, when they were made."""

    _came_up = False

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Textual styles all of a screen's widgets after this, for what changed while another lay over it."""
        if not self._came_up:
            event.refresh_styles = False
        self._came_up = True


class InTurn:
    """A screen that takes what is typed in its order, and not before it is made: what a key means is looked up in its parts."""

    def takes(self, event: Event) -> bool:
        """Whether it can take this now."""
        assert isinstance(self, Screen)
        return self.is_mounted

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """What was typed behind the key that left another screen is for this one."""
        assert isinstance(self, Screen)
        if isinstance(app := self.app, HearsKeys):
            app.waiting.go_on()

    def in_turn(self, event: Event, then: Callable[[], object]) -> None:
        """Call back once it can be taken."""
        assert isinstance(self, Screen)
        self.call_later(then)  # a screen's calls begin when it is made

    def overrules(self, event: Event, last: Event) -> bool:
        """Whether this means that what waits, up to the `last`, is not meant any more: Esc by hand does."""
        return isinstance(event, events.Key) and event.key == "escape" and event.time - last.time > WITHIN

    def parts(self, event: Typing) -> tuple[Typing, ...]:
        """What it is here: a character with Alt that is no command may be Esc and the beginning of what came with it."""
        assert isinstance(self, Screen)
        if isinstance(event, AltKey) and event.apart and event.key not in self.active_bindings:
            for each in event.apart:
                each.time = event.time
            return event.apart
        return (event,)

    def acts(self, event: Event) -> bool:
        """Whether it may change what is on the screen, or where the following keys go: a command, Enter in a field among
        them, but nothing that writes there.
        """
        assert isinstance(self, Screen)
        if not isinstance(event, events.Key):
            return False
        writes = takes_text(self.focused)
        if writes and event.is_printable:
            return False
        active = self.active_bindings.get((ascii_twin(event) or event).key)
        if active is None or not active.enabled:
            return False
        return not (writes and active.node is self.focused) or event.key == "enter"


HELD = 1.0
"""Seconds for which a key is held at most for what the one before sets off: a command may wait for a server."""


@dataclass(slots=True)
class Command:
    """A key that was taken and acts, on its way through the queues."""

    screen: object
    at: Widget
    """Where it went: a widget, or the screen."""
    time: float
    """When it was typed."""
    followed: bool = False


class Waiting:
    """What was typed in an app and waits for its turn. The first is looked at anew whenever something else is typed: the
    screen on top may be another by then.

    A command goes through the queues of the widget with the focus and of all above it, then does something, which may be a
    message through these queues again: what is typed behind it on its screen waits for that.
    """

    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._events: list[tuple[InTurn, Typing]] = []
        """On which screen, and what; the first first."""
        self._comes: Event | None = None
        """The first, while it is on its way again."""
        self._command: Command | None = None
        """The last one, until something that was typed behind it has waited for it."""

    def went(self, screen: InTurn, event: Event) -> None:
        """It has its turn. To be called before it acts."""
        assert isinstance(screen, Screen)
        self._command = Command(screen, screen.focused or screen, event.time) if screen.acts(event) else None

    def next(self, screen: InTurn, event: Typing) -> Typing | None:
        """What the screen on top takes now of what was typed; where it takes nothing, that comes again in its turn."""
        comes_again = self._comes is event
        if comes_again:
            self._comes = None
        elif self._events and screen.overrules(event, self._events[-1][1]):
            self._events[:] = [each for each in self._events if each[0] is not screen]
        if comes_again and not self._is_first(event):
            return None  # forgotten meanwhile
        if not comes_again:
            self._events.append((screen, event))
        if not self._is_first(event):
            self._again(self._events[0][1])
            return None
        self._events[0] = screen, event
        command = self._command
        if command is not None and command.screen is screen and event.time - command.time < HELD:
            if not command.followed:
                command.followed = True
                self._app.set_timer(HELD, partial(self._done, command))
                self._follow(command, command.at, again=True)
            return None
        if not screen.takes(event):
            screen.in_turn(event, partial(self._again, event))
            return None
        event, *then = screen.parts(event)
        self._events[:1] = [(screen, each) for each in then]
        self.go_on()
        return event

    def _follow(self, command: Command, at: DOMNode | None, again: bool) -> None:
        """Be told when what a queue holds now is done, then go on to the one above; behind the app's `again` from below."""
        while at is not None and not at.call_later(self._passed, command, at, again):
            at = at.parent  # it is gone
        if at is None:
            self._done(command)

    def _passed(self, command: Command, at: DOMNode, again: bool) -> None:
        if at.parent is not None:
            self._follow(command, at.parent, again)
        elif again:
            self._follow(command, command.at, again=False)
        else:
            self._done(command)

    def _done(self, command: Command) -> None:
        if command is self._command:
            self._command = None
            self.go_on()

    def go_on(self) -> None:
        """Look again at the first that waits."""
        if self._events:
            self._again(self._events[0][1])

    def _is_first(self, event: Event) -> bool:
        return bool(self._events) and self._events[0][1] is event

    def _again(self, event: Event) -> None:
        if self._is_first(event) and self._comes is not event:
            self._comes = event
            self._app.post_message(event)


class HearsKeys:
    """An app whose screens look at what is typed before the widget with the focus does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert isinstance(self, App)
        self.waiting = Waiting(self)

    async def on_event(self, event: Event) -> None:
        """Let the screen on top decide what it means."""
        assert isinstance(self, App)
        screen: object = self.screen_stack[-1] if self.screen_stack else None
        typed = event if isinstance(event, events.Key | events.Paste) and not event.is_forwarded else None
        if typed is not None and isinstance(screen, InTurn):
            typed = self.waiting.next(screen, typed)
            if typed is None:
                return
            self.waiting.went(screen, typed)
        heard: tuple[Event, ...] = (typed or event,)
        if typed is not None and isinstance(screen, Typed):
            heard = await screen.typed(typed)
        for each in heard:
            await super().on_event(each)  # type: ignore[misc]


class Typed:
    """Decides what a key means where the focus is on no field: a command, or text for the screen's own field."""

    waits_for_enter: ClassVar[frozenset[str]] = frozenset()
    """Ids of the bindings on a letter that only Enter behind it carries out; with another letter it was text."""
    _waiting: tuple[events.Key, ActiveBinding] | None = None
    """Such a letter and what it is bound to."""

    def writing_field(self) -> Widget | None:
        """The field that text goes to which is typed elsewhere on the screen; None where there is no such field."""
        return None

    def letter_waits(self, binding: Binding | None) -> None:
        """A letter waits for Enter (None: not any more). For screens that say so."""

    async def typed(self, event: events.Key | events.Paste) -> tuple[events.Key | events.Paste, ...]:
        """What the app goes on with: the event itself, others, or none. Called before any widget hears of it.

        A command on a letter is carried out here, at once: of a burst the next letter may go elsewhere by it.
        """
        assert isinstance(self, Screen)
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.letter_waits(None)
        if takes_text(self.focused):
            return (event,)
        field = self.writing_field()
        if isinstance(event, events.Paste):
            if field is not None:
                self._write_into(field)
            return (event,)
        active = self._bound(event)
        if active is None and (twin := ascii_twin(event)) is not None:
            active = self._bound(twin)
            if active is not None:
                event = twin
        if waiting is not None:
            letter, command = waiting
            if event.key == "enter":
                await self.app.run_action(command.binding.action, command.node)
                return ()
            if event.key == "escape":
                return ()
            if event.is_printable and field is not None:
                self._write_into(field)
                return (letter, event)
        if not event.is_printable:
            return (event,)
        if active is None:
            if field is not None:
                self._write_into(field)
            return (event,)
        if active.binding.id in self.waits_for_enter:
            self._waiting = (event, active)
            self.letter_waits(active.binding)
        else:
            await self.app.run_action(active.binding.action, active.node)
        return ()

    def _bound(self, event: events.Key) -> ActiveBinding | None:
        """What a key does here and now."""
        assert isinstance(self, Screen)
        active = self.active_bindings.get(event.key)
        return active if active is not None and active.enabled else None

    def _write_into(self, field: Widget) -> None:
        """Let what is typed go to the field, this event included."""
        assert isinstance(self, Screen)
        self.set_focus(field)


class Noticing:
    """Has a line for notices, which takes its row only while there is something to say: above the last line, with the keys.

    It is made when the first notice comes.
    """

    _notice_line: NoticeLine | None = None

    def show_notice(self, notice: Notice | None, waiting: int) -> None:
        """Show this one, and that so many wait, in place of another; None: nothing."""
        assert isinstance(self, Screen)
        line = self._notice_line
        if line is None:
            if notice is None or not self.is_mounted:
                return
            line = self._notice_line = self.make_notice_line()
            self.mount(line, before=self.children[-1] if self.children else None)
        line.show(notice, waiting)

    def make_notice_line(self) -> NoticeLine:
        """The line, not on the screen yet."""
        return NoticeLine()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """What is being said is said here from now on."""
        self.place_notice()

    def place_notice(self) -> None:
        """Have what is being said shown where its place is now."""
        assert isinstance(self, Screen)
        if isinstance(self.app, HasNotices):
            self.app.notices.show()


class R1Screen(StyledOnce, Noticing, InTurn, LeavesOnce, Typed, Commanded, Screen[Result], place=Place.PAGE):
    """A screen. Descriptions in `BINDINGS` are keys of the catalogue; footer and help see them translated."""

    def __init__(self) -> None:
        super().__init__()

    def commands(self) -> Attached:
        """Tab at once (it has priority): text that comes right behind it, as a slow link delivers it, goes where Tab
        leads; else letters for the prompt would be commands of the transcript.
        """
        return {"screen.next": self.next_field, "screen.previous": self.previous_field}

    def next_field(self) -> None:
        """To the next field."""
        self.focus_next()

    def previous_field(self) -> None:
        """To the one before."""
        self.focus_previous()

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Active bindings, described in the user's language."""
        return _told(type(self), super().active_bindings)


UNSEEN = 0.25
"""Seconds within which nobody has read a dialogue that came up, and typed for it."""


class NoticingBelow(Noticing):
    """A dialogue says it in the last row of the terminal, over the dimmed page: the dialogue stays where it is."""

    def make_notice_line(self) -> NoticeLine:
        """A line that lies over the page."""
        line = NoticeLine(room=self._rows_below)
        line.add_class("-below")
        return line

    def place_notice(self) -> None:
        """Once the dialogue has its place: the rows below it are known then."""
        assert isinstance(self, Screen)
        self.call_after_refresh(super().place_notice)

    def _rows_below(self) -> int:
        """Rows that the dialogue leaves free."""
        assert isinstance(self, Screen)
        parts = (each.region.bottom for each in self.children if each.display and each.layer != "notices")
        return self.size.height - max(parts, default=0)


class R1Modal(StyledOnce, NoticingBelow, InTurn, LeavesOnce, Typed, Commanded, ModalScreen[Result]):
    """A dialogue over a screen, with the same translation."""

    DEFAULT_CSS = "R1Modal { layers: default notices; }"

    def __init__(self) -> None:
        super().__init__()
        self._made = monotonic()  # as `Event.time`

    def close(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)

    async def typed(self, event: events.Key | events.Paste) -> tuple[events.Key | events.Paste, ...]:
        """As in `Typed`; the rest of a word whose first letter brought this dialogue goes where text goes below it."""
        if isinstance(event, events.Key) and event.is_printable and event.time < self._made + UNSEEN:
            means_nothing = self._bound(event) is None and not takes_text(self.focused)
            below: object = self.app.screen_stack[0]
            if means_nothing and self.writing_field() is None and isinstance(below, Typed):
                if (field := below.writing_field()) is not None:
                    below._write_into(field)
                    field.post_message(event)
                return ()
        return await super().typed(event)

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """Active bindings, described in the user's language."""
        return _told(type(self), super().active_bindings)


class Frame(Vertical):
    """The frame of a dialogue: its title above, its keys in its last line, Esc among them, and between them what it holds.

    A blank line below the title and above the keys, a column at each side. `footed`: its last line tells of what is under
    the cursor, and stands on the keys.
    """

    DEFAULT_CSS = """
    Frame {
        width: 74; max-width: 96%; height: auto; max-height: 96%; padding: 1; background: $surface;
        border: round $border; border-title-color: $text-accent; border-title-style: bold;
        border-subtitle-color: $text-muted; border-subtitle-align: left;
    }
    Frame.-footed { padding: 1 1 0 1; }
    """

    def __init__(self, title: Clean, keys: Clean, *, footed: bool = False) -> None:
        super().__init__(classes="-footed" if footed else None)
        self.border_title = styled(title)
        self.border_subtitle = styled(keys)


_SENTENCE = re.compile(r"[.?!;:](?=\s|$)|[。？！；：]|\n")
"""Where the first part of a sentence ends."""
_PLAIN_WORD = re.compile(r"[a-z]+(?:'s)?(?=[\s,.]|$)")


def headed(words: Clean, cells: int) -> tuple[Clean, Clean]:
    """The title that the beginning of a question makes, and the rest of it; where it is longer than so many cells, a title
    that only says that something is asked, and the whole.
    """
    end = _SENTENCE.search(words)
    at = end.end() if end else len(words)
    title = words[:at].strip().rstrip(".;:。；：")
    if cell_len(title) <= cells:
        rest = words[at:].strip()
        # What was the second half of a sentence begins one now; a name, such as that of a model, stays as it is.
        return title, rest[:1].upper() + rest[1:] if _PLAIN_WORD.match(rest) else rest
    return t("dialogue.question"), words


class Dialog(R1Modal[Result]):
    """A dialogue in a frame of its own, the page behind it dimmed. One that differs says in its CSS in what.

    Its rhythm is here: a blank line below a question, and below a field that something follows.
    """

    MOST: ClassVar[int] = 66
    """Columns of the frame where the terminal has them."""

    def headed(self, words: Clean) -> tuple[Clean, Clean]:
        """A question as the title of the frame and what stands below it."""
        return headed(words, min(self.MOST, self.app.size.width * 9 // 10) - 6)

    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog .question { margin-bottom: 1; }
    Dialog Field { margin-bottom: 1; }
    Dialog Field:last-child { margin-bottom: 0; }
    Dialog OptionList, Dialog OptionList:focus {
        height: auto; max-height: 16; border: none; padding: 0; background: $surface;
    }
    Dialog .about { height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    """
