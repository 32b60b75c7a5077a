"""The command line: what to run, with which services. Textual and the engine's client are imported only when needed."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from r1tui import locale
from r1tui.domain.clean import Clean, clean, clean_line
from r1tui.domain.settings import Settings
from r1tui.locale import say, t
from r1tui.services.small_file import why
from r1tui.services.terminal.reading import end_beside_readers
from r1tui.services.terminal.streams import (
    OutputRefused,
    flush_output,
    put,
    stand_in_for_closed,
    visible_streams,
)

if TYPE_CHECKING:
    from r1tui.domain.phrase import Phrase
    from r1tui.services.container import Services

SHELLS, KNOWN = ("bash", "zsh", "fish"), ("models", "hosts", "chapters")
"""What `r1tui completions` prints: a shell's script, or names that the scripts ask for."""
_ABOUT = Clean("  # ")
"""Stands between an example and what it does."""
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
        """Print the usage line with its word in the language in use."""
        super().add_usage(usage, actions, groups, t("cli.usage") if prefix is None else prefix)

    def _format_usage(self, *words: Any) -> str:
        """Broken where the terminal ends: argparse counts characters, of which some take two cells."""
        from rich.cells import cell_len

        text = super()._format_usage(*words)
        beyond = cell_len(text) - len(text)
        self._width -= beyond
        text = super()._format_usage(*words)
        self._width += beyond
        return text

    def _format_action(self, action: argparse.Action) -> str:
        """Padded by cells; the commands without a line for the word that stands for them, which their heading is."""
        if isinstance(action, argparse._SubParsersAction):
            return "".join(self._format_action(each) for each in action._get_subactions())
        from rich.cells import cell_len

        text, head = super()._format_action(action), self._format_action_invocation(action)
        before, _, rest = text.partition(head)
        beyond = cell_len(head) - len(head)
        padding = len(rest) - len(rest.lstrip(" "))
        if not beyond or rest[padding : padding + 1] == "\n":
            return text
        if padding >= beyond + 2:
            return f"{before}{head}{rest[beyond:]}"
        column = min(self._action_max_length + 2, self._max_help_position)
        return f"{before}{head}\n{' ' * column}{rest.lstrip(' ')}"

    def add_argument(self, action: argparse.Action) -> None:
        """Make room for it; argparse counts characters, of which some take two cells."""
        from rich.cells import cell_len

        super().add_argument(action)
        if action.help is not argparse.SUPPRESS:
            width = cell_len(self._format_action_invocation(action)) + self._current_indent
            self._action_max_length = max(self._action_max_length, width)

    def _split_lines(self, text: str, width: int) -> list[str]:
        """As wide as the terminal shows it, unlike argparse, which counts a Chinese character as one cell."""
        from r1tui.toolkit.cells import wrap_text

        return list[str](wrap_text(clean_line(" ".join(text.split())), width))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Each line of its own, unlike argparse, which makes one paragraph of all; examples in two columns."""
        from r1tui.toolkit.cells import columns

        lines = clean(text).split("\n")
        examples = [line.partition(_ABOUT) for line in lines if _ABOUT in line]
        shown = iter(columns([(f"  {command}", f"# {about}") for command, _, about in examples] or [()]))
        return "\n".join(
            next(shown) if _ABOUT in line else "\n".join(self._split_lines(line, width)) for line in lines
        )


class _Parser(argparse.ArgumentParser):
    """argparse, but every sentence is of the catalogue: each place where argparse words a mistake itself is overridden.

    What it may word elsewhere, in this or another version of Python, becomes a sentence without its words.
    """

    def __init__(self, **words: Any) -> None:
        super().__init__(formatter_class=_Formatter, add_help=False, exit_on_error=False, **words)
        self._needed: list[argparse.Action] = []
        self._given: list[str] = []
        self.color = False  # of Python 3.14; standard output lets no control sequence of text through
        self.words = self.add_argument_group(t("cli.arguments"))
        self.options = self.add_argument_group(t("cli.options"))
        self.options.add_argument("-h", "--help", action="help", help=t("cli.help.help"))

    def format_help(self) -> str:
        """As argparse does; headings end as the language in use ends them."""
        text = super().format_help()
        for title in filter(None, (group.title for group in self._action_groups)):
            text = text.replace(f"\n{title}:\n", f"\n{t('cli.heading', title=title)}\n", 1)
        return text

    def needs(self, name: str, **words: Any) -> None:
        """An argument that must be there; argparse is told that it need not, so that its sentence is ours."""
        action = self.words.add_argument(name, **words)
        action.required = False
        self._needed.append(action)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does; the parsers of commands come here too."""
        self._given = list(sys.argv[1:] if args is None else args)
        try:
            options, rest = super().parse_known_args(self._given, namespace)
        except argparse.ArgumentError as error:
            self._fail(t("cli.wrong_value", name=error.argument_name or self.prog))
        missing = [
            str(action.metavar or action.dest)
            for action in self._needed
            if getattr(options, action.dest) is None
        ]
        if missing:
            self._fail(t("cli.missing", names=tuple(missing)))
        return options, rest

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as argparse does, with a sentence of our own for arguments that nobody knows."""
        options, rest = self.parse_known_args(args, namespace)
        if rest:
            # Whichever parser read them, what there is stands in the help of the command.
            help_of = " ".join(filter(None, (self.prog, getattr(options, "command", None))))
            options_wrong = [each for each in rest if each[:1] == "-" and each[1:]]
            if options_wrong:
                self._fail(t("cli.unknown", names=tuple(options_wrong)), help_of)
            self._fail(t("cli.unexpected", names=tuple(rest)), help_of)
        return options

    def error(self, message: str) -> NoReturn:
        """A mistake that argparse words: its words are English."""
        self._fail(t("cli.wrong_value", name=self.prog))

    def _fail(self, sentence: Clean, help_of: str = "") -> NoReturn:
        fail(t("cli.not_understood", detail=sentence, help=f"{help_of or self.prog} --help"))

    def _get_option_tuples(self, option_string: str) -> Any:
        found: list[Any] = super()._get_option_tuples(option_string)
        if len(found) > 1:
            which = tuple(str(each[1]) for each in found)
            self._fail(t("cli.ambiguous", name=option_string, which=which))
        return found

    def _match_argument(self, action: argparse.Action, pattern: str) -> int:
        try:
            return int(super()._match_argument(action, pattern))
        except argparse.ArgumentError:
            self._fail(t("cli.value_missing", name=_name(action)))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            self._refuse_unknown_option_before(value)
            choices = tuple(map(str, action.choices))
            key = "cli.no_command" if isinstance(action, argparse._SubParsersAction) else "cli.choice"
            self._fail(t(key, name=_name(action), value=str(value), choices=choices))

    def _refuse_unknown_option_before(self, value: Any) -> None:
        """What follows an option that there is not was meant as its value, which argparse takes for a command."""
        before = self._given[: self._given.index(value)] if value in self._given else []
        for each in before:
            name = each.partition("=")[0]
            if name[:1] == "-" != name and not any(
                known.startswith(name) for known in self._option_string_actions
            ):
                self._fail(t("cli.unknown", names=name))


def _name(action: argparse.Action) -> str:
    """What a person calls an argument."""
    return "/".join(action.option_strings) or str(action.metavar or action.dest)


def _text(typed: str) -> str:
    """An argument that is text and no path: bytes that are no UTF-8, which Python hands on as lone surrogates, become a
    sign. A path keeps them, as it is the name of a file."""
    return typed.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def fail(sentence: Clean) -> NoReturn:
    """End with one sentence on standard error and the code for wrong use."""
    put(f"r1tui: {sentence}", sys.stderr)
    raise SystemExit(WRONG_USE)


def build_parser() -> argparse.ArgumentParser:
    """The options and commands."""
    parser = _Parser(
        prog="r1tui",
        description=t("cli.about"),
        epilog=f"{t('cli.help.more')}\n\n{t('cli.help.examples')}\n{t('cli.examples')}",
    )
    _add_server(parser)
    parser.options.add_argument(
        "--attach", metavar=t("cli.value.file"), action="append", default=None, help=t("cli.help.attach")
    )
    parser.options.add_argument("--version", action="store_true", help=t("cli.help.version"))
    # With a name of its own argparse need not format a usage line, for which the build has no Rich.
    commands = parser.add_subparsers(
        prog=parser.prog, dest="command", metavar=t("cli.command"), title=t("cli.commands")
    )

    doctor = commands.add_parser(
        "doctor",
        help=t("cli.help.doctor"),
        description=t("cli.help.doctor"),
        epilog=t("cli.help.doctor_codes"),
    )
    _add_host(doctor)
    doctor.options.add_argument("--json", action="store_true", help=t("cli.help.json"))
    doctor.options.add_argument("--report", action="store_true", help=t("cli.help.report"))
    doctor.options.add_argument("--hardware", metavar=t("cli.value.file"), help=t("cli.help.hardware"))

    ask = commands.add_parser(
        "ask", help=t("cli.help.ask"), description=t("cli.help.ask"), epilog=t("cli.help.ask_codes")
    )
    _add_server(ask)
    ask.words.add_argument(
        "prompt", nargs="*", metavar=t("cli.value.prompt"), type=_text, help=t("cli.help.prompt")
    )
    ask.options.add_argument(
        "-f",
        "--file",
        dest="files",
        metavar=t("cli.value.file"),
        action="append",
        default=None,
        help=t("cli.help.files"),
    )
    ask.options.add_argument("--json", action="store_true", help=t("cli.help.json"))
    ask.options.add_argument(
        "--think",
        choices=["auto", "on", "off", "low", "medium", "high"],
        default=None,
        help=t("cli.help.think"),
    )
    ask.options.add_argument("--no-reasoning", action="store_true", help=t("cli.help.no_reasoning"))
    ask.options.add_argument("--vote", metavar="N", type=_text, default=None, help=t("cli.help.vote"))
    ask.options.add_argument("--save", action="store_true", help=t("cli.help.save"))

    plain = commands.add_parser("plain", help=t("cli.help.plain"), description=t("cli.help.plain"))
    _add_server(plain)

    export = commands.add_parser("export", help=t("cli.help.export"), description=t("cli.help.export"))
    export.words.add_argument("id", nargs="?", metavar="ID", type=_text, help=t("cli.help.id"))
    export.options.add_argument("--all", action="store_true", help=t("cli.help.all"))
    export.options.add_argument(
        "--format", choices=["markdown", "json", "text"], default="markdown", help=t("cli.help.format")
    )
    export.options.add_argument("--no-reasoning", action="store_true", help=t("cli.help.no_reasoning"))
    export.options.add_argument("-o", "--output", metavar=t("cli.value.path"), help=t("cli.help.output"))

    importer = commands.add_parser("import", help=t("cli.help.import"), description=t("cli.help.import"))
    importer.needs("file", metavar=t("cli.value.file"), help=t("cli.help.file"))

    guide = commands.add_parser("guide", help=t("cli.help.guide"), description=t("cli.help.guide"))
    guide.words.add_argument(
        "chapter", nargs="?", metavar=t("cli.value.chapter"), type=_text, help=t("cli.help.chapter")
    )

    completions = commands.add_parser(
        "completions", help=t("cli.help.completions"), description=t("cli.help.completions")
    )
    # The scripts themselves ask for the last three.
    completions.needs("shell", metavar="SHELL", choices=[*SHELLS, *KNOWN], help=t("cli.help.shell"))

    commands.add_parser("man", help=t("cli.help.man"), description=t("cli.help.man"))
    return parser


def _add_host(parser: _Parser) -> None:
    """Which server; before or after a command."""
    parser.options.add_argument(
        "--host", metavar=t("cli.value.url"), type=_text, default=argparse.SUPPRESS, help=t("cli.help.host")
    )


def _add_server(parser: _Parser) -> None:
    """Which server, and which of its models."""
    _add_host(parser)
    parser.options.add_argument(
        "--model",
        metavar=t("cli.value.name"),
        type=_text,
        default=argparse.SUPPRESS,
        help=t("cli.help.model"),
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of `r1tui`; returns the exit code."""
    stand_in_for_closed()
    with visible_streams():
        code = 0
        try:
            try:
                code = _main(argv)
            finally:
                flush_output()
        except BrokenPipeError:  # the reader went away (`r1tui export --all | head`): not a fault
            _forget_output()
        except OutputRefused as refused:
            _forget_output()
            code = 1
            with suppress(OutputRefused):
                put(f"r1tui: {t('cli.output_refused', detail=why(refused.error))}", sys.stderr)
        end_beside_readers(code)
        return code


