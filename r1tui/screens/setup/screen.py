"""From nothing to chatting in three steps: a server, a model, the chat. Whoever has a step done never sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input

from r1tui.commands import Place
from r1tui.domain.clean import Clean
from r1tui.domain.hardware import HardwareProfile
from r1tui.domain.phrase import Phrase, phrase
from r1tui.domain.recommendation import Candidate, Recommendation
from r1tui.guide import topics
from r1tui.locale import say, t
from r1tui.screens.dialogs.text_view import TextViewScreen
from r1tui.screens.setup.model_step import ModelStep
from r1tui.screens.setup.server_step import ServerStep, machine_line
from r1tui.screens.setup.step_screen import SetupResult, StepScreen
from r1tui.services.engines.engine import CloudAware, Engine, EngineError
from r1tui.services.models.pulls import PullQueue
from r1tui.services.server.install import Installer
from r1tui.services.server.process import OllamaProcess
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.option import OptionList
from r1tui.toolkit.shown import Static, styled
from r1tui.widgets.explain import Explain
from r1tui.widgets.fields import Field
from r1tui.widgets.pull_bar import PullBar
from r1tui.widgets.setup_steps import StepHead, StepHeads
from r1tui.widgets.size_table import rows, why

RETRY_EVERY = 4.0
"""Seconds between two looks for a server that is not there."""

Judgements = Callable[[], AsyncIterator[tuple[HardwareProfile, Recommendation]]]


class SetupScreen(StepScreen, place=Place.SETUP):
    """Dismisses with a server that answers and has a model, or None when the user leaves it."""

    DEFAULT_CSS = """
    SetupScreen { padding: 0 1; overflow-y: auto; }
    SetupScreen #welcome { height: auto; padding: 1 0; color: $text-muted; }
    SetupScreen #machine-line { height: auto; padding-left: 4; color: $text-muted; }
    SetupScreen OptionList { height: auto; border: none; padding: 0 0 0 3; background: $background; }
    SetupScreen OptionList:focus { border: none; }
    SetupScreen #address { margin: 1 3; }
    SetupScreen PullBar { padding: 0 4; }
    SetupScreen #note { height: auto; padding: 1 4; }
    SetupScreen > NoticeLine { dock: bottom; margin-bottom: 1; }
    SetupScreen #keys { dock: bottom; height: 1; color: $text-muted; }
    """

    def __init__(
        self,
        *,
        connect: Callable[[str | None], Awaitable[Engine]],
        process: OllamaProcess,
        installer: Installer,
        pulls: Callable[[], PullQueue | None],
        judgements: Judgements,
        copy: Callable[[str], Awaitable[Phrase]],
        mirror: str = "",
        import_model: Callable[[], Awaitable[str | None]] | None = None,
        notes: Callable[[], list[Phrase]] = list,
    ) -> None:
        """`connect` gives the engine for an address (None: the configured one); `pulls` the queue of that engine;
        `judgements` the machine and its recommendation as they become known; `copy` tells what became of a copy;
        `import_model` asks for a file and makes a model of it, whose name it gives; `notes` what a person should know
        of the connection.
        """
        super().__init__()
        self._connect = connect
        self._judgements = judgements
        self._mirror = mirror
        self._import_model = import_model
        self._notes = notes
        self._server = ServerStep(self, process, installer, copy, use=self.look)
        self._model = ModelStep(self, pulls, mirror, done=self.end_with)
        self._host: str | None = None
        self._at_model = False
        self._profile: HardwareProfile | None = None
        self._recommendation: Recommendation | None = None
        self._result: SetupResult | None = None
        self._chosen_by_hand = False

    def commands(self) -> Attached:
        """The way through setup and out of it."""
        return {
            "setup.back": self.back,
            "setup.retry": self.retry,
            "setup.explain": self.explain,
            "setup.guide": self.open_guide,
        }

    def compose(self) -> ComposeResult:
        """One list of choices; what was and what comes above and below it."""
        yield Static(t("setup.welcome"), id="welcome")
        yield StepHeads(id="before")
        yield Static(id="machine-line")
        yield OptionList(id="choices")
        yield Field(id="address", placeholder=t("setup.address"))
        yield PullBar(id="progress")
        yield Static(id="note")
        yield StepHeads(id="after")
        yield Static(t("setup.keys"), id="keys")

    def on_mount(self) -> None:
        """Nothing is shown as missing before it was looked for."""
        self.query_one("#address").display = False
        self.query_one("#machine-line").display = False
        self._heads(t("setup.looking"))
        self.query_one("#choices").focus()
        self._retries = self.set_interval(RETRY_EVERY, self._retry_by_itself)
        self.look()

    # Heads

    def _heads(self, server: Clean) -> None:
        best = self._recommendation.best if self._recommendation else None
        model = StepHead(
            2, t("setup.step.model"), t("setup.recommended", size=best.size) if best else Clean("")
        )
        chat = StepHead(3, t("setup.step.chat"))
        before, after = self.query_one("#before", StepHeads), self.query_one("#after", StepHeads)
        if self._at_model:
            before.show(model)
            after.show(chat)
        else:
            before.show(StepHead(1, t("setup.step.server"), server))
            after.show(model, chat)

    # Step 1

    def look(self, host: str | None = None) -> None:
        """Look for the server, at another address where one is given."""
        self.run_worker(self._look(host), group="look", exclusive=True)

    async def _look(self, host: str | None) -> None:
        try:
            engine = await self._connect(host or self._host)
            models = await engine.models()
        except EngineError as error:
            own = await self._server.process.own()
            if host is None and own is not None and self._host != own.url:
                await self._look(own.url)
                return
            await self._server.missing(error.phrase, typed=host or "")
            self._heads(t("setup.server.away"))
            return
        self._host = host or self._host
        await self._server.process.use(engine.url)
        if models:
            self._end(SetupResult(self._host, ""))
        elif not self._at_model:
            self._at_model = True
            self._retries.stop()
            self.query_one("#address").display = False
            self.query_one("#choices").display = True
            self.set_focus(self.query_one("#choices"))  # at once: keys must not go to the field that has gone
            self.note(Clean(""))
            self.run_worker(self._tell_of_server(engine), group="notes", exclusive=True)
            self.run_worker(self._judge(), group="judge", exclusive=True)

    async def _tell_of_server(self, engine: Engine) -> None:
        """Above the steps: that its certificate is not checked, that it asks ollama.com by itself."""
        from r1tui.services.doctor import cloud_advice

        notes = self._notes()
        if isinstance(engine, CloudAware):
            with suppress(EngineError):
                notes += cloud_advice(await engine.cloud(), await engine.version())
        if notes:
            self.query_one("#welcome", Static).update("\n".join([t("setup.welcome"), *map(say, notes)]))

    def _retry_by_itself(self) -> None:
        if self.app.screen is self and not self._at_model and not self._server.busy:
            self.look()

    def retry(self) -> None:
        """Look for the server again, at once."""
        if not self._at_model and not self._server.busy:
            self.look()

    @on(Input.Submitted, "#address")
    def _address_typed(self, event: Input.Submitted) -> None:
        if event.value.strip():
            self.look(event.value.strip())

    # Step 2

    async def _judge(self) -> None:
        self._show_sizes()
        await self._model.pick_up()
        async for profile, recommendation in self._judgements():
            self._profile, self._recommendation = profile, recommendation
            self._show_sizes()

    def _show_sizes(self) -> None:
        if not self.query(StepHeads):
            return  # the app ends, and the screen is being taken down
        self._heads(Clean(""))
        line = self.query_one("#machine-line", Static)
        line.display = True
        if self._profile is None or self._recommendation is None:
            line.update(t("setup.reading"))
            return
        line.update(machine_line(self._profile))
        sizes = rows(self._recommendation, self.size.width - 8)
        best = self._recommendation.best or self._recommendation.advice
        others = [("other", styled(t("setup.other_model")))]
        if self._import_model is not None:
            others.append(("import", styled(t("setup.import"))))
        self.choices(
            [*sizes, *others],
            highlight=best.tag.tag if best and not self._chosen_by_hand else "",
        )

    @on(OptionList.OptionHighlighted, "#choices")
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if self._at_model and not self._model.busy:
            each = self._candidate(event.option.id or "")
            self.note(why(each) if each else Clean(""))

    def on_key(self) -> None:
        """From now on the cursor is where the user put it."""
        self._chosen_by_hand = self._at_model

    def _candidate(self, tag: str) -> Candidate | None:
        return self._recommendation.candidate(tag) if self._recommendation else None

    @on(OptionList.OptionSelected, "#choices")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        name = event.option.id or ""
        if not self._at_model:
            self._server.choose(name)
        elif name in ("other", "import"):
            self.run_worker(self._other(name), group="other", exclusive=True)
        elif candidate := self._candidate(name):
            self.run_worker(self._wanted(candidate), group="wanted", exclusive=True)

    async def _other(self, name: str) -> None:
        from r1tui.screens.models.pull_name import PullNameScreen

        if name == "import" and self._import_model is not None:
            made = await self._import_model()
            if made:
                self.end_with(made)
        elif name == "other":
            wanted = await self.app.push_screen_wait(PullNameScreen(mirror=self._mirror))
            if wanted is not None:
                await self._model.pull(wanted.name, free=self._free, insecure=wanted.insecure)

    @property
    def _free(self) -> int | None:
        """Bytes free on the disk; None where that is not known."""
        disk = self._profile.disk if self._profile else None
        return disk.free if disk is not None else None

    async def _wanted(self, candidate: Candidate) -> None:
        best = self._recommendation.best if self._recommendation else None
        doubtful = not candidate.verdict.recommends and (best is None or best.size != candidate.size)
        await self._model.pull(
            candidate.tag.tag, free=self._free, warning=candidate.reason if doubtful else None
        )

    def end_with(self, model: str) -> None:
        """The model is here: setup ends with it."""
        self._end(SetupResult(self._host, model))

    def _end(self, result: SetupResult) -> None:
        """Setup is done; where a dialogue lies over it, once that is closed."""
        if self.app.screen is self:
            self._leave(result)
        else:
            self._result = result

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """The dialogue is closed."""
        result, self._result = self._result, None
        if result is not None:
            self._leave(result)

    def on_unmount(self) -> None:
        """A download may go on."""
        self._model.leave()

    def explain(self) -> None:
        """Why: of a server, what it is and what the choices do; of a model, the figures behind the recommendation."""
        if not self._at_model:
            text = f"{t('setup.server.choices')}\n\n{t('setup.server.why')}"
            self.app.push_screen(TextViewScreen(phrase("setup.step.server"), text, topic=topics.SERVER_STEP))
        elif self._profile is not None and self._recommendation is not None:
            from r1tui.screens.dialogs.figures import FiguresScreen

            at = self.query_one("#choices", OptionList).highlighted_option
            candidate = self._candidate(at.id or "") if at is not None else None
            size = candidate.size if candidate else ""
            self.app.push_screen(FiguresScreen(self._profile, self._recommendation, size))

    def open_guide(self) -> None:
        """The guide, at the step that is being done."""
        self.post_message(Explain(topics.FIGURES if self._at_model else topics.SERVER_STEP))

    def back(self) -> None:
        """End what is going on; with nothing going on, leave."""
        if not self._model.stop() and not self._server.back():
            self._leave(None)

    def _leave(self, result: SetupResult | None) -> None:
        """Close; what still looks for a server or reads the machine must not draw on what is taken away."""
        self.workers.cancel_node(self)
        self.dismiss(result)
