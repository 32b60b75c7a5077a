"""The keys of all commands, each given another one by pressing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from textual import events
from textual.app import ComposeResult

from r1tui.commands import Place, command, default_keys
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.locale.lists import enumerated
from r1tui.screens.base import Dialog, Frame
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.screens.settings import remap
from r1tui.screens.settings.keymap import check
from r1tui.screens.settings.listing import ListingScreen, Row, Sections, titled
from r1tui.services.settings import SettingsError, SettingsStore
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.glyphs import ASCII, glyphs
from r1tui.toolkit.shown import Static, Styled
from r1tui.toolkit.typing import ascii_twin
from r1tui.widgets.fields import Field
from r1tui.widgets.key_names import key_name

_HEADINGS: Mapping[Place, str] = {
    Place.CHAT: "keys.place.chat",
    Place.PROMPT: "help.group.prompt",
    Place.SHELF: "keys.place.shelf",
    Place.TRANSCRIPT: "help.group.transcript",
    Place.SIDEBAR: "keys.place.sidebar",
    Place.MACHINE: "keys.place.machine",
    Place.APP: "help.group.app",
    Place.HISTORY: "key.history",
    Place.HISTORY_LIST: "key.history",
    Place.MODEL_MENU: "keys.place.model_menu",
    Place.GUIDE: "keys.place.guide",
    Place.SETUP: "keys.place.setup",
    Place.SETTINGS: "settings.title",
    Place.KEYS: "keys.title",
    Place.HELP: "key.help",
}
"""Where commands hold, in the order of the page; the others stand below, together."""


class KeysScreen(ListingScreen, place=Place.KEYS):
    """All commands with a key. Enter waits for another one, which holds at once and is saved."""

    def __init__(self, store: SettingsStore) -> None:
        super().__init__()
        self._store = store
        self._own, self._problems = check(store.settings.keys)
        """The user's keys that hold, and a sentence for each entry that does not."""

    def commands(self) -> Attached:
        """What is done with the keys."""
        return {**self.list_commands("keys"), "keys.default": self._put_default_back}

    def offers(self, name: str) -> bool | None:
        """In the search, the key that deletes is the field's."""
        if name == "keys.default" and self.current is not None and self.focused is self.query_one(Field):
            return None
        return super().offers(name)

    # The rows

    def title_words(self) -> Styled:
        """Title, how many are changed, and the file."""
        changed = len(self._own)
        count = t("settings.changed", n=changed) if changed else Clean("")
        return titled(t("keys.title"), count, self._store.path, self.app.size.width - 2)

    def problems(self) -> Sequence[Phrase]:
        """Entries that do not hold."""
        return self._problems

    def sections(self) -> Sections:
        """The commands by where they hold."""
        own = self._own
        found: dict[str, list[Row]] = {words: [] for words in (*_HEADINGS.values(), "keys.place.others")}
        for place, keys in default_keys().items():
            found[heading(place)] += [self._row(name, own) for name in keys]
        return [(t(words), rows) for words, rows in found.items()]

    def _row(self, name: str, own: Mapping[str, str]) -> Row:
        keys, default = remap.keys_of(name, own), remap.default_of(name).split(",")
        changed = set(keys) != set(default)
        hints = [hint for key in keys if changed and (hint := remap.hint(name, key)) is not None]
        about = "\n".join([t("keys.about", name=words_of(name)), *map(say, hints)])
        return Row(name, words_of(name), named(keys), about, named(default) if changed else Clean(""))

    def sought(self) -> dict[str, str]:
        """Names, keys, and where they hold."""
        return {
            name: "\n".join((t(heading(place)), words_of(name), named(each.split(","))))
            for place, keys in default_keys().items()
            for name, each in keys.items()
        }

    def name_in_file(self, row: Row) -> Clean:
        """Its line in the file."""
        keys = ",".join(remap.keys_of(row.id, self._own))
        return clean_line(f'[keys] "{row.id}" = "{keys}"')

    # What is done

    def change(self) -> None:
        """Wait for another key of the command under the cursor."""
        if (row := self.current) is not None:
            self.run_worker(self._change(row), exclusive=True)

    async def _change(self, row: Row) -> None:
        while True:
            own = self._own
            key = await self.app.push_screen_wait(
                KeyPressScreen(row.name, row.value, partial(_refusal, row.id, own))
            )
            if key is None:
                return
            plan = remap.pressed(row.id, key, own)
            answer = "take" if not plan.taken else await self._asks(key, plan)
            if answer == "take":
                await self._give(row, plan, remap.hint(row.id, key))
            if answer != "again":
                return

    def _put_default_back(self) -> None:
        """The command under the cursor has its own keys again."""
        if (row := self.current) is None:
            return
        if row.default:
            self.run_worker(self._to_default(row), exclusive=True)
        else:
            self.say_last(phrase("settings.is_default", name=row.name))

    async def _to_default(self, row: Row) -> None:
        plan = remap.to_default(row.id, self._own)
        if plan.refused is not None:
            self.say_last(plan.refused)
        elif not plan.taken or await self._asks(remap.default_of(row.id), plan, again=False) == "take":
            await self._give(row, plan, None)

    async def _asks(self, keys: str, plan: remap.Plan, *, again: bool = True) -> str | None:
        """Whether keys are taken from other commands, which are named."""
        others = [
            phrase("keys.of", name=words_of(each), place=phrase(heading(command(each).place)))
            for each in plan.taken
        ]
        after = [
            phrase("keys.gets", name=words_of(each), key=named(plan.changes[each].split(",")))
            for each in plan.taken
        ]
        choices = [
            *([("again", phrase("keys.press_another"))] if again else [("leave", phrase("keys.leave"))]),
            ("take", phrase("keys.take_over", after=joined(after))),
        ]
        question = phrase("keys.taken", key=named(keys.split(",")), others=joined(others))
        return await self.app.push_screen_wait(ChoiceScreen(question, choices))

    async def _give(self, row: Row, plan: remap.Plan, hint: Phrase | None) -> None:
        changes = {
            name: keys if keys != remap.default_of(name) else None for name, keys in plan.changes.items()
        }
        failed: Phrase | None = None
        try:
            await self._store.update_keys(changes)
        except SettingsError as error:
            failed = error.phrase
        if self.was_left(failed):
            return
        self._own, self._problems = check(self._store.settings.keys)
        self.show_rows(row.id)
        saved = phrase("settings.saved", name=row.name, value=named(plan.changes[row.id].split(",")))
        self.say_last(
            failed or (phrase("keys.saved_hint", saved=saved, hint=hint) if hint is not None else saved)
        )