def _forget_output() -> None:
    """Drop what standard output has not taken."""
    from r1tui.services.terminal.leaving import leave_terminal

    leave_terminal((1,))


def _main(argv: Sequence[str] | None) -> int:
    for stream in (sys.stdout, sys.stderr):  # a terminal that lacks a sign gets another
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    locale.use(locale.detect())
    settings, problems = _load_settings()
    if settings.interface.language != "auto":
        locale.use(settings.interface.language)
    options = build_parser().parse_args(argv)
    if options.version:
        from r1tui.services.surroundings import r1tui_version

        put(clean_line(f"r1tui {r1tui_version()}"))
        return 0
    host, model = getattr(options, "host", None), getattr(options, "model", None)
    if options.command and options.command != "guide":
        _prepare_shell()
    services: Services | None = None
    try:
        match options.command:
            case "doctor":
                from r1tui.headless.doctor import doctor

                return doctor(
                    settings,
                    host,
                    as_json=options.json,
                    report=options.report,
                    hardware_file=options.hardware,
                )
            case "ask":
                from r1tui.headless.ask import ask

                return ask(settings, host, model, options)
            case "plain":
                services = _services(settings, problems, host, model)
                return _chat_by_lines(services, problems, model)
            case "export":
                from r1tui.headless.transfer import export

                return export(options)
            case "import":
                from r1tui.headless.transfer import import_file

                return import_file(options.file)
            case "completions":
                from r1tui.headless import completions
                from r1tui.headless.usage import usage

                if options.shell in KNOWN:
                    for name in completions.known(options.shell, settings):
                        put(name)
                else:
                    put(completions.script(options.shell, usage(build_parser())), end="")
                return 0
            case "man":
                from r1tui.headless.manual import manual
                from r1tui.headless.usage import usage

                put(manual(usage(build_parser())), end="")
                return 0
            case "guide":
                from r1tui.headless.guide import print_guide

                return print_guide(options.chapter or "", settings)
            case _:
                gc.disable()  # while modules are loaded: a tenth of the start would be looking for garbage among them
                services = _services(settings, problems, host, model)
                return _run_app(services, options.attach or [])
    except KeyboardInterrupt:
        return 130
    except (BrokenPipeError, OutputRefused):
        raise
    except Exception as error:  # a fault of our own: no traceback reaches a user
        return _crashed(error, settings, services)


