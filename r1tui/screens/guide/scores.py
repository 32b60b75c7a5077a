"""Live: DeepSeek's published scores over size, the reader's own models marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.model import Model
from r1tui.domain.r1_models import MODELS, R1Model, identify
from r1tui.locale import t
from r1tui.toolkit.cells import fit, pad_start
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.bars import share_bar

_NAME_CELLS = 30
_BAR_CELLS = 25


def lines(models: Sequence[Model]) -> Iterator[Clean]:
    """A bar for each model and test, the smallest model first; those that are installed have a sign."""
    found = [identify(model.name, digest=model.digest, architecture=model.family) for model in models]
    here = [model for model in MODELS if model in found]
    for test, score in (("live.scores.aime", _aime), ("live.scores.gpqa", _gpqa)):
        yield t(test)
        yield Clean("")
        for model in MODELS:
            sign = glyphs().selected if model in here else Clean(" ")
            name = fit(clean_line(model.name.removeprefix("DeepSeek-")), _NAME_CELLS)
            figure = pad_start(Clean(f"{score(model):.1f}"), 5)
            yield f"{sign} {name} {figure}  {share_bar(score(model) / 100, _BAR_CELLS)}"
        yield Clean("")
    yield t("live.scores.yours", sign=glyphs().selected) if here else t("live.scores.none")
    yield t("live.scores.sources")
    for source in dict.fromkeys(model.scores.source for model in MODELS):
        yield f"  {glyphs().bullet} {clean_line(source)}"
    yield t("live.scores.note")


def _aime(model: R1Model) -> float:
    return model.scores.aime


def _gpqa(model: R1Model) -> float:
    return model.scores.gpqa
