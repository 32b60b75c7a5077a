"""The Ollama engine against a server that plays any script."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from r1tui.domain.catalogue import shape_from_info
from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.message import Phase, Role
from r1tui.domain.stream import (
    Alternatives,
    AnswerEnded,
    ContentDelta,
    ContentWasReasoning,
    PhaseChanged,
    ReasoningDelta,
    StreamEvent,
)
from r1tui.services.engines import engine as errors
from r1tui.services.engines.engine import Engine, EngineError, ModelManager
from r1tui.services.engines.ollama.engine import OllamaEngine
from tests.support import patience
from tests.support.pty_app import ROOT, clean_env
from tests.support.script import Answer, Cut, Gate, Line, Raw, Say, Think, answer, failure, pull
from tests.support.scripted import NEW, VERSIONS, ScriptedServer

THINKER, PLAIN = "deepseek-r1:1.5b", "plain:latest"


def request(model: str = THINKER, *turns: ChatTurn, **fields: object) -> ChatRequest:
    return ChatRequest(model, turns or (ChatTurn(Role.USER, "2+2?"),), **fields)  # type: ignore[arg-type]


@pytest.fixture(params=VERSIONS)
def server_version(request: pytest.FixtureRequest) -> str:
    """All of it holds for either range of servers."""
    return str(request.param)


@pytest.fixture
async def engine(scripted: ScriptedServer) -> AsyncIterator[OllamaEngine]:
    engine = OllamaEngine(scripted.url)
    yield engine
    await engine.close()


async def events_of(engine: Engine, asked: ChatRequest) -> list[StreamEvent]:
    return [event async for event in engine.chat(asked)]


async def hear(engine: Engine, asked: ChatRequest, heard: list[StreamEvent]) -> None:
    """As `events_of`, for a stream that fails: what came before stays in `heard`."""
    async for event in engine.chat(asked):
        heard.append(event)  # noqa: PERF401


def texts(events: list[StreamEvent]) -> tuple[str, str]:
    reasoning = content = ""
    for event in events:
        if isinstance(event, ReasoningDelta):
            reasoning += event.text
        elif isinstance(event, ContentDelta):
            content += event.text
        elif isinstance(event, ContentWasReasoning):
            reasoning, content = reasoning + content, ""
    return reasoning, content


def phases(events: list[StreamEvent]) -> list[Phase]:
    return [event.phase for event in events if isinstance(event, PhaseChanged)]


def test_it_is_an_engine_and_a_manager() -> None:
    engine = OllamaEngine("http://127.0.0.1:1")
    assert isinstance(engine, Engine)
    assert isinstance(engine, ModelManager)
    assert engine.local
    assert not OllamaEngine("http://10.0.0.7:11434").local


async def test_an_answer_goes_through_its_phases_and_ends_once(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    scripted.answers.append(answer("It is 4.", "Two and two.", counts=(7, 0.5)))
    events = await events_of(engine, request())
    assert phases(events) == [Phase.CONNECTING, Phase.LOADING, Phase.READING, Phase.THINKING, Phase.ANSWERING]
    assert texts(events) == ("Two and two.", "It is 4.")
    ends = [event for event in events if isinstance(event, AnswerEnded)]
    assert ends == [events[-1]]
    stats = ends[0].stats
    assert (ends[0].reason, stats.prompt_tokens, stats.answer_tokens, stats.eval_seconds) == (
        "stop",
        26,
        7,
        0.5,
    )
    assert stats.tokens_per_second == 14
    assert stats.first_token_seconds is not None
    assert sum(event.tokens for event in events if isinstance(event, ReasoningDelta)) == 3
    assert sum(event.tokens for event in events if isinstance(event, ContentDelta)) == 3


async def test_a_model_in_memory_is_not_loaded_again_unless_its_context_differs(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    options = {"num_ctx": 2048}
    await events_of(engine, request(options=options))
    assert Phase.LOADING not in phases(await events_of(engine, request(options=options)))
    assert Phase.LOADING in phases(await events_of(engine, request(options={"num_ctx": 4096})))


async def test_loading_and_chatting_send_the_same_options_and_keep_alive(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    await events_of(engine, request(options={"num_ctx": 2048, "temperature": 0.6}, keep_alive="300"))
    load, chat = scripted.sent_to("/api/generate")[0].json, scripted.sent_to("/api/chat")[0].json
    assert load["options"] == chat["options"] == {"num_ctx": 2048, "temperature": 0.6}
    assert load["keep_alive"] == chat["keep_alive"] == 300


async def test_no_request_lets_the_server_cut_the_prompt_or_drop_what_was_said(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    await events_of(engine, request(options={"num_ctx": 2048}))
    await engine.load(request())
    sent = scripted.sent_to("/api/generate") + scripted.sent_to("/api/chat")
    assert [(each.json["shift"], each.json["truncate"]) for each in sent] == [(False, False)] * 3


async def test_keep_alive_zero_never_unloads_before_the_answer(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    events = await events_of(engine, request(keep_alive="0"))
    assert scripted.sent_to("/api/generate") == []
    assert isinstance(events[-1], AnswerEnded)


@pytest.mark.parametrize(
    ("model", "mode", "sent"),
    [
        (THINKER, ThinkMode.AUTO, True),
        (THINKER, ThinkMode.ON, True),
        (THINKER, ThinkMode.OFF, False),
        (PLAIN, ThinkMode.AUTO, None),
        (PLAIN, ThinkMode.ON, None),
        (PLAIN, ThinkMode.OFF, None),
    ],
)
async def test_only_a_model_that_can_think_is_asked_to(
    scripted: ScriptedServer, engine: OllamaEngine, model: str, mode: ThinkMode, sent: bool | None
) -> None:
    await events_of(engine, request(model, think=mode))
    assert scripted.sent_to("/api/chat")[0].json.get("think") == sent


async def test_a_refusal_to_think_is_answered_by_asking_without(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    scripted.answers += [failure(f'"{THINKER}" does not support thinking', 400), answer("It is 4.")]
    events = await events_of(engine, request(think=ThinkMode.ON))
    assert texts(events) == ("", "It is 4.")
    assert [chat.json.get("think") for chat in scripted.sent_to("/api/chat")] == [True, None]


@pytest.mark.parametrize("mode", [ThinkMode.AUTO, ThinkMode.OFF])
async def test_reasoning_left_in_the_text_is_split(
    scripted: ScriptedServer, engine: OllamaEngine, mode: ThinkMode
) -> None:
    scripted.answers.append(Answer([Say("<thi"), Say("nk>two and two</th"), Say("ink>\n\nIt is 4.")]))
    events = await events_of(engine, request(PLAIN, think=mode))
    assert texts(events) == ("two and two", "It is 4.")
    assert phases(events)[-2:] == [Phase.THINKING, Phase.ANSWERING]


async def test_a_missing_opener_turns_what_was_shown_into_reasoning(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    scripted.answers.append(Answer([Say("two and"), Say(" two\n"), Say("</think>"), Say("\n\nIt is 4.")]))
    events = await events_of(engine, request(PLAIN))
    assert ContentWasReasoning() in events
    assert texts(events) == ("two and two\n", "It is 4.")


async def test_a_template_that_ends_inside_reasoning_needs_no_opener(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    scripted.models[
        PLAIN
    ].template = "{{ range .Messages }}{{ .Content }}{{ if true }}<think>\n{{ end }}{{ end }}"
    scripted.answers.append(Answer([Say("two and two"), Say("</think>It is 4.")]))
    events = await events_of(engine, request(PLAIN))
    assert ContentWasReasoning() not in events
    assert texts(events) == ("two and two", "It is 4.")


async def test_a_stray_closer_after_the_servers_own_split_is_dropped(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    scripted.answers.append(Answer([Think("two and two"), Say("\n</think>"), Say("\n\nIt is 4.")]))
    assert texts(await events_of(engine, request())) == ("two and two", "It is 4.")


def answered(scripted: ScriptedServer) -> list[dict[str, Any]]:
    """The chats that were to be answered, and not only rendered."""
    chats = [chat.json for chat in scripted.sent_to("/api/chat")]
    return [chat for chat in chats if not chat.get("_debug_render_only")]


async def test_reasoning_so_far_is_sent_for_an_answer_now(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    turns = (ChatTurn(Role.USER, "2+2?"), ChatTurn(Role.ASSISTANT, "", reasoning="two and two"))
    await events_of(engine, request(THINKER, *turns, think=ThinkMode.ON))
    await events_of(engine, request(PLAIN, *turns))
    able, plain = (chat["messages"][-1] for chat in answered(scripted))
    assert able == {"role": "assistant", "content": "", "thinking": "two and two"}
    assert plain == {"role": "assistant", "content": "<think>\ntwo and two\n</think>\n\n"}


@pytest.mark.parametrize("server_version", [NEW])
@pytest.mark.parametrize("begins", ["", "<think>\n"], ids=["left to the model", "begun by the template"])
@pytest.mark.parametrize(
    ("fields", "turns", "beginning", "came", "told"),
    [
        (
            {"think": ThinkMode.ON},
            [ChatTurn(Role.ASSISTANT, "", reasoning="two and two")],
            "<think>\ntwo and two\n</think>\n\n",
            [" is", " 4."],
            ("", "is 4."),
        ),
        (
            {"think": ThinkMode.AUTO},
            [ChatTurn(Role.ASSISTANT, "It", reasoning="two")],
            "<think>\ntwo\n</think>\n\nIt",
            [" is", " 4."],
            ("", " is 4."),
        ),
        (
            {"think": ThinkMode.ON, "opens_thinking": True},
            [],
            "<think>\n",
            ["two and two", "</think>\n\n", "It is 4."],
            ("two and two", "It is 4."),
        ),
        ({"think": ThinkMode.OFF}, [], "<think>\n\n</think>\n\n", ["It", " is 4."], ("", "It is 4.")),
    ],
    ids=["answer now", "continue", "begun inside", "no thinking"],
)
async def test_a_beginning_that_the_servers_template_would_drop_goes_to_the_model_as_text(
    scripted: ScriptedServer,
    engine: OllamaEngine,
    begins: str,
    fields: dict[str, object],
    turns: list[ChatTurn],
    beginning: str,
    came: list[str],
    told: tuple[str, str],
) -> None:
    scripted.models[THINKER].native = True
    scripted.models[THINKER].begins = begins
    scripted.answers.append(Answer([Say(piece) for piece in came]))
    same: dict[str, object] = {"options": {"num_ctx": 4096}, "keep_alive": "1h"}
    asked = request(THINKER, ChatTurn(Role.USER, "2+2?"), *turns, **fields, **same)
    events = await events_of(engine, asked)
    assert not answered(scripted)
    sent = scripted.sent_to("/api/generate")[-1].json
    assert sent["prompt"] == f"<|user|>2+2?<|assistant|>{beginning}"
    assert sent["raw"] is True
    assert (sent["options"], sent["keep_alive"]) == tuple(same.values()), "or it would be read anew"
    assert (sent["shift"], sent["truncate"]) == (False, False)
    assert sent.get("think") is (False if fields["think"] is ThinkMode.OFF else None)
    assert texts(events) == told
    assert isinstance(events[-1], AnswerEnded)
    before = len(scripted.sent_to("/api/version"))
    assert await engine.rendered(asked) == sent["prompt"], "that is what is shown, too"
    assert len(scripted.sent_to("/api/version")) - before == 1


@pytest.mark.parametrize("server_version", [NEW])
@pytest.mark.parametrize(
    ("template", "begins", "loaded", "opened"),
    [
        ("{{ .Prompt }}", "", True, True),
        ("{{ .Prompt }}", "<think>\n", True, False),
        ("{{ .Prompt }}<think>\n", "", True, True),
        ("{{ .Prompt }}", "", False, False),
    ],
    ids=["begun by R1TUI", "begun by the file's template", "not by the file's template", "not told"],
)
async def test_whether_thinking_was_begun_is_told_by_what_the_server_makes_of_it(
    scripted: ScriptedServer, engine: OllamaEngine, template: str, begins: str, loaded: bool, opened: bool
) -> None:
    model = scripted.models[THINKER]
    model.native, model.template, model.begins = True, template, begins
    asked = request(THINKER, ChatTurn(Role.USER, "2+2?"), think=ThinkMode.ON, opens_thinking=True)
    if loaded:
        await events_of(engine, asked)
    assert await engine.opens_thinking(asked) is opened


async def test_a_template_that_keeps_a_beginning_is_asked_once(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    turns = (ChatTurn(Role.USER, "2+2?"), ChatTurn(Role.ASSISTANT, "", reasoning="two and two"))
    for _ in range(2):
        await events_of(engine, request(THINKER, *turns, think=ThinkMode.ON))
        await events_of(engine, request(think=ThinkMode.OFF))
    assert len(answered(scripted)) == 4
    looked = len(scripted.sent_to("/api/chat")) - 4
    assert looked == (4 if scripted.version == NEW else 0)


async def test_a_question_alone_is_never_rendered_before_it_is_asked(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    scripted.models[THINKER].native = True
    await events_of(engine, request(think=ThinkMode.ON))
    await events_of(engine, request(THINKER, ChatTurn(Role.USER, "2?"), ChatTurn(Role.ASSISTANT, "It is")))
    assert len(scripted.sent_to("/api/chat")) == len(answered(scripted)) == 2


async def test_lines_that_come_together_are_handed_on_together(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    line = b'{"message":{"role":"assistant","content":"ab"}}\n'
    scripted.answers.append(Answer([Raw(line * 3)]))
    deltas = [event for event in await events_of(engine, request()) if isinstance(event, ContentDelta)]
    assert deltas == [ContentDelta("ababab", 3)]


async def test_a_character_that_looks_like_a_line_end_breaks_nothing(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    line = '{"message":{"role":"assistant","content":"a\u0085b\u2028c"}}\n'.encode()
    scripted.answers.append(Answer([Raw(line[:45]), Raw(line[45:])]))
    assert texts(await events_of(engine, request())) == ("", "a\u0085b\u2028c")


@pytest.mark.parametrize(
    "steps",
    [[Say("half"), Cut()], [Say("half"), Raw(b'{"mess')], [Say("half"), Raw(b"not json\n")]],
)
async def test_a_stream_that_breaks_off_is_cut_and_keeps_what_came(
    scripted: ScriptedServer, engine: OllamaEngine, steps: list[object]
) -> None:
    scripted.answers.append(Answer(steps, done=False))  # type: ignore[arg-type]
    events: list[StreamEvent] = []
    with pytest.raises(errors.StreamCut):
        await hear(engine, request(), events)
    assert texts(events) == ("", "half")


async def test_text_held_back_is_not_lost_when_the_server_goes_away(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    scripted.answers.append(Answer([Say("x <"), Cut()], done=False))
    events: list[StreamEvent] = []
    with pytest.raises(errors.StreamCut):
        await hear(engine, request(), events)
    assert texts(events) == ("", "x <")


@pytest.mark.parametrize(
    ("words", "status", "kind", "key"),
    [
        (
            "model requires more system memory (5.6 GiB) than is available (1.2 GiB)",
            500,
            errors.NotEnoughMemory,
            "engine.no_memory",
        ),
        (
            "llama runner process has terminated: signal: killed",
            500,
            errors.NotEnoughMemory,
            "engine.runner_died",
        ),
        (  # since 0.30
            "llama-server process has terminated: exit status 1",
            500,
            errors.NotEnoughMemory,
            "engine.runner_died",
        ),
        ("cudaMalloc failed: out of memory", 500, errors.NotEnoughMemory, "engine.no_memory_unknown"),
        ("model 'x' not found", 404, errors.ModelMissing, "engine.model_missing"),
        (
            "server busy, please try again.  maximum pending requests exceeded",
            503,
            errors.RequestRefused,
            "engine.busy",
        ),
        ("something new\nwith lines", 500, errors.RequestRefused, "engine.refused"),
        ("", 500, errors.RequestRefused, "engine.refused_status"),
        ("<html>Bad gateway</html>", 502, errors.ServerUnreachable, "engine.gateway"),
        ("unauthorized", 401, errors.NotAllowed, "engine.not_allowed"),
        (
            'pull model manifest: Get "https://r/v2/": dial tcp: connection refused',
            500,
            errors.RegistryUnreachable,
            "engine.registry_away",
        ),
        ("context canceled", 500, errors.RegistryUnreachable, "engine.transfer_cut"),
    ],
)
async def test_an_error_is_one_of_ours(
    scripted: ScriptedServer, engine: OllamaEngine, words: str, status: int, kind: type[EngineError], key: str
) -> None:
    scripted.answers.append(failure(words, status))
    with pytest.raises(kind) as caught:
        await events_of(engine, request())
    assert caught.value.phrase.key == key


async def test_a_memory_refusal_carries_both_figures(scripted: ScriptedServer, engine: OllamaEngine) -> None:
    scripted.failing["/api/generate"] = (
        500,
        "model requires more system memory (5.6 GiB) than is available (1.2 GiB)",
    )
    with pytest.raises(errors.NotEnoughMemory) as caught:
        await events_of(engine, request())
    assert caught.value.phrase.params == {"needed": "5.6 GiB", "available": "1.2 GiB"}


async def test_an_error_within_the_stream_comes_after_what_was_there(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    scripted.answers.append(Answer([Say("half"), Line({"error": "runner died of something"})]))
    events: list[StreamEvent] = []
    with pytest.raises(errors.RequestRefused):
        await hear(engine, request(), events)
    assert texts(events) == ("", "half")


async def test_a_missing_model_is_missing_before_anything_is_sent(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    with pytest.raises(errors.ModelMissing):
        await events_of(engine, request("gone:1b"))
    assert scripted.sent_to("/api/chat") == []


async def test_no_server_is_said_with_its_address(scripted: ScriptedServer) -> None:
    await scripted.stop()
    engine = OllamaEngine(scripted.url)
    with pytest.raises(errors.ServerUnreachable) as caught:
        await engine.version()
    assert caught.value.phrase.key == "engine.unreachable"
    assert caught.value.phrase.params == {"url": scripted.url}
    await scripted.start()
    assert await engine.version() == scripted.version
    await engine.close()


async def test_a_proxy_in_the_environment_does_not_stand_before_loopback(
    scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    engine = OllamaEngine(scripted.url)
    assert await engine.version() == scripted.version
    await engine.close()


async def test_headers_go_with_every_request(scripted: ScriptedServer) -> None:
    scripted.headers_wanted["x-key"] = "s3cret"
    engine = OllamaEngine(scripted.url, headers={"X-Key": "s3cret"})
    assert isinstance((await events_of(engine, request()))[-1], AnswerEnded)
    await engine.close()
    without = OllamaEngine(scripted.url)
    with pytest.raises(errors.NotAllowed):
        await without.models()
    await without.close()


async def test_closing_the_iterator_closes_the_request(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    gate = Gate()
    scripted.answers.append(Answer([Say("half"), gate]))
    async with aclosing(engine.chat(request())) as stream:
        async for event in stream:
            if isinstance(event, ContentDelta):
                break
    await dropped(scripted, "/api/chat")


@pytest.mark.parametrize("before", ["headers", "text"])
async def test_cancelling_the_task_closes_the_request(
    scripted: ScriptedServer, engine: OllamaEngine, before: str
) -> None:
    gate = Gate()
    scripted.answers.append(Answer([Say("half"), gate], opening=gate if before == "headers" else None))
    task = asyncio.create_task(events_of(engine, request()))
    await gate.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await dropped(scripted, "/api/chat")


async def dropped(scripted: ScriptedServer, path: str) -> None:
    async with asyncio.timeout(patience.SECONDS):
        while path not in [gone.path for gone in scripted.dropped]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_whether_a_model_thinks_is_asked_once_for_a_digest(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    models = await engine.models()
    told = scripted.version == NEW
    assert [model.thinks for model in models] == ([True, False] if told else [None, None])
    assert [(await engine.details(model.name)).thinks for model in models] == [True, False]
    assert [model.thinks for model in await engine.models()] == [True, False]
    await events_of(engine, request())
    assert len(scripted.sent_to("/api/show")) == 2


async def test_details_are_all_that_the_server_tells(engine: OllamaEngine) -> None:
    details = await engine.details(THINKER)
    assert details.thinks
    assert details.info["general.architecture"] == "qwen2"
    assert details.license == "MIT License"
    assert "temperature" in details.parameters


async def test_what_only_a_newer_server_tells_of_its_models_is_taken_and_its_absence_is_silent(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    models = await engine.models()
    assert [model.context_length for model in models] == (
        [131_072] * 2 if scripted.version == NEW else [0, 0]
    )
    assert [model.remote_host for model in models] == ["", ""]


@pytest.mark.parametrize(
    ("told", "host"),
    [
        ("https://ollama.com:443", "ollama.com"),
        ("gpu.example", "gpu.example"),
        ("http://[bad", "http://[bad"),
    ],
)
async def test_a_model_that_runs_elsewhere_is_known_with_its_place(
    scripted: ScriptedServer, engine: OllamaEngine, told: str, host: str
) -> None:
    scripted.add("big:671b-cloud", remote_host=told)
    assert [model.remote_host for model in await engine.models()] == ["", "", host]


async def test_a_prompt_that_is_too_long_is_said_in_one_way_whatever_the_servers_words(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    scripted.context = 3
    with pytest.raises(errors.PromptTooLong) as caught:
        await events_of(engine, request(THINKER, ChatTurn(Role.USER, "one two three four")))
    told = caught.value.phrase
    if scripted.version == NEW:
        assert (told.key, told.params) == ("engine.too_long_by", {"needed": 4, "context": 3})
    else:
        assert told.key == "engine.too_long"


@pytest.mark.parametrize(
    "words",
    [
        "the prompt is longer than the context length currently available to the model; shorten the prompt",
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
        "Requested token count exceeds the model's maximum context length of 4096 tokens. You requested a total of 4106 "
        "tokens: 6 tokens from the input messages and 4100 tokens for the completion.",  # SGLang
    ],
)
async def test_other_words_for_too_long_are_known(
    scripted: ScriptedServer, engine: OllamaEngine, words: str
) -> None:
    scripted.answers.append(failure(words, 400))
    with pytest.raises(errors.PromptTooLong):
        await events_of(engine, request())


@pytest.mark.parametrize(
    "words",
    [
        "The input (85050 tokens) is longer than the model's context length (32768 tokens).",  # SGLang
        "Input length (85050 tokens) exceeds the maximum allowed length (32768 tokens). Use a shorter input or enable"
        " --allow-auto-truncate.",  # SGLang, of the memory that it has for one
        "The decoder prompt (length 85050) is longer than the maximum model length of 32768. Make sure that"
        " `max_model_len` is no smaller than the number of text tokens plus multimodal tokens.",  # vLLM
    ],
)
async def test_how_much_too_long_it_is_comes_in_many_words(
    scripted: ScriptedServer, engine: OllamaEngine, words: str
) -> None:
    scripted.answers.append(failure(words, 400))
    with pytest.raises(errors.PromptTooLong) as caught:
        await events_of(engine, request())
    assert caught.value.phrase.params == {"needed": 85050, "context": 32768}


async def test_words_within_words_are_read_and_never_without_end(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    nested = "the cause"
    for _ in range(2):
        nested = json.dumps({"error": {"code": 500, "message": nested}})
    scripted.answers += [failure(nested), failure("[" * 100_000), failure('{"error":' * 100_000)]
    with pytest.raises(errors.RequestRefused) as caught:
        await events_of(engine, request())
    assert caught.value.phrase.params == {"words": "the cause"}
    for _ in range(2):
        with pytest.raises(errors.RequestRefused):
            await events_of(engine, request())


async def test_how_much_to_think_is_asked_for_and_where_the_server_refuses_it_thinks_all_the_same(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    events = await events_of(engine, request(think=ThinkMode.HIGH))
    assert texts(events)[0], "it thought"
    asked = [chat.json.get("think") for chat in scripted.sent_to("/api/chat")]
    assert asked == (["high"] if scripted.version == NEW else ["high", True])


async def test_likely_tokens_are_told_where_they_are_asked_for(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    told = {
        "token": "4",
        "logprob": -0.25,
        "top_logprobs": [{"token": "4", "logprob": -0.25}, {"token": "5", "logprob": -2}, {"token": 6}, None],
    }
    line = Line({"message": {"content": "4"}, "logprobs": [told, {"token": "x", "logprob": "much"}, 7]})
    scripted.answers += [Answer([line]), Answer([line])]
    events = await events_of(engine, request(alternatives=10))
    found = [event for event in events if isinstance(event, Alternatives)]
    assert found == [Alternatives("4", -0.25, (("4", -0.25), ("5", -2.0)))]
    body = scripted.sent_to("/api/chat")[0].json
    assert (body["logprobs"], body["top_logprobs"]) == (True, 10)
    assert not [event for event in await events_of(engine, request()) if isinstance(event, Alternatives)]
    assert "logprobs" not in scripted.sent_to("/api/chat")[1].json


async def test_models_in_memory(scripted: ScriptedServer, engine: OllamaEngine) -> None:
    await engine.load(request(options={"num_ctx": 2048}))
    (running,) = await engine.running()
    assert (running.name, running.context_length) == (THINKER, 2048)
    assert running.expires is not None
    scripted.running[0]["expires_at"] = "2318-01-01T00:00:00.123456789Z"
    assert (await engine.running())[0].expires is None
    await engine.unload(THINKER)
    assert await engine.running() == []


async def test_models_are_copied_and_deleted(engine: OllamaEngine) -> None:
    await engine.copy(THINKER, "mine:1")
    await engine.delete(THINKER)
    assert [model.name for model in await engine.models()] == [PLAIN, "mine:1"]
    with pytest.raises(errors.ModelMissing):
        await engine.delete(THINKER)


async def test_a_pull_is_one_growing_progress(scripted: ScriptedServer, engine: OllamaEngine) -> None:
    stages: list[str] = []
    bytes_: list[int] = []
    async for progress in engine.pull("new:1b"):
        stages.append(progress.stage)
        bytes_.append(progress.completed)
    assert stages[0] == "manifest"
    assert stages[-1] == "done"
    assert bytes_ == sorted(bytes_)
    assert progress.completed == progress.total, (
        "full, though a newer server leaves a layer's last figure out"
    )
    assert "new:1b" in [model.name for model in await engine.models()]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("pull model manifest: file does not exist", errors.ModelMissing),
        ("write /m/blobs/x: no space left on device", errors.DiskFull),
        ("digest mismatch, file must be downloaded again: want a, got b", errors.WrongDigest),
        ('Get "https://r/v2/": dial tcp: lookup r: no such host', errors.RegistryUnreachable),
        ("max retries exceeded: EOF", errors.RegistryUnreachable),
        ("insecure protocol http", errors.InsecureRegistry),
        ("http: server gave HTTP response to HTTPS client", errors.InsecureRegistry),
        ("unauthorized: access denied", errors.NotAllowed),
    ],
)
async def test_what_goes_wrong_with_a_pull_is_told_apart(
    scripted: ScriptedServer, engine: OllamaEngine, words: str, kind: type[EngineError]
) -> None:
    script = pull()
    script.steps = [Line({"status": "pulling manifest"}), Line({"error": words})]
    scripted.pulls.append(script)
    with pytest.raises(kind):
        async for _ in engine.pull("new:1b"):
            pass


async def test_an_answer_from_something_else_than_ollama_is_said() -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(page, "127.0.0.1", 0) as server:
        engine = OllamaEngine(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(errors.RequestRefused) as caught:
            await engine.models()
        await engine.close()
    assert caught.value.phrase.key == "engine.not_ollama"


async def test_a_redirect_is_named_and_not_followed() -> None:
    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 307 X\r\nLocation: https://other.example/\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(elsewhere, "127.0.0.1", 0) as server:
        engine = OllamaEngine(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(errors.RequestRefused) as caught:
            await events_of(engine, request())
        await engine.close()
    assert caught.value.phrase.params["location"] == "https://other.example/"


async def test_fields_of_other_kinds_than_ollamas_count_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some server or proxy answers; nobody is shown a traceback for it."""
    engine = OllamaEngine("http://127.0.0.1:1")
    junk = {
        "size": "large",
        "size_vram": [],
        "context_length": float("inf"),
        "details": "none",
        "expires_at": 3,
    }
    shown = junk | {"model_info": {"general.architecture": "a", "a.block_count": float("inf")}}

    async def told(method: str, path: str, *_: object, **__: object) -> dict[str, object]:
        return shown if path == "/api/show" else {"models": [{"name": "m"} | junk, "m", None]}

    monkeypatch.setattr(engine._transport, "ask", told)
    assert [(each.name, each.size, each.family) for each in await engine.models()] == [("m", 0, "")]
    assert [(each.size, each.context_length) for each in await engine.running()] == [(0, 0)]
    details = await engine.details("m")
    assert (details.family, shape_from_info(1, details.info)) == ("", None)


