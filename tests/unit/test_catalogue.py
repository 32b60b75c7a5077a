"""Every word that a user reads is in both catalogues, and nothing is there that nobody says."""

from __future__ import annotations

import ast
import re
import string
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from r1tui import locale
from r1tui.cli import build_parser
from r1tui.commands import TABLE
from r1tui.domain.clean import clean_line
from r1tui.domain.phrase import phrase
from r1tui.domain.settings_schema import read_settings, setting
from r1tui.locale import Entry
from r1tui.locale.setting_words import explained
from r1tui.screens.chat.screen import palette_commands
from tests.support.key_tables import settings_block

SOURCE = Path(locale.__file__).parents[1]
CATALOGUE = Path(locale.__file__).parent
KEY = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_-]+)+")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
LANGUAGES = locale.codes()
_AREAS = {key.split(".")[0] for key in locale.load("en")}


def _places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def _texts(entry: Entry) -> tuple[str, ...]:
    return entry if isinstance(entry, tuple) else (entry,)


@cache
def _trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in sorted(SOURCE.rglob("*.py"))}


@cache
def _literals() -> dict[str, str]:
    """Every string literal of the code outside the catalogue that is not documentation → where it stands."""
    found: dict[str, str] = {}
    for path, tree in _trees().items():
        if CATALOGUE in path.parents and path.parent != CATALOGUE:
            continue
        parts = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
        }
        for node in ast.walk(tree):
            if id(node) in parts:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.setdefault(node.value, f"{path.relative_to(SOURCE)}:{node.lineno}")
    return found


def _said(node: ast.Call) -> list[ast.expr]:
    """The expressions of a call that name catalogue keys."""
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in ("t", "phrase", "Phrase"):
        return node.args[:1]
    return []


def _keys_said() -> dict[str, str]:
    """Full literals in places that take a key → where they stand, conditional expressions looked into."""
    found: dict[str, str] = {}
    for path, tree in _trees().items():
        for node in ast.walk(tree):
            for expression in _said(node) if isinstance(node, ast.Call) else []:
                branches = (
                    [expression.body, expression.orelse]
                    if isinstance(expression, ast.IfExp)
                    else [expression]
                )
                for branch in branches:
                    if isinstance(branch, ast.Constant) and isinstance(branch.value, str) and branch.value:
                        found.setdefault(branch.value, f"{path.relative_to(SOURCE)}:{branch.lineno}")
    for each in (*TABLE, *palette_commands()):
        for key in (each.words, each.short, each.group.value, each.section.value, each.about):
            if key:
                found.setdefault(key, each.id)
    return found


def test_no_key_is_said_that_the_catalogue_does_not_have() -> None:
    entries = locale.load("en")
    said = _keys_said()
    lookalikes = {
        text: place
        for text, place in _literals().items()
        if KEY.fullmatch(text) and text.split(".")[0] in _AREAS and text not in _not_keys()
    }
    missing = {key: place for key, place in (said | lookalikes).items() if key not in entries}
    assert not missing


@cache
def _not_keys() -> set[str]:
    """Literals of a key's shape that are none: ids of commands, names of files, hosts and settings."""
    found = {each.id for each in (*TABLE, *palette_commands())}
    found |= {alias.id for each in TABLE for alias in each.also}
    for tree in _trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found |= {
                    word.value.value
                    for word in node.keywords
                    if word.arg == "id"
                    and isinstance(word.value, ast.Constant)
                    and isinstance(word.value.value, str)
                }
    return found | {
        text for text in _literals() if text.rsplit(".")[-1] in ("toml", "json", "md", "txt", "com", "log")
    }


