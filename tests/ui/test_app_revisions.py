"""The whole app: other answers, other questions, conversations left and opened again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from r1tui.domain.attachment import Attachment, AttachmentKind
from r1tui.screens.chat.edit_question import EditQuestionScreen
from r1tui.screens.dialogs.pick_file import PickFileScreen
from r1tui.screens.dialogs.text_editor import Editor
from r1tui.widgets.history_list import HistoryList, conversation_of
from r1tui.widgets.shelf import Shelf
from tests.support import patience
from tests.support.script import Answer, Cut, Gate, Say, Think, answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, running


async def two_answers(chat: Chat, server: ScriptedServer) -> None:
    """A question with two answers beside each other, the second shown, the cursor on it."""
    server.answers.extend([answer("The first."), answer("The second.")])
    await chat.ask("why?")
    await chat.answered()
    await chat.press("ctrl+up", "r", "enter")
    await chat.sees("The second.", "2/2")
    await chat.answered()


async def test_regenerating_keeps_the_old_answer_as_a_sibling(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await two_answers(chat, scripted)
        assert "The first." not in chat.text
        await chat.press("left_square_bracket")
        await chat.sees("The first.", "1/2")
        await chat.press("right_square_bracket")
        await chat.sees("The second.", "2/2")


async def test_an_answer_that_goes_on_behind_its_sibling_stands_whole_where_it_is_turned_to(
    scripted: ScriptedServer,
) -> None:
    first, second = Gate(), Gate()
    scripted.answers.extend(
        [answer("The first."), Answer([Say("The second"), first, Say(" goes on"), second, Say(" and ends.")])]
    )
    async with running(scripted) as chat:
        screen, session = chat.screen, chat.screen.session
        await chat.ask("why?")
        await chat.answered()
        await chat.press("ctrl+up", "r", "enter")
        await chat.sees("The second", "2/2")
        await chat.press("left_square_bracket")
        await chat.sees("The first.", "1/2")
        first.opened.set()
        await asyncio.wait_for(second.reached.wait(), patience.SECONDS)
        await chat.until(lambda: session.streaming and session.streaming.content == "The second goes on")
        await chat.until(lambda: screen._frames._due is None)
        assert "The second" not in chat.text
        await chat.press("right_square_bracket")
        await chat.sees("The second goes on", "2/2")
        second.opened.set()
        await chat.sees("The second goes on and ends.")
        await chat.answered()


async def test_editing_a_question_makes_a_branch_beside_it(scripted: ScriptedServer) -> None:
    scripted.answers.extend([answer("Old answer."), answer("New answer.")])
    async with running(scripted) as chat:
        await chat.ask("old question")
        await chat.answered()
        await chat.press("ctrl+up", "ctrl+up", "e")
        await chat.sees("Change the question")
        await chat.press("ctrl+a", "ctrl+k", *"new", "enter")
        await chat.sees("New answer.", "2/2")
        await chat.answered()
        await chat.press("ctrl+up", "ctrl+up", "left_square_bracket")
        await chat.sees("old question", "Old answer.")


async def test_editing_an_answer_edits_the_question_that_it_answers(scripted: ScriptedServer) -> None:
    scripted.answers.extend([answer("Old answer."), answer("New answer.")])
    async with running(scripted) as chat:
        await chat.ask("question")
        await chat.answered()
        await chat.press("ctrl+up", "e")
        await chat.sees("Change the question")
        await chat.press("end", *" two", "enter")
        await chat.sees("New answer.")
        await chat.answered()
        sent = scripted.sent_to("/api/chat")[-1].json["messages"]
        assert sent == [{"role": "user", "content": "question two"}]


async def test_deleting_asks_and_can_be_undone(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("why?")
        await chat.answered()
        await chat.press("ctrl+up", "d")
        await chat.sees("Delete this message")
        await chat.press("down", "enter")
        await chat.until(lambda: "The answer is 4." not in chat.text)
        await chat.screen.action_command("chat.undo")
        await chat.sees("The answer is 4.")


async def test_a_new_conversation_leaves_the_old_answer_going_and_history_shows_it_live(
    scripted: ScriptedServer,
) -> None:
    gate = Gate()
    scripted.answers.append(Answer([Say("Slow "), gate, Say("answer.")]))
    async with running(scripted) as chat:
        await chat.ask("slow one")
        await chat.sees("Slow")
        slow = chat.screen.session.conversation.id
        await chat.press("ctrl+n")
        await chat.until(lambda: "Slow" not in chat.text)
        assert len(chat.app.background_answers.generations.active) == 1
        await chat.ask("quick one")
        await chat.sees("The answer is 4.")
        await chat.press("f6")
        await chat.sees("Today", "slow one", "quick one")
        listed = chat.app.screen.query_one(HistoryList)
        # It stands first if it was stored once more after the quick one, else second.
        while listed.current is None or conversation_of(listed.current) != slow:
            await chat.press("down")
        await chat.press("enter")
        await chat.sees("slow one", "Slow")
        gate.opened.set()
        await chat.sees("Slow answer.")


async def test_history_finds_words_of_answers_and_opens_the_place(scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("Ext4 grows while mounted. 分区可以在线扩大。"))
    async with running(scripted) as chat:
        await chat.ask("partitions")
        await chat.answered()
        await chat.press("ctrl+n")
        await chat.ask("something else")
        await chat.answered()
        for needle in ("mounted", "在线"):
            await chat.press("f6")
            await chat.sees("Today")
            await chat.press("slash", *needle, "enter")
            listed = chat.app.screen.query_one(HistoryList)
            await chat.until(lambda listed=listed: listed.option_count == 2 and "partitions" in chat.text)  # type: ignore[misc]
            await chat.press("enter")
            await chat.sees("Ext4 grows while mounted.")
            await chat.press("ctrl+n")


async def test_a_hit_in_reasoning_of_another_branch_is_opened_there(scripted: ScriptedServer) -> None:
    scripted.answers += [
        Answer([Think("A heron, perhaps."), Say("First answer.")]),
        Answer([Think("Nothing."), Say("Second answer.")]),
    ]
    async with running(scripted) as chat:
        await chat.ask("birds")
        await chat.answered()
        await chat.press("ctrl+up", "r", "enter")
        await chat.sees("Second answer.")
        await chat.until(lambda: chat.screen.session.generation is None)
        await chat.press("f6")
        await chat.sees("Today")
        await chat.press("slash", *"heron", "enter", "enter")
        await chat.sees("First answer.", "A heron, perhaps.")
        assert chat.screen.transcript.found


async def test_each_conversation_has_its_own_draft(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("one")
        await chat.answered()
        chat.screen.prompt.load_text("half a thought")
        await chat.press("ctrl+n")
        await chat.until(lambda: chat.screen.prompt.text == "")
        await chat.press("f6")
        await chat.sees("Today")
        await chat.press("enter")
        await chat.until(lambda: chat.screen.prompt.text == "half a thought")


async def test_a_draft_and_the_earlier_prompts_are_there_at_the_next_start(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.ask("an earlier prompt")
        await chat.answered()
        await chat.press("ctrl+n")
        await chat.press(*"typed")
        await chat.pilot.pause(1.2)
    async with running(scripted) as chat:
        await chat.until(lambda: chat.screen.prompt.text == "typed")
        await chat.press("ctrl+a", "ctrl+k", "up")
        await chat.until(lambda: chat.screen.prompt.text == "an earlier prompt")


async def test_ctrl_r_searches_the_earlier_prompts(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        for question in ("about ships", "about trains"):
            await chat.ask(question)
            await chat.answered()
        await chat.press("ctrl+r")
        await chat.sees("Earlier prompts", "about ships", "about trains")
        await chat.press(*"ship")
        await chat.sees("ship")
        await chat.press("enter")
        await chat.until(lambda: chat.screen.prompt.text == "about ships")


async def test_a_private_conversation_says_so_and_leaves_nothing(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.screen.action_command("chat.private")
        await chat.sees("private")
        await chat.ask("a secret")
        await chat.answered()
        chat.app.copy_to_clipboard("a secret, " * 20_000)  # as of a selection: too long for the terminal
        await chat.sees("private")
        chat.screen.prompt.set_draft("a secret draft")
        private = chat.screen.session.conversation
        store = await chat.app.services.opened_store()
        await store.save_draft(private.id, "a secret draft")
        await store.delete(private.id)
        await store.save_draft(private.id, "a secret draft")
        await store.save_message(private.id, private.branch()[0])
        await chat.app.workers.wait_for_complete()
        data = chat.app.services.data_dir
    assert not any(b"a secret" in path.read_bytes() for path in data.rglob("*") if path.is_file())


async def test_a_model_that_begins_again_instead_of_going_on_is_said_and_nothing_is_overwritten(
    scripted: ScriptedServer,
) -> None:
    kept = "Once upon a time there was a river"
    scripted.answers.extend([Answer([Say(kept), Cut()]), answer(f"{kept} that ran.")])
    async with running(scripted) as chat:
        await chat.ask("tell")
        await chat.sees("interrupted", "Once upon a time")
        await chat.press("f5")
        await chat.sees("cannot continue a partial answer")
        last = chat.screen.session.last_answer
        assert last is not None
        assert last.content == f"{kept}{kept} that ran."


def below(chat: Chat) -> list[str]:
    """What stands below the text of a question that is edited."""
    return [entry.name for entry in chat.app.screen.query_one(Shelf).entries]


async def test_what_goes_with_a_question_is_changed_when_it_is_edited(
    scripted: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "new.txt").write_text("new\n")
    monkeypatch.chdir(tmp_path)
    scripted.answers.extend([answer("Old answer."), answer("New answer.")])
    async with running(scripted) as chat:
        session = chat.screen.session
        for name in ("one", "two"):
            session.draft.attach(Attachment(f"{name}.txt", f"{name}\n", AttachmentKind.FILE, size=4))
        await chat.ask("question")
        await chat.answered()
        await chat.press("ctrl+up", "ctrl+up", "e")
        await chat.opened(EditQuestionScreen)
        await chat.sees("Change the question", "one.txt  4 B", "two.txt  4 B", "Attach a file")
        await chat.press("tab", "backspace")
        await chat.until(lambda: "one.txt" not in below(chat))
        await chat.press("down", "enter")
        await chat.opened(PickFileScreen)
        await chat.sees("new.txt")
        await chat.press("enter")
        await chat.opened(EditQuestionScreen)
        await chat.sees("two.txt  4 B", "new.txt  4 B")
        await chat.press("escape")
        await chat.until(lambda: isinstance(chat.app.focused, Editor))
        await chat.press(*" 2", "enter")
        await chat.sees("New answer.", "2/2")
        await chat.answered()
        asked = session.conversation.branch()[0]
        assert (asked.content, [each.name for each in asked.attachments]) == (
            "question 2",
            ["two.txt", "new.txt"],
        )
        old = session.conversation.messages[session.conversation.child_ids(None)[0]]
        assert [each.name for each in old.attachments] == ["one.txt", "two.txt"]


async def test_an_edit_that_is_left_empty_begins_anew(scripted: ScriptedServer) -> None:
    scripted.answers.append(answer("Old answer."))
    async with running(scripted) as chat:
        await chat.ask("question")
        await chat.answered()
        await chat.press("ctrl+up", "ctrl+up", "e")
        await chat.opened(EditQuestionScreen)
        await chat.press("ctrl+u", "escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.press("e")
        await chat.opened(EditQuestionScreen)
        await chat.until(lambda: chat.app.screen.query_one(Editor).text == "question")
        assert not any("changes are kept" in each for each in chat.notices)


async def test_an_edit_that_is_left_goes_on_where_it_was(scripted: ScriptedServer) -> None:
    scripted.answers.extend([answer("Old answer."), answer("New answer.")])
    async with running(scripted) as chat:
        session = chat.screen.session
        session.draft.attach(Attachment("one.txt", "one\n", AttachmentKind.FILE, size=4))
        await chat.ask("question")
        await chat.answered()
        await chat.press("ctrl+up", "ctrl+up", "e")
        await chat.opened(EditQuestionScreen)
        await chat.press(*" two", "tab", "backspace")
        await chat.until(lambda: "one.txt" not in below(chat))
        await chat.press("escape")
        await chat.until(lambda: isinstance(chat.app.focused, Editor))
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.until(lambda: any("changes are kept" in each for each in chat.notices))
        assert [each.content for each in session.conversation.branch()] == ["question", "Old answer."]
        await chat.press("e")
        await chat.opened(EditQuestionScreen)
        await chat.sees("question two", "Attach a file")
        assert below(chat) == ["Attach a file …"]
        await chat.press("ctrl+z")  # and the question as it was is an undo away
        await chat.until(lambda: chat.app.screen.query_one(Editor).text == "question")
        await chat.press("ctrl+y", "enter")
        await chat.sees("New answer.", "2/2")
        await chat.answered()
        asked = session.conversation.branch()[0]
        assert (asked.content, asked.attachments) == ("question two", ())
