"""What a request for an answer carries, against a scripted server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from r1tui.chat.context import ContextMeter
from r1tui.chat.request import RequestBuilder
from r1tui.domain.chat import ChatTurn
from r1tui.domain.conversation import Conversation
from r1tui.domain.hardware import GIB, Gpu, HardwareProfile, Memory
from r1tui.domain.message import Message, MessageStatus, Role
from r1tui.domain.settings import ChatSettings, HostSettings, Settings
from r1tui.services.engines.engine import Engine
from r1tui.services.engines.hosts import make_engine, resolve_host
from tests.support.scripted import ScriptedServer

MODEL = "deepseek-r1:1.5b"


@pytest.fixture
async def engine(scripted: ScriptedServer) -> AsyncIterator[Engine]:
    """An engine on the scripted server."""
    made = make_engine(resolve_host(scripted.url, Settings()))
    yield made
    await made.close()


def asked(*messages: Message) -> Conversation:
    """A conversation of these messages."""
    conversation = Conversation(model=MODEL)
    for message in messages or (Message(Role.USER, "?"),):
        conversation.add(message)
    return conversation


async def test_deepseeks_sampling_is_sent_where_the_model_file_does_not_set_it(
    engine: Engine, scripted: ScriptedServer
) -> None:
    scripted.models[MODEL].parameter_lines = "top_p 0.5"
    request = await RequestBuilder(Settings()).build(engine, asked(), None, None, model=MODEL, size=10**9)
    assert request.options["temperature"] == 0.6
    assert "top_p" not in request.options


async def test_the_conversations_own_parameters_come_last(engine: Engine) -> None:
    conversation = asked()
    conversation.options["temperature"] = 0.1
    request = await RequestBuilder(Settings()).build(
        engine, conversation, None, None, model=MODEL, size=10**9
    )
    assert request.options["temperature"] == 0.1


@pytest.mark.parametrize(
    ("setting", "lines", "expected"), [(2048, "num_ctx 16384", 2048), (0, "num_ctx 16384", 16384)]
)
async def test_the_settings_context_length_beats_the_model_files(
    engine: Engine, scripted: ScriptedServer, setting: int, lines: str, expected: int
) -> None:
    scripted.models[MODEL].parameter_lines = lines
    settings = Settings(chat=ChatSettings(num_ctx=setting))
    request = await RequestBuilder(settings).build(engine, asked(), None, None, model=MODEL, size=10**9)
    assert request.options["num_ctx"] == expected


async def test_a_chosen_context_length_is_sent_from_then_on(engine: Engine) -> None:
    answering = RequestBuilder(Settings())
    answering.set_context(engine, MODEL, 12288)
    for _ in range(2):
        request = await answering.build(engine, asked(), None, None, model=MODEL, size=10**9)
        assert request.options["num_ctx"] == 12288


async def test_the_context_is_as_loaded_until_another_length_will_be_asked_for(engine: Engine) -> None:
    answering, sized = (
        RequestBuilder(Settings(chat=ChatSettings(num_ctx=8192))),
        {"model": MODEL, "size": 10**9},
    )
    assert await answering.context_in_effect(engine, None, **sized, loaded=2048) == 8192  # type: ignore[arg-type]
    await answering.build(engine, asked(), None, None, **sized)  # type: ignore[arg-type]
    assert await answering.context_in_effect(engine, None, **sized, loaded=4096) == 4096  # type: ignore[arg-type]
    answering.set_context(engine, MODEL, 2048)
    assert await answering.context_in_effect(engine, None, **sized, loaded=4096) == 2048  # type: ignore[arg-type]


async def test_an_absent_model_is_asked_with_the_least_context(engine: Engine) -> None:
    """The chat itself says that it is not there."""
    request = await RequestBuilder(Settings()).build(engine, asked(), None, None, model="absent", size=0)
    assert request.options["num_ctx"] == 4096


async def test_only_an_unfinished_last_answer_is_sent_for_continuing(engine: Engine) -> None:
    question = Message(Role.USER, "?")
    partial = Message(Role.ASSISTANT, "So", "Hm.", MessageStatus.STOPPED)
    request = await RequestBuilder(Settings()).build(
        engine, asked(question, partial), None, None, model=MODEL, size=10**9
    )
    assert [turn.content for turn in request.turns] == ["?", "So"]
    partial.status = MessageStatus.COMPLETE
    request = await RequestBuilder(Settings()).build(
        engine, asked(question, partial, Message(Role.USER, "and?")), None, None, model=MODEL, size=10**9
    )
    assert [(turn.content, turn.reasoning) for turn in request.turns] == [("?", ""), ("So", ""), ("and?", "")]


async def test_no_context_length_is_made_up_for_a_server_that_was_started_with_its_own(
    scripted: ScriptedServer,
) -> None:
    settings = Settings(hosts={"v": HostSettings(url=scripted.url, kind="openai")})
    engine = make_engine(resolve_host("v", settings))
    try:
        request = await RequestBuilder(settings).build(engine, asked(), None, None, model=MODEL, size=0)
        assert "num_ctx" not in request.options
    finally:
        await engine.close()


async def test_what_a_loaded_model_holds_of_the_gpu_counts_as_free_for_the_next(
    engine: Engine, scripted: ScriptedServer
) -> None:
    scripted.running = [
        {"name": "other:32b", "size": 21 * GIB, "size_vram": 21 * GIB, "context_length": 8192}
    ]
    machine = HardwareProfile(Memory(4 * GIB, 3 * GIB), gpus=(Gpu("nvidia", "", 24 * GIB, 2 * GIB),))
    request = await RequestBuilder(Settings()).build(
        engine, asked(), None, machine, model=MODEL, size=9 * 10**9
    )
    assert request.options["num_ctx"] == 8192


async def test_the_last_resort_of_the_panel_is_what_is_sent(engine: Engine, scripted: ScriptedServer) -> None:
    machine = HardwareProfile(Memory(int(1.9 * GIB), int(1.55 * GIB)))
    size = scripted.models[MODEL].size
    for _ in range(2):
        request = await RequestBuilder(Settings()).build(
            engine, asked(), None, machine, model=MODEL, size=size
        )
        assert (request.options["num_ctx"], request.options["num_batch"]) == (2048, 128)


async def test_what_a_server_has_refused_before_is_left_out_of_the_turns(engine: Engine) -> None:
    said = [Message(Role.USER, "word " * 80), Message(Role.ASSISTANT, "Yes."), Message(Role.USER, "And now?")]
    conversation, meter = asked(*said), ContextMeter(asked(*said), Settings())
    builder = RequestBuilder(Settings(chat=ChatSettings(num_ctx=256)))
    sized = {"model": MODEL, "size": 10**9, "meter": meter}
    whole = await builder.build(engine, conversation, None, None, **sized)  # type: ignore[arg-type]
    assert [turn.content for turn in whole.turns] == [each.content for each in said]
    meter.refused(340)
    less = await builder.build(engine, conversation, None, None, **sized)  # type: ignore[arg-type]
    assert [turn.content for turn in less.turns] == ["Yes.", "And now?"]


def test_what_is_in_use_is_reckoned_from_turns_that_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = ContextMeter(asked(Message(Role.USER, "word " * 80)), Settings())
    made: list[str | None] = []
    make = Conversation.context

    def context(self: Conversation, upto: str | None = None) -> tuple[ChatTurn, ...]:
        made.append(upto)
        return make(self, upto)

    monkeypatch.setattr(Conversation, "context", context)
    assert meter.used(None) == meter.window().used > 80
    assert made == [None, None]  # one for each of the two questions
