"""The command line: what to run, with which services. Textual and the engine's client are imported only when needed."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any, NoReturn

from r1tui import __version__, locale
from r1tui.domain.settings import Settings
from r1tui.locale import say, t

if TYPE_CHECKING:
    from r1tui.domain.phrase import Phrase

WRONG_USE = 2
"""Exit code for a wrong option, host or file."""


class _Formatter(argparse.HelpFormatter):
    """argparse's layout with our word for usage."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """The usage line."""
        super().add_usage(usage, actions, groups, t("cli.usage") if prefix is None else prefix)


class _Parser(argparse.ArgumentParser):
    """argparse, but all of it in the user's language, and a mistake is one sentence."""

    def __init__(self, **words: Any) -> None:
        super().__init__(formatter_class=_Formatter, add_help=False, **words)
        self.words = self.add_argument_group(t("cli.arguments"))
        self.options = self.add_argument_group(t("cli.options"))
        self.options.add_argument("-h", "--help", action="help", help=t("cli.help.help"))

    def error(self, message: str) -> NoReturn:
        """Say what was not understood and end with code 2."""
        fail(t("cli.not_understood", detail=message))


def fail(sentence: str) -> NoReturn:
    """End with one sentence on standard error and the code for wrong use."""
    print(f"r1tui: {sentence}", file=sys.stderr)
    raise SystemExit(WRONG_USE)


def build_parser() -> argparse.ArgumentParser:
    """The options and commands."""
    parser = _Parser(prog="r1tui", description=t("cli.about"), epilog=t("cli.help.more"))
    _add_server(parser)
    version = f"r1tui {__version__}"
    parser.options.add_argument("--version", action="version", version=version, help=t("cli.help.version"))
    commands = parser.add_subparsers(dest="command", metavar=t("cli.command"), title=t("cli.commands"))

    doctor = commands.add_parser("doctor", help=t("cli.help.doctor"), description=t("cli.help.doctor"))
    _add_server(doctor)
    doctor.options.add_argument("--json", action="store_true", help=t("cli.help.json"))
    doctor.options.add_argument("--hardware", metavar="FILE", help=t("cli.help.hardware"))

    ask = commands.add_parser("ask", help=t("cli.help.ask"), description=t("cli.help.ask"))
    _add_server(ask)
    ask.words.add_argument("prompt", nargs="*", help=t("cli.help.prompt"))
    ask.options.add_argument("--json", action="store_true", help=t("cli.help.json"))
    ask.options.add_argument("--think", choices=["auto", "on", "off"], default=None, help=t("cli.help.think"))
    ask.options.add_argument("--no-reasoning", action="store_true", help=t("cli.help.no_reasoning"))
    ask.options.add_argument("--save", action="store_true", help=t("cli.help.save"))

    export = commands.add_parser("export", help=t("cli.help.export"), description=t("cli.help.export"))
    export.words.add_argument("id", nargs="?", metavar="ID", help=t("cli.help.id"))
    export.options.add_argument("--all", action="store_true", help=t("cli.help.all"))
    export.options.add_argument(
        "--format", choices=["markdown", "json", "text"], default="markdown", help=t("cli.help.format")
    )
    export.options.add_argument("--no-reasoning", action="store_true", help=t("cli.help.no_reasoning"))
    export.options.add_argument("-o", "--output", metavar="PATH", help=t("cli.help.output"))

    importer = commands.add_parser("import", help=t("cli.help.import"), description=t("cli.help.import"))
    importer.words.add_argument("file", metavar="FILE", help=t("cli.help.file"))
    return parser


def _add_server(parser: _Parser) -> None:
    """Which server and model; before or after a command."""
    parser.options.add_argument("--host", metavar="URL", default=argparse.SUPPRESS, help=t("cli.help.host"))
    parser.options.add_argument(
        "--model", metavar="NAME", default=argparse.SUPPRESS, help=t("cli.help.model")
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `r1tui`; returns the exit code."""
    locale.use(locale.detect())
    settings, problems = _load_settings()
    if settings.interface.language != "auto":
        locale.use(settings.interface.language)
    options = build_parser().parse_args(argv)
    host, model = getattr(options, "host", None), getattr(options, "model", None)
    if options.command:
        _prepare_shell()
    try:
        match options.command:
            case "doctor":
                from r1tui.headless import doctor

                return doctor(settings, host, as_json=options.json, hardware_file=options.hardware)
            case "ask":
                from r1tui.headless import ask

                return ask(settings, host, model, options)
            case "export":
                from r1tui.headless import export

                return export(options)
            case "import":
                from r1tui.headless import import_file

                return import_file(options.file)
            case _:
                return _run_app(settings, problems, host, model)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader went away (`r1tui export --all | head`): not a fault. Python would complain at exit otherwise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0


def _prepare_shell() -> None:
    """For the commands that print: a terminal that lacks a sign gets another, and a data folder there must be."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    from r1tui.services.paths import data_dir

    try:
        data_dir()
    except OSError as error:
        _no_data_dir(error)


def _no_data_dir(error: OSError) -> NoReturn:
    fail(t("cli.no_data_dir", path=str(error.filename), detail=error.strerror or ""))


def _load_settings() -> tuple[Settings, list[Phrase]]:
    from r1tui.services.paths import config_dir
    from r1tui.services.settings_store import load_settings

    try:
        return load_settings(config_dir() / "settings.toml")
    except OSError as error:
        fail(t("cli.no_config_dir", path=str(error.filename), detail=error.strerror or ""))


def _run_app(settings: Settings, problems: list[Phrase], host: str | None, model: str | None) -> int:
    gc.disable()  # until the start is over: a tenth of it would be looking for garbage among modules that stay
    from r1tui.services.container import Services
    from r1tui.services.engine import HostError

    try:
        services = Services.build(settings, problems, host, model)
    except HostError as error:
        fail(say(error.phrase))
    except OSError as error:
        _no_data_dir(error)
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        fail(t("cli.no_terminal"))
    services.terminal.prepare_environment()
    from r1tui.app import run

    return run(services)
