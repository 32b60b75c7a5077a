"""Live: how the selected model was made: its base, what it was taught with, its place in R1's pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.r1_models import LICENSE, UPDATED, R1Model
from r1tui.domain.untrusted import text
from r1tui.locale import t
from r1tui.toolkit.glyphs import glyphs

_FACTS = (
    ("general.name", "live.made.fact_name"),
    ("general.basename", "live.made.fact_base"),
    ("general.finetune", "live.made.fact_finetune"),
    ("general.size_label", "live.made.fact_size"),
    ("general.organization", "live.made.fact_by"),
    ("general.base_model.0.name", "live.made.fact_from"),
    ("general.license", "live.made.fact_license"),
)
"""Metadata of a model's file and how they are called."""


def lines(name: str, model: R1Model | None, info: Mapping[str, object]) -> Iterator[Clean]:
    """The way from the base to the model; of one that is none of DeepSeek's, what its file tells."""
    if model is None:
        yield t("live.made.unknown", name=name)
        yield Clean("")
        told = [(words, text(info.get(fact))) for fact, words in _FACTS]
        for words, value in told:
            if value:
                yield f"  {t('list.named', name=t(words), words=value)}"
        if not any(value for _, value in told):
            yield f"  {t('live.made.untold')}"
        yield Clean("")
        yield t("live.made.note")
        return
    yield from _way(name, model)
    yield Clean("")
    base = model.base_license
    yield t("live.made.published", date=model.published, license=LICENSE)
    if base:
        yield t("live.made.base_license", base=model.base, license=base)
    yield t("live.made.source", source=model.scores.source)
    yield t("live.made.note")


def _way(name: str, model: R1Model) -> Iterator[Clean]:
    """Its steps, one below the other."""
    distilled = model.base != "DeepSeek-V3-Base"
    is_assistant = model.base.endswith("-Instruct")
    steps = [t("live.made.instructed" if is_assistant else "live.made.pretrained", base=model.base)]
    if distilled:
        steps.append(t("live.made.taught_updated" if model.rules == UPDATED else "live.made.taught"))
    else:
        steps += [t("live.made.cold_start"), t("live.made.reasoning"), t("live.made.examples")]
        steps.append(t("live.made.everything"))
        if model.rules == UPDATED:
            steps.append(t("live.made.updated"))
    for step in steps:
        yield f"  {step}"
        yield f"        {glyphs().gutter}"
        yield f"        {glyphs().down}"
    yield f"  {clean_line(model.name)}  <- {t('live.made.yours', name=name)}"
    yield Clean("")
    yield t("live.made.no_rl" if distilled else "live.made.itself")