async def test_lines_of_another_kind_end_an_answer_as_a_line_that_was_cut(
    scripted: ScriptedServer,
) -> None:
    scripted.answers.append(Answer([Raw(b'{"message": "hello"}\n{"message": [1]}\n'), Cut()]))
    engine = OllamaEngine(scripted.url)
    with pytest.raises(errors.StreamCut):
        await events_of(engine, request())
    await engine.close()


async def test_a_model_without_a_name_or_told_twice_is_no_second_one(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    entries = [{"name": "a:1b"}, {"name": 7}, {"size": 3}, {"name": " "}, {"name": "a:1b", "size": 9}]
    body = json.dumps({"models": entries}).encode()
    scripted.garbage |= {"/api/tags": body, "/api/ps": body}
    assert [(model.name, model.size) for model in await engine.models()] == [("a:1b", 9)]
    assert [(model.name, model.size) for model in await engine.running()] == [("a:1b", 9)]


async def test_the_official_client_is_loaded_with_the_first_model_command_and_not_before(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    program = f"""
import asyncio, sys
from r1tui.domain.chat import ChatRequest, ChatTurn
from r1tui.domain.message import Role
from r1tui.services.engines.ollama.engine import OllamaEngine

async def main():
    engine = OllamaEngine({scripted.url!r})
    async for _ in engine.chat(ChatRequest({THINKER!r}, (ChatTurn(Role.USER, "?"),))):
        pass
    print("ollama" in sys.modules)
    await engine.copy({THINKER!r}, "mine:1")
    print("ollama" in sys.modules)
    await engine.close()

asyncio.run(main())
"""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, env=clean_env(tmp_path), cwd=ROOT
    )
    assert (await process.communicate())[0].split() == [b"False", b"True"]


async def test_what_create_has_no_word_for_reaches_the_server_all_the_same(
    scripted: ScriptedServer, engine: OllamaEngine
) -> None:
    fields: dict[str, object] = {"from": THINKER, "renderer": "r", "parameters": {"stop": ["x"], "seed": 4}}
    assert [words async for words in engine.create("mine:2", fields)][-1] == "success"
    assert scripted.sent_to("/api/create")[-1].json == {"model": "mine:2", "stream": True, **fields}
