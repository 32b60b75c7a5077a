"""Long pastes and commands' output: texts that go with a question without being files."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

from textual.app import App
from textual.events import Key

from r1tui.chat.session import ChatSession
from r1tui.domain.attachment import Attachment, AttachmentKind
from r1tui.domain.clean import clean, clean_line
from r1tui.domain.phrase import phrase
from r1tui.locale import t
from r1tui.services.container import Services
from r1tui.toolkit.bursts import SEEN, Lines, sign_of
from r1tui.widgets.prompt import Prompt

CHARACTERS, LINES = 1000, 8
"""What a paste may have to be written into the prompt."""


class Pasting:
    """The chat's pastes and commands."""

    def __init__(self, app: App[Any], services: Services, session: ChatSession, prompt: Prompt) -> None:
        self._app = app
        self._services = services
        self._session = session
        self._prompt = prompt

    @property
    def _can_attach(self) -> bool:
        return self._services.settings.chat.attachment_limit > 0

    def takes(self, text: str) -> bool:
        """Attach a paste where it is a long one for a question. False where it belongs into the prompt."""
        if not (self._can_attach and self._is_long(text)) or self._prompt.is_command:
            return False
        self._attach(text)
        return True

    def _is_long(self, text: str) -> bool:
        chat = self._services.settings.chat
        return chat.attach_pastes and (len(text) > CHARACTERS or _lines(text) > LINES)

    def _attach(self, text: str) -> bool:
        size = len(text.encode("utf-8", "replace"))
        return self._session.draft.attach(Attachment(t("paste.name"), text, AttachmentKind.PASTE, size=size))

    def unmarked(self, shown: str, rest: str) -> None:
        """Several lines have come like keys: ask. `shown`: what of them stands before the cursor already."""
        parts, last = [shown, rest], monotonic()

        def goes_on(key: Key | Lines) -> bool:
            nonlocal last
            if key.time > last + SEEN:
                return False
            last = max(key.time, monotonic())
            parts.append(sign_of(key))
            return True

        def decided(choice: str | None) -> None:
            rest = "".join(parts[1:])
            choice = choice or choices[0][0]  # Esc drops nothing: as a paste with marks would have gone
            if choice == "text":
                self._prompt.write_at_cursor(clean(rest))
                return
            self._prompt.take_back(shown)
            if choice == "attach" and not self._attach(shown + rest):
                self._prompt.write_at_cursor(clean(shown + rest))

        choices = [("text", phrase("paste.as_text"))]
        if self._can_attach and not self._prompt.is_command:
            choices.insert(0 if self._is_long(shown + rest) else 1, ("attach", phrase("paste.attach")))
        choices.append(("drop", phrase("paste.drop")))
        from r1tui.screens.dialogs.confirm import ChoiceScreen

        screen = ChoiceScreen(phrase("paste.unmarked", n=_lines(shown + rest)), choices, not_meant=goes_on)
        self._app.push_screen(screen, decided)

    async def run(self, command: str) -> bool:
        """Run a command with its `!`, and attach its output if that is wanted."""
        from r1tui.screens.dialogs.shell import ShellScreen
        from r1tui.services.shell import ShellLine

        line = ShellLine(command.removeprefix("!").strip(), self._services.settings.chat.shell_seconds)
        result = await self._app.push_screen_wait(ShellScreen(line, self._services.low_bandwidth))
        self._prompt.accept_command(command)
        if result is not None:
            text = await asyncio.to_thread(lambda: result.for_model)
            name = clean_line(line.line)
            self._session.draft.attach(Attachment(name, text, AttachmentKind.COMMAND, size=result.received))
        return True


def _lines(text: str) -> int:
    return text.rstrip("\n").count("\n") + 1