class KeyPressScreen(Dialog[str | None]):
    """Waits for a key that can be had, and dismisses with it; None for Esc. Every other key is taken for an answer."""

    DEFAULT_CSS = """
    KeyPressScreen > Frame { width: 66; }
    KeyPressScreen .wrong { color: $text-error; }
    """

    def __init__(self, name: Clean, now: Clean, refused: Callable[[str], Phrase | None]) -> None:
        """`refused` says why a key cannot be had."""
        super().__init__()
        self._words = name
        self._now = now
        self._refused = refused

    def compose(self) -> ComposeResult:
        """What is waited for, and why a key was not taken."""
        with Frame(self._words, t("keys.press_keys")):
            yield Static(t("keys.press", key=self._now))
            yield Static(classes="wrong")

    async def typed(self, event: events.Key | events.Paste) -> tuple[events.Key | events.Paste, ...]:
        """Every key is an answer, those that hold everywhere too."""
        if isinstance(event, events.Key):
            key = (ascii_twin(event) or event).key
            if key == "escape":
                self.close()
            elif (reason := self._refused(key)) is not None:
                self.query_one(".wrong", Static).update(say(reason))
            else:
                self.dismiss(key)
        return ()


def _refusal(name: str, own: Mapping[str, str], key: str) -> Phrase | None:
    return remap.pressed(name, key, own).refused


def heading(place: Place) -> str:
    """The catalogue's key of where a command holds."""
    return _HEADINGS.get(place, "keys.place.others")


def words_of(name: str) -> Clean:
    """A command's name; those that count up with their number."""
    number = name[len(name.rstrip("0123456789")) :]
    return t(command(name).words) + (clean_line(f" {number}") if number else Clean(""))


def named(keys: Sequence[str]) -> Clean:
    """Keys as people write them."""
    return enumerated(key_name(key, ascii_only=glyphs() is ASCII) for key in keys)


def joined(phrases: Sequence[Phrase]) -> Clean:
    """Parts of a sentence, one behind the other."""
    return clean_line(t("keys.between").join(map(say, phrases)))
