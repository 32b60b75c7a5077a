"""What a server's headers hold goes to that server alone: no page, title, file or word of the clipboard has it."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from pathlib import Path

from tests.support.script import answer
from tests.support.scripted import ScriptedServer
from tests.support.steps import Start, quiet, sees

KEY, OTHER = "k3y-of-the-desk", "0ther-s3cret"
SETTINGS = """
[hosts.desk]
url = "{url}"
headers = {{ Authorization = "Bearer {key}", X-Other = "{other}" }}
"""


async def test_a_servers_key_stands_nowhere_but_in_the_settings(
    scripted: ScriptedServer, pty_app: Start, tmp_path: Path
) -> None:
    settings = tmp_path / "home" / "config" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(SETTINGS.format(url=scripted.url, key=KEY, other=OTHER))
    scripted.answers.append(answer("It is four.", "Two and two."))
    app = pty_app("--host", "desk", size=(120, 40), cwd=tmp_path / "home")
    await sees(app, "deepseek-r1:1.5b", "Ask anything")
    app.send("Tell me", "enter")
    await sees(app, "It is four.")
    for key, opens in (("\x1b[24~", "Tell me"), ("f9", "Which server?"), ("f8", "This model")):
        app.send(key)
        await sees(app, opens)
        await quiet(app)
        app.send("escape")
        await quiet(app)
    for downs, ending in enumerate((".md", "-2.md", ".json", ".txt")):
        app.send("ctrl+p")
        await sees(app, "What do you want to do?")
        app.write("Export this conversation")
        await sees(app, "To a file in the folder")
        await quiet(app)
        app.send("enter")
        await sees(app, "Export this conversation as")
        await quiet(app)
        for _ in range(downs):
            app.send("down")
            await quiet(app)
        app.send("enter")
        await sees(app, f"Tell-me{ending}")
    app.send("ctrl+q")
    await asyncio.to_thread(app.wait_exit)
    sent = scripted.sent_to("/api/chat")[0]
    assert (sent.headers["authorization"], sent.headers["x-other"]) == (f"Bearer {KEY}", OTHER)
    files = [path for path in (tmp_path / "home").rglob("*") if path.is_file() and path != settings]
    assert {"conversations.db", "Tell-me.md", "Tell-me.json", "Tell-me.txt"} <= {path.name for path in files}
    written = {"the terminal": bytes(app.raw), **{path.name: path.read_bytes() for path in files}}
    secrets = [text.encode() for text in (KEY, OTHER)] + [b64encode(KEY.encode())]
    assert [where for where, text in written.items() if any(each in text for each in secrets)] == []
