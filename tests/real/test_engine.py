"""The engines against the real server and model."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.message import Phase, Role
from r1tui.domain.model import ModelDetails
from r1tui.domain.modelfile import Modelfile, create_fields, editable, format_modelfile, parse
from r1tui.domain.stream import AnswerEnded, ContentDelta, PhaseChanged, ReasoningDelta, StreamEvent
from r1tui.services.engines import engine as errors
from r1tui.services.engines.ollama.engine import OllamaEngine
from r1tui.services.engines.openai.engine import OpenAIEngine
from r1tui.services.models.gguf_import import R1_PARAMETERS, R1_TEMPLATE, import_gguf
from tests.services.test_ollama_engine import events_of, hear, phases, texts
from tests.support.gguf_template import R1_SHAPED, with_chat_template
from tests.support.ollama_server import THINKING_MODEL, OllamaServer

pytestmark = pytest.mark.real

OPTIONS: dict[str, float | int | str] = {"temperature": 0, "num_ctx": 2048, "seed": 1}
QUESTION = ChatTurn(Role.USER, "What is 3 plus 5?")


def request(
    model: str, *turns: ChatTurn, think: ThinkMode = ThinkMode.AUTO, **options: float | int | str
) -> ChatRequest:
    return ChatRequest(model, turns or (QUESTION,), think, OPTIONS | options)


@pytest.fixture
async def engine(real_server: OllamaServer) -> AsyncIterator[OllamaEngine]:
    engine = OllamaEngine(real_server.url)
    yield engine
    await engine.close()


@pytest.fixture
async def own_engine(private_server: Callable[..., OllamaServer]) -> AsyncIterator[OllamaEngine]:
    """An engine on a server where no other worker's test loads a model or has one generate."""
    engine = OllamaEngine(private_server().url)
    yield engine
    await engine.close()


async def test_a_cold_model_loads_thinks_and_answers(own_engine: OllamaEngine) -> None:
    events = await events_of(own_engine, request(THINKING_MODEL))
    assert phases(events) == [Phase.CONNECTING, Phase.LOADING, Phase.READING, Phase.THINKING, Phase.ANSWERING]
    reasoning, content = texts(events)
    assert reasoning
    assert content
    assert "think>" not in reasoning + content
    end = events[-1]
    assert isinstance(end, AnswerEnded)
    stats = end.stats
    counted = sum(event.tokens for event in events if isinstance(event, ReasoningDelta | ContentDelta))
    assert stats.answer_tokens is not None
    # The tags themselves are tokens that nobody is told of, so our count may be a few smaller.
    assert 0 <= stats.answer_tokens - counted <= 12
    assert stats.load_seconds is not None
    assert stats.first_token_seconds is not None
    assert stats.first_token_seconds >= stats.load_seconds > 0.01


async def test_without_thinking_the_answer_comes_at_once(
    real_server: OllamaServer, engine: OllamaEngine
) -> None:
    events = await events_of(engine, request(real_server.model, think=ThinkMode.OFF, num_predict=20))
    assert texts(events)[0] == ""
    assert Phase.THINKING not in phases(events)


@pytest.mark.parametrize("mode", list(ThinkMode))
async def test_a_model_without_the_capability_answers_in_every_mode(
    real_server: OllamaServer, engine: OllamaEngine, mode: ThinkMode
) -> None:
    events = await events_of(engine, request(real_server.plain, think=mode, num_predict=10))
    assert isinstance(events[-1], AnswerEnded)
    assert texts(events)[1]


async def test_a_partial_answer_is_continued(real_server: OllamaServer, engine: OllamaEngine) -> None:
    turns = (QUESTION, ChatTurn(Role.ASSISTANT, "The answer is"))
    events = await events_of(engine, request(real_server.model, *turns, num_predict=8))
    reasoning, content = texts(events)
    assert content
    assert not content.startswith("The answer is")
    assert reasoning == ""


async def test_an_answer_now_comes_from_the_reasoning_so_far(
    real_server: OllamaServer, engine: OllamaEngine
) -> None:
    turns = (QUESTION, ChatTurn(Role.ASSISTANT, "", reasoning="The user asks for a sum. 3 plus 5 is 8."))
    events = await events_of(engine, request(real_server.model, *turns, think=ThinkMode.ON, num_predict=30))
    assert texts(events)[1]
    assert Phase.THINKING not in phases(events)


@pytest.mark.parametrize("way", ["close", "cancel"])
async def test_stopping_stops_the_server(private_server: Callable[..., OllamaServer], way: str) -> None:
    server = private_server()  # nobody else has it generate
    engine = OllamaEngine(server.url)
    asked = request(server.model, num_predict=2000, temperature=1.2)
    if way == "close":
        async with aclosing(engine.chat(asked)) as stream:
            async for event in stream:
                if isinstance(event, ReasoningDelta):
                    break
    else:
        begun = asyncio.Event()

        async def read() -> None:
            async for event in engine.chat(asked):
                if isinstance(event, ReasoningDelta):
                    begun.set()

        task = asyncio.create_task(read())
        await begun.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await idle(server)
    await engine.close()