def test_no_word_is_said_before_the_language_is_known() -> None:
    """A word that a module says while it is imported would stay in the language of that moment."""
    at_once = set[Path]()
    later = 0
    for path, tree in _trees().items():
        calls = {id(each) for each in ast.walk(tree) if isinstance(each, ast.Call) and _speaks(each)}
        within = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for body in (node.body if isinstance(node.body, list) else [node.body])
            for part in ast.walk(body)
        }
        later += len(calls & within)
        if calls - within:
            at_once.add(path)
    assert later > 100, "the search finds nothing any more"
    assert not at_once


def _speaks(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in ("t", "say")


def test_no_entry_is_left_that_nobody_says() -> None:
    said = _literals().keys() | _keys_said().keys()
    assert not [key for key in locale.load("en") if key not in said]


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_both_languages_have_the_same_keys(language: str) -> None:
    assert locale.load(language).keys() ^ locale.load("en").keys() == set()


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_a_translation_fills_the_same_places(language: str) -> None:
    english = locale.load("en")
    differing = {}
    for key, entry in locale.load(language).items():
        if key not in english:
            continue
        places = set().union(*map(_places, _texts(entry)))
        wanted = set().union(*map(_places, _texts(english[key])))
        if places != wanted:
            differing[key] = places ^ wanted
    assert not differing


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_in_two_areas(language: str) -> None:
    package = import_module(f"r1tui.locale.{language}")
    seen: dict[str, str] = {}
    for module in iter_modules(package.__path__):
        for key in import_module(f"{package.__name__}.{module.name}").MESSAGES:
            assert key not in seen, f"{key} in {module.name} and {seen[key]}"
            seen[key] = module.name
    assert len(seen) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_is_empty_or_padded(language: str) -> None:
    assert len(locale.load(language)) > 100
    for key, entry in locale.load(language).items():
        for text in _texts(entry):
            assert text.strip(), key
            assert not text.endswith(("\n", "  ")), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_places_have_plain_names(language: str) -> None:
    for key, entry in locale.load(language).items():
        for text in _texts(entry):
            assert all(name.isidentifier() for name in _places(text)), key


SAME_IN_ALL = re.compile(
    r"[\W\d_]*(?:(?:[A-Za-z]{1,4}|Ollama|OpenAI|Markdown|ChatGPT|JSON|Enter|Esc|Shift|Ctrl|Tab|NVIDIA|Modelfile|Textual)[\W\d_]*)*"
)
"""Signs, units and names, which are the same in every language."""


def test_chinese_entries_are_chinese() -> None:
    left = {}
    for key, entry in locale.load("zh_CN").items():
        for text in _texts(entry):
            words = re.sub(r"\{[^}]*\}", "", text)
            if not CHINESE.search(words) and not SAME_IN_ALL.fullmatch(words):
                left[key] = text
    assert not left


def test_english_entries_have_no_chinese() -> None:
    assert not {
        key
        for key, entry in locale.load("en").items()
        if any(CHINESE.search(text.replace("简体中文", "")) for text in _texts(entry))
    }


OTHER_WORDS = re.compile(
    "推理|拉取|您"  # 思考过程, 下载, 你
    "|聊天|折叠|载入|花费|回车|编号为|「|」"  # 对话, 收起, 加载, 花, Enter, ID, “ ”
    "|模型库|分页程序|未下完|自己的服务器|没有回应"  # 仓库, 分页器, 未下载完, R1TUI 启动的 Ollama, 没有应答
    "|可容纳|怎么办|由来|须知|首个词元"  # 放得下, 如何处理, 说明, 小知识, 首字
    r"|[\u4e00-\u9fff}][,;!?](?!\S*[\w/]\S*\d)"
)
"""What the Chinese catalogue says otherwise, with its own word behind it."""


def _chinese() -> Iterator[tuple[str, str]]:
    for key, entry in locale.load("zh_CN").items():
        for text in _texts(entry):
            yield key, text


def test_the_chinese_catalogue_has_one_word_for_one_thing() -> None:
    assert {key: text for key, text in _chinese() if OTHER_WORDS.search(text)} == {}


def test_chinese_has_no_blank_behind_its_signs_nor_between_its_characters() -> None:
    blank = re.compile(
        r"[，。；：！？、（）“”][ ](?![·/])|[\u4e00-\u9fff] (?=[\u4e00-\u9fff，。（])|[ ](?=[，。；：！？、）”])"
    )
    assert {key: text for key, text in _chinese() if blank.search(text)} == {}


def test_a_latin_word_beside_chinese_has_a_blank() -> None:
    beside = re.compile(r"[A-Za-z]{2,}[\u4e00-\u9fff]|[\u4e00-\u9fff][A-Za-z]{2,}")
    assert {key: text for key, text in _chinese() if beside.search(re.sub(r"\{\w+\}", "{}", text))} == {}


def test_tokens_are_counted_with_one_measure_in_chinese() -> None:
    """`300 个词元`, and `40 词元/秒` for a rate."""
    assert {key: text for key, text in _chinese() if re.search(r"[}\d] 词元(?!/)", text)} == {}


NAMES = frozenset(
    re.findall(
        r"\w+",
        # values, kinds and names
        "ascii auto bash bell bold chinese end english false fish flash attention folded high http https issue json keep"
        " kind low macOS markdown medium model off on open question reverse roff root run shell socks stop system"
        " temperature token true unicode url user assistant words zip zsh kB id"
        # commands and options
        " all ask cat chat completions dmesg doctor edit export fold format guide hardware help hist import keys kill man"
        " ollama plain pull r1tui serve ssh sudo systemctl tail think tmux vote host hosts models less vi"
        # parts of examples
        " strawberry library name path port someone download"
        # other servers
        " vLLM",
    )
)
"""Small English words that Chinese sentences have: what is typed, or named so by its makers."""


def test_chinese_sentences_have_no_english_words_but_names() -> None:
    words = re.compile(r"(?<![\w./+=-])[a-z][a-zA-Z]+(?![\w.=-])")
    left = {}
    for key, text in _chinese():
        found = set(words.findall(re.sub(r"\{[^}]*\}|`[^`]*`", " ", text))) - NAMES
        if found:
            left[key] = found
    assert left == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_sentence_quotes_of_the_app_is_what_the_app_says(language: str) -> None:
    """“Context length” in a notice is how the palette has it, so that it can be found there."""
    said = [text for entry in locale.load(language).values() for text in _texts(entry)]
    wrong = {}
    for key, entry in locale.load(language).items():
        for quoted in re.findall("“([^”{}]+)”", " ".join(_texts(entry))):
            if not any(text.startswith(quoted) for text in said):
                wrong[key] = quoted
    assert wrong == {}


@pytest.mark.parametrize("key", ["{a.foo}", "{a:>50000000}", "{0}", "{", "\x1b]0;PWNED\x07", "x" * 10**6])
def test_an_unknown_key_is_never_filled_and_shown_as_foreign_text(key: str) -> None:
    said = locale.t(key, a="x")
    assert said == clean_line(key[:200])
    assert not locale.is_complete(phrase(key, a="x"))


def test_a_phrase_is_complete_only_with_the_phrases_within_it() -> None:
    assert locale.is_complete(phrase("store.failed", detail=phrase("store.failed", detail="x")))
    assert not locale.is_complete(phrase("store.failed", detail=phrase("store.failed")))
    assert not locale.is_complete(phrase("store.failed", detail=phrase("{a.foo}", a="x")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_entry_has_as_many_plural_forms_as_its_language(language: str) -> None:
    forms = locale.about(language).forms
    assert all(0 <= locale.about(language).plural(n) < forms for n in range(1000))
    wrong = {
        key
        for key, entry in locale.load(language).items()
        if isinstance(entry, tuple) and (len(entry) != forms or forms == 1)
    }
    assert wrong == set()


@pytest.fixture
def polish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language that is one folder and nothing else."""
    folder = tmp_path / "pl_PL"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "from r1tui.locale.language import Language\n"
        "LANGUAGE = Language('polski', 3, lambda n: 0 if n == 1 else\n"
        "    1 if n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14) else 2)\n"
    )
    (folder / "cli.py").write_text(
        "MESSAGES = {'cli.help.version': 'pokaż wersję', 'setting.language': 'Język',\n"
        "    'status.found': ('{n} wynik', '{n} wyniki', '{n} wyników')}\n"
    )
    monkeypatch.setattr(locale, "__path__", [*locale.__path__, str(tmp_path)])
    before = locale.language()
    yield
    locale.use(before)
    for name in [name for name in sys.modules if name.startswith("r1tui.locale.pl_PL")]:
        del sys.modules[name]


@pytest.mark.usefixtures("polish")
def test_a_language_is_one_package() -> None:
    language = setting("interface.language")
    assert "pl_PL" in language.choices
    assert language.read("pl_PL") == "pl_PL"
    assert read_settings({"interface": {"language": "pl_PL"}})[1] == []
    assert "polski" in explained(language)
    for value in ("pl_PL.UTF-8", "pl", "pl_PL@euro", "PL-pl"):
        assert locale.detect({"LANG": value}) == "pl_PL"
    locale.use(locale.detect({"LC_ALL": "pl_PL.UTF-8"}))
    assert "pokaż wersję" in build_parser().format_help()
    assert ", ".join(locale.codes()) in settings_block("pl_PL")
    assert locale.t(language.label) == "Język"
    found = [locale.t("status.found", n=n) for n in (1, 3, 5, 12, 22)]
    assert found == ["1 wynik", "3 wyniki", "5 wyników", "12 wyników", "22 wyniki"]


@pytest.mark.usefixtures("polish")
def test_what_a_language_lacks_is_said_in_english_with_its_plurals() -> None:
    english = []
    for n in (1, 2):
        locale.use("en")
        english.append(locale.t("chat.deleted", n=n, title="x"))
    locale.use("pl_PL")
    assert [locale.t("chat.deleted", n=n, title="x") for n in (1, 2)] == english
    assert locale.is_complete(phrase("store.failed", detail="x"))


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("zh_TW.UTF-8", "zh_CN"),
        ("zh", "zh_CN"),
        ("zh-Hans", "zh_CN"),
        ("zha", "en"),
        ("C", "en"),
        ("POSIX", "en"),
        ("fr_FR.UTF-8", "en"),
        ("en_GB", "en"),
        ("ZH_cn.GBK", "zh_CN"),
        ("../en", "en"),
    ],
)
def test_the_environment_names_the_nearest_language(value: str, wanted: str) -> None:
    assert locale.detect({"LANG": value}) == wanted


@pytest.mark.parametrize("language", locale.codes())
def test_whole_numbers_are_counts_with_their_thousands_apart(language: str) -> None:
    try:
        locale.use(language)
        for key in ("transcript.tokens", "transcript.thought", "attachment.lines", "vote.more"):
            assert "2,026,452" in locale.t(key, n=2_026_452), key
            assert "999" in locale.t(key, n=999), key
        assert locale.count(1_000_000) == "1,000,000"
        typed = locale.t("chat.context_set", size="131072", name="1,2,3")
        assert locale.ungrouped(locale.t("chat.context_set", size=131_072, name="1,2,3")) == typed
    finally:
        locale.use(locale.DEFAULT)


def test_a_process_is_named_by_its_number_as_a_shell_takes_it() -> None:
    assert "kill -9 1234567" in locale.t("serve.unstoppable", pid="1234567")


@pytest.mark.parametrize(("language", "said"), [("en", "a, b is missing"), ("zh_CN", "缺少“a、b”")])
def test_several_things_in_one_place_have_the_comma_of_the_language(language: str, said: str) -> None:
    locale.use(language)
    assert locale.t("cli.missing", names=("a", "b")) == said
