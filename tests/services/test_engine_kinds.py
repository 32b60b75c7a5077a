"""An engine is one package: registered by its folder, with its settings and its documentation."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from r1tui.domain.phrase import phrase
from r1tui.domain.settings import Settings
from r1tui.domain.settings_schema import read_settings
from r1tui.locale import say, use
from r1tui.services import engines
from r1tui.services.engines.engine import HostError
from r1tui.services.engines.hosts import make_engine, resolve_host
from r1tui.services.engines.kinds import manual_table
from r1tui.services.settings import explained_text
from tests.support.key_tables import manual

TOY = """
from r1tui.services.engines.kinds import EngineKind, EngineSetting

class Toy:
    def __init__(self, url, headers, options):
        self.url, self.headers, self.options = url, headers, options

def make(url, *, headers, verify_tls, options):
    return Toy(url, headers, options)

ENGINE = EngineKind("a toy", make, (EngineSetting("slots", int, "how many"), EngineSetting("pace", float, "how fast")))
"""


@pytest.fixture(autouse=True)
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A kind of engine that is one folder and nothing else."""
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "__init__.py").write_text(TOY)
    monkeypatch.setattr(engines, "__path__", [*engines.__path__, str(tmp_path)])
    yield
    sys.modules.pop("r1tui.services.engines.toy", None)


def _host(**more: object) -> dict[str, object]:
    return {"hosts": {"mine": {"url": "http://10.0.0.7", "kind": "toy", **more}}}


def test_a_host_of_a_new_kind_is_used_with_the_settings_of_that_kind() -> None:
    settings, problems = read_settings(_host(slots=4, pace=2, other="x"))
    assert problems == []
    engine = make_engine(resolve_host("mine", settings), {})
    assert type(engine).__name__ == "Toy"
    assert vars(engine) == {
        "url": "http://10.0.0.7:80",
        "headers": {},
        "options": {"slots": 4, "pace": 2.0},
    }


@pytest.mark.parametrize("value", ["four-secret", True, 1.5])
def test_a_setting_of_another_type_is_refused_by_name_and_not_shown(value: object) -> None:
    settings, _ = read_settings(_host(slots=value))
    with pytest.raises(HostError) as caught:
        resolve_host("mine", settings)
    assert "hosts.mine.slots" in say(caught.value.phrase)
    assert "secret" not in say(caught.value.phrase)


def test_a_wrong_kind_is_told_with_all_kinds() -> None:
    settings, problems = read_settings({"hosts": {"mine": {"url": "http://x", "kind": "olama"}}})
    assert "ollama, openai, toy" in say(problems[0])
    settings.hosts["mine"].kind = "olama"
    with pytest.raises(HostError) as caught:
        resolve_host("mine", settings)
    assert "ollama, openai, toy" in say(caught.value.phrase)


def test_the_documentation_is_made_from_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "| `toy` | a toy | `slots`: how many; `pace`: how fast |" in manual_table()
    monkeypatch.undo()
    assert manual_table() in manual("en").read_text()


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_a_new_settings_file_shows_each_kind_with_its_own_settings(language: str) -> None:
    use(language)
    try:
        text = explained_text(Settings())
        figure = say(phrase("settings.expect_figure"))
    finally:
        use("en")
    for line in (
        '# kind = "openai"',
        '# kind = "toy"',
        f"# slots = 0  # toy: {figure}",
        f"# pace = 0.0  # toy: {figure}",
    ):
        assert line in text.splitlines()
    assert read_settings(tomllib.loads(text))[1] == []


def test_what_the_settings_file_shows_of_a_kind_can_be_uncommented() -> None:
    lines = explained_text(Settings()).splitlines()
    begins = lines.index("# [hosts.NAME]")
    shown = [line.removeprefix("# ") for line in lines[begins : lines.index("", begins)]]
    wanted = [line for line in shown if not line.startswith("kind") or "toy" in line]
    settings, problems = read_settings(tomllib.loads("\n".join(wanted)))
    assert problems == []
    assert vars(make_engine(resolve_host("NAME", settings), {}))["options"] == {"slots": 0, "pace": 0.0}


def test_kinds_are_listed_without_importing_an_engine() -> None:
    code = (
        "import sys; from r1tui.domain.settings_schema import read_settings;"
        "read_settings({'hosts': {'x': {'url': 'http://x', 'kind': 'openai'}}});"
        "assert 'r1tui.services.engines' in sys.modules;"
        "assert not [m for m in sys.modules if m.startswith('r1tui.services.engines.')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
