"""Settings: bad values are named, nothing a person wrote is lost."""

# ruff: noqa: ASYNC240  (a test may block its own loop)

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from r1tui.domain.chat import ThinkMode
from r1tui.domain.setting import Kind
from r1tui.domain.settings import Settings
from r1tui.domain.settings_schema import SETTINGS, setting
from r1tui.locale import say
from r1tui.services.settings import SettingsError, SettingsStore, explained_text, load_settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def test_without_a_file_the_defaults_hold(path: Path) -> None:
    assert load_settings(path) == (Settings(), [])


def test_values_are_read(path: Path) -> None:
    path.write_text(
        '[interface]\ntheme = "sea"\n[chat]\nthink = "on"\ntemperature = 1\nkeep_alive = 300\n'
        '[hosts.box]\nurl = "http://box:1"\nheaders = { Authorization = "env:TOKEN" }\n'
        '[keys]\n"app.quit" = "f10"\n'
    )
    settings, problems = load_settings(path)
    assert problems == []
    assert settings.interface.theme == "sea"
    assert settings.chat.think is ThinkMode.ON
    assert settings.chat.temperature == 1.0
    assert settings.chat.keep_alive == "300"
    assert settings.hosts["box"].headers == {"Authorization": "env:TOKEN"}
    assert settings.keys == {"app.quit": "f10"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '[interface]\nglyphs = "pretty"',
            ["interface.glyphs", "'pretty'", "auto, unicode, ascii", "'auto'"],
        ),
        ("[interface]\ncursor_blink = 1", ["interface.cursor_blink", "true or false"]),
        ("[chat]\ntemperature = 9.5", ["chat.temperature", "9.5", "a number from 0 to 2", "0.6"]),
        ("[chat]\nnum_ctx = true", ["chat.num_ctx", "a whole number"]),
        ('[chat]\nkeep_alive = "soon"', ["chat.keep_alive", "'soon'", "5m"]),
        ("[chat]\ntemperature = nan", ["chat.temperature", "nan"]),
        ('chat = "loud"', ["chat", "a table"]),
        ('[interface]\nthem = "x"', ["interface.them", "interface.theme"]),
        ('[keys]\n"app.quit" = 3', ["keys.app.quit", "a text in quotes"]),
        ('[hosts.box]\nkind = "grpc"\nurl = "http://b"', ["hosts.box.kind", "ollama, openai"]),
        ("[hosts.box]\n", ["hosts.box", "url"]),
    ],
)
def test_a_bad_value_is_named_with_what_would_be_right(path: Path, text: str, words: list[str]) -> None:
    path.write_text(text)
    settings, problems = load_settings(path)
    assert settings.interface == Settings().interface
    assert settings.chat == Settings().chat
    assert len(problems) == 1
    for word in words:
        assert word in say(problems[0])


@pytest.mark.parametrize("headers", ["'Bearer s3cret'", "{ Authorization = ['Bearer s3cret'] }"])
def test_a_header_that_is_wrong_is_named_without_its_value(path: Path, headers: str) -> None:
    path.write_text(f'[hosts.box]\nurl = "http://b"\nheaders = {headers}\n')
    (problem,) = load_settings(path)[1]
    assert "hosts.box.headers" in say(problem)
    assert "s3cret" not in say(problem)


def test_one_bad_value_spoils_no_other(path: Path) -> None:
    path.write_text('[interface]\ntheme = 3\nlanguage = "zh_CN"\n')
    settings, problems = load_settings(path)
    assert settings.interface.language == "zh_CN"
    assert len(problems) == 1


def test_a_broken_file_is_named_with_its_line(path: Path) -> None:
    path.write_text('[interface]\ntheme = "x"\noops\n')
    settings, problems = load_settings(path)
    assert settings == Settings()
    assert "line 3" in say(problems[0])
    path.write_text('[interface]\ntheme = "x')
    assert "line 2" in say(load_settings(path)[1][0])
    path.write_bytes(b"\xff\xfe")
    assert "UTF-8" in say(load_settings(path)[1][0])


async def test_a_change_keeps_comments_order_and_unknown_keys(path: Path) -> None:
    path.write_text('# mine\n[interface]\nfuture = 7 # keep\ntheme = "a" # this too\n\n[other]\nx = 1\n')
    store = SettingsStore(path, *load_settings(path))
    await store.update(setting("interface.theme"), "b")
    await store.update(setting("chat.num_ctx"), 4096)
    text = path.read_text()
    assert text.startswith(
        '# mine\n[interface]\nfuture = 7 # keep\ntheme = "b" # this too\n\n[other]\nx = 1\n'
    )
    assert tomllib.loads(text)["chat"] == {"num_ctx": 4096}
    assert store.settings.interface.theme == "b"


async def test_the_file_is_private_and_nothing_is_left_beside_it(path: Path) -> None:
    store = SettingsStore(path)
    await store.update(setting("interface.cursor_blink"), True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.toml"]
    assert load_settings(path)[0].interface.cursor_blink is True


@pytest.mark.parametrize("text", ["not toml at all", "[interface]\ntheme = 'ink'\ntheme = 'ink'\n"])
async def test_a_broken_file_is_copied_before_it_is_replaced(path: Path, text: str) -> None:
    path.write_text(text)
    store = SettingsStore(path, *load_settings(path))
    await store.update(setting("interface.theme"), "b")
    assert path.with_name("settings.toml.broken-1").read_text() == text
    assert load_settings(path)[0].interface.theme == "b"


async def test_a_link_into_a_dotfiles_folder_stays_a_link(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "r1tui.toml"
    real.parent.mkdir()
    real.write_text("")
    path.symlink_to(real)
    await SettingsStore(path).update(setting("interface.theme"), "b")
    assert path.is_symlink()
    assert "b" in real.read_text()


async def test_a_failed_write_is_told_and_the_setting_holds_for_now(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    store = SettingsStore(blocked / "settings.toml")
    with pytest.raises(SettingsError) as caught:
        await store.update(setting("interface.theme"), "b")
    assert "cannot be written" in say(caught.value.phrase)
    assert store.settings.interface.theme == "b"


async def test_the_first_file_holds_the_defaults_with_explanations(path: Path) -> None:
    store = SettingsStore(path)
    await store.ensure_file()
    assert load_settings(path) == (Settings(), [])
    assert path.read_text().count("#") >= len(SETTINGS)
    path.write_text("# mine")
    await store.ensure_file()
    assert path.read_text() == "# mine"


def test_every_setting_has_a_default_it_would_accept_itself() -> None:
    for item in SETTINGS:
        assert item.read(item.value(Settings())) is not None, item.path
    assert explained_text(Settings())


def test_what_a_person_types_is_judged_as_the_file_is() -> None:
    assert setting("chat.num_ctx").from_text(" 8192 ") == 8192
    assert setting("chat.num_ctx").from_text("many") is None
    assert setting("chat.temperature").from_text("0.7") == 0.7
    assert setting("chat.temperature").from_text("7") is None
    assert setting("chat.keep_alive").from_text("1h30m") == "1h30m"
    assert all(item.from_text("") is not None for item in SETTINGS if item.kind is Kind.TEXT)
