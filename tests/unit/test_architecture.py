"""The house's rules that a linter does not know."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "r1tui"
MODULES = sorted(PACKAGE.rglob("*.py"))

LOADED_LATER = {PACKAGE / "services" / "engines" / "ollama" / "official.py"}
"""Modules that are imported within a function, so that httpx and Ollama's client stand at their top. httpx loads Rich for
a command line of its own."""

TOP_LEVEL = {
    "pyproject.toml",
    "uv.lock",
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "r1tui",
    "themes",
    "tests",
}


def _loaded_by(module: str) -> set[str]:
    """Names of the modules that a fresh Python has after importing `module`."""
    code = f"import sys, {module}; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_top_level_holds_nothing_else() -> None:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.splitlines()
    here = {path.name for path in ROOT.iterdir()} - {"PKG-INFO"}  # which an sdist has
    names = {name.split("/")[0].strip('"') for name in listed} or here
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL


def test_the_command_line_starts_without_the_clients_and_the_toolkit() -> None:
    assert not _loaded_by("r1tui.cli") & {"ollama", "httpx", "textual", "pydantic"}


def test_the_app_draws_before_it_loads_what_it_needs_later() -> None:
    later = {
        "ollama",
        "httpx",
        "tomlkit",
        "pygments",
        "markdown_it",
        "psutil",
        "pynvml",
        "aiosqlite",
        "charset_normalizer",
        "pathspec",
        "statistics",
    }
    # Textual itself imports these two.
    by_textual = _loaded_by("textual.app, textual.widgets") & {"pygments", "markdown_it"}
    assert not _loaded_by("r1tui.app") & later - by_textual


OURS_LATER = (
    "r1tui.domain.final_answer",
    "r1tui.domain.hardware_file",
    "r1tui.domain.recommendation",
    "r1tui.headless",
    "r1tui.screens.dialogs.text_editor",
    "r1tui.screens.dialogs.vote",
    "r1tui.screens.guide.screen",
    "r1tui.screens.help",
    "r1tui.screens.history",
    "r1tui.screens.models",
    "r1tui.screens.palette",
    "r1tui.screens.settings.screen",
    "r1tui.screens.setup",
    "r1tui.services.crash_reports",
    "r1tui.services.doctor",
    "r1tui.services.file_index",
    "r1tui.services.machine",
    "r1tui.services.models",
    "r1tui.services.server.install",
    "r1tui.services.store.conversations",
    "r1tui.services.transfer",
    "r1tui.widgets.transcript.maths",
    "r1tui.widgets.transcript.parser",
)
"""Ours that no first paint needs: what stands behind a key, reads a file or the machine, or renders a message."""


def test_the_app_draws_before_it_loads_what_stands_behind_a_key_or_an_answer() -> None:
    loaded = _loaded_by("r1tui.app")
    missing = [name for name in OURS_LATER if find_spec(name) is None]
    assert not missing
    assert not [name for name in loaded if name.startswith(OURS_LATER)]


@pytest.mark.parametrize("layer", ["domain", "services", "chat", "locale", "commands.py"])
def test_a_lower_layer_loads_without_the_toolkit(layer: str) -> None:
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in MODULES
        if path.relative_to(PACKAGE).parts[0] == layer and path not in LOADED_LATER
    ]
    assert names
    assert not _loaded_by(", ".join(names)) & {"textual", "rich"}


def test_bindings_are_made_from_the_command_table_alone() -> None:
    made = {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Binding")
        or (isinstance(node, ast.Assign | ast.AnnAssign) and "BINDINGS" in ast.unparse(node).split("=")[0])
    }
    assert made == {
        "toolkit/bindings.py",
        "screens/help.py",  # shows keys that something on the screen has too
    }


AROUND_THE_SINK = re.compile(
    r"_driver\.write|sys\.__std(?:out|err)__|std(?:out|err)\.buffer|os\.write\(|/dev/tty|rich\.print|Console\("
)
"""Ways to a terminal on which text is not made visible (`toolkit/patches/thrift.py`, `services/terminal/streams.py`)."""
KNOWN_WAYS = {
    "toolkit/patches/terminal_line.py": {"_driver.write"},  # the clipboard's sequence
    "app.py": {"Console("},  # the console that writes to the wrapped stream
    "services/terminal/terminal.py": {"/dev/tty", "os.write("},  # a question to the terminal, no text
    "services/terminal/streams.py": {"sys.__stdout__", "sys.__stderr__", "stdout.buffer", "stderr.buffer"},
}


def test_no_text_goes_to_the_terminal_around_the_place_that_makes_it_visible() -> None:
    found = {
        (str(path.relative_to(PACKAGE)), match.group())
        for path in MODULES
        for match in AROUND_THE_SINK.finditer(path.read_text())
    }
    assert ("toolkit/patches/terminal_line.py", "_driver.write") in found, "the search finds nothing any more"
    assert not {(place, way) for place, way in found if way not in KNOWN_WAYS.get(place, set())}


def _circles(imports: dict[str, set[str]]) -> list[set[str]]:
    """The sets of modules that reach each other, as Tarjan's algorithm finds them."""
    found: list[set[str]] = []
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []

    def visit(module: str) -> None:
        index[module] = lowest[module] = len(index)
        path.append(module)
        for other in imports[module]:
            if other not in index:
                visit(other)
                lowest[module] = min(lowest[module], lowest[other])
            elif other in path:
                lowest[module] = min(lowest[module], index[other])
        if lowest[module] == index[module]:
            at = path.index(module)
            circle = set(path[at:])
            del path[at:]
            if len(circle) > 1:
                found.append(circle)

    for module in imports:
        if module not in index:
            visit(module)
    return found


