"""Files in the prompt by keys, in a terminal of 80x24: chosen, shown, read otherwise, removed, too long, refused."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.pty_app import PtyApp
from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, gone, opened_on, quiet, sees

CHINESE = "这是一个测试文件，里面有一些中文。\n第二行：深度求索。\n"
LINES = 110_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of someone's work."""
    made = tmp_path / "code"
    (made / "src").mkdir(parents=True)
    (made / "notes.md").write_text("# Notes\nBuy milk.\n")
    (made / "src" / "engine.py").write_text("print('engine')\n")
    (made / ".secret").write_text("hidden\n")
    (made / "built.o").write_text("object\n")
    (made / ".gitignore").write_text("*.o\n")
    (made / "gb.txt").write_bytes(CHINESE.encode("gb18030"))
    (made / "paper.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n")
    return made


async def picked(app: PtyApp, letters: str, name: str) -> None:
    """Choose a file after `@`, by a few letters of its path."""
    app.send("@")
    await sees(app, "Attach a file of")
    app.write(letters)
    await sees(app, letters, name)
    await quiet(app)
    app.send("enter")
    await gone(app, "Attach a file of")


def attached(app: PtyApp) -> str:
    """The line of what is attached, at which the cursor is."""
    return next((line for line in app.screen_lines() if line.startswith(" › gb.txt")), "")


def is_other(app: PtyApp, before: str) -> bool:
    return attached(app) not in ("", before)


def sent(server: ScriptedServer) -> str:
    """The last question as the server got it."""
    messages: Any = server.sent_to("/api/chat")[-1].json["messages"]
    content: str = messages[-1]["content"]
    return content


async def test_a_file_is_chosen_shown_read_otherwise_and_sent(
    scripted: ScriptedServer, pty_app: Start, folder: Path
) -> None:
    app = await opened_on(pty_app, scripted, cwd=folder)
    app.write("What is in ")
    await picked(app, "gb", "gb.txt")
    await sees(app, "tokens  GB18030", "› What is in", "Tab attached")
    app.send("tab")
    await sees(app, "› gb.txt", "Enter show  Del remove  e encoding")
    app.send("space")
    await sees(app, "第二行：深度求索。")
    app.send("escape")
    await gone(app, "第二行：深度求索。")
    app.send("e")
    await sees(app, "tokens  Latin-1")
    app.send("e")
    await gone(app, "Latin-1")
    while "GB18030" not in (before := attached(app)):
        app.send("e")
        changed = partial(
            is_other, app, before
        )  # the status bar changes by itself, and is no sign that the key was taken
        await asyncio.to_thread(app.wait_until, changed, "another encoding")
    app.send("escape")
    await sees(app, "Tab attached")
    scripted.answers.append(answer("Two lines.", "Hm."))
    app.write("it?")
    app.send("enter")
    await sees(app, "Two lines.")
    assert sent(scripted) == (
        f"[file name]: gb.txt\n[file content begin]\n{CHINESE}\n[file content end]\nWhat is in it?"
    )
    await gone(app, "Tab attached")


async def test_a_file_is_removed_and_costs_no_byte_while_nobody_types(
    scripted: ScriptedServer, pty_app: Start, folder: Path
) -> None:
    app = await opened_on(pty_app, scripted, cwd=folder)
    await picked(app, "eng", "src/engine.py")
    await picked(app, "not", "notes.md")
    await sees(app, "src/engine.py  16 B", "notes.md  18 B")
    await asyncio.to_thread(app.wait_quiet, 2.0)
    app.send("tab", "up", "backspace")
    await gone(app, "src/engine.py")
    app.send("delete")
    await gone(app, "notes.md")
    app.write("back in the prompt")  # where the focus is, once nothing is attached
    await sees(app, "› back in the prompt")


async def test_esc_leaves_what_was_typed_and_an_address_is_no_file(
    scripted: ScriptedServer, pty_app: Start, folder: Path
) -> None:
    app = await opened_on(pty_app, scripted, cwd=folder)
    app.write("write to me@example.org ")
    await sees(app, "› write to me@example.org")
    app.send("@")
    await sees(app, "Attach a file of", "4 files")
    app.write("dataclass")
    await gone(app, "notes.md")
    app.send("escape")
    await sees(app, "› write to me@example.org @dataclass")


async def test_hidden_and_ignored_files_come_by_a_key_and_a_path_can_be_typed(
    scripted: ScriptedServer, pty_app: Start, folder: Path
) -> None:
    app = await opened_on(pty_app, scripted, cwd=folder)
    app.send("@")
    await sees(app, "notes.md", "4 files")
    assert "built.o" not in app.screen_text()
    app.send("ctrl+t")
    await sees(app, "built.o", ".secret", "7 files")
    app.write("../code/s")
    await gone(app, "built.o")
    await sees(app, "src/")
    app.send("tab")
    await sees(app, "../code/src/", "engine.py")
    app.send("enter")
    await sees(app, "src/engine.py  16 B")


async def test_a_pdf_is_refused_by_name(scripted: ScriptedServer, pty_app: Start, folder: Path) -> None:
    app = await opened_on(pty_app, scripted, cwd=folder)
    await picked(app, "pdf", "paper.pdf")
    await sees(app, "“paper.pdf” was not attached: it is a PDF")


