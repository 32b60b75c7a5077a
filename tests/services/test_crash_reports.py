"""What a report of the app's own fault tells, and what it does not."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from r1tui.services import crash_reports
from r1tui.services.engines.hosts import resolved_headers, secrets

ENVIRON = {
    "HOME": "/home/somebody",
    "OLLAMA_API_KEY": "oak-0123456789",
    "MY_PASS": "hunter2",
    "HTTPS_PROXY": "http://me:proxypass@proxy:8080",
    "WORKPLACE": "The Secret Lair",
    "EDITOR": "vi",
}
SECRETS = [
    "Authorization: Bearer abcdef.ghij-klm",
    "{'authorization': 'Basic bWU6cGFzcw=='}",
    "Illegal header value b'Bearer xyz secret words'",
    "https://user:pa55@host:11434/api/tags",
    "https://tokenuser123@host/",
    "http://host/?api_key=qwertyuiop&x=1",
    "sk-abcdefghijklmnop",
    "key oak-0123456789 was refused",
    "MY_PASS is hunter2",
    "proxy http://me:proxypass@proxy:8080 failed",
    "at The Secret Lair",
    "X-Own: from-a-file",
    "password='correcthorse'",
    "Cookie: session=0123456789abcdef",
]
SECRET_PARTS = [
    "abcdef.ghij", "bWU6cGFzcw", "xyz secret", "pa55", "tokenuser123", "qwertyuiop", "abcdefghijklmnop", "0123456789",
    "hunter2", "proxypass", "Secret Lair", "from-a-file", "correcthorse", "0123456789abcdef",
]  # fmt: skip


def caught(words: str) -> Exception:
    """A fault that was caused by another."""
    try:
        try:
            raise ValueError(words)
        except ValueError as error:
            raise RuntimeError(f"outer {words}") from error
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(("words", "part"), list(zip(SECRETS, SECRET_PARTS, strict=True)))
def test_secrets_are_not_in_it(words: str, part: str) -> None:
    told = crash_reports.report(caught(words), secrets=["from-a-file", ""], environ=ENVIRON)
    assert part not in told
    assert "RuntimeError" in told
    assert "removed" in told or "[$" in told or "…@" in told


SPELT: list[Callable[[str], object]] = [
    str, repr, str.encode, json.dumps, quote, quote_plus, lambda value: base64.b64encode(value.encode()),
    lambda value: {"headers": [("authorization", f"Bearer {value}".encode())]}, lambda value: f"x{value}y",
]  # fmt: skip


@pytest.mark.parametrize(
    "secret", ["plain-key-0123", 'it\'s "q"\\uoted', "a+b/c%d&e=f g", "密钥-schlüssel", "\u0301abcdefgh"]
)
@pytest.mark.parametrize("spelt", SPELT)
def test_a_secret_is_removed_however_a_message_spells_it(secret: str, spelt: Callable[[str], object]) -> None:
    words = str(spelt(secret))
    for known, environ in (([secret], {}), ([f"Bearer {secret}"], {}), ([], {"MY_KEY": secret})):
        told = crash_reports.report(caught(words), secrets=known, environ=environ)
        if " " not in secret or known != [f"Bearer {secret}"]:
            assert words.strip("'\"b") not in told
            assert "removed" in told or "[$MY_KEY]" in told


def test_a_headers_file_that_is_gone_is_a_secret_still(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("from-a-file-once\n")
    table = {"X-Gone": f"file:{key}", "X-Never": "env:NOT_SET", "X-Own": "literal-own"}
    resolved_headers({"X-Gone": table["X-Gone"]})
    key.unlink()
    assert {"from-a-file-once", "literal-own"} <= set(secrets([table], {}))


def test_control_characters_are_shown_and_lines_are_bounded() -> None:
    told = crash_reports.report(caught("\x1b]0;PWNED\x07\x9b\u202e" + "x" * 10_000), environ={})
    assert "␛]0;PWNED␇" in told
    assert not set(told) & set("\x1b\x07\x9b\u202e")
    assert max(map(len, told.splitlines())) <= crash_reports.MAX_LINE + 1
    assert len(crash_reports.report(caught("line\n" * 10**6), environ={})) < crash_reports.MAX_TEXT + 1000


def test_of_a_private_conversation_only_kinds_and_places_are_told() -> None:
    told = crash_reports.report(caught("what was asked"), messages=False, environ={})
    assert "what was asked" not in told
    assert "ValueError" in told
    assert "RuntimeError" in told
    assert "test_crash_reports.py" in told


def test_each_is_a_file_of_its_own_that_only_its_owner_reads_and_there_are_ten_at_most(
    tmp_path: Path,
) -> None:
    paths = [crash_reports.write(tmp_path, caught(str(n)), environ={}) for n in range(13)]
    assert len(set(paths)) == 13
    kept = sorted((tmp_path / "crashes").iterdir())
    assert kept == sorted(paths)[-10:]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}
    assert stat.S_IMODE(kept[0].parent.stat().st_mode) == 0o700