def _crashed(error: Exception, settings: Settings, services: Services | None) -> int:
    """Write a report of an unexpected fault and say where it is; returns the exit code."""
    from r1tui.services import crash_reports
    from r1tui.services.engines.hosts import secrets
    from r1tui.services.paths import data_dir

    try:
        path = crash_reports.write(
            data_dir(),
            error,
            secrets=secrets(host.headers for host in settings.hosts.values()),
            messages=services is None or not services.any_private(),
        )
        words = t("cli.crashed", path=str(path))
    except OSError as refused:
        words = t("cli.crashed_unwritten", kind=type(error).__name__, detail=why(refused))
    put(f"r1tui: {words}", sys.stderr)
    return 1


def _prepare_shell() -> None:
    """For the commands that print: a data folder there must be."""
    from r1tui.services.paths import data_dir, told

    try:
        data_dir()
    except OSError as error:
        _no_data_dir(error)
    for notice in told():
        put(f"r1tui: {say(notice)}", sys.stderr)


def _no_data_dir(error: OSError) -> NoReturn:
    fail(t("cli.no_data_dir", path=str(error.filename), detail=why(error)))


def _load_settings() -> tuple[Settings, list[Phrase]]:
    from r1tui.services.paths import config_dir
    from r1tui.services.settings import load_settings

    try:
        return load_settings(config_dir() / "settings.toml")
    except OSError as error:
        fail(t("cli.no_config_dir", path=str(error.filename), detail=why(error)))


def _chat_by_lines(services: Services, problems: list[Phrase], model: str | None) -> int:
    from r1tui.headless.plain import plain

    for problem in problems:
        put(f"r1tui: {say(problem)}", sys.stderr)
    return plain(services, model)


def _services(settings: Settings, problems: list[Phrase], host: str | None, model: str | None) -> Services:
    from r1tui.services.container import Services
    from r1tui.services.engines.engine import HostError

    try:
        return Services.build(settings, problems, host, model)
    except HostError as error:
        fail(say(error.phrase))
    except OSError as error:
        _no_data_dir(error)


def _run_app(services: Services, files: list[str]) -> int:
    services.to_attach = files
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        fail(t("cli.no_terminal"))
    services.terminal.prepare_environment()
    from r1tui.app import run

    _modules_are_loaded()
    return run(services)


def _modules_are_loaded() -> None:
    """Look for garbage from here on (without, 0.3 MiB of a start's stay), but never among the modules, which stay."""
    gc.freeze()
    gc.enable()
