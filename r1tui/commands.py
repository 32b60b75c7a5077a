"""The command table: what a user can have R1TUI do by a key or in the chat by lines, each once, as plain data.

Made from it are the key bindings, the palette, the keys in the status bar, the help, what `[keys]` in the settings may
name, and the tables of keys in the manual. What carries a command out is attached where its place is
(`toolkit.bindings.Commanded.commands`).

A new command is one entry here, its words in each catalogue, and the function that carries it out. One that only the
palette has stands with its function instead (`toolkit.bindings.InPalette`), since nothing but the palette reads it.
"""

from __future__ import annotations

from enum import Enum, auto
from functools import partial

from r1tui.domain.dataclass import dataclass


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
    PALETTE = auto()
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


class Section(Enum):
    """What a command stands under in the palette, in this order; the value is the heading in the catalogue."""

    HERE = "palette.here"
    """What the part of the screen does in which the cursor is."""
    CONVERSATION = "palette.conversation"
    ANSWER = "palette.answer"
    MODEL = "models.group.this"
    """Done with the selected model."""
    GET = "models.group.get"
    """Bring a model to the server."""
    SERVER = "models.group.server"
    VIEW = "palette.view"
    GUIDE = "palette.guide"
    APP = "palette.app"
    MOVE = "palette.move"


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
    """Default keys as Textual names them, separated by commas; empty for what the palette has and no key."""
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
    section: Section = Section.HERE
    about: str = ""
    """The catalogue's key of a line about what it does, in a menu and the palette."""
    danger: bool = False
    """Whether it destroys something: it stands last in a menu and the palette, and says so."""
    also: tuple[Alias, ...] = ()

    @property
    def of_model(self) -> bool:
        """Whether it is done with the selected model, so that the palette names that."""
        return self.place is Place.MODEL_MENU and self.section is Section.MODEL


_app = partial(Command, place=Place.APP, group=Group.APP, footer=False, section=Section.APP)
_page = partial(Command, place=Place.PAGE, priority=True, footer=False, section=Section.MOVE)
_chat = partial(Command, place=Place.CHAT)
_talk = partial(_chat, section=Section.CONVERSATION)
_answer = partial(_chat, section=Section.ANSWER)
_view = partial(_chat, section=Section.VIEW)
_learn = partial(_chat, section=Section.GUIDE)
_move = partial(_chat, section=Section.MOVE)
_prompt = partial(Command, place=Place.PROMPT, group=Group.PROMPT, section=Section.MOVE)
_transcript = partial(Command, place=Place.TRANSCRIPT, group=Group.TRANSCRIPT)
_message = partial(_transcript, about="about.message")
_reader = partial(_transcript, section=Section.MOVE)
_sidebar = partial(Command, place=Place.SIDEBAR, group=Group.SIDEBAR)
_machine = partial(Command, place=Place.MACHINE)
_history = partial(Command, place=Place.HISTORY)
_list = partial(Command, place=Place.HISTORY_LIST, footer=False, section=Section.MOVE)
_model = partial(Command, place=Place.MODEL_MENU, section=Section.MODEL)
_get = partial(Command, place=Place.MODEL_MENU, section=Section.GET)
_server = partial(Command, place=Place.MODEL_MENU, section=Section.SERVER)
_guide = partial(Command, place=Place.GUIDE)
_pick = partial(Command, place=Place.PICK)
_palette = partial(Command, place=Place.PALETTE)
_shelf = partial(Command, place=Place.SHELF, group=Group.SHELF)
_pick_file = partial(Command, place=Place.PICK_FILE)

