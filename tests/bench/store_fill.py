"""Stores of several sizes that hold the same three conversations, so that like is compared with like."""

from __future__ import annotations

import random
import sqlite3
from itertools import islice
from pathlib import Path

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.services.store import writes
from r1tui.services.store.conversations import ConversationStore
from r1tui.services.store.rows import MESSAGE_UPSERT, message_row

TYPICAL, LONG, SCATTERED = "typical", "long", "scattered"
"""Ids: 20 messages; 2,000 messages written in one go; 2,000 written one by one over the whole life of the store, so that
the file has each of them at another place."""
_PROSE = "the model answers with several steps and a partition table while memory bandwidth limits tokens"
_ENGLISH = _PROSE.split()
_CHINESE = "数学规律证明倍数推理模型回答问题步骤分析结论内存磁盘分区文件系统"
_BATCH = 100


def last_word(ident: str) -> str:
    """The last word of one of the three."""
    return f"END{ident.upper()}"


def text(rng: random.Random, length: int) -> str:
    """Prose of about `length` characters, a third of it Chinese."""
    if rng.random() < 0.33:
        return "".join(rng.choices(_CHINESE, k=length // 2))
    return " ".join(f"{rng.choice(_ENGLISH)}{rng.randrange(500)}" for _ in range(length // 9))


def conversation(rng: random.Random, number: int, messages: int, length: int = 500) -> Conversation:
    """A conversation with reasoning in every answer."""
    talk = Conversation(model="deepseek-r1:8b", updated=1.7e9 + number * 600)
    for at in range(messages):
        if at % 2:
            talk.add(Message(Role.ASSISTANT, text(rng, length), text(rng, length), model="deepseek-r1:8b"))
        else:
            talk.add(Message(Role.USER, text(rng, length // 4)))
    return talk


def _measured(conversations: int) -> list[Conversation]:
    """The three, pinned in this order at the top of the history."""
    rng = random.Random(99)
    found: list[Conversation] = []
    for place, (ident, messages) in enumerate(((TYPICAL, 20), (LONG, 2_000), (SCATTERED, 2_000))):
        talk = conversation(rng, conversations + 3 - place, messages)
        talk.id, talk.title, talk.pinned = ident, f"The {ident} one", True
        talk.branch()[-1].content += f" {last_word(ident)}"
        found.append(talk)
    found[1].branch()[0].content += " needle针线"
    return found


async def fill(path: Path, conversations: int, messages: int) -> None:
    """Make a store with so many conversations and messages, and the three in its middle."""
    rng = random.Random(7)
    typical, long, scattered = _measured(conversations)
    bare = Conversation(
        **{name: getattr(scattered, name) for name in ("id", "title", "updated", "model", "pinned")}
    )
    left = iter(scattered.messages.values())
    store = await ConversationStore.open(path)

    def add(connection: sqlite3.Connection, first: int) -> None:
        for number in range(first, min(first + _BATCH, conversations)):
            writes.add_conversation(connection, conversation(rng, number, messages // conversations))
            if number == 0:
                writes.save_conversation(connection, bare)
            if number == conversations // 2:
                writes.add_conversation(connection, long)
                writes.add_conversation(connection, typical)
            due = (number + 1) * 2_000 // conversations - number * 2_000 // conversations
            row = connection.execute("SELECT number FROM conversation WHERE id = ?", (SCATTERED,)).fetchone()
            for message in islice(left, due):
                connection.execute(MESSAGE_UPSERT, (row[0], *message_row(message)))
        bare.leaf = scattered.leaf
        writes.save_conversation(connection, bare)

    for first in range(0, conversations, _BATCH):
        await store._database.write(add, first)
    await store.close()