async def test_what_is_too_long_is_sent_as_the_part_that_was_chosen(
    scripted: ScriptedServer, pty_app: Start, folder: Path
) -> None:
    text = "".join(f"2026-11-29 line {n} something happened here\n" for n in range(1, LINES + 1))
    (folder / "big.log").write_text(text)
    app = await opened_on(pty_app, scripted, cwd=folder)
    await picked(app, "big", "big.log")
    await sees(app, "big.log  5 MB")
    app.write("why?")
    app.send("enter")
    await sees(
        app, "The beginning of “big.log”", "The end of “big.log”", f"Lines of it that you name, of {LINES:,}"
    )
    scripted.answers.append(answer("Because.", "Hm.", prompt_tokens=200))  # read in 0.1 s
    app.send("down", "enter")
    await sees(app, "Because.")
    question = sent(scripted)
    assert f"line {LINES} something happened here\n\n[file content end]\nwhy?" in question
    assert 5_000 < len(question) < 20_000
    await picked(app, "big", "big.log")
    await sees(app, "big.log  5 MB", "min to read")
    app.write("and?")
    app.send("enter")
    await sees(app, "Lines of it that you name")
    app.send("down", "down", "enter")
    await sees(app, f"Which of the {LINES:,} lines of “big.log”?")
    scripted.answers.append(answer("So.", "Hm."))
    app.write("20-22")
    app.send("enter")
    await sees(app, "So.")
    kept = "".join(f"2026-11-29 line {n} something happened here\n" for n in (20, 21, 22))
    assert f"[file content begin]\n{kept}\n[file content end]\nand?" in sent(scripted)


async def test_esc_on_what_is_too_long_brings_question_and_file_back(
    scripted: ScriptedServer, pty_app: Start, folder: Path
) -> None:
    (folder / "big.log").write_text("many words\n" * 20_000)
    app = await opened_on(pty_app, scripted, cwd=folder)
    await picked(app, "big", "big.log")
    app.write("why?")
    app.send("enter")
    await sees(app, "The beginning of “big.log”")
    app.send("escape")
    await sees(app, "› why?", "big.log")
    assert not scripted.sent_to("/api/chat")


async def test_a_dragged_file_is_offered_and_one_of_another_machine_is_told_how_to_bring(
    scripted: ScriptedServer, pty_app: Start, folder: Path
) -> None:
    (folder / "my notes.md").write_text("Buy bread.\n")
    app = await opened_on(pty_app, scripted, cwd=folder)
    app.write("sum up ")
    await sees(app, "› sum up")
    app.paste(f"'{folder}/my notes.md'")
    await sees(app, "my notes.md?", "Leave the path as text")
    app.send("enter")
    await sees(app, "my notes.md  11 B")
    assert "code/my notes.md'" not in app.screen_text()
    app.paste("/Users/me/some\\ plan.md")
    await sees(app, "There is no /Users/me/some plan.md on this", "r1tui ask")
    await sees(app, "› sum up /Users/me/some\\ plan.md")


async def test_enter_alone_sends_what_is_attached(
    scripted: ScriptedServer, pty_app: Start, folder: Path
) -> None:
    app = await opened_on(pty_app, scripted, cwd=folder)
    await picked(app, "not", "notes.md")
    await sees(app, "notes.md  18 B")
    scripted.answers.append(answer("Milk.", "Hm."))
    app.send("enter")
    await sees(app, "Milk.")
    assert (
        sent(scripted)
        == "[file name]: notes.md\n[file content begin]\n# Notes\nBuy milk.\n\n[file content end]\n"
    )


@pytest.fixture
def many() -> Iterator[Path]:
    """A folder of a hundred thousand files, in memory where there is room for it: it has to go again."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        for number in range(1000):
            inner = Path(name, f"part{number % 40}", f"folder{number}")
            inner.mkdir(parents=True)
            for file in range(100):
                os.mknod(f"{inner}/report_{number}_{file}.txt")
        yield Path(name)


async def test_among_a_hundred_thousand_files_keys_are_heard_and_one_is_found(
    scripted: ScriptedServer, pty_app: Start, many: Path
) -> None:
    (many / "part7" / "folder807" / "report_807_99.txt").write_text("needle\n")
    app = await opened_on(pty_app, scripted, cwd=many)
    app.send("@")
    await sees(app, "Attach a file of")
    app.write("rep807")  # while the files are still being listed
    await sees(app, "rep807")
    app.write("_99")
    await sees(app, "part7/folder807/report_807_99.txt", "100,000 files")
    await quiet(app)
    app.send("enter")
    await sees(app, "part7/folder807/report_807_99.txt  7 B")


async def test_in_chinese(scripted: ScriptedServer, pty_app: Start, folder: Path) -> None:
    app = await opened_on(pty_app, scripted, cwd=folder, env={"LANG": "zh_CN.UTF-8"})
    app.write("请看@")
    await sees(app, "附上", "4 个文件", "Enter 附上 · Tab 补全")
    app.write("gb")
    await sees(app, "gb.txt")
    await quiet(app)
    app.send("enter")
    await sees(app, "gb.txt", "词元  GB18030", "Tab 附件", "› 请看")


async def test_of_many_attached_files_the_last_show_and_how_many_are_hidden(
    scripted: ScriptedServer, pty_app: Start, folder: Path
) -> None:
    options: list[str] = []
    for n in range(1, 8):
        (folder / f"part{n}.txt").write_text(f"part {n}\n")
        options += ["--attach", f"part{n}.txt"]
    app = pty_app("--host", scripted.url, *options, cwd=folder)
    await sees(app, "part3.txt", "↑ 2 more", "part7.txt")
    assert "part2.txt" not in app.screen_text()
    app.send("tab")
    await sees(app, "› part1.txt", "part5.txt", "↓ 2 more")
    app.send("down", "down", "down", "down", "down")
    await sees(app, "› part6.txt", "↑ 1 more", "↓ 1 more")
    app.send("backspace", "backspace")
    await sees(app, "› part5.txt")
    await gone(app, "↑ 1 more")
