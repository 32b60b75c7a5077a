"""The real server with the test model: its tokens a second while the app shows the answer, over a bare request."""

from __future__ import annotations

import asyncio
import json
import tempfile
import urllib.request
from pathlib import Path
from statistics import median

from r1tui.services.container import DATABASE
from r1tui.services.store.conversations import ConversationStore
from tests.bench.figures import Figure
from tests.bench.harness import r1tui
from tests.support import provision
from tests.support.ollama_server import THINKING_MODEL, OllamaServer, new_server

PROMPT = "Tell a long story about a lighthouse."
TOKENS = 300
MODEL = "r1-bench:135m"
"""The thinking test model, its answers ended after `TOKENS`, the same ones each time."""
SETTINGS = f'[chat]\nnum_ctx = 2048\nmodel = "{MODEL}"\n'


def _post(server: OllamaServer, path: str, body: dict[str, object]) -> list[dict[str, object]]:
    request = urllib.request.Request(
        server.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=600) as reply:
        return [json.loads(line) for line in reply]


def _bare(server: OllamaServer) -> float:
    """Tokens a second of a request that only reads."""
    message = {"role": "user", "content": PROMPT}
    options = {"num_ctx": 2048}
    last = _post(server, "/api/chat", {"model": MODEL, "messages": [message], "options": options})[-1]
    return int(str(last["eval_count"])) / int(str(last["eval_duration"])) * 1e9


async def _shown(folder: Path) -> float:
    """The server's own figures of the newest answer, as the app has stored them."""
    store = await ConversationStore.open(folder / "data" / DATABASE)
    try:
        conversation = await store.load((await store.recent(limit=1))[0].id)
    finally:
        await store.close()
    assert conversation is not None
    stats = conversation.branch()[-1].stats
    assert stats is not None, "the answer has no figures"
    return stats.tokens_per_second or 0.0


def run(quick: bool = False) -> list[Figure]:
    """Bare and shown by turns; the server's own clock measures both."""
    found = provision.find()
    if not found.server_ready:
        print("real: skipped, " + "; ".join(found.missing))
        return []
    bare, shown = [], []
    with tempfile.TemporaryDirectory(prefix="r1tui-bench-", ignore_cleanup_errors=True) as name:
        server = new_server(found, Path(name) / "server")
        try:
            limits = {"num_predict": TOKENS, "temperature": 0, "seed": 1}
            _post(server, "/api/create", {"model": MODEL, "from": THINKING_MODEL, "parameters": limits})
            _bare(server)
            with r1tui(server.url, settings=SETTINGS) as session:
                session.app.wait_raw(MODEL.encode(), 60)
                session.settle(2)
                for _ in range(2 if quick else 6):
                    bare.append(_bare(server))
                    session.app.write("\x0e")  # a new conversation: the same prompt each time
                    session.settle(1)
                    session.ask(PROMPT)
                    session.settle(3, 600)
                    shown.append(asyncio.run(_shown(session.folder)))
        finally:
            server.stop()
    return [
        Figure(
            "tokens a second of the real model while the app shows them, over a bare request",
            median(shown) / median(bare),
            "",
            0.95,
            at_least=True,
            reference=f"bare {median(bare):.1f} t/s, shown {median(shown):.1f} t/s",
        )
    ]
