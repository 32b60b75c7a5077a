"""The command table: everything a user can have R1TUI do, each once, as plain data.

Made from it are the key bindings, the palette, the keys in the status bar, the help, what `[keys]` in the settings may
name, and the tables of keys in the manual. What carries a command out is attached where its place is
(`toolkit.commands.Commanded.commands`).

A new command is one entry here, its words in each catalogue, and the function that carries it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import partial


class Place(Enum):
    """Where a command holds: the app, a screen or a widget. Within one of them no key has two meanings."""

    APP = auto()
    PAGE = auto()
    """Any screen that fills the terminal."""
    CHAT = auto()
    PROMPT = auto()
    SHELF = auto()
    """What waits above the prompt."""
    TRANSCRIPT = auto()
    SIDEBAR = auto()
    MACHINE = auto()
    HISTORY = auto()
    HISTORY_LIST = auto()
    SETTINGS = auto()
    SETTING_VALUE = auto()
    KEYS = auto()
    """The list of all keys."""
    SETUP = auto()
    HELP = auto()
    GUIDE = auto()
    NEXT_TOKEN = auto()
    TOKENS = auto()
    THINK = auto()
    LIVE_VOTE = auto()
    MODEL_MENU = auto()
    MODEL_NAME = auto()
    MODEL_IMPORT = auto()
    MODEL_CREATE = auto()
    MODEL_TRANSFER = auto()
    IMPORT = auto()
    SUMMING_UP = auto()
    CHOICE = auto()
    PICK = auto()
    PICK_FILE = auto()
    SHELL = auto()
    """A command of the user's that runs or has run."""
    LINE = auto()
    EDITOR = auto()
    """The field for longer text."""
    EDITOR_DIALOGUE = auto()
    TEXT_VIEW = auto()
    FIGURES = auto()
    VOTE = auto()
    """How often a question is asked."""
    VOTE_NUMBER = auto()
    NOTICES = auto()
    """What was said last."""


class Group(Enum):
    """What a command stands under in the help and the manual; the value is the heading in the catalogue."""

    PROMPT = "help.group.prompt"
    SHELF = "shelf.heading"
    TRANSCRIPT = "help.group.transcript"
    SIDEBAR = "help.group.sidebar"
    PAGE = "help.group.screen"
    APP = "help.group.app"


@dataclass(frozen=True, slots=True)
class Alias:
    """Further keys of a command under an id of their own. They give way to what the focused widget does with them."""

    id: str
    keys: str


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that a user can have R1TUI do, with its key and its words."""

    id: str
    """What the user's `[keys]` name: an id never changes."""
    keys: str
    """Default keys as Textual names them, separated by commas; empty for what only the palette has."""
    words: str
    """The catalogue's key of its name."""
    place: Place
    group: Group = Group.PAGE
    short: str = ""
    """The catalogue's key of its name in the status bar, for a command that is shown there."""
    priority: bool = False
    """Whether it goes before what the focused widget does with the key."""
    footer: bool = True
    """Whether the footer of a screen that has one shows it."""
    of_model: bool = False
    """Whether it is done with the selected model, so that the palette names that."""
    also: tuple[Alias, ...] = ()


_app = partial(Command, place=Place.APP, group=Group.APP, footer=False)
_page = partial(Command, place=Place.PAGE, priority=True, footer=False)
_chat = partial(Command, place=Place.CHAT)
_palette = partial(Command, keys="", place=Place.CHAT)
_prompt = partial(Command, place=Place.PROMPT, group=Group.PROMPT)
_transcript = partial(Command, place=Place.TRANSCRIPT, group=Group.TRANSCRIPT)
_sidebar = partial(Command, place=Place.SIDEBAR, group=Group.SIDEBAR)
_machine = partial(Command, place=Place.MACHINE)
_history = partial(Command, place=Place.HISTORY)
_list = partial(Command, place=Place.HISTORY_LIST, footer=False)
_model = partial(Command, place=Place.MODEL_MENU, of_model=True)
_server = partial(Command, place=Place.MODEL_MENU)
_guide = partial(Command, place=Place.GUIDE)
_pick = partial(Command, place=Place.PICK)
_shelf = partial(Command, place=Place.SHELF, group=Group.SHELF)
_pick_file = partial(Command, place=Place.PICK_FILE)

