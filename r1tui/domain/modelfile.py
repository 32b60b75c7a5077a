"""Modelfiles: read, written, and turned into the fields of `/api/create` (Ollama's `parser/parser.go`)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field

from r1tui.domain.dataclass import dataclass
from r1tui.domain.model import ModelDetails
from r1tui.domain.options import PARAMETERS, STOP, option_from_text
from r1tui.domain.phrase import Phrase, PhrasedError, phrase

ParameterValue = float | int | bool | str | list[str]

DEPRECATED = frozenset(
    [
        "penalize_newline",
        "low_vram",
        "f16_kv",
        "logits_all",
        "vocab_only",
        "use_mlock",
        "mirostat",
        "mirostat_tau",
        "mirostat_eta",
        "numa",
    ]
)
"""Taken and ignored, as Ollama does."""
_ROLES = ("system", "user", "assistant")
_LINE = re.compile(r"[ \t]*(\S+)[ \t]*(.*)", re.DOTALL)
_COMMANDS = frozenset(
    [
        "from",
        "license",
        "template",
        "system",
        "adapter",
        "renderer",
        "parser",
        "parameter",
        "message",
        "requires",
    ]
)


class ModelfileError(PhrasedError, ValueError):
    """Not a Modelfile; `phrase` names the line, `line` counts from 1 (0: the whole)."""

    def __init__(self, line: int, phrase: Phrase) -> None:
        super().__init__(phrase)
        self.line = line


@dataclass(slots=True)
class Modelfile:
    """What a Modelfile says."""

    source: str = ""
    """FROM: a model's name or a file."""
    parameters: dict[str, ParameterValue] = field(default_factory=dict)
    template: str = ""
    system: str = ""
    licenses: list[str] = field(default_factory=list)
    adapter: str = ""
    messages: list[tuple[str, str]] = field(default_factory=list)
    """(role, content)."""
    extras: dict[str, str] = field(default_factory=dict)
    """`renderer`, `parser`, `requires`."""

    @property
    def from_file(self) -> bool:
        """Whether FROM names a file of this machine rather than a model of the server."""
        return self.source.startswith(("/", "./", "../", "~")) or self.source.lower().endswith(".gguf")


def parse(text: str) -> Modelfile:
    """Read a Modelfile. Raises `ModelfileError`."""
    result = Modelfile()
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        number = at + 1
        line = lines[at]
        at += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        assert match is not None
        command, rest = match[1].lower(), match[2]
        if command not in _COMMANDS:
            raise ModelfileError(number, phrase("modelfile.unknown", line=number, word=match[1]))
        first = ""
        if command in ("parameter", "message"):
            first, _, rest = rest.partition(" ")
            first = first.lower()
        value, at = _value(rest, lines, at, number)
        if not value and command != "system":
            raise ModelfileError(number, phrase("modelfile.empty", line=number, word=match[1].upper()))
        _take(result, command, first, value, number)
    if not result.source:
        raise ModelfileError(0, phrase("modelfile.no_from"))
    return result


def create_fields(modelfile: Modelfile) -> dict[str, object]:
    """The body of `/api/create`, without the model's name. A file in FROM or ADAPTER is not in it: that needs a blob."""
    fields: dict[str, object] = {}
    if not modelfile.from_file:
        fields["from"] = modelfile.source
    if modelfile.parameters:
        fields["parameters"] = modelfile.parameters
    if modelfile.template:
        fields["template"] = modelfile.template
    if modelfile.system:
        fields["system"] = modelfile.system
    if modelfile.licenses:
        fields["license"] = modelfile.licenses
    if modelfile.messages:
        fields["messages"] = [{"role": role, "content": content} for role, content in modelfile.messages]
    return fields | modelfile.extras


def format_modelfile(modelfile: Modelfile) -> str:
    """The text that `parse` reads back the same."""
    parts = [f"FROM {modelfile.source}"]
    parts += [f"{name.upper()} {value}" for name, value in modelfile.extras.items()]
    if modelfile.adapter:
        parts.append(f"ADAPTER {modelfile.adapter}")
    if modelfile.system:
        parts.append(f"SYSTEM {_quoted(modelfile.system)}")
    parts += [f"PARAMETER {line}" for line in _parameter_lines(modelfile.parameters)]
    if modelfile.template:
        parts.append(f"TEMPLATE {_quoted(modelfile.template)}")
    parts += [f"MESSAGE {role} {_quoted(content)}" for role, content in modelfile.messages]
    parts += [f"LICENSE {_quoted(text)}" for text in modelfile.licenses]
    return "\n".join(parts) + "\n"


