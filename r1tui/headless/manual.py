"""`r1tui man`: the manual page as roff, made from the parser, the command table and the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator

import tomlkit

from r1tui import __date__, __version__
from r1tui.domain.clean import Clean, clean
from r1tui.domain.settings import Settings
from r1tui.domain.settings_schema import SETTINGS
from r1tui.domain.transfer import FORMAT_VERSION
from r1tui.headless.usage import Argument, Usage
from r1tui.locale import t
from r1tui.locale.setting_words import explained_in_file
from r1tui.services.store.migrations import MIGRATIONS
from r1tui.widgets.key_rows import PLACES, key_rows

_ENVIRONMENT = {
    "OLLAMA_HOST": "man.environment.ollama_host",
    "OLLAMA_API_KEY": "man.environment.ollama_api_key",
    "R1TUI_CONFIG_DIR": "man.environment.r1tui_config_dir",
    "R1TUI_DATA_DIR": "man.environment.r1tui_data_dir",
    "R1TUI_OLLAMA_DOWNLOAD_URL": "man.environment.r1tui_ollama_download_url",
    "VISUAL, EDITOR": "man.environment.editor",
    "PAGER": "man.environment.pager",
    "NO_COLOR": "man.environment.no_color",
}
"""Variable → the catalogue's key of what it does."""
_FILES = {
    "~/.config/r1tui/settings.toml": "man.files.settings",
    "~/.config/r1tui/themes/": "man.files.themes",
    "~/.local/share/r1tui/": "man.files.data",
}
"""Path on Linux → the catalogue's key of what is there. Not asked of this machine: a wheel's page is for all."""


def manual(program: Usage) -> Clean:
    """The whole page, in the language in use."""
    return clean("\n".join(_page(program)) + "\n")


def _page(program: Usage) -> Iterator[str]:
    yield f'.TH R1TUI 1 "{__date__}" "r1tui {__version__}" "{_text(t("man.volume"))}"'
    yield ".nh"  # ids and options are copied: no hyphens in them, no blanks beside them
    yield ".ad l"
    yield ".ds AD l"  # groff since 1.23 takes it from here again at each paragraph
    yield from _section("man.name")
    yield f"r1tui \\- {_text(program.about.rstrip('.。'))}"
    yield from _section("man.synopsis")
    for usage in (program, *program.commands):
        if usage.name:
            yield ".PP"
        yield " ".join(_synopsis(usage))
    yield from _section("man.options")
    yield from _arguments(program)
    yield from _section("man.commands")
    for usage in program.commands:
        yield f".SS {_text(usage.name)}"
        yield _text(usage.about)
        yield from _arguments(usage)
        if usage.epilog:
            yield ".PP"
            yield _text(usage.epilog)
    yield from _section("man.keys")
    yield from _keys()
    yield from _section("man.settings")
    yield _text(t("man.settings_about"))
    defaults = Settings()
    for setting in SETTINGS:
        yield ".TP"
        value = _text(tomlkit.item(setting.value(defaults)).as_string())
        yield f"\\fB{_text(setting.path)}\\fR = {value}"
        yield _text(explained_in_file(setting))
    for section, entries in (("man.environment", _ENVIRONMENT), ("man.files", _FILES)):
        yield from _section(section)
        for name, about in entries.items():
            yield ".TP"
            yield f"\\fB{_text(name)}\\fR"
            yield _text(t(about))
    yield from _section("man.versions")
    yield _text(t("man.versions_about", store=len(MIGRATIONS), export=FORMAT_VERSION))
    yield from _section("man.examples")
    for line in t("cli.examples").splitlines():
        command, _, about = line.partition("  #")
        yield ".TP"
        yield f"\\fB{_text(command.strip())}\\fR"
        yield _text(about.strip())


def _section(key: str) -> Iterator[str]:
    yield f".SH {_text(t(key).upper())}"


def _synopsis(usage: Usage) -> Iterator[str]:
    yield f"\\fBr1tui{' ' if usage.name else ''}{_text(usage.name)}\\fR"
    for each in usage.arguments:
        value = f"\\fI{_text(each.metavar)}\\fR" if each.metavar else ""
        flag = f"\\fB{_text(each.flags[-1])}\\fR" if each.flags else ""
        words = " ".join(filter(None, (flag, value)))
        yield (words if each.needed else f"[{words}]") + (" ..." if each.repeated else "")
    if usage.commands:
        yield f"[\\fI{_text(t('cli.command'))}\\fR ...]"


def _arguments(usage: Usage) -> Iterator[str]:
    for each in usage.arguments:
        yield ".TP"
        yield _head(each)
        yield _text(each.about)


def _head(argument: Argument) -> str:
    flags = ", ".join(f"\\fB{_text(flag)}\\fR" for flag in argument.flags)
    value = f"\\fI{_text(argument.metavar)}\\fR" if argument.metavar else ""
    return " ".join(filter(None, (flags, value)))


def _keys() -> Iterator[str]:
    """Every command that has a key, by the place where it works."""
    for place, heading in PLACES.items():
        yield f".SS {_text(t(heading))}"
        for row in key_rows(place):
            ids = f"{row.first} … {row.last}" if row.last else row.first
            yield ".TP"
            yield f"\\fB{_text(row.keys)}\\fR"
            yield f"{_text(row.words)} ({_text(ids)})"


_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
_OPENING = "（《「『【“‘"
_CLOSING = "，。、；：！？）》」』】”’…"
_EDGE = re.compile(f"(?:(?<=[{_WIDE}])(?=\\S)|(?<=\\S)(?=[{_WIDE}]))(?<![{_OPENING}])(?![{_CLOSING}])")
"""Where a line may end in Chinese, which has no blanks."""
_FOREIGN = re.compile(r"[^\x00-\x7f]")


def _text(text: str) -> str:
    """Text that roff takes as it is: no request at a line's beginning, no escape, ASCII alone."""
    escaped = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    escaped = _EDGE.sub(lambda _: "\\:", escaped)
    escaped = _FOREIGN.sub(lambda found: f"\\[u{ord(found.group()):04X}]", escaped)
    return f"\\&{escaped}" if escaped.startswith(".") else escaped
