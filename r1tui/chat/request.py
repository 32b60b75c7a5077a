"""Makes the request for an answer: which parameters, which context length, the same at every turn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from r1tui.chat.context import ContextMeter, own_texts, wanted_reserve
from r1tui.chat.sent_prompt import counted_by
from r1tui.domain.chat import ChatRequest, ThinkMode
from r1tui.domain.conversation import Conversation
from r1tui.domain.edge import AtEdge, Edge, prompt_tokens
from r1tui.domain.message import Role
from r1tui.domain.model import ModelDetails
from r1tui.domain.options import AT_EDGE, OURS, option_from_text
from r1tui.domain.r1_models import ORIGINAL, identify, rules_of
from r1tui.domain.settings import Settings
from r1tui.services.engines.engine import Engine, EngineError

if TYPE_CHECKING:
    from r1tui.domain.hardware import HardwareProfile


class RequestBuilder:
    """Builds requests. What a model was first asked with is remembered, so that it never reloads by accident."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._chosen: dict[tuple[str, str], int] = {}
        self._sizes: dict[tuple[str, str], tuple[int, int]] = {}
        """(server, model) → context length and batch."""
        self._asked: dict[tuple[str, str], int] = {}
        """(server, model) → context length that the last request was sized to."""
        self._known: dict[tuple[str, str], ModelDetails] = {}
        """(server, model) → what the server told of it for the last request."""

    def set_context(self, engine: Engine, model: str, num_ctx: int) -> None:
        """Send this context length from now on (the user chose it)."""
        self._chosen[engine.url, model] = num_ctx

    def forget_contexts(self) -> None:
        """Work the context lengths out again: the setting was changed."""
        self._chosen.clear()
        self._sizes.clear()

    def forget_sizes(self) -> None:
        """Work out again what fits: the memory that a context takes has changed. What the user chose stays."""
        self._sizes.clear()

    async def build(
        self,
        engine: Engine,
        conversation: Conversation,
        upto: str | None,
        profile: HardwareProfile | None,
        *,
        model: str,
        size: int,
        meter: ContextMeter | None = None,
    ) -> ChatRequest:
        """The request whose last turn is message `upto` (the whole branch when None); `size`: the model's, in bytes.

        `meter`: what decides which turns fit, with what it knows from before; it learns the context's length.
        """
        details = await self._details(engine, model)
        if details is not None:
            self._known[engine.url, model] = details
        set_by_model = _parameters(details)
        options: dict[str, float | int | str] = {
            name: value for name, value in self._sampling(model, details).items() if name not in set_by_model
        }
        num_ctx, options["num_batch"] = await self._sized(engine, profile, model, size)
        self._asked[engine.url, model] = num_ctx
        if num_ctx:
            options["num_ctx"] = num_ctx
        options |= {name: value for name, value in conversation.options.items() if name not in OURS}
        keep_alive = self._settings.chat.keep_alive or None
        meter = meter or ContextMeter(conversation, self._settings)
        meter.size, meter.before = num_ctx or None, own_texts(conversation, details)
        turns = meter.turns(upto)
        expects = details is not None and details.thinks is True and conversation.think is not ThinkMode.OFF
        return ChatRequest(model, turns, conversation.think, options, keep_alive, expects_thinking=expects)

    async def edge(self, engine: Engine, conversation: Conversation, request: ChatRequest) -> Edge:
        """Where the context of a request that was built ends, and what happens there."""
        from r1tui.domain.catalogue import longest_context

        details = self._known.get((engine.url, request.model))
        context = int(request.options.get("num_ctx", 0))
        if most := longest_context(details.info) if details is not None else 0:
            context = min(context, most)  # a server that is asked for more gives that
        chat, own = self._settings.chat, conversation.options
        last = request.turns[-1] if request.turns else None
        turns = request.turns[:-1] if last is not None and last.role is Role.ASSISTANT else request.turns
        texts = own_texts(conversation, details)
        return Edge(
            context,
            await counted_by(engine, replace(request, turns=turns))
            or prompt_tokens(conversation, turns, context, texts),
            wanted_reserve(conversation, self._settings),
            AtEdge(str(own.get(AT_EDGE, chat.at_edge))),
        )

    def _sampling(self, model: str, details: ModelDetails | None) -> dict[str, float]:
        """What the user set, else what DeepSeek advises for the model."""
        known = (
            identify(model, architecture=details.family, info=details.info) if details else identify(model)
        )
        rules, chat = rules_of(known), self._settings.chat
        return {
            "temperature": rules.temperature
            if chat.temperature == ORIGINAL.temperature
            else chat.temperature,
            "top_p": rules.top_p if chat.top_p == ORIGINAL.top_p else chat.top_p,
        }

    async def defaults(self, engine: Engine, model: str) -> dict[str, str]:
        """Parameter → value where a conversation sets none: the Modelfile's, else the settings'."""
        details = await self._details(engine, model)
        ours = {name: str(value) for name, value in self._sampling(model, details).items()}
        return ours | _parameters(details)

    async def context_length(
        self, engine: Engine, profile: HardwareProfile | None, *, model: str, size: int
    ) -> int:
        """The context length that requests to a model ask for: the settings', its Modelfile's, else what fits.

        Of a server that was started with one it is that; 0 where it does not tell.
        """
        return (await self._sized(engine, profile, model, size))[0]

    async def longer_context(
        self, engine: Engine, profile: HardwareProfile | None, than: int, *, model: str, size: int
    ) -> int:
        """The next length beyond `than` that the memory has for a model; 0 where there is none, or nobody knows."""
        from r1tui.domain.catalogue import shape_from_info
        from r1tui.domain.sizing import longer_context

        details = await self._details(engine, model)
        shape = shape_from_info(size, details.info, model) if details is not None else None
        emptied = await _emptied(engine, profile)
        if not engine.sizes_context or shape is None or emptied is None or not emptied.local:
            return 0
        return longer_context(shape, than, emptied)

    async def context_in_effect(
        self, engine: Engine, profile: HardwareProfile | None, *, model: str, size: int, loaded: int
    ) -> int:
        """The context length of the next answer: as `loaded`, which is the truth (a server asked for too much gives
        what the model can), unless the next request will ask for another than the last one did.
        """
        next_one = await self.context_length(engine, profile, model=model, size=size)
        same = not engine.sizes_context or self._asked.get((engine.url, model)) == next_one
        return loaded if loaded and same else next_one

    async def reloads(
        self, engine: Engine, profile: HardwareProfile | None, *, model: str, size: int
    ) -> bool:
        """Whether the next request asks for another context than the last one, so that the model is loaded anew."""
        asked = self._asked.get((engine.url, model))
        if not engine.sizes_context or asked is None:
            return False
        return asked != await self.context_length(engine, profile, model=model, size=size)

    async def _sized(
        self, engine: Engine, profile: HardwareProfile | None, model: str, size: int
    ) -> tuple[int, int]:
        """Context length and batch."""
        from r1tui.domain.catalogue import shape_from_info
        from r1tui.domain.sizing import NUM_BATCH, NUM_CTX_LEAST, size_request

        key = (engine.url, model)
        if key in self._chosen:
            return self._chosen[key], NUM_BATCH
        if key not in self._sizes:
            details = await self._details(engine, model)
            own = option_from_text("num_ctx", _parameters(details).get("num_ctx", ""))
            if not engine.sizes_context:
                return int(own or 0), NUM_BATCH
            shape = shape_from_info(size, details.info, model) if details is not None else None
            if self._settings.chat.num_ctx:
                found = self._settings.chat.num_ctx, NUM_BATCH
            elif own:
                found = int(own), NUM_BATCH
            elif shape is None:
                return NUM_CTX_LEAST, NUM_BATCH  # the server does not tell: nothing to remember
            else:
                found = size_request(shape, await _emptied(engine, profile))
            if profile is None or profile.looking:
                return found  # not final while GPUs are looked for
            self._sizes[key] = found
        return self._sizes[key]

    async def _details(self, engine: Engine, model: str) -> ModelDetails | None:
        try:
            return await engine.details(model)
        except EngineError:
            return None  # the chat itself will say what is wrong


async def _emptied(engine: Engine, profile: HardwareProfile | None) -> HardwareProfile | None:
    """The machine as a model finds it that is loaded in place of the present ones."""
    try:
        held = sum(model.size_vram for model in await engine.running())
    except EngineError:
        held = 0
    return profile.giving_back(held) if profile is not None else None


def _parameters(details: ModelDetails | None) -> dict[str, str]:
    """Parameter → value, as the model's own Modelfile sets them."""
    if details is None:
        return {}
    lines = (line.split(maxsplit=1) for line in details.parameters.splitlines())
    return {words[0]: words[1].strip() for words in lines if len(words) == 2}
