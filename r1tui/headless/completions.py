"""`r1tui completions`: what bash, zsh and fish need to complete what is typed after `r1tui`.

Commands, options and choices are written into the script. Models, hosts and the guide's chapters are asked for as they
are needed, of what is known here: no server is waited for.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from r1tui.domain.catalogue import TAGS
from r1tui.domain.clean import Clean, clean, clean_line
from r1tui.domain.settings import Settings
from r1tui.guide import read
from r1tui.headless.usage import Argument, Usage
from r1tui.locale import language
from r1tui.services.container import DATABASE
from r1tui.services.paths import data_dir
from r1tui.services.store.summaries import models_used

_ASKED = {"model": "models", "host": "hosts", "chapter": "chapters"}
_FILES = ("output", "hardware", "file", "files", "attach")
_HARMLESS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/@+-")
"""Names with another character are left out: a shell would take them apart, or obey them."""


def script(shell: str, program: Usage) -> Clean:
    """The completions of a shell."""
    return clean({"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](program))


def known(what: str, settings: Settings) -> list[Clean]:
    """Models that conversations have had and R1's own sizes, the hosts of the settings, or what `r1tui guide` prints (its
    chapters, the glossary and each entry of it); one name each.
    """
    if what == "chapters":
        guide = read(language())
        names = [*(page.id for page in (*guide.chapters, guide.words)), *guide.entries]
    elif what == "hosts":
        names = [name for name in settings.hosts if "@" not in name]  # an address with a password is no name
    else:
        names = [*models_used(data_dir() / DATABASE), *(tag.tag for tag in TAGS)]
    return [clean_line(name) for name in dict.fromkeys(names) if name and set(name) <= _HARMLESS]


def _values(argument: Argument) -> str:
    """A shell's words that print what an argument's value may be, a line each; empty for anything else."""
    if argument.dest in _ASKED:
        return f"r1tui completions {_ASKED[argument.dest]} 2>/dev/null"
    return f"printf '%s\\n' {' '.join(argument.choices)}" if argument.choices else ""


def _flags(usage: Usage) -> str:
    return " ".join(flag for each in usage.arguments for flag in each.flags)


def _words(usage: Usage) -> Iterator[Argument]:
    return (each for each in usage.arguments if not each.flags)


# bash


def _bash(program: Usage) -> str:
    """Words are cut at blanks alone: bash itself would cut a model's name at its colon."""
    names = "|".join(each.name for each in program.commands)
    values = {
        "|".join(each.flags): each
        for usage in (program, *program.commands)
        for each in usage.arguments
        if each.flags and each.metavar
    }
    cases = "\n".join(f"        {flags}) {_bash_value(each)} ;;" for flags, each in values.items())
    words = "\n".join(
        f"        {each.name}) flags={shlex.quote(_flags(each))}; values={shlex.quote(_bash_words(each))} ;;"
        for each in program.commands
    )
    commands = shlex.quote("printf '%s\\n' " + names.replace("|", " "))
    return f"""# bash completion for r1tui; load it by: source <(r1tui completions bash)
_r1tui() {{
    local line=${{COMP_LINE:0:COMP_POINT}} words cur prev command= each flags values found
    read -ra words <<< "$line"
    [[ $line == *[[:blank:]] ]] && words+=("")
    cur=${{words[-1]}} prev=${{words[-2]}}
    for each in "${{words[@]:1:${{#words[@]}}-2}}"; do
        case $each in {names}) command=$each; break ;; esac
    done
    COMPREPLY=()
    [[ $cur == --*=* ]] && prev=${{cur%%=*}} cur=${{cur#*=}}
    case $prev in
{cases}
    esac
    flags={shlex.quote(_flags(program))}; values={commands}
    case $command in
{words}
    esac
    if [[ $cur == -* ]]; then _r1tui_offer "printf '%s\\n' $flags"
    elif [[ $values == files ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    else _r1tui_offer "$values"; fi
}}
_r1tui_offer() {{  # what the command prints and begins as what is typed, without what bash keeps before a colon
    local before=
    [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]] && before=${{cur%"${{cur##*:}}"}}
    mapfile -t COMPREPLY < <(compgen -W "$(eval "$1")" -- "$cur")
    COMPREPLY=("${{COMPREPLY[@]#"$before"}}")
}}
complete -o filenames -F _r1tui r1tui
"""


