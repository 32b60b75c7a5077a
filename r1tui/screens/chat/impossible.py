"""Commands that would do nothing now, and why: what the palette and the model's menu show muted."""

from __future__ import annotations

from r1tui.chat.server import Server
from r1tui.chat.session import ChatSession
from r1tui.commands import MODEL_COMMANDS
from r1tui.domain.message import Message, Phase
from r1tui.domain.phrase import Phrase, phrase
from r1tui.screens.chat import voting
from r1tui.screens.guide import live
from r1tui.services.engines.engine import ModelManager

_LIVE = (live.NEXT, live.TOKENS, live.THINK, live.VOTE, live.STACK, live.MADE)
"""The guide's live parts that ask a model."""


def useless(server: Server, name: str) -> dict[str, Phrase]:
    """Ids of the commands that would do nothing with a model now, each with why."""
    found = dict[str, Phrase]()
    if not name:
        found |= {each.id: phrase("models.not.none") for each in MODEL_COMMANDS if each.of_model}
    elif name == server.selected:
        found["model_menu.run"] = phrase("models.not.in_use")
    if name and server.loaded(name) is None:
        found["model_menu.stop"] = phrase("models.not.in_memory")
    if not server.running:
        found["model_menu.ps"] = phrase("models.not.nothing_in_memory")
    if server.models_folder is None:
        why = phrase("models.not.here")
        if server.local:
            why = phrase("palette.not.machine" if server.machine.profile is None else "models.not.seen")
        found |= {"model_menu.disk": why, "model_menu.partials": why}
    return found


def impossible(session: ChatSession, under_cursor: Message | None, *, shell: bool) -> dict[str, Phrase]:
    """Ids of the chat's commands that would do nothing now, each with why.

    `under_cursor`: the message that is acted on, where the cursor is in the conversation; `shell`: commands may be run.
    """
    server, answer, written = session.server, session.last_answer, session.draft.text
    found = useless(server, server.selected)
    if not isinstance(server.engine, ModelManager):
        found |= {each.id: phrase("palette.not.commands") for each in MODEL_COMMANDS}
        found["chat.model_menu"] = phrase("palette.not.commands")
    if not server.selected:
        found |= {each: phrase("models.not.none") for each in _LIVE}
        found["chat.explain_model"] = phrase("models.not.none")
        if not session.starting:
            found["chat.vote"] = phrase("models.not.none")
    if server.machine.profile is None or server.machine.recommendation is None:
        found["chat.figures"] = phrase("palette.not.machine")
    if session.generation is None or session.generation.message.phase is not Phase.THINKING:
        found["chat.answer_now"] = phrase("palette.not.thinking")
    if answer is None:
        found |= {name: phrase("palette.not.answer") for name in ("chat.copy", "chat.copy_all")}
        if voting.unfinished(session) is None:
            found["chat.continue"] = phrase("palette.not.answer")
        if under_cursor is None and not written.strip():
            found["chat.sent_prompt"] = phrase("palette.not.question")
    if voting.last_question(session) is None and not written.strip() and under_cursor is None:
        found.setdefault("chat.vote", phrase("palette.not.question"))
    reasoned = under_cursor or answer
    if reasoned is None or not reasoned.reasoning:
        found["chat.outline"] = phrase("palette.not.reasoning")
    if not session.conversation.messages:
        nothing = ("chat.export", "chat.find", "chat.message_up", "chat.message_down")
        found |= {name: phrase("palette.not.messages") for name in nothing}
    if not session.undo:
        found["chat.undo"] = phrase("palette.not.deleted")
    if not shell:
        found["chat.shell"] = phrase("palette.not.shell")
    elif written:
        found["chat.shell"] = phrase("palette.not.prompt")
    return found
