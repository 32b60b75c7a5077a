"""What is said of a model by its own rules, not by those of another tag."""

from __future__ import annotations

import pytest

from r1tui import locale
from r1tui.domain.reasoning_language import ReasoningLanguage
from r1tui.domain.recommendation import recommend
from r1tui.domain.settings import ChatSettings, Settings
from r1tui.screens.dialogs.figures import figure_lines
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.screens.dialogs.text_editor import TextScreen
from r1tui.screens.dialogs.text_view import TextViewScreen
from r1tui.toolkit.shown import Static
from tests.support.machines import machine
from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import running


@pytest.mark.parametrize(
    ("name", "family", "advised_against"),
    [
        ("deepseek-r1:8b", "qwen3", False),
        ("deepseek-r1:8b", "llama", True),
        ("deepseek-r1:7b", "qwen2", True),
    ],
)
async def test_a_system_text_is_advised_against_where_deepseek_does(
    scripted: ScriptedServer, name: str, family: str, advised_against: bool
) -> None:
    scripted.add(name, family=family)
    async with running(scripted, model=name) as chat:
        await chat.screen.action_command("chat.system")
        await chat.opened(TextScreen)
        said = (
            "advises against one"
            if advised_against
            else "DeepSeek-R1-0528-Qwen3-8B, which this is, supports one"
        )
        await chat.sees("System text", said)


async def test_a_copy_is_known_by_what_its_file_says(scripted: ScriptedServer) -> None:
    info = {
        "general.architecture": "qwen3",
        "general.basename": "DeepSeek-R1-0528-Qwen3",
        "general.size_label": "8B",
    }
    scripted.add("mine:latest", family="qwen3", info=info)
    async with running(scripted, model="mine:latest") as chat:
        await chat.screen.action_command("chat.system")
        await chat.sees("supports one")


async def test_i_in_the_list_of_models_tells_what_a_model_is(
    scripted: ScriptedServer,
) -> None:
    scripted.add("deepseek-r1:8b", family="qwen3")
    async with running(scripted, model="deepseek-r1:8b") as chat:
        await chat.press("ctrl+o", "i")
        await chat.opened(TextViewScreen)
        await chat.sees(
            "deepseek-r1:8b is DeepSeek-R1-0528-Qwen3-8B",
            "Qwen3-8B-Base",
            "2025-05-29",
            "MIT; its base: Apache 2.0",
            "temperature 0.6, top-p 0.95",
            "65,536",
            "AIME 2024 86.0",
            "huggingface.co/deepseek-ai",
        )


async def test_a_model_that_is_not_known_is_said_to_be_asked_by_the_first_rules(
    scripted: ScriptedServer,
) -> None:
    scripted.add("mine:latest")
    async with running(scripted, model="mine:latest") as chat:
        await chat.screen.action_command("chat.explain_model")
        await chat.opened(TextViewScreen)
        await chat.sees("does not know mine:latest", "advises against one", "32,768")
        assert "AIME" not in chat.text


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_figures_quote_the_scores_of_the_model_that_the_tag_is_now(language: str) -> None:
    locale.use(language)
    profile = machine(31, 26, 51)
    text = "\n".join(each.words for each in figure_lines(profile, recommend(profile), "8b"))
    assert "DeepSeek-R1-0528-Qwen3-8B" in text
    assert "GPQA-Diamond 61.1 · AIME 2024 86.0" in text
    assert "huggingface.co/deepseek-ai/DeepSeek-R1-0528-Qwen3-8B" in text
    text = "\n".join(each.words for each in figure_lines(profile, recommend(profile), "1.5b"))
    assert "AIME 2024 28.9" in text
    assert "52.7" in text


async def test_an_answer_without_thinking_says_so_and_f5_asks_again(scripted: ScriptedServer) -> None:
    scripted.answers += [answer("Nine."), answer("Eight.", "Three and five.")]
    async with running(scripted, notices=True) as chat:
        await chat.ask("3 plus 5?")
        await chat.answered()
        await chat.sees("Nine.", "without having thought", "F5 ask again")
        await chat.press("f5")
        await chat.sees("Eight.", "Thought")
        await chat.answered()
        await chat.until(lambda: "F5 ask again" not in chat.text)


async def test_f7_asks_whether_and_in_which_language_to_think(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.press("f7")
        await chat.opened(PickScreen)
        await chat.sees(
            "Thinking: on.", "Language of reasoning: as it comes.", "Language of reasoning: Chinese."
        )
        await chat.press(*"Chinese", "enter")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.ask("3 plus 5?")
        await chat.answered()
        assert (
            scripted.sent_to("/api/chat")[-1].json["messages"][-1]["content"] == "3 plus 5?\n\n请用中文思考。"
        )
        assert "请用中文思考" not in chat.text


async def test_f12_shows_the_prompt_as_the_model_gets_it(scripted: ScriptedServer) -> None:
    async with running(
        scripted, settings=Settings(chat=ChatSettings(reasoning_language=ReasoningLanguage.CHINESE))
    ) as chat:
        await chat.press("f12")
        await chat.until(lambda: any("nothing to send yet" in each for each in chat.notices))
        await chat.ask("3 plus 5?")
        await chat.answered()
        await chat.press(*"And 4")
        await chat.press("f12")
        await chat.opened(TextViewScreen)
        await chat.sees(
            "What deepseek-r1:1.5b gets when this is sent",
            "About",
            "请用中文思考。",
            "And 4",
            "Nothing of the",
        )
        await chat.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        assert chat.screen.prompt.text == "And 4"
        await chat.press("ctrl+up", "f12")
        await chat.opened(TextViewScreen)
        await chat.sees("got for this answer", "26 tokens by the server's count", "3 plus 5?")
        assert "And 4" not in str(chat.app.screen.query_one("#text", Static).visual)