TABLE: tuple[Command, ...] = (
    _app("app.quit", "ctrl+q", "key.quit", priority=True, about="about.quit"),
    _app("app.copy_or_quit", "ctrl+c", "key.copy_or_quit", about="about.copy_or_quit"),
    _app("app.palette", "ctrl+p", "key.palette", short="key.short.palette", priority=True),
    _app("app.redraw", "ctrl+l", "key.redraw", priority=True, about="about.redraw"),
    # ESC n, as `chat.vote` below.
    _app("app.notices", "alt+n", "key.notices", priority=True, about="about.notices"),
    _page("screen.next", "tab", "key.next_field"),
    _page("screen.previous", "shift+tab", "key.previous_field"),
    _answer("chat.stop", "escape", "key.stop", short="key.short.stop", about="about.stop"),
    _answer("chat.fold", "ctrl+t", "key.fold", short="key.short.fold", priority=True, about="about.fold"),
    _talk("chat.new", "ctrl+n", "key.new", short="key.short.new", priority=True, about="about.new"),
    _view(
        "chat.models", "ctrl+o", "key.models", short="key.short.models", priority=True, about="about.models"
    ),
    _view("chat.machine", "ctrl+g", "key.machine", priority=True, about="about.machine"),
    _talk("chat.prompt_search", "ctrl+r", "key.prompt_search", priority=True, about="about.prompt_search"),
    _learn("chat.help", "f1", "key.help", short="key.short.help", priority=True, about="about.help"),
    _learn("chat.explain", "question_mark", "key.guide", about="about.explain"),
    _answer(
        "chat.copy",
        "f2",
        "key.copy",
        priority=True,
        about="about.copy",
        also=(Alias("chat.copy_here", "ctrl+y"),),
    ),
    _answer("chat.copy_all", "f3", "key.copy_all", priority=True, about="about.copy_all"),
    _answer(
        "chat.answer_now",
        "f4",
        "key.answer_now",
        short="key.short.answer_now",
        priority=True,
        about="about.answer_now",
    ),
    _answer(
        "chat.continue",
        "f5",
        "key.continue",
        short="key.short.continue",
        priority=True,
        about="about.continue",
    ),
    _talk("chat.history", "f6", "key.history", priority=True, about="about.history"),
    _talk("chat.think", "f7", "key.think", priority=True, about="about.think"),
    _chat(
        "chat.model_menu",
        "f8",
        "key.model_menu",
        section=Section.MODEL,
        priority=True,
        about="about.model_menu",
    ),
    _chat("chat.host", "f9", "key.host", section=Section.SERVER, priority=True, about="about.host"),
    _answer("chat.sent_prompt", "f12", "key.sent_prompt", priority=True, about="about.sent_prompt"),
    # ESC v: no letter with Ctrl is free that edits nothing, and the other function keys belong to terminals.
    _answer("chat.vote", "alt+v", "key.vote", priority=True, about="about.vote"),
    _move("chat.message_up", "ctrl+up", "key.message_up", priority=True, about="about.message_up"),
    _move("chat.message_down", "ctrl+down", "key.message_down", priority=True, about="about.message_down"),
    _move("chat.page_up", "pageup", "key.page_up", priority=True),
    _move("chat.page_down", "pagedown", "key.page_down", priority=True),
    _talk("chat.private", "", "chat.command.private", about="about.private"),
    _talk("chat.rename", "", "chat.command.rename", about="about.rename"),
    _talk("chat.system", "", "chat.command.system", about="about.system"),
    _answer("chat.outline", "", "chat.command.outline", about="about.outline"),
    _talk("chat.find", "", "chat.command.find", about="about.find"),
    _prompt("prompt.send", "enter", "key.send"),
    # Shift+Enter exists only with the Kitty keyboard protocol; the other two pass through SSH everywhere.
    _prompt("prompt.new_line", "ctrl+j,alt+enter,shift+enter", "key.new_line"),
    # The status bar lists what has a short name, in this order, while the keys go there: the most needed first.
    _shelf("shelf.open", "enter,space", "shelf.key.open", short="shelf.short.open"),
    _shelf("shelf.remove", "delete,backspace", "shelf.key.remove", short="shelf.short.remove"),
    _shelf("shelf.encoding", "e", "shelf.key.encoding", short="shelf.short.encoding"),
    _shelf("shelf.pager", "o", "transcript.key.pager", short="key.short.pager"),
    _shelf("shelf.up", "up", "key.up", short="key.short.move", section=Section.MOVE),
    _shelf("shelf.down", "down", "key.down", short="key.short.move", section=Section.MOVE),
    _shelf("shelf.leave", "escape", "shelf.key.leave", short="key.short.back"),
    _transcript("transcript.find_next", "n", "transcript.key.find-next", short="key.short.match"),
    _transcript("transcript.find_previous", "N", "transcript.key.find-previous", short="key.short.match"),
    _message("transcript.fold", "enter,space", "transcript.key.fold", short="key.short.fold_here"),
    _message("transcript.copy", "y", "transcript.key.copy", short="key.short.copy"),
    _message("transcript.continue", "c", "transcript.key.continue", short="key.short.continue"),
    _message("transcript.regenerate", "r", "transcript.key.regenerate", short="key.short.again"),
    _message("transcript.edit", "e", "transcript.key.edit", short="key.short.edit"),
    _transcript("transcript.find", "slash", "transcript.key.find", short="key.short.find"),
    _message("transcript.vote", "v", "transcript.key.vote", short="key.short.vote"),
    _message(
        "transcript.sibling_before",
        "left_square_bracket",
        "transcript.key.sibling-before",
        short="key.short.version",
    ),
    _message(
        "transcript.sibling_after",
        "right_square_bracket",
        "transcript.key.sibling-after",
        short="key.short.version",
    ),
    *(
        _message(f"transcript.copy_code_{n}", str(n), "transcript.key.copy-code", short="key.short.copy_code")
        for n in range(1, 10)
    ),
    _message("transcript.outline", "t", "transcript.key.outline", short="key.short.outline"),
    _message("transcript.copy_all", "Y", "transcript.key.copy-all", short="key.short.copy_all"),
    _message("transcript.save", "s", "transcript.key.save", short="key.short.save"),
    _message("transcript.pager", "o", "transcript.key.pager", short="key.short.pager"),
    _message("transcript.editor", "O", "transcript.key.editor", short="key.short.editor"),
    _message("transcript.formulas", "m", "transcript.key.formulas", short="key.short.formulas"),
    _transcript("transcript.origin", "b", "transcript.key.origin", short="key.short.origin"),
    _message("transcript.delete", "d", "transcript.key.delete", short="key.short.delete", danger=True),
    _reader("transcript.previous", "k,ctrl+up", "transcript.key.previous", short="key.short.message"),
    _reader("transcript.next", "j,ctrl+down", "transcript.key.next", short="key.short.message"),
    _reader("transcript.home", "home,g", "transcript.key.home", short="key.short.ends"),
    _reader("transcript.end", "end,G", "transcript.key.end", short="key.short.ends"),
    _reader("transcript.up", "up", "transcript.key.up"),
    _reader("transcript.down", "down", "transcript.key.down"),
    _reader("transcript.page_up", "pageup", "transcript.key.page-up"),
    _reader("transcript.page_down", "pagedown", "transcript.key.page-down"),
    _sidebar("sidebar.choose", "enter", "sidebar.key.choose", short="key.short.choose"),
    _sidebar("sidebar.cancel", "x,delete", "sidebar.key.cancel", short="key.short.cancel"),
    _sidebar("sidebar.menu", "m,space", "sidebar.key.menu", short="key.short.menu"),
    _sidebar("sidebar.add", "a,plus", "sidebar.key.add", short="key.short.add"),
    _sidebar("sidebar.explain", "i", "sidebar.key.explain", short="key.short.about"),
    _sidebar("sidebar.up", "up,k", "key.up", short="key.short.move", section=Section.MOVE),
    _sidebar("sidebar.down", "down,j", "key.down", short="key.short.move", section=Section.MOVE),
    _sidebar("sidebar.first", "home", "key.first", section=Section.MOVE),
    _sidebar("sidebar.last", "end", "key.last", section=Section.MOVE),
    _machine("hardware.figures", "question_mark", "key.figures", short="key.short.figures"),
    _machine("hardware.pull", "p", "key.pull_recommended", short="key.short.pull"),
    _machine("hardware.lower_context", "l", "key.lower_context", short="key.short.lower_context"),
    _history("history.close", "escape", "key.close", footer=False),
    _history("history.search", "slash", "history.key.search"),
    _history("history.rename", "r", "history.key.rename"),
    _history("history.pin", "p", "history.key.pin"),
    _history("history.archive", "a", "history.key.archive"),
    _history("history.view", "v", "history.key.view"),
    _history("history.undo", "u", "history.key.undo"),
    _history("history.export", "e", "history.key.export"),
    _history("history.delete", "d,delete", "history.key.delete", danger=True),
    _history("history.to_list", "down", "key.down", footer=False, section=Section.MOVE),
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
    Command("help.guide", "g", "chat.command.guide", Place.HELP, short="help.short.guide"),
    Command("help.words", "w", "guide.key.shown", Place.HELP, short="help.short.words"),
    Command("help.close", "escape,f1,question_mark,q", "key.close", Place.HELP, short="key.short.close"),
    _guide("guide.try", "t", "live.question", short="guide.short.try"),
    _guide("guide.previous", "left,p", "guide.key.previous", short="guide.short.chapter"),
    _guide("guide.next", "right,n", "guide.key.next", short="guide.short.chapter"),
    _guide("guide.follow", "enter", "guide.key.follow", short="guide.short.link"),
    _guide("guide.explain", "question_mark", "guide.key.explain", short="guide.short.word"),
    _guide("guide.contents", "c,f1", "guide.key.contents", short="guide.short.contents"),
    _guide("guide.find", "slash", "guide.key.find", short="key.short.find"),
    _guide("guide.words", "g", "guide.key.words", short="guide.short.words"),
    _guide("guide.back", "backspace", "guide.key.back", short="key.short.back"),
    _guide("guide.up", "up", "key.up", section=Section.MOVE),
    _guide("guide.down", "down", "key.down", section=Section.MOVE),
    _guide("guide.page_down", "pagedown,space", "key.page_down", section=Section.MOVE),
    _guide("guide.page_up", "pageup", "key.page_up", section=Section.MOVE),
    _guide("guide.home", "home", "transcript.key.home", section=Section.MOVE),
    _guide("guide.end", "end", "guide.key.end", section=Section.MOVE),
    _guide("guide.help", "h", "guide.key.all", short="key.short.more"),
    _guide("guide.close", "escape,q", "key.close", short="key.short.close"),
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
    _model("model_menu.run", "r", "models.command.run", about="models.about.run"),
    _model("model_menu.show", "s", "models.command.show", about="models.about.show"),
    _model("model_menu.stop", "x", "models.command.stop", about="models.about.stop"),
    _model("model_menu.pull", "u", "models.command.pull", about="models.about.pull"),
    _model("model_menu.push", "h", "models.command.push", about="models.about.push"),
    _model("model_menu.cp", "c", "models.command.cp", about="models.about.cp"),
    _model("model_menu.create", "e", "models.command.create", about="models.about.create"),
    _model("model_menu.rm", "d", "models.command.rm", about="models.about.rm", danger=True),
    _get("model_menu.add", "a", "models.command.add", about="models.about.add"),
    _get("model_menu.import", "g", "models.command.import", about="models.about.import"),
    _server("model_menu.list", "l", "models.command.list", about="models.about.list"),
    _server("model_menu.ps", "p", "models.command.ps", about="models.about.ps"),
    _server("model_menu.move", "o", "models.command.move", about="models.about.move"),
    _server("model_menu.disk", "k", "models.command.disk", about="models.about.disk"),
    _server(
        "model_menu.partials", "t", "models.command.partials", about="models.about.partials", danger=True
    ),
    _get("model_menu.update_all", "U", "models.command.update_all", about="models.about.update_all"),
    _server("model_menu.serve", "v", "models.command.serve", about="models.about.serve"),
    Command("pull_name.close", "escape", "key.close", Place.MODEL_NAME),
    Command("model_import.close", "escape", "key.close", Place.MODEL_IMPORT),
    Command("model_create.close", "escape", "key.close", Place.MODEL_CREATE),
    Command("model_create.make", "f2", "models.key.make", Place.MODEL_CREATE),
    Command("model_create.modelfile", "f3", "models.key.modelfile", Place.MODEL_CREATE),
    Command("transfer.stop", "escape", "models.transfer.key.stop", Place.MODEL_TRANSFER),
    Command("summary.stop", "escape", "models.transfer.key.stop", Place.SUMMING_UP),
    Command("import.stop", "escape", "models.transfer.key.stop", Place.IMPORT),
    Command("dialogue.close", "escape", "key.close", Place.CHOICE),
    _palette("palette.close", "escape", "key.close"),
    _palette("palette.down", "down,ctrl+n", "key.down", priority=True),
    _palette("palette.up", "up,ctrl+p", "key.up", priority=True),
    _palette("palette.page_down", "pagedown", "key.page_down", priority=True),
    _palette("palette.page_up", "pageup", "key.page_up", priority=True),
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

MESSAGE_COMMANDS = tuple(
    each
    for each in TABLE
    if each.place is Place.TRANSCRIPT
    and each.section is Section.HERE
    and each.id.replace("transcript.", "chat.") not in _BY_ID
)
"""What is done with a message and nowhere else, which the palette finds from the prompt too."""


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
