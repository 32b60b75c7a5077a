"""A vote with the real server: killed in the middle of a sample, and gone on with."""

from __future__ import annotations

import asyncio
import signal
import sys

import pytest

from r1tui.domain.message import MessageStatus
from r1tui.domain.vote import VoteEnd
from tests.chat.test_session import talking
from tests.support.ollama_server import OllamaServer
from tests.support.pty_app import ROOT

pytestmark = pytest.mark.real

UNTIL_SECOND = """
import asyncio, signal, sys
from tests.chat.test_session import talking

async def main():
    async with talking(sys.argv[1], model=sys.argv[2]) as talk:
        await talk.session.set_option("num_predict", 40)
        await talk.session.ask_vote(3, text="What is 3 plus 5?")
        (question,) = talk.session.votes
        def second():
            samples = talk.session.votes[question].samples
            return len(samples) == 2 and samples[1].message.reasoning
        async with asyncio.timeout(300):
            while not second():
                await asyncio.sleep(0.01)
        print(talk.session.conversation.id, flush=True)
        signal.pause()  # not a letter more comes before it is killed

asyncio.run(main())
"""
"""Asks, and says the conversation's id once the second sample is being written; `num_predict` keeps samples short."""


async def test_a_vote_that_was_killed_in_its_second_sample_goes_on_with_what_is_missing(
    real_server: OllamaServer,
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        UNTIL_SECOND,
        real_server.url,
        real_server.model,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    ident = (await process.stdout.readline()).decode().strip()
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert ident, "it ended before"
    async with talking(real_server.url, model=real_server.model) as talk:
        store = await talk.services.opened_store()
        await store.mark_interrupted()
        await talk.session.open(ident)
        ((question, before),) = talk.session.votes.items()
        assert (before.plan.planned, before.tally.asked, before.running, before.end) == (3, 1, False, None)
        statuses = [each.message.status for each in before.samples]
        assert statuses == [MessageStatus.COMPLETE, MessageStatus.INTERRUPTED]
        await talk.session.go_on_with_vote(question)
        async with asyncio.timeout(300):
            while talk.session.busy:  # noqa: ASYNC110  # as `Talk.until`, for a model on a busy machine
                await asyncio.sleep(0.05)
        after = talk.session.votes[question]
        assert after.end is VoteEnd.DECIDED
        assert after.tally.decided
        assert [each.message.id for each in after.samples[:2]] == [each.message.id for each in before.samples]
        seeds = [each.message.seed for each in after.samples]
        assert len(set(seeds)) == len(seeds) == 2 + after.tally.asked - 1
        stored = await store.load(ident)
        assert stored is not None
        assert [each for each in stored.messages if each != question] == [
            each.message.id for each in after.samples
        ]
