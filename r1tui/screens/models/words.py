"""What a server knows of its models, as text to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import compress

from rich.cells import cell_len

from r1tui.domain.clean import Clean, clean_line
from r1tui.domain.model import Model, ModelDetails, RunningModel
from r1tui.domain.r1_models import LICENSE, R1Model, Scores, rules_of
from r1tui.domain.untrusted import whole
from r1tui.locale import clock, count, figures, given, t
from r1tui.locale.lists import enumerated
from r1tui.services.models.disk import DiskUse
from r1tui.toolkit.cells import columns, pad, wrap_text

_READABLE = 70
"""Cells of a line that a dialogue shows unbroken at 80 columns."""
_LONG_INFO = 200
"""Metadata longer than this (token lists) says nothing to a reader."""


def table(head: Sequence[Clean], lines: Iterable[Sequence[str]]) -> Clean:
    """Columns as wide as their widest cell, Chinese counted as wide as it is drawn."""
    return "\n".join(columns([list(head), *([clean_line(cell) for cell in line] for line in lines)]))


def details_text(details: ModelDetails) -> str:
    """Everything of `/api/show`, the telling parts first."""
    facts = [
        (t("models.fact.architecture"), details.family),
        (t("models.fact.parameters"), details.parameter_size),
        (t("models.fact.quantization"), details.quantization),
        (t("models.fact.capabilities"), enumerated(map(given.capability, details.capabilities or ()))),
        (t("models.fact.context"), _of(details, ".context_length")),
        (t("models.fact.embedding"), _of(details, ".embedding_length")),
    ]
    blocks: list[str] = [_labelled(facts)]
    for title, text in (
        (t("models.section.parameters"), details.parameters),
        (t("models.section.system"), details.system),
        (t("models.section.template"), details.template),
        (t("models.section.info"), _info(details)),
        (t("models.section.license"), details.license),
    ):
        if text.strip():
            blocks.append(f"{title}\n" + "\n".join(f"  {line}" for line in text.strip().splitlines()))
    return "\n\n".join(blocks)


def r1_text(name: str, model: R1Model | None) -> Clean:
    """What DeepSeek says of an installed model: what it is made from, its rules, its scores. None: it is not known."""
    rules = rules_of(model)
    sampling = t("r1.sampling", temperature=f"{rules.temperature:g}", top_p=f"{rules.top_p:g}")
    facts: list[tuple[Clean, str]] = [
        (t("r1.fact.system"), t("r1.system_supported" if rules.system_text else "r1.system_advised_against")),
        (t("r1.fact.thinking"), t("r1.thinking_opened" if rules.open_thinking else "r1.thinking_by_itself")),
        (t("r1.fact.sampling"), sampling),
        (t("r1.fact.evaluated"), t("r1.evaluated", tokens=rules.evaluation_tokens)),
    ]
    if model is None:
        return f"{t('r1.unknown', name=name)}\n\n{_labelled(facts)}"
    license_ = (
        t("r1.license_of_base", license=LICENSE, base=model.base_license) if model.base_license else LICENSE
    )
    facts = [
        (t("r1.fact.base"), model.base),
        (t("r1.fact.published"), model.published),
        (t("r1.fact.license"), license_),
        *facts,
        (t("r1.fact.scores"), score_words(model.scores)),
        (t("r1.fact.source"), model.scores.source),
    ]
    return f"{t('r1.is', name=name, model=model.name)}\n\n{_labelled(facts)}"


def score_words(scores: Scores) -> Clean:
    """Published scores in one line."""
    gpqa, aime = f"{scores.gpqa:.1f}", f"{scores.aime:.1f}"
    if scores.aime_vote is None:
        return t("r1.scores", gpqa=gpqa, aime=aime)
    return t("r1.scores_vote", gpqa=gpqa, aime=aime, vote=f"{scores.aime_vote:.1f}")


def _labelled(facts: Sequence[tuple[Clean, str]]) -> Clean:
    """A line a fact, those that are not known left out."""
    width = max(cell_len(label) for label, _ in facts) + 2
    lines: list[Clean] = []
    for label, words in facts:
        if words:
            first, *others = wrap_text(clean_line(words), _READABLE - width)
            lines.append(pad(label, width) + first)
            lines += [" " * width + line for line in others]
    return "\n".join(lines)


def _of(details: ModelDetails, ending: str) -> Clean:
    """The length that the metadata have under a name with this ending."""
    length = next((whole(value) for key, value in details.info.items() if key.endswith(ending)), None)
    return Clean("") if length is None else count(length)


def _info(details: ModelDetails) -> str:
    facts = sorted((key, value) for key, value in details.info.items() if _is_fact(value))
    shown = ((key, str(value)) for key, value in facts)
    return "\n".join(f"{key} = {value}" for key, value in shown if len(value) <= _LONG_INFO)


def _is_fact(value: object) -> bool:
    """A text or a number, or a short list of them: metadata may also be the 150,000 words of a vocabulary."""
    if isinstance(value, list):
        return len(value) <= _LONG_INFO and all(isinstance(each, str | int | float) for each in value)
    return isinstance(value, str | int | float)


def list_text(models: Sequence[Model]) -> Clean:
    """All models as a table."""
    if not models:
        return t("sidebar.none")
    head = [
        t("models.col.name"),
        t("models.col.size"),
        t("models.col.quantization"),
        t("models.col.context"),
        t("models.col.changed"),
    ]
    rows = [
        [
            each.name,
            t("models.cloud", host=each.remote_host) if each.remote_host else figures.size(each.size),
            each.quantization,
            count(each.context_length) if each.context_length else "",
            each.modified[:10],
        ]
        for each in models
    ]
    told = [any(row[at] for row in rows) for at in range(len(head))]  # an older server tells less
    return table(list(compress(head, told)), [list(compress(row, told)) for row in rows])


def disk_text(use: DiskUse, path: str) -> Clean:
    """What each model takes, what removing it frees, which others have files of it, and what there is in part."""
    head = [t("models.col.name"), t("models.col.size"), t("models.col.frees"), t("models.col.shares")]
    rows = [
        [each.name, figures.size(each.size), figures.size(each.own), _first(each.shares_with)]
        for each in use.models
    ]
    told = [t("housekeeping.total", n=len(use.models), size=figures.size(use.total), path=path)]
    if use.partials:
        size = figures.size(sum(each.size for each in use.partials))
        told.append(t("housekeeping.and_partials", n=len(use.partials), size=size))
    return "\n\n".join([*([table(head, rows)] if rows else []), "\n".join(told)])


def _first(names: Sequence[str]) -> str:
    """The first of them, and how many more."""
    return names[0] + (f" +{len(names) - 1}" if len(names) > 1 else "") if names else ""


def running_text(running: Sequence[RunningModel], now: float) -> Clean:
    """What is in memory as a table: bytes, the GPU's share, context, when it unloads."""
    if not running:
        return t("models.ps.none")
    head = [
        t("models.col.name"),
        t("models.col.memory"),
        t("models.col.gpu"),
        t("models.col.context"),
        t("models.col.until"),
    ]
    rows = (
        (
            each.name,
            figures.memory(each.size),
            f"{each.gpu_share:.0%}",
            count(each.context_length) if each.context_length else "",
            clock.until(each.expires, now) or t("models.ps.stays"),
        )
        for each in running
    )
    return table(head, rows)
