"""Makes the request for an answer: which parameters, which context length, the same at every turn."""

from __future__ import annotations

from r1tui.domain.catalogue import ModelShape, shape_from_info
from r1tui.domain.chat import ChatRequest
from r1tui.domain.conversation import Conversation
from r1tui.domain.hardware import HardwareProfile
from r1tui.domain.model import ModelDetails
from r1tui.domain.settings import Settings
from r1tui.domain.sizing import NUM_BATCH, size_context
from r1tui.services.engine import Engine, EngineError


class Answering:
    """Builds requests. What a model was first asked with is remembered, so that it never reloads by accident."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._contexts: dict[tuple[str, str], int] = {}

    def set_context(self, engine: Engine, model: str, num_ctx: int) -> None:
        """Send this context length from now on (the user chose it)."""
        self._contexts[engine.url, model] = num_ctx

    async def request(
        self,
        engine: Engine,
        conversation: Conversation,
        upto: str | None,
        profile: HardwareProfile | None,
        *,
        model: str,
        size: int,
    ) -> ChatRequest:
        """The request whose last turn is message `upto` (the whole branch when None); `size` is the model's, in bytes."""
        options: dict[str, float | int | str] = {}
        details = await self._details(engine, model)
        chat = self._settings.chat
        set_by_model = (
            {line.split()[0] for line in details.parameters.splitlines() if line.strip()}
            if details
            else set()
        )
        for name, value in (("temperature", chat.temperature), ("top_p", chat.top_p)):
            if name not in set_by_model:
                options[name] = value
        options["num_ctx"] = self._context(engine, model, size, details, profile, set_by_model)
        options["num_batch"] = NUM_BATCH
        options |= conversation.options
        return ChatRequest(
            model, conversation.context(upto), conversation.think, options, chat.keep_alive or None
        )

    def _context(
        self,
        engine: Engine,
        model: str,
        size: int,
        details: ModelDetails | None,
        profile: HardwareProfile | None,
        set_by_model: set[str],
    ) -> int:
        key = (engine.url, model)
        if key not in self._contexts:
            self._contexts[key] = self._settings.chat.num_ctx or self._sized(
                size, details, profile, set_by_model
            )
        return self._contexts[key]

    def _sized(
        self, size: int, details: ModelDetails | None, profile: HardwareProfile | None, set_by_model: set[str]
    ) -> int:
        if details is not None and "num_ctx" in set_by_model:
            line = next(line for line in details.parameters.splitlines() if line.split()[:1] == ["num_ctx"])
            value = line.split()[-1]
            if value.isdigit():
                return int(value)
        shape = shape_from_info(size, details.info) if details is not None else None
        return size_context(shape or ModelShape(0, 0, 0, 0), profile)

    async def _details(self, engine: Engine, model: str) -> ModelDetails | None:
        try:
            return await engine.details(model)
        except EngineError:
            return None  # the chat itself will say what is wrong
