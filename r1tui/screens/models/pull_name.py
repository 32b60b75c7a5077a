"""Asks for the name of a model to download: from the library, another registry, Hugging Face or ModelScope."""

from __future__ import annotations

from textual import events, on
from textual.app import ComposeResult
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Checkbox, Input

from r1tui.commands import Place
from r1tui.domain.catalogue import FULL, TAGS
from r1tui.domain.clean import Clean
from r1tui.domain.dataclass import dataclass
from r1tui.domain.model_name import BadName, parse_name, with_mirror
from r1tui.domain.phrase import Phrase, phrase
from r1tui.locale import say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.screens.dialogs.confirm import ChoiceScreen
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.shown import Static, styled
from r1tui.widgets.fields import Field

KNOWN_NAMES = (
    *sorted((tag.tag for tag in (*TAGS, FULL)), key=len),
    "hf.co/unsloth/DeepSeek-R1-0528-Qwen3-8B-GGUF:Q4_K_M",
    "hf.co/bartowski/DeepSeek-R1-Distill-Qwen-7B-GGUF:Q4_K_M",
    "modelscope.cn/unsloth/DeepSeek-R1-Distill-Qwen-7B-GGUF:Q4_K_M",
    "modelscope.cn/unsloth/DeepSeek-R1-0528-Qwen3-8B-GGUF:Q4_K_M",
)
"""What Tab or → completes: the sizes, and where others keep their builds."""


@dataclass(frozen=True, slots=True)
class WantedModel:
    """A name to transfer."""

    name: str
    insecure: bool = False
    """The registry may be spoken to without TLS, or with a certificate that nobody vouches for."""


class Tick(Checkbox):
    """A checkbox that is empty when it is off: Textual draws its X either way and tells by colour alone. All of it is drawn
    as Textual draws the box's left side, in the colour of the button's ground: a ground in the box would look ticked.
    """

    class Taken(Message):
        """Enter was pressed: what the dialogue asks for is wanted as it is set. Space alone changes the tick."""

    BUTTON_LEFT, BUTTON_INNER, BUTTON_RIGHT = "[ ]", "", ""
    DEFAULT_CSS = """
    Tick > .toggle--button, Tick:focus > .toggle--button { background: $foreground; }
    Tick.-on > .toggle--button, Tick.-on:focus > .toggle--button { background: $foreground; }
    """

    def __init__(self, label: Clean, value: bool = False, *, id: str | None = None) -> None:
        super().__init__(styled(label), value, id=id, compact=True)  # a string would be read as markup

    def watch_value(self) -> None:
        """Put the X in, or take it out."""
        self.BUTTON_LEFT = "[X]" if self.value else "[ ]"
        super().watch_value()

    def on_key(self, event: events.Key) -> None:
        """Enter is the dialogue's, as the line of its keys says."""
        if event.key == "enter":
            event.prevent_default()
            event.stop()
            self.post_message(self.Taken())


class PullNameScreen(Dialog[WantedModel | None], place=Place.MODEL_NAME):
    """Dismisses with the name typed, None for Esc. An insecure registry is only used after a confirmation."""

    DEFAULT_CSS = """
    PullNameScreen #help, PullNameScreen #fault { color: $text-muted; }
    PullNameScreen Checkbox { background: $surface; }
    """

    def __init__(self, question: Phrase | None = None, name: str = "", *, mirror: str = "") -> None:
        """`mirror`: what bare names are pulled through, so that the question names who is really spoken to."""
        super().__init__()
        self._mirror = mirror
        self._question = question or phrase("pull_name.question")
        self._model = name

    def commands(self) -> Attached:
        """Esc leaves without a download."""
        return {"pull_name.close": self.close}

    def compose(self) -> ComposeResult:
        """A question, a line, and the choice of an insecure registry."""
        title, rest = self.headed(say(self._question))
        with Frame(title, t("dialogue.field_keys")):
            if rest:
                yield Static(rest, classes="question")
            yield Field(
                self._model,
                placeholder=Clean("deepseek-r1:8b"),
                suggester=SuggestFromList(KNOWN_NAMES, case_sensitive=False),
            )
            yield Tick(t("pull_name.insecure"), id="insecure")
            yield Static(t("pull_name.help"), id="help")
            yield Static(id="fault")

    def on_mount(self) -> None:
        """Put the cursor into the field."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    @on(Tick.Taken)
    async def _typed(self) -> None:
        value = self.query_one(Input).value
        try:
            source = parse_name(with_mirror(value, self._mirror))
        except BadName as error:
            self.query_one("#fault", Static).update(say(error.phrase))
            return
        insecure = self.query_one("#insecure", Checkbox).value
        if not insecure:
            self.dismiss(WantedModel(value.strip()))
            return
        question = phrase("pull_name.insecure_question", host=source.host)
        answers = [("no", phrase("pull_name.insecure_no")), ("yes", phrase("pull_name.insecure_yes"))]

        def answered(answer: str | None) -> None:
            if answer == "yes":
                self.dismiss(WantedModel(value.strip(), insecure=True))

        self.app.push_screen(ChoiceScreen(question, answers), answered)
