"""What the hardware panel shows, as lines of styled parts: plain data in, plain data out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.hardware import GIB, Gpu
from r1tui.domain.model import RunningModel
from r1tui.domain.recommendation import Candidate, Recommendation, Verdict, one, rate, speed_cell
from r1tui.domain.sizing import Basis
from r1tui.locale import clock, figures, say, t
from r1tui.toolkit import cells
from r1tui.toolkit.cells import cut, fit, pad_start, wrap_text
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.hardware_state import PanelState

Part = tuple[Clean, str]
"""(text, role): role is empty or one of `label`, `muted`, `accent`, `warning`."""
Line = tuple[Part, ...]

_WHOLE = 0.99
"""A model with this much of it on the GPUs counts as wholly there."""

_FITS = {
    Verdict.GPU: "hardware.fits.gpu",
    Verdict.SPLIT: "hardware.fits.split",
    Verdict.CPU: "hardware.fits.cpu",
    Verdict.SLOW: "hardware.fits.slow",
    Verdict.NONE: "hardware.fits.none",
}


def bar(total: float, used: float, model: float, width: int) -> Line:
    """A bar of `width` cells: the model's share, the rest that is used, what is free; each with its own
    sign.
    """
    if total <= 0:
        return ()
    taken = round(min(max(used, model), total) / total * width)
    mine = min(taken, max(round(model / total * width), 1 if model > 0 else 0))
    own, others, free = cells.bar(mine, taken - mine, width)
    return (own, "accent"), (others, "label"), (free, "muted")


def sparkline(values: Sequence[float], cells: int = 12) -> Clean:
    """The last values as heights, the largest full."""
    levels = glyphs().levels
    shown = values[-cells:]
    most = max(shown, default=0.0)
    if most <= 0:
        return Clean("")
    return "".join(
        levels[min(len(levels) - 1, int(value / most * (len(levels) - 1) + 0.5))] for value in shown
    )


def panel_title(state: PanelState) -> Clean:
    """What the panel tells of: this machine, or a server elsewhere."""
    if state.remote is not None:
        return t("hardware.panel.server", host=state.remote)
    return t("hardware.panel.machine")


def panel_lines(state: PanelState, width: int) -> list[Line]:
    """What stands below the title, each line at most `width` cells."""
    lines: list[Line] = []
    if state.remote is not None:
        lines += _remote(state, width)
    else:
        lines += _machine(state, width)
    lines += _running(state, width)
    if state.recommendation is not None:
        lines.append(())
        lines += _table(state.recommendation, width)
        lines += _reason(state.recommendation, width)
    if state.speeds:
        lines.append(())
        last = t("hardware.panel.last", speed=rate(state.speeds[-1]))
        lines.append(((f"{last} ", "label"), (sparkline(state.speeds), "accent")))
    return lines


def _labelled(label: Clean, text: Clean, width: int, role: str = "") -> Line:
    head = fit(label, 8)
    return ((head, "muted"), (cut(text, width - cell_len(head)), role))


def _remote(state: PanelState, width: int) -> Iterator[Line]:
    if state.profile is None or not state.profile.stated:
        for line in wrap_text(t("hardware.panel.elsewhere"), width):
            yield ((line, "muted"),)
    else:
        yield from _memory(state, width)


def _machine(state: PanelState, width: int) -> Iterator[Line]:
    if state.profile is None:
        yield ((cut(t("hardware.panel.reading"), width), "muted"),)
        return
    yield from _memory(state, width)
    profile = state.profile
    if state.looking or profile.looking:
        yield _labelled(t("hardware.panel.gpu"), t("hardware.panel.looking"), width, "muted")
    elif not profile.gpus:
        yield _labelled(t("hardware.panel.gpu"), t("hardware.panel.no_gpu"), width)
    vram = sum(model.size_vram for model in state.running)
    for gpu in profile.gpus:
        yield from _gpu(state, gpu, vram, width)
        vram = 0  # Ollama fills the first; what is on which is not told
    if profile.disk is None:
        yield _labelled(t("hardware.panel.disk"), t("hardware.panel.unknown"), width)
    else:
        yield _labelled(
            t("hardware.panel.disk"), t("hardware.panel.free", size=figures.size(profile.disk.free)), width
        )


def _metered(label: Clean, text: Clean, total: float, used: float, model: float, width: int) -> Line:
    """A label, figures, and the bar last, so that no sign's width can move anything."""
    head, figure = fit(label, 8), text + " "
    room = width - cell_len(head) - cell_len(figure)
    if room < 4:
        return ((head, "muted"), (cut(text, width - cell_len(head)), ""))
    return ((head, "muted"), (figure, ""), *bar(total, used, model, min(room, 16)))


def _share(state: PanelState, used: float, total: float) -> Clean:
    """What of something is used; as wide for memory as for each GPU, so that their bars begin in one column."""
    profile = state.profile
    totals = [total]
    if profile is not None:
        totals += [profile.memory.bound] if profile.memory else []
        totals += [gpu.total for gpu in profile.usable_gpus]
    widest = max(cell_len(t("hardware.panel.of", used=one(each), total=one(each))) for each in totals)
    return pad_start(t("hardware.panel.of", used=one(used), total=one(total)), widest)


