"""OpenAI's protocol behind the same interface."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from r1tui.domain.chat import ChatRequest, ChatTurn, ThinkMode
from r1tui.domain.message import Phase, Role
from r1tui.domain.stream import Alternatives, AnswerEnded, AnswerNamed, PromptRead, StreamEvent
from r1tui.services.engines import engine as errors
from r1tui.services.engines.engine import Engine, ModelManager
from r1tui.services.engines.openai.engine import OpenAIEngine
from tests.services.test_ollama_engine import THINKER, dropped, events_of, hear, phases, request, texts
from tests.support.script import Answer, Cut, Hang, Line, Raw, Say, Step, Think, answer, failure
from tests.support.scripted import ScriptedServer


@pytest.fixture
async def engine(scripted: ScriptedServer) -> AsyncIterator[OpenAIEngine]:
    engine = OpenAIEngine(scripted.url)
    yield engine
    await engine.close()


def test_it_is_an_engine_that_manages_no_models() -> None:
    engine = OpenAIEngine("http://127.0.0.1:1")
    assert isinstance(engine, Engine)
    assert not isinstance(engine, ModelManager)


async def test_the_context_that_a_server_was_started_with_is_known_where_it_tells(
    engine: OpenAIEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def models(*_: object) -> dict[str, object]:
        return {"data": [{"id": "told", "max_model_len": 32768}, {"id": "untold"}]}

    monkeypatch.setattr(engine._transport, "ask", models)
    assert (await engine.details("told")).parameters == "num_ctx 32768"  # vLLM's field
    assert (await engine.details("untold")).parameters == ""


async def test_what_only_llama_cpp_tells_is_asked_of_it_alone(
    engine: OpenAIEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    props: dict[str, object] = {"default_generation_settings": {"n_ctx": 768}}

    async def api(method: str, path: str, body: object = None, **_: object) -> dict[str, object]:
        asked.append(path)
        return {"data": [{"id": THINKER}]} if path == "/models" else {"input_tokens": 144}

    async def root(method: str, path: str, **_: object) -> dict[str, object]:
        asked.append(path)
        return props

    monkeypatch.setattr(engine._transport, "ask", api)
    monkeypatch.setattr(engine._root, "ask", root)
    assert (await engine.details(THINKER)).parameters == "num_ctx 768"
    assert await engine.count_prompt(request()) == 144
    assert asked == ["/models", "/props", "/chat/completions/input_tokens"]

    props.clear()
    engine._props = None
    asked.clear()
    assert (await engine.details(THINKER)).parameters == ""
    assert await engine.count_prompt(request()) is None
    assert asked == ["/models", "/props"]


@pytest.mark.parametrize(
    "told",
    [
        {"content": [{"token": "x", "logprob": -0.5, "top_logprobs": [{"token": "x", "logprob": -0.5}, {"token": "y", "logprob": -2}]}]},
        {"tokens": ["x"], "token_logprobs": [-0.5], "top_logprobs": [{"y": -2, "x": -0.5}]},
    ],
    ids=["llama.cpp", "vLLM"],
)  # fmt: skip
async def test_the_likeliest_next_tokens_are_told_in_either_form(
    engine: OpenAIEngine, monkeypatch: pytest.MonkeyPatch, told: dict[str, object]
) -> None:
    asked: list[tuple[str, object]] = []

    async def api(method: str, path: str, body: object = None, **_: object) -> dict[str, object]:
        asked.append((path, body))
        return {"choices": [{"text": "x", "logprobs": told}]}

    monkeypatch.setattr(engine._transport, "ask", api)
    found = await engine.likeliest(ChatRequest("m", (), options={"num_ctx": 4096, "seed": 3}), "a b", 2)
    assert found == Alternatives("x", -0.5, (("x", -0.5), ("y", -2.0)))
    sent = {"model": "m", "prompt": "a b", "max_tokens": 1, "temperature": 1.0, "logprobs": 2, "seed": 3}
    assert asked == [("/completions", sent)]


async def test_a_server_that_has_no_such_page_tells_no_likely_tokens(engine: OpenAIEngine) -> None:
    assert await engine.likeliest(ChatRequest("m", ()), "a b", 2) is None


async def test_a_server_without_such_a_count_is_not_asked_again(
    scripted: ScriptedServer, engine: OpenAIEngine
) -> None:
    engine._props = {"default_generation_settings": {}}
    for _ in range(2):
        assert await engine.count_prompt(request()) is None
    assert len(scripted.sent_to("/v1/chat/completions/input_tokens")) == 1


async def test_a_server_that_is_none_of_llama_cpps_is_asked_once_what_it_is(
    scripted: ScriptedServer, engine: OpenAIEngine
) -> None:
    for _ in range(2):
        assert await engine.count_prompt(request()) is None
    assert len(scripted.sent_to("/props")) == 1


async def test_llama_cpps_server_tells_how_far_the_prompt_is_read_and_names_its_answer(
    scripted: ScriptedServer, engine: OpenAIEngine
) -> None:
    engine._props = {"default_generation_settings": {}}
    told = [
        {"id": "a-1", "prompt_progress": {"total": 3400, "cache": 200, "processed": 1200, "time_ms": 2500}},
        {"id": "a-1", "prompt_progress": {"total": 3400, "cache": 9999, "processed": 9999, "time_ms": -1}},
        {"id": "a-1", "prompt_progress": {"total": "many", "processed": None}},
        {"id": "a-1", "prompt_progress": [1]},
    ]
    lines = [Raw(f"data: {json.dumps(each)}\n\n".encode()) for each in told]
    end = Raw(b'data: {"choices": [{"finish_reason": "stop", "delta": {"content": "Eight."}}]}\n\n')
    scripted.answers.append(Answer([*lines, end]))
    events = await events_of(engine, request())
    assert [each for each in events if isinstance(each, AnswerNamed)] == [AnswerNamed("chatcmpl-1")], "once"
    assert [each for each in events if isinstance(each, PromptRead)] == [
        PromptRead(3400, 1200, 200, 2.5),
        PromptRead(3400, 3400, 3400, None),
    ]
    sent = scripted.sent_to("/v1/chat/completions")[-1].json
    assert sent["return_progress"] is sent["reasoning_control"] is True


async def test_another_server_is_sent_nothing_of_llama_cpps(
    scripted: ScriptedServer, engine: OpenAIEngine
) -> None:
    events = await events_of(engine, request())
    sent = scripted.sent_to("/v1/chat/completions")[-1].json
    assert not {"return_progress", "reasoning_control"} & sent.keys()
    assert not any(isinstance(each, AnswerNamed | PromptRead) for each in events)


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_reasoning_comes_under_either_name(
    scripted: ScriptedServer, engine: OpenAIEngine, field: str
) -> None:
    scripted.reasoning_field = field
    scripted.answers.append(answer("It is 4.", "Two and two."))
    events = await events_of(engine, request())
    assert texts(events) == ("Two and two.", "It is 4.")
    assert phases(events) == [Phase.CONNECTING, Phase.READING, Phase.THINKING, Phase.ANSWERING]
    end = events[-1]
    assert isinstance(end, AnswerEnded)
    assert (end.reason, end.stats.prompt_tokens, end.stats.answer_tokens) == ("stop", 26, 6)
    assert end.stats.first_token_seconds is not None


async def test_reasoning_left_in_the_text_is_split(scripted: ScriptedServer, engine: OpenAIEngine) -> None:
    scripted.answers.append(Answer([Say("<think>two"), Say(" and two</thi"), Say("nk>\nIt is 4.")]))
    assert texts(await events_of(engine, request())) == ("two and two", "It is 4.")


async def test_an_address_may_name_the_version_itself(scripted: ScriptedServer) -> None:
    engine = OpenAIEngine(f"{scripted.url}/v1")
    assert THINKER in [model.name for model in await engine.models()]
    with pytest.raises(errors.ModelMissing):
        await engine.details("gone")
    await engine.close()


async def test_options_are_said_in_this_apis_words(scripted: ScriptedServer, engine: OpenAIEngine) -> None:
    options = {"temperature": 0.6, "num_predict": 50, "num_ctx": 4096}
    await events_of(engine, request(options=options, think=ThinkMode.OFF))
    body = scripted.sent_to("/v1/chat/completions")[0].json
    assert (body["temperature"], body["max_tokens"]) == (0.6, 50)
    assert "num_ctx" not in body
    assert body["stream_options"] == {"include_usage": True}
    assert body["reasoning_effort"] == "none"


async def test_a_server_that_refuses_the_wish_not_to_think_is_asked_without(
    scripted: ScriptedServer, engine: OpenAIEngine
) -> None:
    scripted.answers += [failure("unknown field", 400), answer("It is 4.")]
    assert texts(await events_of(engine, request(think=ThinkMode.OFF))) == ("", "It is 4.")
    assert "reasoning_effort" not in scripted.sent_to("/v1/chat/completions")[1].json


@pytest.mark.parametrize("steps", [[Say("half <"), Cut()], [Say("half <"), Raw(b"data: {\n\n")]])
async def test_a_stream_that_breaks_off_is_cut_and_keeps_what_came(
    scripted: ScriptedServer, engine: OpenAIEngine, steps: list[object]
) -> None:
    scripted.answers.append(Answer(steps, done=False))  # type: ignore[arg-type]
    events: list[StreamEvent] = []
    with pytest.raises(errors.StreamCut):
        await hear(engine, request(), events)
    assert texts(events) == ("", "half <")


async def test_errors_are_ours(scripted: ScriptedServer, engine: OpenAIEngine) -> None:
    scripted.answers.append(failure("out of memory"))
    with pytest.raises(errors.NotEnoughMemory):
        await events_of(engine, request())
    await scripted.stop()
    with pytest.raises(errors.ServerUnreachable):
        await engine.version()


async def test_closing_the_iterator_closes_the_request(
    scripted: ScriptedServer, engine: OpenAIEngine
) -> None:
    scripted.answers.append(Answer([Say("half"), Hang()]))
    stream = engine.chat(request())
    async for event in stream:
        if texts([event])[1]:
            break
    await stream.aclose()
    await dropped(scripted, "/v1/chat/completions")


async def test_an_error_in_the_stream_is_raised(scripted: ScriptedServer, engine: OpenAIEngine) -> None:
    error = b'data: {"error": {"message": "CUDA out of memory"}}\n\n'
    scripted.answers.append(Answer([Say("half"), Raw(error), Line({})]))
    with pytest.raises(errors.NotEnoughMemory):
        await events_of(engine, request())


async def test_a_server_of_sglangs_says_that_a_prompt_is_too_long(
    scripted: ScriptedServer, engine: OpenAIEngine
) -> None:
    words = "The input (85050 tokens) is longer than the model's context length (32768 tokens)."
    scripted.answers.append(failure(words, 400))
    with pytest.raises(errors.PromptTooLong) as caught:
        await events_of(engine, request(opens_thinking=True))
    assert caught.value.phrase.params == {"needed": 85050, "context": 32768}
    assert len(scripted.sent_to("/v1/chat/completions")) == 1, "it is not asked once more in other words"


@pytest.mark.parametrize(
    ("name", "template", "thinks"),
    [
        ("deepseek-r1:1.5b", "", True),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "", True),
        ("DeepSeek-R1-Distill-Llama-8B-Q4_K_M.gguf", "", True),
        ("unsloth/DeepSeek-R1-0528-Qwen3-8B-GGUF", "", True),
        ("my-model", "{{ x.split('</think>')[-1] }}", True),
        ("my-model", "{{ messages }}", None),
        ("llama-3.3-70b", "", None),
    ],
)
async def test_that_a_model_thinks_is_known_by_its_name_or_its_template(
    engine: OpenAIEngine, monkeypatch: pytest.MonkeyPatch, name: str, template: str, thinks: bool | None
) -> None:
    async def models(*_: object) -> dict[str, object]:
        return {"data": [{"id": name}]}

    monkeypatch.setattr(engine._transport, "ask", models)
    engine._props = {"chat_template": template} if template else {}
    assert (await engine.details(name)).thinks is thinks


BEGUN = {"role": "assistant", "content": "<think>\n"}


@pytest.mark.parametrize(
    "told",
    [
        [Think("two "), Think("and two"), Say("Four.")],
        [Say("two "), Say("and two</th"), Say("ink>\n\nFour.")],
        [
            Say("<think>\ntwo and two"),
            Say("</think>Four."),
        ],  # told with what it was begun with, as llama.cpp's does
    ],
)
async def test_an_answer_is_begun_with_thinking(
    scripted: ScriptedServer, engine: OpenAIEngine, told: list[Step]
) -> None:
    scripted.answers.append(Answer(told))
    asked = request(opens_thinking=True)
    assert await engine.opens_thinking(asked)
    reasoning, content = texts(await events_of(engine, asked))
    assert (reasoning.strip(), content) == ("two and two", "Four.")
    sent = scripted.sent_to("/v1/chat/completions")[-1].json
    assert sent["messages"][-1] == BEGUN
    assert (sent["continue_final_message"], sent["add_generation_prompt"]) == (True, False)


async def test_a_server_that_refuses_a_beginning_is_asked_without_and_it_is_not_told_as_begun(
    scripted: ScriptedServer, engine: OpenAIEngine
) -> None:
    refused = failure("Assistant response prefill is incompatible with enable_thinking.", 400)
    scripted.answers += [refused, answer("Four.", "two and two")]
    asked = request(opens_thinking=True)
    assert texts(await events_of(engine, asked)) == ("two and two", "Four.")
    assert scripted.sent_to("/v1/chat/completions")[-1].json["messages"][-1]["role"] == "user"
    assert not await engine.opens_thinking(asked)


@pytest.mark.parametrize(
    ("template", "opens"),
    [
        ("{% if add_generation_prompt %}{{'<|Assistant|><think>\\n'}}{% endif %}", False),  # R1's
        ("{% if add_generation_prompt %}{{'<|Assistant|>'}}{% endif %}", True),  # R1's first
        (
            "{% if add_generation_prompt %}a{% if off %}<think>\n\n</think>\n\n{% endif %}{% endif %}",
            True,
        ),  # Qwen3's
        ("{% if m.content %}<think>{% endif %}", True),
    ],
)
async def test_a_prompt_that_ends_inside_thinking_is_left_alone(
    engine: OpenAIEngine, template: str, opens: bool
) -> None:
    engine._props = {"chat_template": template}
    assert await engine.opens_thinking(request(opens_thinking=True)) is opens
    assert not await engine.opens_thinking(request(opens_thinking=True, think=ThinkMode.OFF))
    assert not await engine.opens_thinking(request())


CHANGED = failure(
    "continue_final_message is set but the final message does not appear in the chat after applying the chat template!",
    400,
)
"""What vLLM says where the template cuts off what stands before `</think>`, as R1's own does."""