TABLE: tuple[Command, ...] = (
    _app("app.quit", "ctrl+q", "key.quit", priority=True),
    _app("app.copy_or_quit", "ctrl+c", "key.copy_or_quit"),
    _app("app.palette", "ctrl+p", "key.palette", short="key.short.palette", priority=True),
    _app("app.redraw", "ctrl+l", "key.redraw", priority=True),
    # ESC n, as `chat.vote` below.
    _app("app.notices", "alt+n", "key.notices", priority=True),
    _page("screen.next", "tab", "key.next_field"),
    _page("screen.previous", "shift+tab", "key.previous_field"),
    _chat("chat.stop", "escape", "key.stop", short="key.short.stop"),
    _chat("chat.fold", "ctrl+t", "key.fold", short="key.short.fold", priority=True),
    _chat("chat.new", "ctrl+n", "key.new", short="key.short.new", priority=True),
    _chat("chat.models", "ctrl+o", "key.models", short="key.short.models", priority=True),
    _chat("chat.machine", "ctrl+g", "key.machine", priority=True),
    _chat("chat.prompt_search", "ctrl+r", "key.prompt_search", priority=True),
    _chat("chat.help", "f1", "key.help", short="key.short.help", priority=True),
    _chat("chat.explain", "question_mark", "key.guide"),
    _chat("chat.copy", "f2", "key.copy", priority=True, also=(Alias("chat.copy_here", "ctrl+y"),)),
    _chat("chat.copy_all", "f3", "key.copy_all", priority=True),
    _chat("chat.answer_now", "f4", "key.answer_now", short="key.short.answer_now", priority=True),
    _chat("chat.continue", "f5", "key.continue", short="key.short.continue", priority=True),
    _chat("chat.history", "f6", "key.history", priority=True),
    _chat("chat.think", "f7", "key.think", priority=True),
    _chat("chat.model_menu", "f8", "key.model_menu", priority=True),
    _chat("chat.host", "f9", "key.host", priority=True),
    _chat("chat.sent_prompt", "f12", "key.sent_prompt", priority=True),
    # ESC v: no letter with Ctrl is free that edits nothing, and the other function keys belong to terminals.
    _chat("chat.vote", "alt+v", "key.vote", priority=True),
    _chat("chat.message_up", "ctrl+up", "key.message_up", priority=True),
    _chat("chat.message_down", "ctrl+down", "key.message_down", priority=True),
    _chat("chat.page_up", "pageup", "key.page_up", priority=True),
    _chat("chat.page_down", "pagedown", "key.page_down", priority=True),
    _palette("chat.attach", words="attachment.key.attach"),
    _palette("chat.shell", words="shell.command"),
    _palette("chat.guide", words="chat.command.guide"),
    _palette("chat.words", words="chat.command.words"),
    _palette("chat.live_next", words="live.next"),
    _palette("chat.live_tokens", words="live.tokens"),
    _palette("chat.live_think", words="live.think"),
    _palette("chat.live_context", words="live.context"),
    _palette("chat.live_parameters", words="live.parameters"),
    _palette("chat.live_stack", words="live.stack"),
    _palette("chat.live_vote", words="live.vote"),
    _palette("chat.setup", words="chat.command.setup"),
    _palette("chat.settings", words="chat.command.settings"),
    _palette("chat.theme", words="chat.command.theme"),
    _palette("chat.private", words="chat.command.private"),
    _palette("chat.rename", words="chat.command.rename"),
    _palette("chat.system", words="chat.command.system"),
    _palette("chat.parameters", words="chat.command.parameters"),
    _palette("chat.context", words="chat.command.context"),
    _palette("chat.export", words="chat.command.export"),
    _palette("chat.export_all", words="chat.command.export_all"),
    _palette("chat.import", words="chat.command.import"),
    _palette("chat.figures", words="chat.command.figures"),
    _palette("chat.explain_model", words="chat.command.explain_model"),
    _palette("chat.undo", words="chat.command.undo"),
    _palette("chat.outline", words="chat.command.outline"),
    _palette("chat.find", words="chat.command.find"),
    _palette("chat.delete_everything", words="chat.command.delete_everything"),
    _prompt("prompt.send", "enter", "key.send"),
    # Shift+Enter exists only with the Kitty keyboard protocol; the other two pass through SSH everywhere.
    _prompt("prompt.new_line", "ctrl+j,alt+enter,shift+enter", "key.new_line"),
    _shelf("shelf.up", "up", "key.up"),
    _shelf("shelf.down", "down", "key.down"),
    _shelf("shelf.open", "space,enter", "shelf.key.open", short="shelf.short.open"),
    _shelf("shelf.pager", "o", "transcript.key.pager"),
    _shelf("shelf.remove", "backspace,delete", "shelf.key.remove", short="shelf.short.remove"),
    _shelf("shelf.encoding", "e", "shelf.key.encoding", short="shelf.short.encoding"),
    _shelf("shelf.leave", "escape", "shelf.key.leave"),
    _transcript("transcript.up", "up", "transcript.key.up"),
    _transcript("transcript.down", "down", "transcript.key.down"),
    _transcript("transcript.page_up", "pageup", "transcript.key.page-up"),
    _transcript("transcript.page_down", "pagedown", "transcript.key.page-down"),
    _transcript("transcript.home", "home,g", "transcript.key.home"),
    _transcript("transcript.end", "end,G", "transcript.key.end"),
    _transcript("transcript.previous", "k,ctrl+up", "transcript.key.previous"),
    _transcript("transcript.next", "j,ctrl+down", "transcript.key.next"),
    _transcript("transcript.fold", "enter,space", "transcript.key.fold", short="key.short.fold"),
    _transcript("transcript.formulas", "m", "transcript.key.formulas"),
    _transcript("transcript.copy", "y", "transcript.key.copy", short="key.short.copy"),
    _transcript("transcript.copy_all", "Y", "transcript.key.copy-all"),
    *(_transcript(f"transcript.copy_code_{n}", str(n), "transcript.key.copy-code") for n in range(1, 10)),
    _transcript("transcript.pager", "o", "transcript.key.pager"),
    _transcript("transcript.editor", "O", "transcript.key.editor"),
    _transcript("transcript.save", "s", "transcript.key.save"),
    _transcript("transcript.edit", "e", "transcript.key.edit"),
    _transcript("transcript.regenerate", "r", "transcript.key.regenerate"),
    _transcript("transcript.continue", "c", "transcript.key.continue"),
    _transcript("transcript.vote", "v", "transcript.key.vote", short="key.short.vote"),
    _transcript("transcript.origin", "b", "transcript.key.origin"),
    _transcript("transcript.sibling_before", "left_square_bracket", "transcript.key.sibling-before"),
    _transcript("transcript.sibling_after", "right_square_bracket", "transcript.key.sibling-after"),
    _transcript("transcript.outline", "t", "transcript.key.outline", short="key.short.outline"),
    _transcript("transcript.delete", "d", "transcript.key.delete"),
    _transcript("transcript.find", "slash", "transcript.key.find", short="key.short.find"),
    _transcript("transcript.find_next", "n", "transcript.key.find-next"),
    _transcript("transcript.find_previous", "N", "transcript.key.find-previous"),
    _sidebar("sidebar.up", "up,k", "key.up"),
    _sidebar("sidebar.down", "down,j", "key.down"),
    _sidebar("sidebar.first", "home", "key.first"),
    _sidebar("sidebar.last", "end", "key.last"),
    _sidebar("sidebar.choose", "enter", "sidebar.key.choose", short="key.short.choose"),
    _sidebar("sidebar.menu", "m,space", "sidebar.key.menu", short="key.short.menu"),
    _sidebar("sidebar.explain", "i", "sidebar.key.explain"),
    _sidebar("sidebar.add", "a,plus", "sidebar.key.add", short="key.short.add"),
    _sidebar("sidebar.cancel", "x,delete", "sidebar.key.cancel"),
    _machine("hardware.figures", "question_mark", "key.figures", short="key.short.figures"),
    _machine("hardware.pull", "p", "key.pull_recommended", short="key.short.pull"),
    _machine("hardware.lower_context", "l", "key.lower_context"),
    _history("history.close", "escape", "key.close", footer=False),
    _history("history.search", "slash", "history.key.search"),
    _history("history.rename", "r", "history.key.rename"),
    _history("history.pin", "p", "history.key.pin"),
    _history("history.archive", "a", "history.key.archive"),
    _history("history.view", "v", "history.key.view"),
    _history("history.delete", "d,delete", "history.key.delete"),
    _history("history.undo", "u", "history.key.undo"),
    _history("history.export", "e", "history.key.export"),
    _history("history.to_list", "down", "key.down", footer=False),
    _list("history.down", "j", "key.down"),
    _list("history.up", "k", "key.up"),
    # ^↓ and ^↑ are the system's in some terminals.
    _list("history.next", "J,ctrl+down", "history.key.next"),
    _list("history.previous", "K,ctrl+up", "history.key.previous"),
    Command("settings.close", "escape", "key.close", Place.SETTINGS),
    Command("settings.change", "enter", "key.change", Place.SETTINGS),
    Command("settings.search", "slash", "history.key.search", Place.SETTINGS),
    Command("settings.default", "delete,ctrl+d", "settings.key.default", Place.SETTINGS),
    Command("settings.before", "left", "settings.key.before", Place.SETTINGS, footer=False),
    Command("settings.after", "right", "settings.key.after", Place.SETTINGS, footer=False),
    Command("settings.to_list", "down", "key.down", Place.SETTINGS, footer=False),
    Command("settings.explain", "question_mark,f1", "key.guide", Place.SETTINGS),
    Command("keys.close", "escape", "key.close", Place.KEYS),
    Command("keys.change", "enter", "keys.key.change", Place.KEYS),
    Command("keys.search", "slash", "history.key.search", Place.KEYS),
    Command("keys.default", "delete,ctrl+d", "settings.key.default", Place.KEYS),
    Command("keys.to_list", "down", "key.down", Place.KEYS, footer=False),
    Command("value.close", "escape", "key.close", Place.SETTING_VALUE),
    Command("setup.back", "escape", "key.close", Place.SETUP),
    Command("setup.retry", "r", "setup.key.retry", Place.SETUP),
    Command("setup.explain", "question_mark", "setup.key.explain", Place.SETUP),
    Command("setup.guide", "f1", "chat.command.guide", Place.SETUP),
    Command("help.close", "escape,f1,question_mark,q", "key.close", Place.HELP),
    Command("help.guide", "g", "chat.command.guide", Place.HELP),
    Command("help.words", "w", "guide.key.shown", Place.HELP),
    _guide("guide.close", "escape,q", "key.close"),
    _guide("guide.next", "right,n", "guide.key.next"),
    _guide("guide.previous", "left,p", "guide.key.previous"),
    _guide("guide.contents", "c,f1", "guide.key.contents"),
    _guide("guide.words", "g", "guide.key.words"),
    _guide("guide.explain", "question_mark", "guide.key.explain"),
    _guide("guide.follow", "enter", "guide.key.follow"),
    _guide("guide.back", "backspace", "guide.key.back"),
    _guide("guide.find", "slash", "guide.key.find"),
    _guide("guide.try", "t", "live.question"),
    _guide("guide.up", "up", "key.up"),
    _guide("guide.down", "down", "key.down"),
    _guide("guide.page_down", "pagedown,space", "key.page_down"),
    _guide("guide.page_up", "pageup", "key.page_up"),
    _guide("guide.home", "home", "transcript.key.home"),
    _guide("guide.end", "end", "guide.key.end"),
    Command("next_token.close", "escape", "key.close", Place.NEXT_TOKEN),
    Command("next_token.up", "up", "key.up", Place.NEXT_TOKEN, priority=True),
    Command("next_token.down", "down", "key.down", Place.NEXT_TOKEN, priority=True),
    Command("tokens.close", "escape", "key.close", Place.TOKENS),
    Command("tokens.page_up", "pageup", "key.page_up", Place.TOKENS, priority=True),
    Command("tokens.page_down", "pagedown", "key.page_down", Place.TOKENS, priority=True),
    Command("live_vote.close", "escape", "key.close", Place.LIVE_VOTE),
    Command("live_vote.page_up", "pageup", "key.page_up", Place.LIVE_VOTE, priority=True),
    Command("live_vote.page_down", "pagedown", "key.page_down", Place.LIVE_VOTE, priority=True),
    Command("think.close", "escape", "key.close", Place.THINK),
    Command("think.page_up", "pageup", "key.page_up", Place.THINK, priority=True),
    Command("think.page_down", "pagedown", "key.page_down", Place.THINK, priority=True),
    _server("model_menu.close", "escape", "key.close"),
    _model("model_menu.run", "r", "models.command.run"),
    _model("model_menu.show", "s", "models.command.show"),
    _model("model_menu.stop", "x", "models.command.stop"),
    _model("model_menu.pull", "u", "models.command.pull"),
    _model("model_menu.push", "h", "models.command.push"),
    _model("model_menu.cp", "c", "models.command.cp"),
    _model("model_menu.create", "e", "models.command.create"),
    _model("model_menu.rm", "d", "models.command.rm"),
    _server("model_menu.add", "a", "models.command.add"),
    _server("model_menu.import", "g", "models.command.import"),
    _server("model_menu.list", "l", "models.command.list"),
    _server("model_menu.ps", "p", "models.command.ps"),
    _server("model_menu.move", "o", "models.command.move"),
    _server("model_menu.disk", "k", "models.command.disk"),
    _server("model_menu.partials", "t", "models.command.partials"),
    _server("model_menu.update_all", "U", "models.command.update_all"),
    _server("model_menu.serve", "v", "models.command.serve"),
    Command("pull_name.close", "escape", "key.close", Place.MODEL_NAME),
    Command("model_import.close", "escape", "key.close", Place.MODEL_IMPORT),
    Command("model_create.close", "escape", "key.close", Place.MODEL_CREATE),
    Command("model_create.make", "f2", "models.key.make", Place.MODEL_CREATE),
    Command("model_create.modelfile", "f3", "models.key.modelfile", Place.MODEL_CREATE),
    Command("transfer.stop", "escape", "models.transfer.key.stop", Place.MODEL_TRANSFER),
    Command("summary.stop", "escape", "models.transfer.key.stop", Place.SUMMING_UP),
    Command("import.stop", "escape", "models.transfer.key.stop", Place.IMPORT),
    Command("dialogue.close", "escape", "key.close", Place.CHOICE),
    _pick("pick.close", "escape", "key.close"),
    _pick("pick.down", "down,ctrl+n", "key.down", priority=True),
    _pick("pick.up", "up,ctrl+p", "key.up", priority=True),
    _pick_file("pick_file.close", "escape", "key.close"),
    _pick_file("pick_file.down", "down,ctrl+n", "key.down", priority=True),
    _pick_file("pick_file.up", "up,ctrl+p", "key.up", priority=True),
    _pick_file("pick_file.complete", "tab", "attachment.key.complete", priority=True),
    _pick_file("pick_file.hidden", "ctrl+t", "attachment.key.hidden", priority=True),
    Command("shell.attach", "enter", "shell.key.attach", Place.SHELL),
    Command("shell.close", "escape", "shell.key.close", Place.SHELL),
    Command("line.close", "escape", "key.close", Place.LINE),
    Command("text.done", "enter", "key.done", Place.EDITOR),
    Command("text.new_line", "ctrl+j,alt+enter,shift+enter", "key.new_line", Place.EDITOR),
    Command("text.close", "escape", "key.close", Place.EDITOR_DIALOGUE),
    Command("text_view.close", "escape,q", "key.close", Place.TEXT_VIEW),
    Command("text_view.explain", "question_mark,f1", "key.guide", Place.TEXT_VIEW),
    Command("figures.close", "escape,q", "key.close", Place.FIGURES),
    Command("figures.explain", "question_mark,f1", "key.guide", Place.FIGURES),
    Command("vote.start", "enter", "vote.key.start", Place.VOTE_NUMBER),
    Command("vote.box", "space", "vote.key.box", Place.VOTE_NUMBER),
    Command("vote.more", "up", "vote.key.more", Place.VOTE_NUMBER),
    Command("vote.fewer", "down", "vote.key.fewer", Place.VOTE_NUMBER),
    Command("vote.close", "escape", "key.close", Place.VOTE),
    Command("notices.close", "escape,q", "key.close", Place.NOTICES),
    Command("notices.copy", "y", "notice.key.copy", Place.NOTICES),
    Command("notices.copy_all", "Y", "notice.key.copy_all", Place.NOTICES),
)

MODEL_COMMANDS = tuple(
    each for each in TABLE if each.place is Place.MODEL_MENU and each.id != "model_menu.close"
)
"""Everything that the server can do with models, which the palette of the chat has too."""
_BY_ID = {each.id: each for each in TABLE} | {alias.id: each for each in TABLE for alias in each.also}


def command(name: str) -> Command:
    """The command with this id, or with this id of an alias. Raises `KeyError` where there is none."""
    return _BY_ID[name]


def at(place: Place) -> tuple[Command, ...]:
    """The commands that hold there, in the table's order."""
    return tuple(each for each in TABLE if each.place is place)


def default_keys() -> dict[Place, dict[str, str]]:
    """Place → id → default keys, of every command and alias that a key can be given to."""
    keys: dict[Place, dict[str, str]] = {}
    for each in TABLE:
        if each.keys:
            own = keys.setdefault(each.place, {})
            own[each.id] = each.keys
            own |= {alias.id: alias.keys for alias in each.also}
    return keys
