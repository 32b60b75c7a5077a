"""The palette in a pseudo-terminal: found in either language, remembered at the next start."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, gone, opened_on, quiet, sees

IN = {
    "en_US.UTF-8": ("What do you want to do?", "设置", "Everything that can be set", "Used last"),
    "zh_CN.UTF-8": ("想做什么？", "settings", "所有可以设置的选项", "最近使用"),
}
"""LANG → what the field says, a name in the other language, what the entry does, the heading of what was chosen last."""


@pytest.mark.parametrize("lang", IN)
async def test_a_name_in_the_other_language_leads_there_and_is_remembered(
    scripted: ScriptedServer, pty_app: Start, lang: str
) -> None:
    field, name, about, recent = IN[lang]
    app = await opened_on(pty_app, scripted, env={"LANG": lang})
    app.send("ctrl+p")
    await sees(app, field)
    app.write(name)
    await sees(app, about)
    app.send("enter")
    await sees(app, "LC_ALL")
    app.send("escape")
    await gone(app, "LC_ALL")
    app.send("ctrl+p")
    await sees(app, field, recent, about)  # the cursor is on it
    app.send("escape")
    await gone(app, recent)
    app.send("ctrl+q")
    await asyncio.to_thread(app.wait_exit)
    again = await opened_on(pty_app, scripted, env={"LANG": lang})
    await quiet(again)
    again.send("ctrl+p")
    await sees(again, field, recent, about)


async def test_a_full_width_key_is_found_and_enter_does_it(scripted: ScriptedServer, pty_app: Start) -> None:
    app = await opened_on(pty_app, scripted, env={"LANG": "zh_CN.UTF-8"})
    app.send("ctrl+p")
    await sees(app, "想做什么？")
    app.write("Ｆ６")
    await sees(app, "搜索、打开、重命名")
    app.send("enter")
    await gone(app, "Ｆ６")
    await sees(app, "历史")
