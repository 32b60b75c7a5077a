"""The guide on the screen: every way in, and from page to page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from threading import Event

import pytest
from rich.cells import cell_len
from textual.widgets import OptionList

from r1tui import guide, locale
from r1tui.commands import Place, at
from r1tui.domain.phrase import phrase
from r1tui.domain.settings import Settings
from r1tui.guide import topics
from r1tui.screens.dialogs.figures import FiguresScreen
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.screens.dialogs.text_view import TextViewScreen
from r1tui.screens.guide import screen
from r1tui.screens.guide.screen import GuideScreen
from r1tui.screens.help import HelpScreen
from r1tui.screens.settings.screen import SettingsScreen
from r1tui.toolkit import glyphs
from r1tui.toolkit.shown import Static
from r1tui.widgets.explain import Explain
from tests.support.script import Gate, Say, Think, answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import Chat, burst, by_hand, running


@pytest.fixture
async def chat(scripted: ScriptedServer) -> AsyncIterator[Chat]:
    async with running(scripted) as found:
        yield found


async def opened(chat: Chat, topic: str = "") -> None:
    """Open the guide as any widget does."""
    chat.screen.post_message(Explain(topic))
    await chat.opened(GuideScreen)


async def test_the_palette_opens_the_contents_and_enter_a_chapter(chat: Chat) -> None:
    await chat.app.run_action("command('chat.guide')", chat.screen)
    await chat.opened(GuideScreen)
    await chat.sees("› 1 · Why at home", "3 · Reading an answer")
    await chat.press("down", "down", "enter")
    await chat.sees("chapter 3 of 11", "First it thinks, then it answers.")
    await chat.press("backspace")
    await chat.sees("› 3 · Reading an answer")
    await chat.press("escape")
    await chat.until(lambda: chat.app.screen is chat.screen)


async def test_arrows_turn_from_the_contents_to_the_glossary_and_no_further(chat: Chat) -> None:
    await opened(chat, "1")
    await chat.sees("chapter 1 of 11")
    for number in range(2, 12):
        await chat.press("right")
        await chat.sees(f"chapter {number} of 11")
    await chat.press("right")
    await chat.sees("Guide · Words", "Answering")
    await chat.press("right", "left")
    await chat.sees("chapter 11 of 11")
    await chat.press("c", "left")
    await chat.sees("› 1 · Why at home")


async def test_a_page_scrolls_to_its_sources_and_back(chat: Chat) -> None:
    await opened(chat, "9")
    await chat.sees("DeepSeek-V3-Base │")
    await chat.press("end")
    await chat.sees("Sources", "https://arxiv.org/abs/2501.12948")
    await chat.press("home")
    await chat.sees("9 · How R1 was made")
    await chat.press("space")
    await chat.until(lambda: "9 · How R1 was made" not in chat.text)
    await chat.press("pageup")
    await chat.sees("9 · How R1 was made")


async def test_the_word_under_the_cursor_is_a_key_away(chat: Chat) -> None:
    await opened(chat, "3")
    await chat.sees("reasoning")
    await chat.press("tab", "question_mark")
    await chat.sees("Guide · Words", "Reasoning", "What a thinking model writes for itself")
    await chat.press("backspace")
    await chat.sees("chapter 3 of 11")
    await chat.press("shift+tab", "g")
    await chat.sees("Answering")


async def test_a_link_to_a_chapter_is_followed(chat: Chat) -> None:
    await opened(chat, "1")
    await chat.sees("1 · Why at home")
    await chat.press(*["tab"] * 6, "enter")
    await chat.sees("chapter 4 of 11")


async def test_a_search_leads_to_the_line_on_its_page(chat: Chat) -> None:
    await opened(chat, "1")
    await chat.sees("1 · Why at home")
    await chat.press("slash")
    await chat.opened(PickScreen)
    await chat.press(*"holtzman")
    await chat.until(lambda: chat.app.screen.query_one(OptionList).option_count == 1)
    await chat.press("enter")
    await chat.sees("chapter 5 of 11", "Holtzman")
    await chat.press("backspace")
    await chat.sees("chapter 1 of 11")


async def test_the_page_wraps_anew_for_another_width(chat: Chat) -> None:
    await opened(chat, "2")
    await chat.sees("2 · Three steps")
    await chat.pilot.resize_terminal(50, 20)
    await chat.sees("2 · Three steps")
    page = chat.app.screen._page  # type: ignore[attr-defined]
    await chat.until(lambda: page._laid.rows and max(len(row.text) for row in page._laid.rows) <= 48)


async def test_what_is_asked_for_and_not_there_leads_to_the_contents(chat: Chat) -> None:
    await opened(chat, "no such thing")
    await chat.sees("› 1 · Why at home")


async def test_chinese_readers_get_the_chinese_pages(chat: Chat) -> None:
    locale.use("zh_CN")
    try:
        await opened(chat, "token")
        await chat.sees("指南 · 词汇", "词元 token", "模型读写文字的单位")
    finally:
        locale.use("en")


async def test_drawings_are_plain_where_the_terminal_is(chat: Chat) -> None:
    glyphs.use(glyphs.ASCII)
    try:
        await opened(chat, "2")
        await chat.sees("+-----------+   asks   +-----------+")
        assert not set(chat.text) & set("·←→┌─│”")  # the scroll bar's signs are set where the app starts
    finally:
        glyphs.use(glyphs.UNICODE)


# Ways in


async def test_in_the_conversation_the_question_mark_explains_what_is_under_the_cursor(
    scripted: ScriptedServer,
) -> None:
    thinking, answering = Gate(), Gate()
    slow = answer()
    slow.steps = [Think("well"), thinking, Say("four"), answering, Say("teen")]
    scripted.answers.append(slow)
    async with running(scripted) as chat:
        await chat.ask("What is 7 plus 7?")
        await chat.until(thinking.reached.is_set)
        await chat.sees("Thinking")
        await chat.press("ctrl+up", "ctrl+down", "question_mark")
        await chat.sees("Guide · Words", "What a thinking model writes for itself")
        await chat.press("escape")
        thinking.opened.set()
        await chat.until(answering.reached.is_set)
        await chat.sees("answering ", "four")
        await chat.press("question_mark")
        await chat.sees("The model writes its reply to you")
        await chat.press("escape")
        answering.opened.set()
        await chat.answered()
        await chat.press("question_mark")
        await chat.sees("chapter 3 of 11")
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.press("ctrl+up", "question_mark")
        await chat.sees("Guide · Words", "Token")


async def test_among_the_models_it_explains_their_sizes(chat: Chat) -> None:
    await chat.press("ctrl+o", "question_mark")
    await chat.sees("Guide · Words", "A number inside a model")


async def test_a_parameter_is_explained_before_it_is_set(chat: Chat) -> None:
    await chat.screen.action_command("chat.parameters")
    await chat.opened(PickScreen)
    await chat.until(lambda: chat.app.screen.query_one(OptionList).highlighted is not None)
    await chat.press("question_mark")
    await chat.opened(GuideScreen)
    await chat.sees("Guide · Words", "How boldly the next token is picked")
    await chat.press("escape")
    await chat.opened(PickScreen)
    await chat.press("x", "question_mark")
    assert isinstance(chat.app.screen, PickScreen)


async def test_a_setting_is_explained(chat: Chat) -> None:
    await chat.screen.action_command("chat.settings")
    await chat.opened(SettingsScreen)
    options = chat.app.screen.query_one(OptionList)
    await chat.until(lambda: options.option_count)
    options.highlighted = options.get_option_index("chat.num_ctx")
    await chat.press("question_mark")
    await chat.sees("Guide · Words", "What the model can see at once")


async def test_of_a_setting_that_the_guide_does_not_tell_of_that_is_said(chat: Chat) -> None:
    await chat.screen.action_command("chat.settings")
    await chat.opened(SettingsScreen)
    settings = chat.app.screen
    options = settings.query_one(OptionList)
    await chat.until(lambda: options.option_count)
    options.highlighted = options.get_option_index("interface.language")
    await chat.press("question_mark")
    await chat.sees("the guide has no entry about it")
    assert chat.app.screen is settings


async def test_each_figure_of_the_machine_leads_to_its_own_entry(chat: Chat) -> None:
    await chat.until(lambda: chat.screen.machine.recommendation is not None)
    await chat.screen.action_command("chat.figures")
    await chat.opened(FiguresScreen)
    figures = chat.app.screen._figures  # type: ignore[attr-defined]
    found = guide.read("en")
    for row, figure in enumerate(figures):
        if not figure.about:
            continue
        target = found.target(topics.FIGURE[figure.about])
        assert target is not None, figure
        assert target.entry, figure
        chat.app.screen.query_one(OptionList).highlighted = row
        await chat.press("question_mark")
        await chat.opened(GuideScreen)
        assert chat.app.screen._topic == target.entry  # type: ignore[attr-defined]
        await chat.press("escape")
        await chat.opened(FiguresScreen)
    # What has no figures is passed over.
    assert all(figure.about or figure.words.endswith(":") or not figure.words for figure in figures)


async def test_the_help_leads_to_the_guide_and_to_the_words_on_the_screen(chat: Chat) -> None:
    await chat.press("f1")
    await chat.opened(HelpScreen)
    await chat.sees("g: the guide")
    await chat.press("g")
    await chat.sees("› 1 · Why at home")
    await chat.press("escape")
    await chat.opened(HelpScreen)
    await chat.press("w")
    await chat.opened(PickScreen)
    words = [str(option.prompt) for option in chat.app.screen.query_one(OptionList).options]
    assert {"Model", "Parameter", "Reasoning"} <= set(words)
    assert set(map(guide.entry_of, words)) <= set(guide.read("en").entries)
    await chat.press(*"quant", "enter")
    await chat.sees("Guide · Words", "Rounding the parameters to fewer bits")


async def test_a_text_without_a_topic_has_no_such_key(chat: Chat) -> None:
    await chat.app.push_screen(TextViewScreen(phrase("setup.step.server"), "text"))
    await chat.opened(TextViewScreen)
    await chat.press("question_mark", "f1")
    assert isinstance(chat.app.screen, TextViewScreen)


async def test_setup_explains_its_first_step_in_the_guide() -> None:
    async with running("http://127.0.0.1:9", settings=Settings()) as chat:
        await chat.sees("Use a server somewhere else")
        await chat.press("f1")
        await chat.sees("chapter 2 of 11", "Three steps")
        await chat.press("escape")
        await chat.sees("Use a server somewhere else")
        await chat.press("question_mark")
        await chat.opened(TextViewScreen)
        await chat.press("question_mark")
        await chat.sees("chapter 2 of 11")
        assert topics.SERVER_STEP == "2"


@pytest.mark.parametrize(
    ("keys", "seen"),
    [
        (("f1", "left", "t"), "Your questions go"),
        (("?", "?", "left"), "chapter 1 of 11"),
        (("f1", "right", "tab", "?"), "Guide · Words"),
        (("f1", "end", "up"), "Sources"),
        (("f1", "right", "t", "down", "enter"), "Think or not"),
        (("end", "enter", *"10.0"), "10.0"),
    ],
)
async def test_keys_typed_ahead_go_to_the_page_that_the_first_one_opens(
    keys: tuple[str, ...], seen: str
) -> None:
    async with running("http://127.0.0.1:9", settings=Settings()) as chat:
        await chat.sees("Use a server somewhere else")
        burst(chat, *keys)
        await chat.sees(seen)


async def test_esc_leaves_a_guide_that_cannot_be_read_yet(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Event()
    monkeypatch.setattr(screen, "read", lambda language: read.wait() and guide.read(language))
    chat.screen.post_message(Explain("5"))
    await chat.opened(GuideScreen)
    burst(chat, "left")
    by_hand(chat, "escape")
    await chat.until(lambda: chat.app.screen is chat.screen)
    read.set()


@pytest.mark.parametrize(
    ("language", "first", "more", "close"),
    [("en", "←→ chapter", "h more", "Esc close"), ("zh_CN", "←→ 换章", "h 更多", "Esc 关闭")],
)
@pytest.mark.parametrize("width", [80, 140])
async def test_the_last_line_lists_the_keys_of_the_page_and_the_rest_is_a_key_away(
    scripted: ScriptedServer, language: str, first: str, more: str, close: str, width: int
) -> None:
    locale.use(language)
    try:
        async with running(scripted, size=(width, 24)) as chat:
            await chat.command("chat.guide")
            await chat.opened(GuideScreen)
            await chat.until(lambda: chat.text.splitlines()[-1].strip().startswith(first))
            line = chat.text.splitlines()[-1]
            assert line.endswith(f"{more} · {close}")
            assert cell_len(line) <= width - 2
            assert "Backspace" not in line  # nothing was left yet
            await chat.press("h")
            await chat.opened(HelpScreen)
            help_text = str(chat.app.screen.query_one(Static).content)
            for each in at(Place.GUIDE):
                assert each.id == "guide.try" or not each.short or locale.t(each.words) in help_text, each.id
            await chat.press("escape")
            await chat.opened(GuideScreen)
    finally:
        locale.use("en")
