"""The pages of the guide: whole in every language, sourced, legible, and every word of the glossary led to."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from rich.cells import cell_len

from r1tui import guide, locale
from r1tui.domain.catalogue import TAGS
from r1tui.domain.message import Phase
from r1tui.domain.r1_models import MODELS
from r1tui.domain.settings_schema import SETTINGS
from r1tui.guide import Guide, Page, topics
from r1tui.toolkit import glyphs
from r1tui.widgets.guide_rows import lay_out
from r1tui.widgets.transcript.parser import parser

LANGUAGES = pytest.mark.parametrize("language", guide.languages())
CHAPTERS = 11


@pytest.fixture
def ascii_signs() -> Iterator[None]:
    glyphs.use(glyphs.ASCII)
    yield
    glyphs.use(glyphs.UNICODE)


def pages(language: str) -> list[Page]:
    found = guide.read(language)
    return [*found.chapters, found.words]


def test_the_guide_is_written_in_every_language_of_the_app() -> None:
    assert guide.languages() == tuple(sorted(locale.codes()))


@LANGUAGES
def test_every_chapter_is_there_with_a_title_and_a_line_on_what_it_is_about(language: str) -> None:
    found = guide.read(language)
    assert [page.id for page in found.chapters] == [str(n + 1) for n in range(CHAPTERS)]
    for page in found.chapters:
        assert page.title.startswith(f"{page.id} · ")
        assert page.summary


def test_all_languages_have_the_same_files_and_the_same_words() -> None:
    one, *others = guide.languages()
    names = {path.name for path in (guide.FOLDER / one).iterdir()}
    for other in others:
        assert {path.name for path in (guide.FOLDER / other).iterdir()} == names
        assert set(guide.read(other).entries) == set(guide.read(one).entries)


@LANGUAGES
def test_every_page_ends_in_its_sources(language: str) -> None:
    last = {guide.headings(page.text)[-1] for page in pages(language)}
    assert len(last) == 1
    for page in pages(language):
        sources = page.text.rpartition(f"## {last.copy().pop()}")[2]
        assert re.search(r"^- .*https://", sources, re.MULTILINE), page.id


README = "https://github.com/deepseek-ai/DeepSeek-R1"
CARDS = "https://huggingface.co/deepseek-ai"
QWEN3_8B = f"{CARDS}/DeepSeek-R1-0528-Qwen3-8B"
R1_0528 = f"{CARDS}/DeepSeek-R1-0528"
PAPER = "https://arxiv.org/abs/2501.12948v1"
V3 = "https://arxiv.org/abs/2412.19437"
LIBRARY = "https://ollama.com/library/deepseek-r1"
QUANTIZE = "https://github.com/ggml-org/llama.cpp/blob/master/tools/quantize/README.md"
OURS = "ours"
"""An example, or worked out from the figures beside it."""
SOURCED: dict[str, dict[str, str]] = {
    "3": {R1_0528: "12,000 23,000 0528", OURS: "17 42 60 70 10 102"},
    "4": {
        LIBRARY: "1.1 4.7 5.2 9.0", CARDS: "16 1.8 7.6 8.2 14.8 0528", QUANTIZE: "0.6",
        OURS: "3.6 15.2 16.4 29.5 1.5 14",
    },
    "5": {
        README: "0.5 0.7 0.6 0.95 95", f"{CARDS}/DeepSeek-R1-Distill-Qwen-7B": "150,000", OURS: "52 19 11",
    },
    "6": {CARDS: "28 36 12 32 1,536 3,584 4,096 131,072", "https://arxiv.org/abs/1706.03762": "2017"},
    "7": {
        README: "9.3 28.9 55.5 69.7 72.6 70.0 79.8 33.8 49.1 59.1 62.1 65.2 71.5 2024", QWEN3_8B: "86.0 61.1 0528",
        OURS: "1.5 14 32 70 20 40 60 80 671",
    },
    "8": {V3: "14.8 2.66 2.79"},
    "9": {V3: "671 37", PAPER: "15.6 71.0 2024 800,000 600,000 200,000", README: "2.5", QWEN3_8B: "0528", OURS: "1.5 14 10"},
    "10": {
        README: "28.9 52.7 55.5 83.3 69.7 80.0 72.6 70.0 86.7 64 2024", PAPER: "71.0 74.4 0912",
        OURS: "1.5 14 32 70 10",
    },
    "11": {README: "0.6", OURS: "11 12"},
    "words": {
        README: "0.6 0.95 64 2024", R1_0528: "0528", QUANTIZE: "16", OURS: "10 11 60 12 14.1 32.0 2.3 2,300 8,000 1.5 70 671",
    },
}  # fmt: skip
"""Page → the address at its foot → the figures that are taken from there."""


def _addresses(page: Page) -> set[str]:
    sources = page.text.rpartition("\n## ")[2]
    return set(re.findall(r"<(https://[^>]+)>", sources))


def test_every_figure_of_a_page_has_its_source_at_the_foot() -> None:
    for page in pages("en"):
        text = re.sub(
            r"\]\([^)]*\)|^\|.*\|$|`[^`\n]+`", "", page.text.rpartition("\n## ")[0], flags=re.MULTILINE
        )
        if page.id == "6":  # its table of layers is what the chapter is about
            text = page.text.rpartition("\n## ")[0]
        figures = set(re.findall(r"(?<![\w.])\d[\d.,]*\d\b", text))
        sources = SOURCED.get(page.id, {})
        known = {figure for of in sources.values() for figure in of.split()}
        assert not figures - known, page.id
        told = {address for address, of in sources.items() if of and address != OURS}
        assert told <= _addresses(page), page.id


def test_all_languages_name_the_same_sources() -> None:
    for page in pages("en"):
        other = guide.read("zh_CN").page(page.id)
        assert other is not None
        assert {each.replace("/zh-cn/", "/") for each in _addresses(other)} == _addresses(page)


@LANGUAGES
def test_every_link_leads_somewhere(language: str) -> None:
    found = guide.read(language)
    links = 0
    for page in pages(language):
        for words, href in re.findall(r"\[([^]]+)\]\(([^)]+)\)", page.text):
            links += 1
            target = guide.followed(href, page.id)
            assert target is not None, (page.id, words, href)
            assert found.page(target.page) is not None, (page.id, words, href)
            assert not target.entry or target.entry in found.entries, (page.id, words, href)
            path = href.partition("#")[0]
            assert not path or (guide.FOLDER / language / path).is_file()
    assert links > len(pages(language))


def _shown(page: Page, width: int) -> list[str]:
    return [row.text for row in lay_out(page.text, width).rows]


def _letters(lines: list[str]) -> str:
    return "".join(char for line in lines for char in line if char.isalnum())


@LANGUAGES
def test_every_page_fits_eighty_columns_and_loses_no_word(language: str) -> None:
    for page in pages(language):
        lines = _shown(page, 76)
        assert max(map(cell_len, lines)) <= 76
        assert not [line for line in lines if glyphs.glyphs().wrapped in line], page.id  # a drawing too wide
        source = re.sub(r"\]\([^)]*\)", "]", page.text)
        # A table's cells are laid out side by side: their letters come in another order.
        assert sorted(_letters(lines)) == sorted(_letters([re.sub(r"^ *```.*$", "", source, flags=re.M)])), (
            page.id
        )


@LANGUAGES
def test_every_page_shows_in_ascii_with_its_drawings_in_their_places(
    language: str, ascii_signs: None
) -> None:
    for page in pages(language):
        lines = _shown(page, 76)
        assert max(map(cell_len, lines)) <= 76
        signs = {char for line in lines for char in line if not char.isascii() and not char.isalnum()}
        # Chinese has punctuation of its own, which no terminal for ASCII alone is asked to show.
        assert language == "zh_CN" or not signs, (page.id, signs)
        for drawing in _drawings(page.text):
            plain = guide.in_ascii(drawing)
            assert not set(plain) & set("─│┌┐└┘├┤┬┴┼▇▄")
            assert [cell_len(line) for line in plain.split("\n")] == list(map(len, _ones(drawing)))


def _drawings(text: str) -> list[str]:
    """The fenced blocks of a page, without their fences."""
    blocks = re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL)
    return [block.split("\n", 1)[1].rsplit("\n", 1)[0] for block in blocks]


def _ones(drawing: str) -> list[str]:
    """The lines of a drawing with one character for each cell, a sign of a box counted as one."""
    return ["x" * cell_len(line) for line in drawing.split("\n")]


@LANGUAGES
def test_the_boxes_of_a_drawing_close(language: str) -> None:
    assert any(_drawings(page.text) for page in pages(language))
    for page in pages(language):
        for drawing in _drawings(page.text):
            cells = [_cells(line) for line in drawing.split("\n")]
            for y, row in enumerate(cells):
                for x, char in enumerate(row):
                    if char in "┌├┬┐┤" and y + 1 < len(cells):
                        below = cells[y + 1][x : x + 1]
                        assert "".join(below) in tuple("│└┘├┤┴┼┬v^"), (page.id, drawing.split("\n")[y + 1])


def _cells(line: str) -> list[str]:
    return [part for char in line for part in ([char] if cell_len(char) == 1 else [char, "\0"])]


def _led_to(found: Guide) -> set[str]:
    """The entries that something leads to: a topic of the screen, a chapter, another entry."""
    reached = {*topics.PHASES.values(), *topics.PARAMETERS.values(), *topics.STATUS.values()}
    reached |= {*topics.FIGURE.values(), topics.MODEL, topics.QUESTION, topics.OUT_OF_SIGHT}
    for page in (*found.chapters, found.words):
        for href in re.findall(r"\]\(([^)]+)\)", page.text):
            target = guide.followed(href, page.id)
            if target is not None:
                reached.add(target.entry)
    return reached


@LANGUAGES
def test_every_word_of_the_glossary_is_reached_from_somewhere(language: str) -> None:
    found = guide.read(language)
    assert not set(found.entries) - _led_to(found)


@LANGUAGES
def test_everything_that_is_explained_on_the_screen_has_its_entry(language: str) -> None:
    found = guide.read(language)
    every = [*topics.PHASES.values(), *topics.PARAMETERS.values(), *topics.STATUS.values()]
    every += [topics.MODEL, topics.FIGURES, topics.SERVER_STEP, topics.ANSWER, topics.QUESTION]
    every += [topics.OUT_OF_SIGHT, *topics.FIGURE.values()]
    for topic in every:
        assert found.target(topic) is not None, topic
    assert {phase.value for phase in Phase} == set(topics.PHASES)


def test_a_parameter_and_its_setting_have_one_topic() -> None:
    paths = {setting.path for setting in SETTINGS}
    assert "chat.num_ctx" in paths
    assert topics.parameter("chat.num_ctx") == topics.parameter("num_ctx") == "context"
    assert topics.parameter("interface.theme") == ""


NO_WORD = {"chat.shell", "chat.shell_seconds"}
"""They have nothing to do with models: their own explanation is all."""


def test_each_setting_of_conversation_and_server_leads_to_its_word() -> None:
    asked = {setting.path for setting in SETTINGS if setting.section in ("chat", "server")}
    assert {path for path in asked if not topics.parameter(path)} == NO_WORD


def test_no_topic_is_of_a_parameter_that_does_not_exist() -> None:
    settings = {setting.key for setting in SETTINGS}
    assert set(topics.PARAMETERS) - settings <= OF_MODELS


OF_MODELS = {
    "top_k", "min_p", "num_predict", "num_batch", "num_gpu", "num_thread", "repeat_penalty", "repeat_last_n",
    "presence_penalty", "frequency_penalty", "seed", "kind", "system",
}  # fmt: skip
"""Options of Ollama, a host's kind and a conversation's system text, which are no settings."""


@LANGUAGES
def test_the_scores_are_those_that_the_recommendation_goes_by(language: str) -> None:
    text, votes = (guide.read(language).chapters[number].text for number in (6, 9))
    first = next(model for model in MODELS if model.name == "DeepSeek-R1")
    for name, model in [*((tag.size, tag.model) for tag in TAGS), ("R1", first)]:
        scores = model.scores
        assert re.search(rf"^ {re.escape(name)}\b.* {scores.aime} ", text, re.MULTILINE), name
        assert f"{scores.gpqa}" in text
        if scores.aime_vote is not None:
            assert re.search(
                rf"^ {re.escape(name)} +{scores.aime} -> {scores.aime_vote} ", votes, re.MULTILINE
            )


@LANGUAGES
def test_bars_are_as_long_as_their_figures(language: str) -> None:
    rows = re.findall(r"^ .*?(\d+\.\d)  (▇+)$", guide.read(language).chapters[6].text, re.MULTILINE)
    assert len(rows) == 8
    for figure, bar in rows:
        assert abs(len(bar) - float(figure) / 3) <= 1.0, figure
    votes = re.findall(
        r"(\d+\.\d) -> (\d+\.\d)  (▇+)(▄+)$", guide.read(language).chapters[9].text, re.MULTILINE
    )
    assert len(votes) == 7
    for one, many, first, more in votes:
        assert abs(len(first) - float(one) / 2.4) <= 1.0
        assert abs(len(first + more) - float(many) / 2.4) <= 1.1, one


@LANGUAGES
def test_only_headings_with_a_name_are_places_to_begin_at(language: str) -> None:
    for page in pages(language):
        assert "" not in lay_out(page.text, 76).entries
    assert set(lay_out(guide.read(language).words.text, 76).entries) >= set(guide.read(language).entries)


def test_a_language_without_a_guide_reads_the_english_one() -> None:
    assert guide.read("xx").words.title == guide.read("en").words.title


@LANGUAGES
def test_no_mark_of_emphasis_is_left_in_what_is_read(language: str) -> None:
    """One star between Chinese characters is read as a product's sign: Chinese pages emphasise by two."""
    left = [
        (page.id, child.content)
        for page in pages(language)
        for token in parser().parse(page.text)
        for child in token.children or ()
        if child.type == "text" and "*" in child.content
    ]
    assert not left
