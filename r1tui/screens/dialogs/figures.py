"""The figures behind a recommendation: the sum, the sources of the machine's figures, what would help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult

from r1tui.commands import Place
from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.dataclass import dataclass
from r1tui.domain.hardware import HardwareProfile
from r1tui.domain.model import RunningModel
from r1tui.domain.recommendation import Candidate, Recommendation, one, rate, two
from r1tui.domain.sizing import NUM_CTX, NUM_CTX_LEAST, TYPICAL_ANSWER, Basis, Placement, gpu_need, kept, need
from r1tui.guide import topics
from r1tui.locale import clock, say, t
from r1tui.locale.lists import enumerated
from r1tui.screens.base import Dialog, Frame
from r1tui.screens.models.words import score_words
from r1tui.services.doctor import machine_figures
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.cells import hanging
from r1tui.toolkit.option import Option, OptionList
from r1tui.widgets.explain import Explain
from r1tui.widgets.hardware_lines import kept_words, spilt, spilt_words
from r1tui.widgets.hardware_state import PanelState

_WIDTH = 86
"""Cells of the window."""
_LONG_CTX = 32_768


@dataclass(frozen=True, slots=True)
class Figure:
    """A line, and what its figures tell of (`topics.FIGURE`); empty for a heading or a blank one."""

    words: Clean
    about: str = ""


class FiguresScreen(Dialog[None], place=Place.FIGURES):
    """Shows the sum of one size (the recommended one by default) on one machine, and what is in its memory.

    The cursor goes from figure to figure, and `?` explains the one under it.
    """

    DEFAULT_CSS = """
    FiguresScreen > Frame { width: 86; }
    FiguresScreen OptionList, FiguresScreen OptionList:focus { max-height: 100%; }
    """

    def __init__(
        self,
        profile: HardwareProfile,
        recommendation: Recommendation,
        size: str = "",
        running: Sequence[RunningModel] = (),
    ) -> None:
        super().__init__()
        self._figures = [
            *figure_lines(profile, recommendation, size),
            *running_lines(_panel_state(profile, running)),
        ]

    def commands(self) -> Attached:
        """Back, or what the figure under the cursor means."""
        return {"figures.close": self.close, "figures.explain": self._explain}

    def compose(self) -> ComposeResult:
        """One list that scrolls."""
        room = min(_WIDTH, self.app.size.width * 96 // 100) - 5  # frame, margins and scrollbar
        with Frame(t("hardware.figures.head"), t("hardware.figures.keys")):
            yield OptionList(
                *(
                    Option("\n".join(hanging(each.words, room)), id=str(at), disabled=not each.about)
                    for at, each in enumerate(self._figures)
                ),
                compact=True,
            )

    def on_mount(self) -> None:
        """The cursor on the first figure."""
        options = self.query_one(OptionList)
        options.focus()
        options.action_first()

    def _explain(self) -> None:
        option = self.query_one(OptionList).highlighted_option
        about = self._figures[int(option.id)].about if option is not None and option.id else ""
        self.post_message(Explain(topics.FIGURE.get(about, topics.FIGURES)))


def figure_lines(profile: HardwareProfile, found: Recommendation, size: str = "") -> Iterator[Figure]:
    """The lines of the screen, a paragraph a line."""
    each = (
        found.candidate(size) if size else found.best or found.advice or found.reduced or found.candidates[-1]
    )
    assert each is not None
    yield Figure(say(found.reason), "verdict")
    yield _BLANK
    yield from _sum(each, profile)
    yield _BLANK
    yield from _speed(each, profile)
    model = each.tag.model
    yield Figure(t("hardware.figures.model", tag=each.tag.tag, model=model.name, base=model.base), "model")
    source = t("hardware.figures.source", source=model.scores.source)
    yield Figure(f"  {score_words(model.scores)} {source}", "scores")
    yield _BLANK
    yield Figure(t("hardware.figures.machine"))
    for about, line in machine_figures(profile):
        yield Figure(f"  {line}", about)
    yield _BLANK
    yield Figure(t("hardware.figures.change"))
    for figure in _changes(each, found, profile):
        yield Figure(f"  {figure.words}", figure.about)


def running_lines(state: PanelState) -> Iterator[Figure]:
    """The models in the server's memory, as the panel has them."""
    if state.running:
        yield _BLANK
        yield Figure(t("hardware.figures.in_memory"))
    for model in state.running:
        yield Figure(f"  {clean_line(model.name)}: {kept_words(model)}", "in_memory")
        if spilt(state, model):
            yield Figure(f"  {spilt_words(model)}", "spilt")