async def test_a_load_that_is_given_up_ends_and_the_next_works(own_engine: OllamaEngine) -> None:
    engine = own_engine
    stream = engine.chat(request(THINKING_MODEL))
    async for event in stream:
        if event == PhaseChanged(Phase.LOADING):
            break
    await stream.aclose()
    events = await events_of(engine, request(THINKING_MODEL, num_predict=5))
    assert isinstance(events[-1], AnswerEnded)


async def test_a_server_that_is_killed_cuts_the_answer(private_server: Callable[..., OllamaServer]) -> None:
    server = private_server()
    engine = OllamaEngine(server.url)
    heard: list[StreamEvent] = []

    async def kill_once_it_speaks() -> None:
        async with asyncio.timeout(120):
            while not texts(heard)[0]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.to_thread(server.stop)

    killing = asyncio.create_task(kill_once_it_speaks())
    with pytest.raises(errors.EngineError) as caught:
        await hear(engine, request(server.model, num_predict=2000), heard)
    await killing
    assert isinstance(caught.value, errors.StreamCut | errors.NotEnoughMemory)
    with pytest.raises(errors.ServerUnreachable):
        await engine.version()
    await engine.close()


async def test_the_likeliest_tokens_are_told_whatever_the_server_draws(
    real_server: OllamaServer, engine: OllamaEngine
) -> None:
    asked = [ChatRequest(real_server.model, (), options={"num_ctx": 4096, "seed": seed}) for seed in range(8)]
    # Most of what the small model draws after this is a part of a character.
    told = [await engine.likeliest(each, "中国的首都是", 20) for each in asked]
    assert all(each is not None and len(each.likeliest) == 20 for each in told)
    assert len({each.likeliest[0][0] for each in told if each is not None}) == 1


async def test_models_details_and_capabilities(real_server: OllamaServer, engine: OllamaEngine) -> None:
    for name in (real_server.model, real_server.plain):
        await engine.details(name)
    models = {model.name: model for model in await engine.models()}
    assert models[real_server.model].thinks is True
    assert models[real_server.plain].thinks is False
    details = await engine.details(real_server.model)
    assert isinstance(details, ModelDetails)
    assert details.info["general.architecture"] == "llama"
    assert ".Thinking" in details.template
    with pytest.raises(errors.ModelMissing):
        await engine.details("not-there:1b")


async def test_create_copy_and_delete(real_server: OllamaServer, engine: OllamaEngine) -> None:
    modelfile = editable(await engine.details(real_server.model))
    modelfile.parameters["top_k"] = 7
    text = format_modelfile(modelfile)
    words = [word async for word in engine.create("made:1", create_fields(parse(text)))]
    assert words[-1] == "success"
    try:
        made = await engine.details("made:1")
        assert made.thinks
        assert "top_k                          7" in made.parameters
        await engine.copy("made:1", "made:2")
        assert {"made:1", "made:2"} <= {model.name for model in await engine.models()}
    finally:
        for name in ("made:1", "made:2"):
            await engine.delete(name)
    with pytest.raises(errors.ModelMissing):
        await engine.details("made:1")


async def test_a_bad_template_is_refused_with_the_servers_words(
    real_server: OllamaServer, engine: OllamaEngine
) -> None:
    fields = create_fields(Modelfile(real_server.model, template="{{ .Broken"))
    with pytest.raises(errors.RequestRefused) as caught:
        async for _ in engine.create("made:3", fields):
            pass
    assert "template" in str(caught.value.phrase.params["words"])


async def test_a_gguf_file_becomes_a_model_that_thinks(
    real_server: OllamaServer, engine: OllamaEngine
) -> None:
    """DeepSeek's template on the small model: that Ollama takes it, and infers the capability from it."""
    modelfile = Modelfile("x.gguf", dict(R1_PARAMETERS), R1_TEMPLATE)
    async for progress in import_gguf(engine, Path(real_server.gguf), "imported:1", modelfile):
        last = progress.stage
    try:
        assert last == "done"
        details = await engine.details("imported:1")
        assert details.thinks
        assert "temperature                    0.6" in details.parameters
        events = await events_of(engine, request("imported:1", num_predict=20))
        assert texts(events)[0]
    finally:
        await engine.delete("imported:1")


async def test_openais_protocol_on_the_same_server(real_server: OllamaServer) -> None:
    engine = OpenAIEngine(real_server.url)
    assert real_server.model in [model.name for model in await engine.models()]
    events = await events_of(engine, request(real_server.model))
    reasoning, content = texts(events)
    assert reasoning
    assert content
    end = events[-1]
    assert isinstance(end, AnswerEnded)
    assert end.stats.answer_tokens
    silent = await events_of(engine, request(real_server.model, think=ThinkMode.OFF, num_predict=20))
    assert texts(silent)[0] == ""
    with pytest.raises(errors.ModelMissing):
        await events_of(engine, request("not-there:1b"))
    await engine.close()


