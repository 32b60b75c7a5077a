"""Names of models, read as Ollama reads them (`types/model/name.go`)."""

from __future__ import annotations

import re

from r1tui.domain.dataclass import dataclass
from r1tui.domain.phrase import PhrasedError, phrase

DEFAULT_HOST = "registry.ollama.ai"
DEFAULT_NAMESPACE = "library"
DEFAULT_TAG = "latest"

_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,349}")
_NAMESPACE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,79}")
_MODEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://")


class BadName(PhrasedError, ValueError):
    """Not a name of a model; `phrase` says why."""


@dataclass(frozen=True, slots=True)
class ModelName:
    """A name in its parts, defaults filled in."""

    model: str
    tag: str = DEFAULT_TAG
    namespace: str = DEFAULT_NAMESPACE
    host: str = DEFAULT_HOST

    def __str__(self) -> str:
        """The shortest form that means the same, with its tag, as the server's lists show it."""
        if self.host != DEFAULT_HOST:
            return f"{self.host}/{self.namespace}/{self.model}:{self.tag}"
        if self.namespace != DEFAULT_NAMESPACE:
            return f"{self.namespace}/{self.model}:{self.tag}"
        return f"{self.model}:{self.tag}"

    @property
    def bare(self) -> bool:
        """Whether it is a name of Ollama's own library, without registry or namespace."""
        return self.host == DEFAULT_HOST and self.namespace == DEFAULT_NAMESPACE


def parse_name(text: str) -> ModelName:
    """Read a name such as `deepseek-r1:8b`, `someone/model`, `127.0.0.1:5000/library/model:tag` or `hf.co/user/repo:Q4_K_M`.

    A scheme in front (`https://`) is allowed and ignored: whether a registry may be spoken to without TLS is asked
    elsewhere. Raises `BadName`.
    """
    rest = _SCHEME.sub("", text.strip())
    parts = rest.split("/")
    tag = DEFAULT_TAG
    if ":" in parts[-1]:
        parts[-1], _, tag = parts[-1].partition(":")
    host, namespace, model = DEFAULT_HOST, DEFAULT_NAMESPACE, parts[-1]
    if len(parts) == 2:
        namespace = parts[0]
    elif len(parts) == 3:
        host, namespace = parts[0], parts[1]
    elif len(parts) > 3:
        raise BadName(phrase("engine.bad_name", name=text))
    checks = ((_HOST, host), (_NAMESPACE, namespace), (_MODEL, model), (_MODEL, tag))
    if not all(pattern.fullmatch(part) for pattern, part in checks):
        raise BadName(phrase("engine.bad_name", name=text))
    return ModelName(model, tag, namespace, host)


def canonical(text: str) -> str:
    """The form in which two spellings of one model are equal; the text itself when it is no name."""
    try:
        return str(parse_name(text)).lower()
    except BadName:
        return text


def with_mirror(text: str, mirror: str) -> str:
    """The name to pull: bare names go through `mirror` (such as `modelscope.cn/library`), all others stay.

    Raises `BadName` for either.
    """
    name = parse_name(text)
    prefix = _SCHEME.sub("", mirror.strip()).strip("/")
    if not prefix or not name.bare:
        return str(name)
    if "/" not in prefix:
        prefix = f"{prefix}/{DEFAULT_NAMESPACE}"
    return str(parse_name(f"{prefix}/{name.model}:{name.tag}"))