def _memory(state: PanelState, width: int) -> Iterator[Line]:
    memory = state.profile.memory if state.profile else None
    if memory is None:
        yield _labelled(t("hardware.panel.memory"), t("hardware.panel.unknown"), width)
        return
    used = memory.bound - min(memory.available, memory.bound)
    model = sum(each.size - each.size_vram for each in state.running)
    words = _share(state, used, memory.bound)
    yield _metered(t("hardware.panel.memory"), words, memory.bound, used, model, width)
    if memory.limit is not None and memory.limit < memory.total:
        yield _labelled(Clean(""), t("hardware.panel.limit", total=one(memory.total)), width, "muted")


def _gpu(state: PanelState, gpu: Gpu, vram: int, width: int) -> Iterator[Line]:
    label = t("hardware.panel.gpu")
    name = clean_line(gpu.name or gpu.vendor)
    if not gpu.usable:
        yield _labelled(label, t("hardware.panel.gpu_unused", name=name), width)
        return
    yield _labelled(label, name, width)
    if gpu.free is None:
        yield _labelled(Clean(""), t("hardware.panel.total", total=one(gpu.total)), width)
    else:
        used = gpu.total - gpu.free
        words = _share(state, used, gpu.total)
        yield _metered(Clean(""), words, gpu.total, used, vram, width)


def _running(state: PanelState, width: int) -> Iterator[Line]:
    for model in state.running:
        sign = glyphs().running
        yield (
            (f"{sign} ", "accent"),
            (cut(clean_line(model.name), width - 2), ""),
        )
        yield ((Clean("  "), ""), (cut(kept_words(model), width - 2), "muted"))
        if spilt(state, model):
            for line in wrap_text(spilt_words(model), width - 2):
                yield ((Clean("  "), ""), (line, "warning"))


def kept_words(model: RunningModel) -> Clean:
    """How much memory a loaded model takes, and how long it stays there."""
    if ends := clock.until(model.expires, time.time()):
        return t("hardware.panel.until", size=one(model.size), clock=ends)
    return t("hardware.panel.stays", size=one(model.size))


def spilt(state: PanelState, model: RunningModel) -> bool:
    """Whether a loaded model is partly on the CPU though there is a GPU for it, so that less context would
    help.
    """
    if state.profile is not None and (state.remote is None or state.profile.stated):
        return bool(state.profile.usable_gpus) and model.gpu_share < _WHOLE
    return 0 < model.gpu_share < _WHOLE


def spilt_words(model: RunningModel) -> Clean:
    """How much of such a model is on the CPU, and what helps."""
    return t("hardware.panel.spilt", share=f"{1 - model.gpu_share:.0%}")


def fits_words(each: Candidate) -> Clean:
    """The verdict in one or two words."""
    if each.verdict is Verdict.FREE_FIRST:
        return t("hardware.fits.free", free=one(max(each.missing_bytes, GIB // 10)))
    words = t(_FITS[each.verdict])
    return t("hardware.fits.measured", fits=words) if _basis(each) is Basis.MEASURED else words


def _basis(each: Candidate) -> Basis | None:
    """Where the speed that is shown of a size is known from; None where none is."""
    return each.speed.basis if each.speed is not None and each.verdict.runs else None


def _table(found: Recommendation, width: int) -> Iterator[Line]:
    middle = max(width - 7 - 10 - 7, 8)

    def row(size: Clean, fits: Clean, speed: Clean, wait: Clean) -> Clean:
        return f"{fit(size, 7)}{fit(fits, middle)} {pad_start(speed, 9)} {pad_start(wait, 6)}"

    header = row(*(t(key) for key in _COLUMNS))
    yield ((header, "muted"),)
    for each in sorted(found.candidates, key=lambda candidate: candidate.file_bytes):
        speed = speed_cell(each)
        wait = clock.short_wait(each.wait_seconds) if speed and each.wait_seconds else Clean("")
        chosen = each is found.best
        role = "accent" if chosen else "" if each.verdict.recommends else "muted"
        size = clean_line(each.size) + (f" {glyphs().recommended}" if chosen else "")
        yield ((row(size, fits_words(each), speed, wait), role),)
    known = {_basis(each) for each in found.candidates}
    notes = [t("hardware.panel.from_measured")] if Basis.FROM_MEASURED in known else []
    notes += [t("hardware.panel.guessed")] if Basis.ESTIMATED in known else []
    for line in (line for note in notes for line in wrap_text(note, width)):
        yield ((line, "muted"),)


_COLUMNS = (
    "hardware.panel.col_size",
    "hardware.panel.col_fits",
    "hardware.panel.col_speed",
    "hardware.panel.col_wait",
)


def _reason(found: Recommendation, width: int) -> Iterator[Line]:
    yield ()
    sign = f"{glyphs().recommended} " if found.best else f"{glyphs().warning} "
    role = "" if found.best else "warning"
    for index, line in enumerate(wrap_text(say(found.reason), width - 2)):
        yield ((sign if index == 0 else Clean("  "), "accent" if found.best else "warning"), (line, role))
    shown = found.best or found.advice
    if shown is not None:
        for line in wrap_text(say(shown.sum_line), width - 2):
            yield ((Clean("  "), ""), (line, "muted"))
    if found.cache_advice is not None:
        for line in wrap_text(say(found.cache_advice), width - 2):
            yield ((Clean("  "), ""), (line, ""))
    if not found.final:
        for line in wrap_text(t("hardware.warn.looking"), width - 2):
            yield ((Clean("  "), ""), (line, "warning"))
    if shown is not None and not shown.disk_ok:
        for line in wrap_text(t("hardware.panel.disk_low"), width - 2):
            yield ((Clean("  "), ""), (line, "warning"))
