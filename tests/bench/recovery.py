from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from r1tui.services.store.conversations import ConversationStore
from tests.support import corruption

CONVERSATIONS = 60
SINCE_THE_BACKUP = 6
"""Of these, the ones younger than the backup."""


async def measure(files: int, backup: bool) -> None:
    """Print the table."""
    print(
        "| damage | files | reopened | conversations whole: median | mean | least | in part: mean | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|")
    everything = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        talks = corruption.talks(CONVERSATIONS)
        sound = folder / "sound" / "conversations.db"
        store = await ConversationStore.open(sound)
        for number, talk in enumerate(talks):
            if backup and number == CONVERSATIONS - SINCE_THE_BACKUP:
                from r1tui.services.store.backup import make_backup

                await asyncio.to_thread(make_backup, sound)
            await store.add_conversation(talk)
        await store.close()
        for kind in corruption.KINDS:
            results = []
            for seed in range(files // len(corruption.KINDS)):
                path = folder / f"{kind}-{seed}" / "conversations.db"
                shutil.copytree(sound.parent, path.parent)
                corruption.corrupt(path, kind, seed)
                started = time.perf_counter()
                results.append((*await corruption.kept(path, talks), time.perf_counter() - started))
                shutil.rmtree(path.parent)
            print(_line(kind, results))
            everything += results
        print(_line("all", everything))


def _line(name: str, results: list[tuple[float, float, bool, float]]) -> str:
    whole, some, opened, seconds = zip(*results, strict=True)
    return (
        f"| {name} | {len(results)} | {sum(opened)} | {statistics.median(whole):.1%} | {statistics.mean(whole):.1%}"
        f" | {min(whole):.1%} | {statistics.mean(some):.1%} | {statistics.mean(seconds):.2f} |"
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--no-backup", action="store_true", help="as if none had been made yet")
    options = parser.parse_args()
    asyncio.run(measure(options.files, not options.no_backup))


if __name__ == "__main__":
    main()
