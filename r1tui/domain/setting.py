"""What a setting is: its kind of value, its bounds, its words, and what a change of it does to the running app.

`domain/settings.py` declares each setting once, as a field of its section made by a function of this module: the field's
type and default are the setting's.
"""

from __future__ import annotations

import re
from dataclasses import field
from enum import Enum, StrEnum, auto
from typing import TypeVar, cast

from r1tui.domain.address import shown_address
from r1tui.domain.dataclass import dataclass
from r1tui.domain.packages import names_in
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.typed import ungrouped

Value = bool | int | float | str
"""A setting's value as the file holds it."""
Choice = TypeVar("Choice", bound=str)


class Kind(StrEnum):
    """What a setting's value is."""

    CHOICE = "choice"
    SWITCH = "switch"
    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    THEME = "theme"
    """The name of a theme file."""
    ADDRESS = "address"
    """Of a server, or the name of a `[hosts.NAME]` table."""
    DURATION = "duration"


class Effect(Enum):
    """What a change does to the running app. `screens/settings/effects.py` carries it out."""

    LANGUAGE = auto()
    """Every word on the screen is said in the other language."""
    THEME = auto()
    """The screen is drawn in other colours."""
    SIGNS = auto()
    """The screen is drawn with other signs, or other widths are counted."""
    REASONING = auto()
    """All reasoning in the transcript is folded or opened."""
    BANDWIDTH = auto()
    """More or less is sent to the terminal."""
    CURSOR = auto()
    """The prompt's cursor blinks or not."""
    MODEL = auto()
    """The model is selected where nothing was asked yet."""
    THINK = auto()
    """A conversation without messages goes along; one with messages has its own."""
    CONTEXT = auto()
    """The next request's context length is worked out anew."""
    SERVER = auto()
    """The app goes to the other server."""
    # The rest has nothing to do at once: whoever needs the value reads it each time.
    WHEN_USED = auto()
    """It holds from now on."""
    NEXT_ANSWER = auto()
    NEXT_SELECTION = auto()
    """The next model that is selected."""
    NEXT_DOWNLOAD = auto()
    AT_THE_END = auto()
    """When the app ends."""
    OWN_SERVER = auto()
    """It holds from the next start of the server that R1TUI starts, which is offered."""
    MODELS_FOLDER = auto()
    """Likewise, and the models that are there can be moved along."""