def _bash_value(argument: Argument) -> str:
    if argument.dest in _FILES:
        return 'mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return'
    return f"_r1tui_offer {shlex.quote(_values(argument))}; return" if _values(argument) else "return"


def _bash_words(usage: Usage) -> str:
    """What stands for the values of a command's first word."""
    first = next(_words(usage), None)
    if first is None:
        return ":"
    return "files" if first.dest in _FILES else _values(first) or ":"


# zsh


def _zsh(program: Usage) -> str:
    commands = "\n".join(
        f"            {shlex.quote(f'{each.name}:{each.about}')}" for each in program.commands
    )
    cases = "\n".join(
        f"        {each.name}) _arguments {' '.join(_zsh_argument(argument) for argument in each.arguments)} ;;"
        for each in program.commands
    )
    options = " ".join(_zsh_argument(each) for each in program.arguments)
    asked = "\n".join(
        f'_r1tui_{what}() {{ local -a found; found=(${{(f)"$(r1tui completions {what} 2>/dev/null)"}}); compadd -a found }}'
        for what in _ASKED.values()
    )
    return f"""#compdef r1tui
# zsh completion for r1tui; load it by: source <(r1tui completions zsh)
{asked}
_r1tui() {{
    local curcontext=$curcontext state line
    local -a commands
    _arguments -C {options} '1: :->command' '*:: :->rest'
    case $state in
    command)
        commands=(
{commands}
        )
        _describe command commands ;;
    rest)
        case $line[1] in
{cases}
        esac ;;
    esac
}}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _r1tui "$@"; else compdef _r1tui r1tui; fi
"""


def _zsh_argument(argument: Argument) -> str:
    about = "".join(f"\\{char}" if char in "[]:\\" else char for char in argument.about)
    action = " "
    if argument.dest in _ASKED:
        action = f"_r1tui_{_ASKED[argument.dest]}"
    elif argument.dest in _FILES:
        action = "_files"
    elif argument.choices:
        action = f"({' '.join(argument.choices)})"
    if not argument.flags:
        return shlex.quote(f"*:{argument.metavar.lower()}:{action}")
    value = f":{argument.metavar.lower().replace(':', '')}:{action}" if argument.metavar else ""
    group = f"({' '.join(argument.flags)})" if len(argument.flags) > 1 else ""
    equals = {flag: "=" if value and flag.startswith("--") else "" for flag in argument.flags}
    return " ".join(shlex.quote(f"{group}{flag}{sign}[{about}]{value}") for flag, sign in equals.items())


# fish


def _fish(program: Usage) -> str:
    names = " ".join(each.name for each in program.commands)
    lines = [
        "# fish completion for r1tui; load it by: r1tui completions fish | source",
        "complete -c r1tui -f",
    ]
    for each in program.commands:
        here = f"-n 'not __fish_seen_subcommand_from {names}'"
        lines.append(f"complete -c r1tui {here} -a {each.name} -d {_fish_quoted(each.about)}")
    for usage in (program, *program.commands):
        where = f"-n '{'' if usage.name else 'not '}__fish_seen_subcommand_from {usage.name or names}'"
        lines += (" ".join(("complete -c r1tui", where, *_fish_argument(each))) for each in usage.arguments)
    return "\n".join(lines) + "\n"


def _fish_argument(argument: Argument) -> Iterator[str]:
    for flag in argument.flags:
        yield f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
    if argument.flags and argument.metavar:
        yield (
            "-r" if argument.dest in _FILES else "-x"
        )  # files are offered for -r, whatever is offered beside them
    if argument.dest in _FILES:
        yield "-F"
    elif argument.dest in _ASKED:
        yield f"-a '(r1tui completions {_ASKED[argument.dest]} 2>/dev/null)'"
    elif argument.choices:
        yield f"-a '{' '.join(argument.choices)}'"
    yield f"-d {_fish_quoted(argument.about)}"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
