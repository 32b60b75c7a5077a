"""Ollama's errors, and those of the line to it, as one sentence for a person each."""

from __future__ import annotations

import re
import ssl
from urllib.parse import urljoin, urlsplit

from r1tui.domain.address import shown_address
from r1tui.domain.phrase import phrase
from r1tui.domain.untrusted import Malformed, parse_json
from r1tui.domain.untrusted import text as text_of
from r1tui.services.engines.engine import (
    DiskFull,
    EngineError,
    InsecureRegistry,
    ModelMissing,
    NotAllowed,
    NotEnoughMemory,
    PromptTooLong,
    RegistryUnreachable,
    RequestRefused,
    ServerUnreachable,
    StreamCut,
    ThinkingUnsupported,
    WrongDigest,
)

_WORDS_LIMIT = 300
_NESTED = 12
"""Objects and texts within each other through which an error's words are looked for."""
# llm/server.go: "model requires more system memory (5.6 GiB) than is available (1.2 GiB)"
_MEMORY = re.compile(r"requires more system memory \(([^)]{0,60})\) than is available \(([^)]{0,60})\)")
_NO_MEMORY = re.compile(
    r"requires more .{0,12}memory|out of memory|unable to allocate|failed to allocate|cudaMalloc failed|insufficient memory",
    re.I,
)
_RUNNER_DIED = re.compile(
    r"(runner|llama-server) (process )?(has )?(unexpectedly )?(stopped|terminated)|signal: killed|llama runner",
    re.I,
)
_REGISTRY_AWAY = re.compile(
    r"dial tcp|no such host|connection refused|connection reset|i/o timeout|handshake timeout|deadline exceeded"
    r"|network is unreachable|no route to host|max retries exceeded|unexpected EOF|(: |^)EOF$|server misbehaving"
    r"|unexpected status code 5|pull model manifest: 5\d\d|proxyconnect|part stalled|tls: |x509:",
    re.I,
)
_MISSING_IN_REGISTRY = re.compile(
    r"file does not exist|manifest unknown|name unknown|repository name not known|pull model manifest: 404",
    re.I,
)
# Ollama before 0.30: "the input length exceeds the context length"; since then "the prompt is longer than the context
# length …", or llama.cpp's own words: "request (538 tokens) exceeds the available context size (256 tokens), …".
_TOO_LONG_BY = re.compile(
    r"request \((\d{1,9}) tokens\) exceeds the available context size \((\d{1,9}) tokens\)"
    # SGLang's, of its context and of its memory for one.
    r"|input \((\d{1,9}) tokens\) is longer than the model's context length \((\d{1,9}) tokens\)"
    r"|input length \((\d{1,9}) tokens\) exceeds the maximum allowed length \((\d{1,9}) tokens\)"
    r"|prompt \(length (\d{1,9})\) is longer than the maximum model length of (\d{1,9})",  # vLLM's
    re.I,
)
_TOO_LONG = re.compile(
    r"exceeds the (?:available |maximum )?context|longer than the (?:context|maximum model|model.?s context) length|exceed_context_size"
    r"|maximum context length"  # vLLM's, SGLang's and OpenAI's
)
_NOT_THIS_LEVEL = re.compile(r"think value .{0,40}(?:not supported|invalid)|invalid think value")
# Ollama before 0.30 reads the file itself; since then `llama-quantize` does.
_NO_SOUND_GGUF = re.compile(
    r"invalid file magic|unsupported model format|not in GGUF format|failed to validate GGUF|llama-quantize"
)
_MISSING_HERE = re.compile(r"model .{0,400}not found|not found, try pulling", re.I)