# Go's time.ParseDuration, or seconds as a bare number.
_DURATION = re.compile(r"-?\d+|-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of `settings.toml`."""

    kind: Kind
    label: str
    """Catalogue key of its name."""
    help: str
    """Catalogue key of what it does. Its places: every value that it may have (`places`), or the bounds `low` and `high`;
    `choices` for those that packages give.
    """
    effect: Effect
    default: Value
    section: str = ""
    key: str = ""
    fixed_choices: tuple[str, ...] = ()
    packages: str = ""
    """The package whose packages are further choices (`domain/packages.py`)."""
    low: float = 0
    high: float = 0
    nothing: str = ""
    """Catalogue key of what 0, or an empty text, stands for. Its help has it in the place `nothing`."""

    @property
    def path(self) -> str:
        """Its name in the file, such as `interface.theme`."""
        return f"{self.section}.{self.key}"

    @property
    def choices(self) -> tuple[str, ...]:
        """What a choice may be."""
        return self.fixed_choices + (names_in(self.packages) if self.packages else ())

    def places(self) -> dict[str, Value]:
        """The values that its help names, each by its place there."""
        if self.kind is Kind.SWITCH:
            return {"true": True, "false": False}
        return {each.replace("-", "_"): each for each in self.fixed_choices}

    def read(self, value: object) -> Value | None:
        """`value` as this setting holds it, or None if it cannot be."""
        match self.kind:
            case Kind.SWITCH:
                return value if isinstance(value, bool) else None
            case Kind.CHOICE:
                return value if isinstance(value, str) and value in self.choices else None
            case Kind.TEXT | Kind.THEME:
                return value if isinstance(value, str) else None
            case Kind.ADDRESS:
                # What an address hides is not read at all, so that it is nowhere to be shown; `@` stays and is refused.
                return shown_address(value) if isinstance(value, str) else None
            case Kind.DURATION:
                if isinstance(value, int) and not isinstance(value, bool):
                    return str(value)
                fits = isinstance(value, str) and (not value or _DURATION.fullmatch(value))
                return cast(str, value) if fits else None
            case Kind.WHOLE | Kind.NUMBER:
                if isinstance(value, bool) or not isinstance(value, (int, float)):
                    return None
                if (
                    self.kind is Kind.WHOLE and not isinstance(value, int)
                ) or not self.low <= value <= self.high:
                    return None
                return value

    def from_text(self, text: str) -> Value | None:
        """What a person typed as a value of this setting, or None if it cannot be one."""
        text = text.strip()
        try:
            if self.kind is Kind.WHOLE:
                return self.read(int(ungrouped(text)))
            if self.kind is Kind.NUMBER:
                return self.read(float(text))
        except ValueError:
            return None
        return self.read(text == "true" if self.kind is Kind.SWITCH else text)

    def expectation(self) -> Phrase:
        """What would be right, for a person."""
        match self.kind:
            case Kind.SWITCH:
                return phrase("settings.expect_switch")
            case Kind.CHOICE:
                return phrase("settings.expect_choice", choices=tuple(self.choices))
            case Kind.TEXT | Kind.THEME | Kind.ADDRESS:
                return phrase("settings.expect_text")
            case Kind.DURATION:
                return phrase("settings.expect_duration")
            case Kind.WHOLE:
                return phrase("settings.expect_whole", low=int(self.low), high=int(self.high))
            case Kind.NUMBER:
                return phrase("settings.expect_number", low=f"{self.low:g}", high=f"{self.high:g}")

    def value(self, settings: object) -> Value:
        """Its present value in a `Settings`, as the file would hold it."""
        found = cast(Value, getattr(getattr(settings, self.section), self.key))
        return str(found) if isinstance(found, StrEnum) else found

    def put(self, settings: object, value: Value) -> None:
        """Set it in a `Settings` to a value that `read` returned, as the type that the field was declared with."""
        setattr(getattr(settings, self.section), self.key, type(self.default)(value))


SETTING = "setting"
"""Where a field's `metadata` hold its `Setting`."""


def _declared(setting: Setting) -> object:
    return field(default=setting.default, metadata={SETTING: setting})


def switch(default: bool, *, label: str, help: str, effect: Effect) -> bool:
    """A field that is on or off."""
    return cast(bool, _declared(Setting(Kind.SWITCH, label, help, effect, default)))


def choice(
    default: Choice, *choices: Choice, label: str, help: str, effect: Effect, packages: str = ""
) -> Choice:
    """A field that is one of some words, and of the names of the packages in `packages`."""
    setting = Setting(
        Kind.CHOICE, label, help, effect, default, fixed_choices=tuple(map(str, choices)), packages=packages
    )
    return cast(Choice, _declared(setting))


def whole(default: int, *, high: int, label: str, help: str, effect: Effect, nothing: str = "") -> int:
    """A field that is a whole number from 0 to `high`."""
    return cast(int, _declared(Setting(Kind.WHOLE, label, help, effect, default, high=high, nothing=nothing)))


def number(default: float, *, high: float, label: str, help: str, effect: Effect) -> float:
    """A field that is a number from 0 to `high`."""
    return cast(float, _declared(Setting(Kind.NUMBER, label, help, effect, default, high=high)))


def text(
    default: str, *, label: str, help: str, effect: Effect, kind: Kind = Kind.TEXT, nothing: str = ""
) -> str:
    """A field that is any text, or one of the kinds that are written as text."""
    return cast(str, _declared(Setting(kind, label, help, effect, default, nothing=nothing)))