@pytest.mark.parametrize(
    ("reasoning", "begun", "sent"),
    [
        ("two and two\n", "", "two and two\n\n**Final answer:**\n\n"),
        ("two and two", "The sum", "two and two\n\n**Final answer:**\n\nThe sum"),
        ("二加二等于四。", "", "二加二等于四。\n\n**最终答案：**\n\n"),
    ],
)
@pytest.mark.parametrize("told", [[Say("is "), Say("four.")], [Think("is "), Think("four.")]])
async def test_where_the_template_cuts_reasoning_off_it_is_gone_on_with_as_plain_text(
    scripted: ScriptedServer, engine: OpenAIEngine, told: list[Step], reasoning: str, begun: str, sent: str
) -> None:
    scripted.answers += [CHANGED, Answer(told)]
    asked = request()
    turns = (*asked.turns, ChatTurn(Role.ASSISTANT, begun, reasoning))
    heard = texts(await events_of(engine, replace(asked, turns=turns)))
    assert heard == ("", "is four."), "the server takes the answer for reasoning, having seen no end of it"
    first, second = (each.json for each in scripted.sent_to("/v1/chat/completions"))
    assert "</think>" in first["messages"][-1]["content"]
    assert second["messages"] == [*first["messages"][:-1], {"role": "assistant", "content": sent}]
    assert (second["continue_final_message"], second["add_generation_prompt"]) == (True, False)


async def test_a_refusal_of_the_plain_text_is_told(scripted: ScriptedServer, engine: OpenAIEngine) -> None:
    scripted.answers += [CHANGED, failure("out of order", 400)]
    asked = request()
    turns = (*asked.turns, ChatTurn(Role.ASSISTANT, "", "two and two"))
    with pytest.raises(errors.RequestRefused):
        await events_of(engine, replace(asked, turns=turns))
    assert len(scripted.sent_to("/v1/chat/completions")) == 2