def refused(told: object, *, status: int = 0, url: str = "", model: str = "") -> EngineError:
    """The error for what a server said: an `{"error": …}` object, or the text of an error's body."""
    words = _text(told)
    figures = _MEMORY.search(words)
    if figures:
        return NotEnoughMemory(phrase("engine.no_memory", needed=figures[1], available=figures[2]))
    if _NO_MEMORY.search(words):
        return NotEnoughMemory(phrase("engine.no_memory_unknown"))
    if "no space left on device" in words or "disk quota exceeded" in words:
        return DiskFull(phrase("engine.disk_full"))
    if "digest mismatch" in words:
        return WrongDigest(phrase("engine.wrong_digest"))
    if "insecure protocol" in words or "HTTP response to HTTPS client" in words:
        return InsecureRegistry(phrase("engine.insecure_registry", model=model))
    if too_long := _TOO_LONG_BY.search(words):
        needed, context = (int(figure) for figure in too_long.groups() if figure)
        return PromptTooLong(phrase("engine.too_long_by", needed=needed, context=context))
    if _TOO_LONG.search(words):
        return PromptTooLong(phrase("engine.too_long"))
    if "does not support thinking" in words or _NOT_THIS_LEVEL.search(words):
        return ThinkingUnsupported(phrase("engine.cannot_think", model=model))
    if "invalid model name" in words:
        return RequestRefused(phrase("engine.bad_name", name=model))
    if "requires a newer version of Ollama" in words or "pull model manifest: 412" in words:
        return RequestRefused(phrase("engine.server_too_old"))
    if _NO_SOUND_GGUF.search(words):
        return RequestRefused(phrase("engine.gguf_refused", words=words))
    if _MISSING_IN_REGISTRY.search(words):
        return ModelMissing(phrase("engine.unknown_in_registry", model=model))
    if _MISSING_HERE.search(words):
        return ModelMissing(phrase("engine.model_missing", model=model))
    if _RUNNER_DIED.search(words):
        return NotEnoughMemory(phrase("engine.runner_died"))
    # Who asks for a download that another's leaving has just ended shares its end.
    if words.endswith("context canceled"):
        return RegistryUnreachable(phrase("engine.transfer_cut"))
    if _REGISTRY_AWAY.search(words):
        return RegistryUnreachable(phrase("engine.registry_away", words=_cause(words)))
    if status in (401, 403) or "unauthorized" in words:
        return NotAllowed(phrase("engine.not_allowed", url=url))
    if status == 503 and "server busy" in words:
        return RequestRefused(phrase("engine.busy"))
    if status in (502, 503, 504):
        return ServerUnreachable(phrase("engine.gateway", url=url, status=status))
    if status == 404:
        return RequestRefused(phrase("engine.not_ollama", url=url))
    if words:
        return RequestRefused(phrase("engine.refused", words=words))
    return RequestRefused(phrase("engine.refused_status", status=status))


def _cause(words: str) -> str:
    """The end of a chain of Go's errors, which is what went wrong: `pull model manifest: Get "…": dial tcp: …`."""
    return words.rpartition('": ')[2] or words


def redirected(url: str, location: str) -> EngineError:
    """The server sends requests elsewhere; they are not followed with prompts and keys in them."""
    try:
        location = urljoin(url, location)
        plain = urlsplit(url).scheme == "https" and urlsplit(location).scheme == "http"
    except ValueError:  # no address
        plain = False
    shown = shown_address(location)[:_WORDS_LIMIT]
    if plain:
        return RequestRefused(phrase("engine.redirected_plain", url=url, location=shown))
    return RequestRefused(phrase("engine.redirected", url=url, location=shown))


def line_failed(error: Exception, url: str, *, began: bool = False) -> EngineError:
    """The error for an exception of httpx, of `ssl` or of the system. `began`: bytes of an answer had come."""
    import httpx

    if began:
        return StreamCut(phrase("engine.cut"))
    chain = _chain(error)
    if any(
        isinstance(link, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY_FAILED" in str(link)
        for link in chain
    ):
        return ServerUnreachable(phrase("engine.certificate", url=url))
    if isinstance(error, httpx.ProxyError):
        return ServerUnreachable(phrase("engine.proxy_failed", url=url))
    if isinstance(error, httpx.TimeoutException):
        return ServerUnreachable(phrase("engine.timeout", url=url))
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL)):
        return ServerUnreachable(phrase("engine.host_junk", host=url))
    if any(
        "Name or service not known" in str(link)
        or "nodename nor servname" in str(link)
        or "name resolution" in str(link)
        or "No address associated" in str(link)
        for link in chain
    ):
        return ServerUnreachable(phrase("engine.unknown_name", url=url))
    if isinstance(error, (httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError)):
        return ServerUnreachable(phrase("engine.dropped", url=url))
    return ServerUnreachable(phrase("engine.unreachable", url=url))


def _chain(error: BaseException | None) -> list[BaseException]:
    links: list[BaseException] = []
    while error is not None and len(links) < 10:
        links.append(error)
        error = error.__cause__ or error.__context__
    return links


def _text(value: object) -> str:
    """The words of an error body: Ollama's `{"error": "…"}`, OpenAI's `{"error": {"message": "…"}}`, or the text itself.

    Ollama since 0.30 hands on what llama.cpp's server said, a JSON text, as the string of its own `error`.
    """
    for _ in range(_NESTED):
        if isinstance(value, dict):
            value = value.get("error") or value.get("message") or value.get("detail") or ""
        elif isinstance(value, str) and value.lstrip().startswith(("{", '"')):
            try:
                value = parse_json(value)
            except Malformed:
                break
        else:
            break
    text = " ".join(text_of(value).split())
    if text.startswith("<"):  # a web page of some proxy
        return ""
    return text if len(text) <= _WORDS_LIMIT else text[: _WORDS_LIMIT - 1] + "…"
