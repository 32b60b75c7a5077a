"""The figures behind a recommendation: the sum, the sources of the machine's figures, what would help."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from r1tui.commands import Place
from r1tui.domain.clean import Clean
from r1tui.domain.hardware import HardwareProfile
from r1tui.domain.recommendation import Candidate, Recommendation, one, rate, two
from r1tui.domain.sizing import NUM_CTX, NUM_CTX_LEAST, TYPICAL_ANSWER, Basis, Placement, gpu_need, kept, need
from r1tui.guide import topics
from r1tui.locale import clock, say, t
from r1tui.screens.base import Dialog, Frame
from r1tui.screens.models.words import score_words
from r1tui.services.doctor import machine_lines
from r1tui.toolkit.bindings import Attached
from r1tui.toolkit.shown import Static
from r1tui.widgets.explain import Explain

_LONG_CTX = 32_768


class FiguresScreen(Dialog[None], place=Place.FIGURES):
    """Shows the sum of one size (the recommended one by default) on one machine."""

    DEFAULT_CSS = """
    FiguresScreen > Frame { width: 86; }
    FiguresScreen VerticalScroll { height: auto; max-height: 100%; scrollbar-size-vertical: 1; }
    """

    def __init__(self, profile: HardwareProfile, recommendation: Recommendation, size: str = "") -> None:
        super().__init__()
        self._profile = profile
        self._recommendation = recommendation
        self._chosen = size

    def commands(self) -> Attached:
        """Back, or what the figures mean."""
        return {"figures.close": self.close, "figures.explain": self._explain}

    def compose(self) -> ComposeResult:
        """One text that scrolls."""
        with Frame(t("hardware.figures.head"), t("guide.text_keys_more")), VerticalScroll():
            lines = figure_lines(self._profile, self._recommendation, self._chosen)
            yield Static("\n".join(lines))

    def on_mount(self) -> None:
        """Arrow keys scroll at once."""
        self.query_one(VerticalScroll).focus()

    def _explain(self) -> None:
        self.post_message(Explain(topics.FIGURES))


def figure_lines(profile: HardwareProfile, found: Recommendation, size: str = "") -> Iterator[Clean]:
    """The text of the screen, a paragraph a line."""
    each = (
        found.candidate(size) if size else found.best or found.advice or found.reduced or found.candidates[-1]
    )
    assert each is not None
    yield say(found.reason)
    yield Clean("")
    yield from _sum(each, profile)
    yield Clean("")
    yield from _speed(each, profile)
    model = each.tag.model
    yield t("hardware.figures.model", tag=each.tag.tag, model=model.name, base=model.base)
    yield f"  {score_words(model.scores)} {t('hardware.figures.source', source=model.scores.source)}"
    yield Clean("")
    yield t("hardware.figures.machine")
    for line in machine_lines(profile):
        yield f"  {line}"
    yield Clean("")
    yield t("hardware.figures.change")
    for line in _changes(each, found, profile):
        yield f"  {line}"


def _sum(each: Candidate, profile: HardwareProfile) -> Iterator[Clean]:
    shape = each.tag.shape
    yield t("hardware.figures.title", tag=each.tag.tag, context=each.num_ctx)
    weights = (
        "hardware.figures.weights_gpu" if each.placement is Placement.GPU else "hardware.figures.weights"
    )
    yield f"  {two(each.need.weights):>6}  {t(weights)}"
    yield f"  {two(each.need.context):>6}  " + t(
        "hardware.figures.context",
        per_token=int(shape.kv_values * kept(shape, profile)),
        context=each.num_ctx,
    )
    yield f"  {two(each.need.work):>6}  {t('hardware.figures.work', batch=each.num_batch)}"
    allowance = {
        Placement.GPU: "hardware.figures.margin",
        Placement.SPLIT: "hardware.figures.margin_both",
    }.get(each.placement or Placement.CPU, "hardware.figures.allowance")
    yield f"  {two(each.need.allowance):>6}  {t(allowance)}"
    yield f"  {two(each.need.total):>6}  {t('hardware.figures.total')}"
    if each.have_bytes is None:
        return
    memory = profile.memory
    if each.placement is Placement.CPU and memory is not None:
        yield f"  {two(each.have_bytes):>6}  " + t(
            "hardware.figures.have", free=two(memory.free), reserve=two(memory.reserve)
        )
    else:
        yield f"  {two(each.have_bytes):>6}  {t('hardware.figures.have_gpu')}"


def _speed(each: Candidate, profile: HardwareProfile) -> Iterator[Clean]:
    if each.speed is None or each.wait_seconds is None:
        return
    low, expected, high = rate(each.speed.low), rate(each.speed.expected), rate(each.speed.high)
    if each.speed.basis is Basis.MEASURED:
        yield t("hardware.figures.speed_measured", low=low, expected=expected, high=high)
    elif each.speed.basis is Basis.FROM_MEASURED:
        yield t("hardware.figures.speed_from_measured", low=low, expected=expected, high=high)
    else:
        gpus = profile.usable_gpus
        on_gpu = each.placement is Placement.GPU and gpus
        bandwidth, source = min((gpu.speed() for gpu in gpus), key=_first) if on_gpu else profile.cpu.speed()
        yield t(
            "hardware.figures.speed_estimated",
            low=low,
            expected=expected,
            high=high,
            bandwidth=f"{bandwidth / 1e9:.0f}",
            source=source,
        )
    yield t("hardware.figures.wait", tokens=TYPICAL_ANSWER, wait=clock.wait(each.wait_seconds))


def _first(pair: tuple[float, object]) -> float:
    return pair[0]


def _changes(each: Candidate, found: Recommendation, profile: HardwareProfile) -> Iterator[Clean]:
    kv_bytes, whole = kept(each.tag.shape, profile), each.placement is Placement.GPU
    needs = [
        (context, (gpu_need if whole else need)(each.tag.shape, context, kv_bytes=kv_bytes).total)
        for context in (NUM_CTX_LEAST, NUM_CTX, _LONG_CTX)
    ]
    listed = ", ".join(
        t("hardware.figures.at_context", context=context, need=one(size)) for context, size in needs
    )
    yield t("hardware.figures.contexts", size=each.size, needs=listed)
    if found.cache_advice is not None:
        yield say(found.cache_advice)
    for other in found.candidates:
        if other is not each and not other.verdict.recommends:
            yield say(other.reason)
