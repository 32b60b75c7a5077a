"""Which keys a command can be given, whom they are taken from, and what is said of them."""

from __future__ import annotations

import pytest

from r1tui import locale
from r1tui.commands import default_keys
from r1tui.locale import say
from r1tui.screens.settings import remap
from r1tui.screens.settings.keymap import check


@pytest.mark.parametrize(
    ("name", "key", "words"),
    [
        ("chat.fold", "escape", "leaves and stops everywhere"),
        ("chat.fold", "ctrl+c", "copies and quits"),
        ("transcript.copy", "tab", "from field to field"),
        ("transcript.copy", "enter", "takes what is chosen"),
        ("chat.fold", "x", "Press a key with Ctrl or Alt"),
        ("prompt.send", "x", "Press a key with Ctrl or Alt"),
        ("settings.default", "x", "Press a key with Ctrl or Alt"),
        ("chat.fold", "left", "Press a key with Ctrl or Alt"),
        ("prompt.send", "backspace", "Press a key with Ctrl or Alt"),
        ("transcript.copy", "好", "input method"),
        ("chat.fold", "ctrl+banana", "does not know this key"),
    ],
)
def test_a_key_that_something_else_needs_is_refused_with_the_reason(name: str, key: str, words: str) -> None:
    refused = remap.pressed(name, key, {}).refused
    assert refused is not None
    assert words in say(refused)


@pytest.mark.parametrize(
    ("name", "key", "changes"),
    [
        ("chat.fold", "f10", {"chat.fold": "f10"}),
        ("transcript.copy", "x", {"transcript.copy": "x"}),
        ("guide.close", "x", {"guide.close": "escape,x"}),
        ("chat.stop", "f10", {"chat.stop": "escape,f10"}),
        ("prompt.send", "ctrl+s", {"prompt.send": "ctrl+s"}),
    ],
)
def test_a_free_key_takes_the_place_of_the_others_beside_those_that_stay(
    name: str, key: str, changes: dict[str, str]
) -> None:
    plan = remap.pressed(name, key, {})
    assert (plan.changes, plan.taken, plan.refused) == (changes, (), None)


@pytest.mark.parametrize(
    ("name", "key", "changes"),
    [
        # It gets the key that is given up, where it has no other …
        ("chat.fold", "f6", {"chat.fold": "f6", "chat.history": "ctrl+t"}),
        ("transcript.copy", "o", {"transcript.copy": "o", "transcript.pager": "y"}),
        # … and keeps its others.
        ("guide.find", "n", {"guide.find": "n", "guide.next": "right"}),
        ("prompt.send", "alt+enter", {"prompt.send": "alt+enter", "prompt.new_line": "ctrl+j,shift+enter"}),
        # Over places: the app's keys hold before all others.
        ("app.redraw", "f9", {"app.redraw": "f9", "chat.host": "ctrl+l"}),
    ],
)
def test_a_key_of_another_command_is_taken_from_that(name: str, key: str, changes: dict[str, str]) -> None:
    plan = remap.pressed(name, key, {})
    assert plan.refused is None
    assert (plan.changes, set(plan.taken)) == (changes, changes.keys() - {name})
    assert check(plan.changes) == (changes, []), "the file's entries are right"
    back = remap.to_default(name, changes)
    assert back.changes[name] == remap.default_of(name)
    assert back.refused is None


def test_no_command_is_left_without_a_key() -> None:
    refused = remap.pressed("transcript.copy", "f3", {}).refused  # `y` would be a letter of the prompt
    assert refused is not None
    assert "only key of “Copy the last answer with its reasoning”" in say(refused)


@pytest.mark.parametrize("language", locale.codes())
@pytest.mark.parametrize(
    ("name", "key", "word"),
    [
        ("chat.fold", "ctrl+b", "tmux"),
        ("chat.fold", "ctrl+a", "GNU"),
        ("chat.fold", "ctrl+s", "Ctrl+Q"),
        ("chat.fold", "f11", "F11"),
        ("chat.fold", "alt+x", "Mac"),
        ("prompt.new_line", "ctrl+enter", "Kitty"),
        ("chat.fold", "ctrl+k", "Ctrl+K"),
    ],
)
def test_a_key_that_may_not_arrive_everywhere_gets_a_hint(
    language: str, name: str, key: str, word: str
) -> None:
    locale.use(language)
    hint = remap.hint(name, key)
    assert hint is not None
    assert word in say(hint)
    assert remap.pressed(name, key, {}).refused is None
    assert remap.hint("transcript.copy", "x") is None


def test_every_command_can_be_given_a_function_key() -> None:
    for keys in default_keys().values():
        for name in keys:
            plan = remap.pressed(name, "f20", {})
            assert plan.refused is None, name
            assert check(plan.changes) == (plan.changes, []), name