def format_parameters(parameters: Mapping[str, ParameterValue]) -> str:
    """Parameters as lines of a name and a value, which `parse_parameters` reads back the same."""
    return "\n".join(_parameter_lines(parameters))


def parse_parameters(text: str) -> dict[str, ParameterValue]:
    """Read lines of a name and a value; the word PARAMETER may stand before them. Raises `ModelfileError`."""
    result = Modelfile()
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        number = at + 1
        words = lines[at].split(None, 1)
        if len(words) > 1 and words[0].lower() == "parameter":
            words = words[1].split(None, 1)
        at += 1
        if not words or words[0].startswith("#"):
            continue
        value, at = _value("".join(words[1:]), lines, at, number)
        if not value:
            raise ModelfileError(number, phrase("modelfile.empty", line=number, word=words[0]))
        _parameter(result, words[0].lower(), value, number)
    return result.parameters


def editable(details: ModelDetails) -> Modelfile:
    """A model's Modelfile to start from: built on the model itself rather than on a file of the server.

    Its licence, which comes with FROM and may be long, is left out.
    """
    try:
        known = parse(details.modelfile)
    except ModelfileError:
        known = Modelfile()
    return Modelfile(
        details.name,
        known.parameters,
        template=known.template or details.template,
        system=known.system or details.system,
    )


def _parameter_lines(parameters: Mapping[str, ParameterValue]) -> list[str]:
    lines = []
    for name, value in parameters.items():
        for one in value if isinstance(value, list) else [value]:
            shown = (
                json.dumps(one) if isinstance(one, bool) else _quoted(one) if isinstance(one, str) else one
            )
            lines.append(f"{name} {shown}")
    return lines


def _value(rest: str, lines: list[str], at: int, number: int) -> tuple[str, int]:
    """The value that begins with `rest`, which quotes may carry over further lines; and the next line to read.

    As Ollama's parser does, a quoted value ends at the first line that ends with its quotes.
    """
    quotes = next((each for each in ('"""', '"') if rest.lstrip().startswith(each)), "")
    value = rest.strip()
    while len(value) < 2 * len(quotes) or not value.endswith(quotes):
        if at >= len(lines):
            raise ModelfileError(number, phrase("modelfile.open_quotes", line=number))
        rest += "\n" + lines[at]
        value = rest.strip()
        at += 1
    return value[len(quotes) : len(value) - len(quotes)], at


def _take(result: Modelfile, command: str, first: str, value: str, number: int) -> None:
    match command:
        case "from":
            result.source = value
        case "template":
            result.template = value
        case "system":
            result.system = value
        case "adapter":
            result.adapter = value
        case "license":
            result.licenses.append(value)
        case "message":
            if first not in _ROLES:
                raise ModelfileError(number, phrase("modelfile.role", line=number, word=first))
            result.messages.append((first, value))
        case "parameter":
            _parameter(result, first, value, number)
        case _:
            result.extras[command] = value


def _parameter(result: Modelfile, name: str, text: str, number: int) -> None:
    if name in DEPRECATED:
        return
    if name not in PARAMETERS:
        raise ModelfileError(number, phrase("modelfile.parameter", line=number, word=name))
    if name == STOP:
        stops = result.parameters.setdefault("stop", [])
        assert isinstance(stops, list)
        stops.append(text)
        return
    value = option_from_text(name, text)
    if value is None:
        raise ModelfileError(number, phrase("modelfile.value", line=number, word=name, value=text))
    result.parameters[name] = value


def _quoted(text: str) -> str:
    """Quotes where they are needed; a line that ends in three of them cannot be said in a Modelfile."""
    plain = text and text == text.strip() and "\n" not in text and not text.startswith('"')
    return text if plain else f'"""{text}"""'
