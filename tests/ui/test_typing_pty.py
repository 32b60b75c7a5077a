"""What letters and keys do in the terminal, wherever the cursor is."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import SIZES, Start, chats, conversation, gone, opened_on, sees


@SIZES
async def test_text_typed_among_messages_goes_to_the_prompt_and_begins_no_answer(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    app = await opened_on(pty_app, scripted, size=size)
    await conversation(app, scripted, "The first.")
    for text in ("regular", "continued", "hello there", "maybe", "r?r"):
        app.send("ctrl+up")
        app.write(text)
        await sees(app, f"› {text}")
        app.send("ctrl+u")
        await gone(app, f"› {text}")
    assert chats(scripted) == 1


async def test_a_letter_that_begins_an_answer_takes_enter_behind_it(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    await conversation(app, scripted, "The first.")
    scripted.answers.append(answer("The second."))
    app.send("ctrl+up", "r")
    await sees(app, "Enter: Answer again", "Enter Answer again")
    app.send("escape")
    await gone(app, "Enter Answer again")
    assert "Enter: Answer again" not in app.screen_text()  # Enter does something else now
    app.send("enter")  # folds, as ever
    await sees(app, "▾ Thought")
    assert chats(scripted) == 1
    app.send("r", "enter")
    await sees(app, "The second.", "2/2")


@SIZES
@pytest.mark.parametrize("side", ["ctrl+o", "ctrl+g"])
async def test_letters_that_mean_nothing_in_a_side_go_to_the_prompt(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int], side: str
) -> None:
    app = await opened_on(pty_app, scripted, size=size)
    app.send(side)
    await asyncio.to_thread(app.wait_quiet)
    app.write("what is up?")
    await sees(app, "› what is up?")
    assert chats(scripted) == 0


async def test_a_paste_among_messages_goes_to_the_prompt(scripted: ScriptedServer, pty_app: Start) -> None:
    app = await opened_on(pty_app, scripted)
    await conversation(app, scripted, "The first.")
    app.send("ctrl+up")
    app.paste("red\nregular")
    await sees(app, "› red", "regular")
    assert chats(scripted) == 1


async def test_full_width_signs_count_as_keys_where_keys_count_and_as_text_where_text_is_written(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    await conversation(app, scripted, "The first.")
    for sign, seen in (
        ("？", "Guide · "),
        ("／", "Find in this"),
        ("、", "Find in this"),
        ("ｅ", "Change the"),
    ):
        app.send("ctrl+up", sign)
        await sees(app, seen)
        app.send("escape")
        await gone(app, seen)
    app.send("ctrl+up", "！")  # begins a command
    await sees(app, "$ !")
    app.write("你好？ｅ。")
    await sees(app, "!你好？ｅ。")
    scripted.answers.append(answer("The second."))
    app.send("ctrl+u", "ctrl+up", "ｒ", "enter")
    await sees(app, "The second.", "2/2")
    app.send("【")
    await sees(app, "The first.", "1/2")


@pytest.mark.parametrize(("key", "mark"), [("ctrl+o", "MODELS"), ("ctrl+g", "MACHINE")])
async def test_a_side_is_gone_to_before_it_is_hidden(
    scripted: ScriptedServer, pty_app: Start, key: str, mark: str
) -> None:
    app = await opened_on(pty_app, scripted, size=(160, 50))
    await sees(app, "deepseek-r1:1.5b", mark)
    own = {"ctrl+o": "a add", "ctrl+g": "? why"}[key]
    app.send(key)  # it shows: go there
    await sees(app, mark, own)
    app.send("escape")  # back, and it stays
    await gone(app, own)
    assert mark in app.screen_text()
    app.send(key)
    await sees(app, mark, own)
    app.send(key)  # with the cursor in it: hide
    await gone(app, mark)
    app.send(key)  # hidden: show it and go there
    await sees(app, mark, own)


@pytest.mark.parametrize(("key", "mark"), [("ctrl+o", "MODELS"), ("ctrl+g", "MACHINE")])
async def test_a_side_over_the_transcript_opens_and_closes(
    scripted: ScriptedServer, pty_app: Start, key: str, mark: str
) -> None:
    app = await opened_on(pty_app, scripted, size=(80, 24))
    for close in (key, "escape"):
        app.send(key)
        await sees(app, mark)
        app.send(close)
        await gone(app, mark)
    app.send("x")
    await sees(app, "› x")


@SIZES
async def test_folding_by_key_is_for_what_is_there_and_forgotten_at_the_next_start(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    app = await opened_on(pty_app, scripted, size=size)
    await conversation(app, scripted, "The first.")
    await sees(app, "▸ Thought")
    app.send("ctrl+t")
    await sees(app, "▾ Thought", "Thoughts 0.")
    scripted.answers.append(answer("The second.", "Thoughts 1."))
    app.send("Again", "enter")
    await sees(app, "The second.", "▾ Thought", "▸ Thought")  # the one to come is as the settings say
    app.send("ctrl+t", "ctrl+t")
    await gone(app, "▾ Thought")
    app.send("ctrl+q")
    await asyncio.to_thread(app.wait_exit)
    again = await opened_on(pty_app, scripted, size=size)
    await conversation(again, scripted, "The third.")
    await sees(again, "▸ Thought")


@SIZES
async def test_versions_of_a_question_are_walked_with_the_cursor_on_the_question(
    scripted: ScriptedServer, pty_app: Start, size: tuple[int, int]
) -> None:
    long = "\n\n".join(f"Line {n}." for n in range(60))
    app = await opened_on(pty_app, scripted, size=size)
    await conversation(app, scripted, long + "\n\nOld end.")
    scripted.answers.append(answer(long + "\n\nNew end."))
    app.send("ctrl+up", "ctrl+up", "e")
    await sees(app, "Change the question")
    app.send(" B", "enter")
    await sees(app, "New end.")
    await asyncio.to_thread(app.wait_quiet)
    app.send("ctrl+up", "ctrl+up")
    await sees(app, "Question 0 B", "2/2")
    for step, question in (("[", "1/2"), ("]", "2/2"), ("[", "1/2")):
        app.send(step)
        await sees(app, question, "Question 0")
        await gone(app, "end.")


async def test_the_marks_of_a_search_go_with_escape_and_with_an_empty_search(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    await conversation(app, scripted, "A river, a river, a river.")

    def marked() -> bool:
        rows = [row for row, line in enumerate(app.screen_lines()) if "A river" in line]
        return any(cell.reverse for row in rows for cell in app.cells(row))

    for end in ("escape", "enter"):
        app.send("ctrl+up", "/")
        await sees(app, "Find in this")
        app.send("river", "enter")
        await sees(app, "3 of 3")
        await asyncio.to_thread(app.wait_until, marked, "marks")
        if end == "enter":
            app.send("/")
            await sees(app, "Find in this")
        app.send(end)
        await gone(app, "Find in this")
        await gone(app, "3 of 3")
        await asyncio.to_thread(app.wait_until, lambda: not marked(), "marks to go")
        app.send("escape")
