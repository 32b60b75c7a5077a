"""Damage to a database file, of the kinds that disks, crashes and copying programs do, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from r1tui.domain.conversation import Conversation
from r1tui.domain.message import Message, Role
from r1tui.services.store.conversations import ConversationStore

PAGE = 4096
"""SQLite's page size in a file that R1TUI made."""


def _header(data: bytearray, chance: random.Random) -> None:
    """The first page's header, all of it or some bytes."""
    length = chance.choice((8, 16, 40, 100))
    start = chance.randrange(0, 101 - length)
    data[start : start + length] = chance.randbytes(length)


def _bad_page(data: bytearray, chance: random.Random) -> None:
    """One page of something else, the first as likely as any."""
    start = chance.randrange(len(data) // PAGE) * PAGE
    data[start : start + PAGE] = chance.choice((chance.randbytes(PAGE), bytes(PAGE), b"\xff" * PAGE))


def _truncated(data: bytearray, chance: random.Random) -> None:
    """The end is gone."""
    del data[chance.randrange(len(data) // 5, len(data)) :]


def _zeroed(data: bytearray, chance: random.Random) -> None:
    """Blocks of a disk that come back as zeros."""
    for _ in range(chance.randint(1, 4)):
        length = chance.choice((512, 4096, 16384, 65536))
        start = chance.randrange(len(data)) // 512 * 512
        length = min(length, len(data) - start)
        data[start : start + length] = bytes(length)


def _flipped(data: bytearray, chance: random.Random) -> None:
    """Single bytes, anywhere."""
    for _ in range(chance.choice((1, 5, 20, 100))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


KINDS: dict[str, Callable[[bytearray, random.Random], None]] = {
    "header": _header,
    "one page": _bad_page,
    "truncated": _truncated,
    "zeroed": _zeroed,
    "flipped": _flipped,
}
"""Kind of damage → what does it, in place."""


def corrupt(path: Path, kind: str, seed: int) -> None:
    """Damage the file at `path`."""
    data = bytearray(path.read_bytes())
    KINDS[kind](data, random.Random(f"{kind} {seed}"))
    path.write_bytes(data)


def talks(count: int, seed: int = 1, start: int = 0) -> list[Conversation]:
    """Conversations of 2 to 12 messages, a third of them longer than a page."""
    chance = random.Random(seed)
    words = [
        "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(2000)
    ]
    words += ["字" * n for n in range(1, 20)]
    made = []
    for number in range(start, start + count):
        talk = Conversation(title=f"talk {number}", model="deepseek-r1:8b", created=1e9 + number)
        for turn in range(chance.randint(1, 6)):
            talk.add(Message(Role.USER, f"question {number}.{turn} " + " ".join(chance.choices(words, k=30))))
            length = chance.choice((40, 200, 1500))
            talk.add(
                Message(
                    Role.ASSISTANT,
                    " ".join(chance.choices(words, k=length)),
                    " ".join(chance.choices(words, k=length)),
                    model="deepseek-r1:8b",
                )
            )
        made.append(talk)
    return made


async def kept(path: Path, before: list[Conversation]) -> tuple[float, float, bool]:
    """Open the store as a user does who starts again when told so.

    Returns which share of `before` is there to the letter, which share at all, and whether the store opened.
    """
    for _ in range(3):
        try:
            store = await ConversationStore.open(path)
        except Exception:  # whatever it is, this user has no conversations
            return 0.0, 0.0, False
        whole = some = 0
        damaged = False
        for talk in before:
            try:
                found = await store.load(talk.id)
            except Exception:
                damaged = True
                continue
            texts = {each.id: (each.role, each.content, each.reasoning) for each in talk.messages.values()}
            some += found is not None and bool(found.messages)
            whole += found is not None and texts == {
                each.id: (each.role, each.content, each.reasoning) for each in found.messages.values()
            }
        await store.close()
        if not damaged:
            break
    return whole / len(before), some / len(before), True