async def idle(server: OllamaServer) -> None:
    """Wait until the server's runners use no CPU: they have stopped generating. 2000 tokens would take far longer."""
    listening = [
        entry for entry in psutil.net_connections("tcp") if entry.laddr and entry.laddr.port == server.port
    ]
    pid = next(entry.pid for entry in listening if entry.status == psutil.CONN_LISTEN)
    family = psutil.Process(pid).children(recursive=True)
    assert family
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        before = sum(sum(process.cpu_times()[:2]) for process in family if process.is_running())
        await asyncio.sleep(1)
        if sum(sum(process.cpu_times()[:2]) for process in family if process.is_running()) - before < 0.2:
            return
    pytest.fail("the server still generates")


async def test_a_prompt_longer_than_the_context_is_refused_and_an_answer_ends_at_its_edge(
    real_server: OllamaServer, engine: OllamaEngine
) -> None:
    long = ChatTurn(Role.USER, "one two three four five six seven eight nine ten " * 60)
    with pytest.raises(errors.PromptTooLong):
        await events_of(engine, request(real_server.model, long, num_ctx=256))
    fits = ChatTurn(Role.USER, "Count from one to one thousand, one number a line. " * 8)
    end = (await events_of(engine, request(real_server.model, fits, num_ctx=256)))[-1]
    assert isinstance(end, AnswerEnded)
    told = end.stats
    assert (told.prompt_tokens or 0) + (told.answer_tokens or 0) <= 257


async def told_prompt(engine: OllamaEngine, asked: ChatRequest) -> str:
    """What the server makes of a request, which it tells of a model in memory alone.

    Asked first as it is: a load costs reading the prompt's beginning anew. Another test may unload the model; or have its
    weights in memory under another name, which a server keeps as long as it answers both with them.
    """
    while (rendered := await engine.rendered(asked)) is None:
        await engine.unload(asked.model)
        await engine.load(asked)
    return rendered


async def test_thinking_that_is_begun_for_the_model_is_told_as_thinking(
    real_server: OllamaServer, engine: OllamaEngine
) -> None:
    """The library's template of R1 leaves it to the model to begin with `<think>`, and a last turn of its own open."""
    details = await engine.details(real_server.model)
    opened = "{{ else }}<think>\n{{ end }}{{ end }}"
    assert opened in details.template
    left_to_it = details.template.replace(opened, "{{ end }}{{ end }}")
    fields: dict[str, object] = {"from": real_server.model, "template": left_to_it}
    async for _ in engine.create("unopened:1", fields):
        pass
    try:
        asked = request("unopened:1", think=ThinkMode.ON, num_predict=120)
        begun = texts(await events_of(engine, replace(asked, opens_thinking=True)))
        asked_so = await told_prompt(engine, asked)
        begun_so = await told_prompt(engine, replace(asked, opens_thinking=True))
    finally:
        await engine.delete("unopened:1")  # the server is every test's
    assert begun[0], "what the model wrote behind the opening is its reasoning"
    assert begun_so == asked_so + "<think>\n"
    assert "think>" not in "".join(begun)


async def test_what_an_answer_goes_on_from_reaches_the_model_whatever_template_the_server_takes(
    real_server: OllamaServer, engine: OllamaEngine, tmp_path: Path
) -> None:
    """R1's distills have a template in their file that newer servers take in place of the model's own: it drops reasoning."""
    file = tmp_path / "native.gguf"
    with_chat_template(Path(real_server.gguf), file, R1_SHAPED)
    details = await engine.details(real_server.model)
    modelfile = Modelfile("x.gguf", {"temperature": 0, "stop": ["<|im_end|>"]}, details.template)
    async for _ in import_gguf(engine, file, "native:1", modelfile):
        pass
    thought = "The user asks for a sum. 3 plus 5 is 8."
    try:
        asked = request("native:1", think=ThinkMode.ON, num_predict=40)
        for content in ("", "The answer"):
            turn = ChatTurn(Role.ASSISTANT, content, reasoning=thought)
            going_on = replace(asked, turns=(QUESTION, turn))
            events = await events_of(engine, going_on)
            reasoning, told = texts(events)
            assert reasoning == ""
            assert told.strip()
            assert "think>" not in told
            assert (await told_prompt(engine, going_on)).endswith(
                f"<think>\n{thought}\n</think>\n\n{content}"
            )
        begun = replace(asked, opens_thinking=True)
        events = await events_of(engine, begun)
        assert (await told_prompt(engine, begun)).endswith("<|im_start|>assistant\n<think>\n")
        assert texts(events)[0], "what the model wrote behind the opening is its reasoning"
        assert "think>" not in "".join(texts(events))
    finally:
        await engine.delete("native:1")


async def test_the_prompt_is_told_as_the_model_gets_it_and_not_answered(
    real_server: OllamaServer, engine: OllamaEngine
) -> None:
    asked = request(real_server.model, think=ThinkMode.ON, num_predict=8)
    events = await events_of(engine, asked)
    rendered = await told_prompt(engine, asked)
    assert f"<|im_start|>user\n{QUESTION.content}<|im_end|>" in rendered
    assert rendered.endswith("<think>\n"), "the template begins the thinking"
    assert isinstance(events[-1], AnswerEnded)
