"""Completions in the shells themselves, and the manual page through the programs that show one."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from rich.cells import cell_len

from r1tui.commands import TABLE
from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.domain.settings_schema import SETTINGS
from r1tui.services.container import DATABASE
from r1tui.services.store.conversations import ConversationStore
from tests.support.pty_app import PtyApp, clean_env

ROOT = Path(__file__).parents[2]
R1TUI = [sys.executable, "-m", "r1tui"]
FUNCTION = f'r1tui() {{ "{sys.executable}" -m r1tui "$@"; }}'
"""The program's name in a shell that has not installed it."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a host in the settings and two conversations, one with a model that no shell should see."""
    config, data = tmp_path / "config", tmp_path / "data"
    config.mkdir(mode=0o700)
    data.mkdir(mode=0o700)
    (config / "settings.toml").write_text('[hosts.workstation]\nurl = "http://gpu.example:11434"\n')

    async def fill() -> None:
        store = await ConversationStore.open(data / DATABASE)
        for model in ("qwen3:4b", "$(touch stolen)`id`"):
            conversation = Conversation(model=model)
            conversation.add(Message(Role.USER, "hello"))
            await store.save_conversation(conversation)
        await store.close()

    asyncio.run(fill())
    return tmp_path


def run(home: Path, *command: str, stdin: str = "") -> str:
    env = clean_env(home)
    done = subprocess.run(
        command, env=env, input=stdin, capture_output=True, text=True, check=False, cwd=home
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def bash(home: Path, line: str) -> set[str]:
    """What bash offers for a line."""
    script = f"""
        {FUNCTION}
        source <(r1tui completions bash)
        COMP_LINE=$1 COMP_POINT=${{#1}}
        _r1tui
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return set(run(home, "bash", "-c", script, "-", line).split())


def fish(home: Path, line: str) -> set[str]:
    """What fish offers for a line."""
    function = f'function r1tui; "{sys.executable}" -m r1tui $argv; end'
    script = f"{function}; r1tui completions fish | source; complete -C {line!r}"
    return {each.split("\t")[0] for each in run(home, "fish", "-c", script).splitlines()}


SHELLS = [
    pytest.param(bash, id="bash"),
    pytest.param(
        fish, id="fish", marks=pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
    ),
]


@pytest.mark.parametrize("offers", SHELLS)
def test_commands_options_and_choices_are_offered(home: Path, offers) -> None:  # type: ignore[no-untyped-def]
    assert {"ask", "doctor", "export", "plain", "guide"} <= offers(home, "r1tui ")
    assert offers(home, "r1tui ask --th") == {"--think"}
    thinking = {"auto", "on", "off", "low", "medium", "high"}
    assert offers(home, "r1tui ask --think ") == thinking  # and no file beside them
    assert not offers(home, "r1tui ask --vote ") - {""}
    assert {"config", "data"} <= {each.rstrip("/") for each in offers(home, "r1tui ask --file ")}
    assert offers(home, "r1tui export --format m") == {"markdown"}


@pytest.mark.parametrize("offers", SHELLS)
def test_hosts_and_models_are_what_is_known_without_a_server(home: Path, offers) -> None:  # type: ignore[no-untyped-def]
    assert offers(home, "r1tui --host w") == {"workstation"}
    assert offers(home, "r1tui --model q") == {"qwen3:4b"}
    assert {each.removeprefix("--host=") for each in offers(home, "r1tui --host=w")} == {"workstation"}
    assert not (home / "stolen").exists()


@pytest.mark.parametrize("offers", SHELLS)
def test_the_guides_chapters_and_words_are_offered(home: Path, offers) -> None:  # type: ignore[no-untyped-def]
    assert {str(number) for number in range(1, 12)} | {"words", "token", "kv-cache"} <= offers(
        home, "r1tui guide "
    )
    assert offers(home, "r1tui guide quant") == {"quantization"}


def test_bash_completes_behind_a_colon_of_a_models_name(home: Path) -> None:
    assert bash(home, "r1tui --model deepseek-r1:1") == {"1.5b", "14b"}


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_zsh_completes_commands_and_values(home: Path) -> None:
    shell = PtyApp(["zsh", "-f", "-i"], env=clean_env(home, PS1="$ "), size=(100, 24))
    try:
        shell.write(f"autoload -U compinit; compinit -u -D; {FUNCTION}\n")
        shell.write("source <(r1tui completions zsh); print -l read''y\n")
        shell.wait_match("(?m)^ready")
        shell.write("r1tui exp\t")
        shell.wait_for("r1tui export")
        shell.write("--format te\t")
        shell.wait_for("--format text")
        shell.write("\x15r1tui --host wo\t")
        shell.wait_for("--host workstation")
        shell.write("\x15r1tui --host=wo\t")
        shell.wait_for("--host=workstation")
        shell.write("\x15r1tui ask --model qwe\t")
        shell.wait_for("--model qwen3")
        shell.write("\x15r1tui guide quant\t")
        shell.wait_for("guide quantization")
    finally:
        shell.close()


def test_what_is_known_holds_no_name_that_a_shell_would_obey(home: Path) -> None:
    names = run(home, *R1TUI, "completions", "models").split()
    assert "qwen3:4b" in names
    assert "deepseek-r1:1.5b" in names
    assert not set("$`()") & set("".join(names))
    assert run(home, *R1TUI, "completions", "hosts").split() == ["workstation"]


def test_an_address_with_a_password_that_names_a_host_is_not_offered(home: Path) -> None:
    with (home / "config" / "settings.toml").open("a") as file:
        file.write('[hosts."http://me:s3cret@gpu"]\nurl = "http://gpu"\n')
    assert run(home, *R1TUI, "completions", "hosts").split() == ["workstation"]


def test_a_shell_that_is_none_is_said(home: Path) -> None:
    done = subprocess.run(
        [*R1TUI, "completions", "tcsh"], env=clean_env(home), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "bash" in done.stderr


def test_the_manual_page_has_every_option_key_and_setting(home: Path) -> None:
    page = run(home, *R1TUI, "man")
    plain = page.replace("\\-", "-").replace("\\fB", "").replace("\\fR", "").replace("\\fI", "")
    plain = plain.replace("\\[u2026]", "…")
    for each in TABLE:
        if each.id.startswith(("chat.", "shelf.", "transcript.", "app.")) and each.keys:
            last = each.id[-1]
            assert f"({each.id})" in plain or (
                last.isdigit() and f"({each.id[:-1]}1 … {each.id[:-1]}9)" in plain
            )
    for setting in SETTINGS:
        assert setting.path in plain
    for option in ("--vote", "--no-reasoning", "--hardware", "--format"):
        assert option in plain
    assert not [
        line for line in page.splitlines() if line.startswith(".") and line.split()[0] not in REQUESTS
    ]


REQUESTS = {".TH", ".SH", ".SS", ".TP", ".PP", ".nh", ".ad", ".ds"}


def test_the_manual_page_tells_which_words_must_be_there_and_values_as_the_file_has_them(home: Path) -> None:
    page = run(home, *R1TUI, "man").replace("\\-", "-")
    assert "[\\fB--help\\fR] \\fIFILE\\fR\n" in page
    assert "[\\fB--help\\fR] [\\fICHAPTER\\fR]\n" in page
    assert "[\\fB--file\\fR \\fIFILE\\fR] ..." in page
    assert "\\fBinterface.wide_ambiguous\\fR = false\n" in page
    assert '\\fBinterface.language\\fR = "auto"\n' in page


@pytest.mark.parametrize("language", ["C.UTF-8", "zh_CN.UTF-8"])
def test_the_manual_page_has_the_date_of_its_version_whenever_it_is_made(home: Path, language: str) -> None:
    title = run(home, "env", f"LC_ALL={language}", *R1TUI, "man").splitlines()[0]
    released = re.search(r"^## \[(.+?)\] - (\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert released is not None
    assert released[1] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert title.startswith(f'.TH R1TUI 1 "{released[2]}" "r1tui {released[1]}" "')


def test_the_manual_page_names_every_variable_of_ours_and_where_the_files_are(home: Path) -> None:
    page = run(home, *R1TUI, "man")
    read = re.compile(r'(?:environ\.get|_folder)\("(R1TUI_\w+)"')
    names = {name for module in (ROOT / "r1tui").rglob("*.py") for name in read.findall(module.read_text())}
    assert len(names) >= 3
    assert not [name for name in names if f"\\fB{name}\\fR" not in page]
    for path in ("~/.config/r1tui/settings.toml", "~/.local/share/r1tui/", "conversations.db"):
        assert path in page


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
@pytest.mark.parametrize("language", ["C.UTF-8", "zh_CN.UTF-8"])
def test_roff_reads_the_page_without_a_warning(home: Path, language: str) -> None:
    env = clean_env(home, LC_ALL=language)
    page = subprocess.run([*R1TUI, "man"], env=env, capture_output=True, check=True).stdout
    groff = ["groff", "-man", "-Tutf8", "-ww", "-rLL=70n"]
    shown = subprocess.run(groff, input=page, capture_output=True, check=True)
    assert shown.stderr.decode() == ""
    lines = re.sub("\x1b\\[[0-9;]*m|.\x08", "", shown.stdout.decode()).splitlines()
    assert max(map(cell_len, lines)) <= 70
    assert not [line for line in lines if line.strip().startswith(("，", "。", "；", "）"))]
    assert any("r1tui plain" in line for line in lines)
