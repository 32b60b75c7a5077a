"""Live: what quantization makes of each size in bytes, and what this machine can carry of them."""

from __future__ import annotations

from collections.abc import Iterator

from r1tui.domain.catalogue import TAGS, Tag
from r1tui.domain.clean import Clean
from r1tui.domain.recommendation import Recommendation
from r1tui.locale import figures, say, t
from r1tui.toolkit.cells import fit
from r1tui.toolkit.glyphs import glyphs
from r1tui.widgets.bars import share_bar
from r1tui.widgets.size_table import rows

_BAR_CELLS = 24
PARAMETERS = {"1.5b": 1_777_088_000, "7b": 7_615_616_512, "8b": 8_190_735_360, "14b": 14_770_033_664}
"""As the published files of the models hold them (huggingface.co/deepseek-ai)."""


def lines(found: Recommendation | None, selected: str, width: int) -> Iterator[str]:
    """Bytes at 16, 8 and about 4 bits a parameter; then the table of this machine."""
    tags = sorted((tag for tag in TAGS if tag.size in PARAMETERS), key=lambda tag: PARAMETERS[tag.size])
    largest = max(PARAMETERS.values()) * 2
    yield t("live.parameters.bytes")
    yield ""
    for tag in tags:
        yield f"{tag.tag}  {t('live.parameters.count', n=f'{PARAMETERS[tag.size] / 1e9:.2f}')}"
        for bits, count in _forms(tag):
            yield f"  {fit(bits, 8)} {figures.size(count):>8}  {share_bar(count / largest, _BAR_CELLS)}"
    yield ""
    yield t("live.parameters.per", bytes=f"{_per_parameter(tags):.2f}")
    yield ""
    if found is None:
        yield t("live.parameters.no_machine")
        return
    yield t("live.parameters.machine")
    yield ""
    for name, row in rows(found, width - 2):
        yield f"{glyphs().selected if name == selected else ' '} {row.plain}"
    yield ""
    yield say(found.reason)


def _forms(tag: Tag) -> list[tuple[Clean, float]]:
    count = PARAMETERS[tag.size]
    bits = [(t("live.parameters.bits", n=16), count * 2.0), (t("live.parameters.bits", n=8), float(count))]
    return [*bits, (t("live.parameters.about_bits", n=4), tag.shape.file_bytes)]


def _per_parameter(tags: list[Tag]) -> float:
    return sum(tag.shape.file_bytes for tag in tags) / sum(PARAMETERS[tag.size] for tag in tags)
