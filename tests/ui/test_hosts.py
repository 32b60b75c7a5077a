"""With several servers the title and the window's title name the one in use, and F9 marks it."""

from __future__ import annotations

import pytest

from r1tui import locale
from r1tui.app import R1App
from r1tui.domain.settings import HostSettings, Settings
from r1tui.services.container import Services
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, gone, opened_on, sees
from tests.ui.app_kit import Chat, running


def first_line(chat: Chat) -> str:
    return chat.text.splitlines()[0]


@pytest.mark.parametrize(("language", "in_use"), [("en", "in use"), ("zh_CN", "正在使用")])
async def test_the_title_names_the_server_and_f9_marks_it(
    scripted: ScriptedServer, language: str, in_use: str
) -> None:
    settings = Settings()
    settings.hosts = {
        "attic": HostSettings(url=scripted.url),
        "a-workstation-with-a-very-long-name": HostSettings(url="http://127.0.0.1:9"),
    }
    services = Services.build(settings, [], "attic", None)
    locale.use(language)
    try:
        app = R1App(services)
        async with app.run_test(size=(80, 24)) as pilot:
            chat = Chat(pilot, app)
            await chat.until(lambda: first_line(chat).endswith("deepseek-r1:1.5b · attic"))
            assert app.attention.host() == "attic"
            await chat.press("f9")
            await chat.sees(f"› attic · {in_use} {scripted.url.partition('://')[2]}")
            assert chat.text.count(in_use) == 1
        await app.background_answers.close()
    finally:
        locale.use("en")


async def test_a_long_name_of_a_server_is_cut_and_the_only_one_not_told(scripted: ScriptedServer) -> None:
    async with running(scripted) as chat:
        await chat.until(lambda: first_line(chat).endswith(" deepseek-r1:1.5b"))
        hosts = chat.app.services.settings.hosts
        hosts["another"] = HostSettings(url="http://127.0.0.1:9")
        chat.screen.status_changed()
        address = scripted.url.partition("://")[2]
        await chat.until(lambda: first_line(chat).endswith(f"deepseek-r1:1.5b · {address}"))


async def test_a_second_server_that_was_typed_is_told_from_the_first(
    scripted: ScriptedServer, pty_app: Start
) -> None:
    app = await opened_on(pty_app, scripted)
    async with ScriptedServer() as other:
        other.add("other-model:1b")
        app.send("f9")
        await sees(app, "Which server?")
        app.write("another address")
        await gone(app, "in use")
        app.send("enter")
        await sees(app, "Address of the server")
        app.send(other.url, "enter")
        await sees(app, f" · {other.url.partition('://')[2]}", "other-model:1b")
        app.send("f9")
        await sees(app, f"› {other.url} · in use")
