"""`r1tui ask -f`: files and a pipe that go with one question, in a shell."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from r1tui.domain.attachment import Attachment, rendered
from tests.services.test_cli import Shell
from tests.support.script import answer
from tests.support.scripted import ScriptedServer


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell of somebody who never used R1TUI."""
    return Shell(tmp_path)


def sent(scripted: ScriptedServer) -> str:
    """What the model was asked last."""
    content = scripted.sent_to("/api/chat")[-1].json["messages"][-1]["content"]
    assert isinstance(content, str)
    return content


def settings(shell: Shell, text: str) -> None:
    """Write the settings, in a folder that nobody else can read."""
    shell.settings(text)
    Path(shell.env["R1TUI_CONFIG_DIR"]).chmod(0o700)


async def bash(shell: Shell, line: str, folder: Path) -> tuple[int, str, str]:
    """A line in bash, in which `r1tui` is this one: (exit code, standard output, standard error)."""
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", f'r1tui() {{ "{sys.executable}" -m r1tui "$@"; }}; {line}',
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=shell.env | {"PYTHONPATH": os.getcwd()}, cwd=folder,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode(), err.decode()


async def test_files_and_a_pipe_go_with_the_question_in_their_order(
    shell: Shell, scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.answers.append(answer("In May."))
    (tmp_path / "notes.md").write_text("May 3: heron\n")
    code, out, err = await bash(
        shell,
        f'echo "out of memory" | r1tui ask --host {scripted.url} -f notes.md --file - Which "dates?"',
        tmp_path,
    )
    assert (code, out) == (0, "In May.\n"), err
    notes, log = Attachment("notes.md", "May 3: heron\n"), Attachment("stdin", "out of memory\n")
    assert sent(scripted) == rendered((notes, log), "Which dates?")


async def test_a_pipe_in_another_encoding_is_read_as_what_it_is(
    shell: Shell, scripted: ScriptedServer, tmp_path: Path
) -> None:
    text = "苍鹭站在浅水里，一动不动。它在等一条鱼游过来。\n" * 20
    (tmp_path / "notes.txt").write_bytes(text.encode("gb18030"))
    code, _, err = await bash(shell, f"r1tui ask --host {scripted.url} -f - 为什么？ < notes.txt", tmp_path)
    assert code == 0, err
    assert sent(scripted) == rendered((Attachment("stdin", text),), "为什么？")


async def test_the_question_comes_from_the_pipe_where_it_is_no_file(
    shell: Shell, scripted: ScriptedServer, tmp_path: Path
) -> None:
    (tmp_path / "notes.md").write_text("heron")
    code, _, err = await bash(shell, f"echo Why? | r1tui ask --host {scripted.url} -f notes.md", tmp_path)
    assert code == 0, err
    assert sent(scripted) == rendered((Attachment("notes.md", "heron"),), "Why?")


async def test_a_saved_question_keeps_its_files_for_the_export(
    shell: Shell, scripted: ScriptedServer, tmp_path: Path
) -> None:
    (tmp_path / "notes.md").write_text("heron")
    code, _, err = await bash(shell, f"r1tui ask --save --host {scripted.url} -f notes.md Why?", tmp_path)
    assert code == 0, err
    _, out, _ = await shell.run("export", "--all", "--format", "json")
    attached = json.loads(out)["conversations"][0]["messages"][0]["attachments"]
    assert [(each["name"], each["text"], each["size"]) for each in attached] == [("notes.md", "heron", 5)]
    _, out, _ = await shell.run("export", "--all")
    assert "<summary>notes.md, 1 line</summary>\n\n```\nheron\n```\n" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("-f absent.md Why?", "absent.md"),
        ("-f . Why?", "folder"),
        ("-f /dev/zero Why?", "device"),
        ("-f program Why?", "program"),
        ("-f - - Why?", "only once"),
        ("-f - -f - Why?", "only once"),
        ("-f large.txt Why?", "1 MiB"),
        ("-f notes.md", "no question"),
        ("-f", "-f"),
    ],
)
async def test_what_cannot_go_with_a_question_is_one_sentence_and_nothing_is_asked(
    shell: Shell, scripted: ScriptedServer, tmp_path: Path, arguments: str, words: str
) -> None:
    settings(shell, "[chat]\nattachment_limit = 1\n")
    (tmp_path / "notes.md").write_text("heron")
    (tmp_path / "program").write_bytes(b"\x7fELF" + bytes(range(256)) * 10)
    (tmp_path / "large.txt").write_text("heron " * 200_000)
    code, out, err = await bash(shell, f"r1tui ask --host {scripted.url} {arguments}", tmp_path)
    assert (code, out) == (2, ""), err
    assert words in err
    assert err.startswith("r1tui: ")
    assert err.count("\n") == 1
    assert not scripted.sent_to("/api/chat")


async def test_a_file_that_is_longer_than_the_context_is_said_and_nothing_is_cut(
    shell: Shell, scripted: ScriptedServer, tmp_path: Path
) -> None:
    settings(shell, "[chat]\nnum_ctx = 2048\n")
    (tmp_path / "notes.md").write_text("heron " * 5_000)
    line = f"r1tui ask --host {scripted.url} -f notes.md Why?"
    code, out, err = await bash(shell, line, tmp_path)
    assert (code, out) == (1, "")
    assert "9,0" in err
    assert "2,048" in err
    assert err.count("\n") == 1
    assert not scripted.sent_to("/api/chat")
    (tmp_path / "notes.md").write_text("heron " * 500)
    assert (await bash(shell, line, tmp_path))[0] == 0


async def test_a_vote_asks_with_the_files(shell: Shell, scripted: ScriptedServer, tmp_path: Path) -> None:
    scripted.answers += [answer("42"), answer("42")]
    (tmp_path / "notes.md").write_text("6 times 7")
    code, out, err = await bash(
        shell, f"r1tui ask --vote 2 --host {scripted.url} -f notes.md How much?", tmp_path
    )
    assert (code, out) == (0, "42\n"), err
    assert "[file name]: notes.md" in sent(scripted)