def _panel_state(profile: HardwareProfile, running: Sequence[RunningModel]) -> PanelState:
    return PanelState(profile, running=tuple(running), remote=None if profile.local else "")


_BLANK = Figure(Clean(""))


def _sum(each: Candidate, profile: HardwareProfile) -> Iterator[Figure]:
    shape = each.tag.shape
    yield Figure(t("hardware.figures.title", tag=each.tag.tag, context=each.num_ctx))
    weights = (
        "hardware.figures.weights_gpu" if each.placement is Placement.GPU else "hardware.figures.weights"
    )
    yield _part(each.need.weights, t(weights), "weights")
    context = t(
        "hardware.figures.context",
        per_token=int(shape.kv_values * kept(shape, profile)),
        context=each.num_ctx,
    )
    yield _part(each.need.context, context, "context")
    yield _part(each.need.work, t("hardware.figures.work", batch=each.num_batch), "work")
    allowance = {
        Placement.GPU: "hardware.figures.margin",
        Placement.SPLIT: "hardware.figures.margin_both",
    }.get(each.placement or Placement.CPU, "hardware.figures.allowance")
    yield _part(each.need.allowance, t(allowance), "allowance")
    yield _part(each.need.total, t("hardware.figures.total"), "total")
    if each.have_bytes is None:
        return
    memory = profile.memory
    if each.placement is Placement.CPU and memory is not None:
        have = t("hardware.figures.have", free=two(memory.free), reserve=two(memory.reserve))
        yield _part(each.have_bytes, have, "have")
    else:
        yield _part(each.have_bytes, t("hardware.figures.have_gpu"), "have_gpu")


def _part(count: float, words: Clean, about: str) -> Figure:
    return Figure(f"  {two(count):>6}  {words}", about)


def _speed(each: Candidate, profile: HardwareProfile) -> Iterator[Figure]:
    if each.speed is None or each.wait_seconds is None:
        return
    low, expected, high = rate(each.speed.low), rate(each.speed.expected), rate(each.speed.high)
    if each.speed.basis is Basis.MEASURED:
        words = t("hardware.figures.speed_measured", low=low, expected=expected, high=high)
    elif each.speed.basis is Basis.FROM_MEASURED:
        words = t("hardware.figures.speed_from_measured", low=low, expected=expected, high=high)
    else:
        gpus = profile.usable_gpus
        on_gpu = each.placement is Placement.GPU and gpus
        bandwidth, source = min((gpu.speed() for gpu in gpus), key=_first) if on_gpu else profile.cpu.speed()
        words = t(
            "hardware.figures.speed_estimated",
            low=low,
            expected=expected,
            high=high,
            bandwidth=f"{bandwidth / 1e9:.0f}",
            source=source,
        )
    yield Figure(words, "speed")
    wait = clock.wait(each.wait_seconds)
    yield Figure(t("hardware.figures.wait", tokens=TYPICAL_ANSWER, wait=wait), "wait")


def _first(pair: tuple[float, object]) -> float:
    return pair[0]


def _changes(each: Candidate, found: Recommendation, profile: HardwareProfile) -> Iterator[Figure]:
    kv_bytes, whole = kept(each.tag.shape, profile), each.placement is Placement.GPU
    needs = [
        (context, (gpu_need if whole else need)(each.tag.shape, context, kv_bytes=kv_bytes).total)
        for context in (NUM_CTX_LEAST, NUM_CTX, _LONG_CTX)
    ]
    listed = enumerated(
        t("hardware.figures.at_context", context=context, need=one(size)) for context, size in needs
    )
    yield Figure(t("hardware.figures.contexts", size=each.size, needs=listed), "contexts")
    if found.cache_advice is not None:
        yield Figure(say(found.cache_advice), "cache")
    for other in found.candidates:
        if other is not each and not other.verdict.recommends:
            yield Figure(say(other.reason), "verdict")
