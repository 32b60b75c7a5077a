"""Models that a server only passes prompts on for: marked wherever they stand, and said before the first prompt."""

from __future__ import annotations

from r1tui.domain.chat import ThinkMode
from r1tui.domain.model import Model
from r1tui.locale import t
from r1tui.screens.dialogs.pick import PickScreen
from r1tui.screens.models.words import list_text
from tests.support.script import Answer
from tests.support.scripted import ScriptedServer
from tests.ui.app_kit import running

CLOUD = "big:671b-cloud"
SAID = t("chat.remote_model", name=CLOUD, host="ollama.com")


def with_a_cloud_model(scripted: ScriptedServer) -> ScriptedServer:
    scripted.add(CLOUD, size=384, remote_host="https://ollama.com:443")
    return scripted


async def test_a_cloud_model_is_marked_and_said_when_it_is_chosen_and_only_then(
    scripted: ScriptedServer,
) -> None:
    async with running(
        with_a_cloud_model(scripted), size=(140, 40), model="deepseek-r1:1.5b", notices=True
    ) as chat:
        await chat.until(lambda: "cloud" in chat.screen.sidebar.text)
        assert SAID not in chat.notices
        assert chat.screen.server.prompts_go_to == ""
        await chat.screen.session.select_model(CLOUD)
        assert chat.notices.count(SAID) == 1
        await chat.until(lambda: "ollama.com" in chat.text.splitlines()[-1])
        await chat.screen.session.select_model("deepseek-r1:1.5b")
        await chat.screen.session.select_model(CLOUD)
        assert chat.notices.count(SAID) == 1
        await chat.press("f8")
        await chat.sees("cloud: ollama.com")


async def test_however_a_cloud_model_came_to_be_selected_it_is_said_before_the_first_prompt_leaves(
    scripted: ScriptedServer,
) -> None:
    async with running(with_a_cloud_model(scripted), model="deepseek-r1:1.5b") as chat:
        await chat.until(lambda: chat.screen.server.selected)
        chat.screen.server.selected = CLOUD
        said_at_the_request: list[bool] = []
        play = scripted.default

        def looked() -> Answer:
            said_at_the_request.append(SAID in chat.notices)
            return play()

        scripted.default = looked
        await chat.ask("hello")
        await chat.answered()
        assert said_at_the_request == [True]


async def test_it_is_said_once_for_a_place_between_runs_too(scripted: ScriptedServer) -> None:
    with_a_cloud_model(scripted)
    for told in (1, 0):
        async with running(scripted, model=CLOUD) as chat:
            await chat.until(lambda chat=chat: chat.screen.server.selected == CLOUD)  # type: ignore[misc]
            await chat.ask("hello")
            await chat.answered()
            assert chat.notices.count(SAID) == told


async def test_how_much_to_think_is_offered_for_a_model_that_knows_it_only(scripted: ScriptedServer) -> None:
    scripted.add("gpt-oss:20b", family="gptoss")
    async with running(scripted, model="deepseek-r1:1.5b") as chat:
        await chat.until(lambda: chat.screen.server.selected)
        for model, modes in (("deepseek-r1:1.5b", 3), ("gpt-oss:20b", 6)):
            await chat.screen.session.select_model(model)
            seen = []
            for at in range(modes):
                await chat.press("f7")
                await chat.opened(PickScreen)
                await chat.press(*["down"] * at, "enter")
                await chat.until(lambda: chat.app.screen is chat.screen)
                seen.append(chat.screen.session.conversation.think)
            assert len(set(seen)) == modes
            assert seen[0] is ThinkMode.AUTO
            await chat.press("f7")
            await chat.opened(PickScreen)
            await chat.press(*["down"] * modes, "enter")
            await chat.until(lambda: chat.app.screen is chat.screen)
            assert chat.screen.session.conversation.think is seen[-1], "what follows is no way of thinking"


def test_the_list_shows_what_a_newer_server_tells_and_no_empty_column_for_what_an_older_does_not() -> None:
    old = list_text([Model("a", 1_000_000, "Q4", modified="2026-01-02")])
    assert "CONTEXT" not in old
    new = list_text(
        [
            Model("a", 1_000_000, "Q4", modified="2026-01-02", context_length=131_072),
            Model("b", 384, "", modified="2026-01-02", remote_host="ollama.com"),
        ]
    )
    assert "CONTEXT" in new
    assert "131,072" in new
    assert "cloud: ollama.com" in new