def test_circles_are_found_where_there_are_some() -> None:
    imports = {"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": {"e"}, "e": {"d"}, "f": {"a"}}
    assert sorted(map(sorted, _circles(imports))) == [["a", "b", "c"], ["d", "e"]]


def test_no_modules_import_each_other_round_a_circle(monkeypatch: pytest.MonkeyPatch) -> None:
    # Not import-linter's `acyclic_siblings`: it counts a package and all below it as one, so that what the modules of
    # `services/engines/ollama` share could not stand beside their package. Here each file counts for itself.
    monkeypatch.syspath_prepend(str(ROOT))
    graph = grimp.build_graph("r1tui", exclude_type_checking_imports=False, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(imports) >= len(MODULES)
    assert not _circles(imports)


def test_dataclasses_are_ours_which_a_start_can_afford() -> None:
    theirs = re.compile(r"^from dataclasses import .*\bdataclass\b|@dataclasses\.", re.MULTILINE)
    found = {str(path.relative_to(PACKAGE)) for path in MODULES if theirs.search(path.read_text())}
    assert found == set()


def _told_by_hand(tree: ast.Module) -> list[str]:
    """Classes of Textual's messages in a module that write a constructor of their own."""
    return [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base) in ("Message", "Event") for base in node.bases)
        and any(isinstance(each, ast.FunctionDef) and each.name == "__init__" for each in node.body)
    ]


def test_messages_between_widgets_are_dataclasses() -> None:
    by_hand = "class Sent(Message):\n    def __init__(self, text):\n        self.text = text"
    assert _told_by_hand(ast.parse(by_hand)) == ["Sent"]
    assert [name for path in MODULES for name in _told_by_hand(ast.parse(path.read_text()))] == []


STATION = re.compile(r"^\d+\. ((?:`[\w/]+\.py`,? )*)`(?:(\w+)\.)?(\w+)`:", re.MULTILINE)
"""A station of the list in CONTRIBUTING: the files (where they are other ones than before), class and function."""


def _defines(path: Path, owner: str | None, function: str) -> bool:
    return any(
        isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name == function
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and node.name == (owner or node.name)
        for each in node.body
    )


def test_the_way_of_a_question_is_short_and_each_of_its_stations_is_there() -> None:
    listed = (ROOT / "CONTRIBUTING.md").read_text().split("### The way of a question")[1].split("Back,")[0]
    stations = STATION.findall(listed)
    numbered = re.findall(r"^(\d+)\. ", listed, re.MULTILINE)
    assert numbered == [str(n) for n in range(1, len(stations) + 1)]
    assert 10 <= len(stations) <= 15
    homes: dict[str, list[str]] = {}
    for files, owner, function in stations:
        paths = re.findall(r"`([\w/]+\.py)`", files) or homes[owner]
        homes[owner] = paths
        assert all(_defines(PACKAGE / path, owner, function) for path in paths), (
            f"{owner}.{function} of {paths}"
        )


def test_a_station_that_is_not_there_is_missed() -> None:
    session = PACKAGE / "chat" / "session.py"
    assert _defines(session, "ChatSession", "ask")
    assert not _defines(session, "ChatSession", "asked_for_nothing")
    assert not _defines(session, "Nobody", "ask")
