"""What a terminal, tmux, screen or a command of the user's is told when something has ended."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from r1tui.services.terminal import attention
from r1tui.services.terminal.attention import Title, notification, run_command
from r1tui.services.terminal.terminal import Terminal

HOSTILE = "a\x1b]0;x\x07b\x9c;\x07c"


def terminal(**environ: str) -> Terminal:
    return Terminal.of({"TERM": "xterm-256color", "LANG": "C.UTF-8", **environ})


@pytest.mark.parametrize(
    ("way", "sequence"),
    [
        ("bell", "\a"),
        ("osc9", "\x1b]9;done\x1b\\"),
        ("osc777", "\x1b]777;notify;R1TUI;done\x1b\\"),
        ("osc99", "\x1b]99;;done\x1b\\"),
    ],
)
def test_each_way_has_its_sequence(way: str, sequence: str) -> None:
    assert notification(way, "done", "") == sequence


def test_tmux_and_screen_hand_a_notice_on_and_take_the_bell_themselves() -> None:
    assert notification("osc9", "done", "tmux") == "\x1bPtmux;\x1b\x1b]9;done\x1b\x1b\\\x1b\\"
    assert notification("osc9", "done", "screen") == "\x1bP\x1b]9;done\a\x1b\\"
    assert notification("bell", "done", "tmux") == notification("bell", "done", "screen") == "\a"


@pytest.mark.parametrize("multiplexer", ["", "tmux", "screen"])
@pytest.mark.parametrize("way", ["osc9", "osc777", "osc99"])
def test_a_name_in_a_notice_cannot_end_its_sequence(way: str, multiplexer: str) -> None:
    assert notification(way, HOSTILE, multiplexer).count("\x1b") == notification(way, "a", multiplexer).count(
        "\x1b"
    )
    assert notification(way, HOSTILE, multiplexer).count("\a") == notification(way, "a", multiplexer).count(
        "\a"
    )
    assert "\x9c" not in notification(way, HOSTILE, multiplexer)


def test_the_title_from_before_comes_back() -> None:
    title = Title(terminal())
    assert title.give_back() == ""
    assert title.change("one") == "\x1b[22;2t\x1b]2;one\x1b\\"
    assert title.change("one") == ""
    assert title.change("two") == "\x1b]2;two\x1b\\"
    assert title.give_back() == "\x1b[23;2t"
    assert title.give_back() == ""


def test_screen_has_no_title_to_keep_and_its_own_is_empty() -> None:
    title = Title(terminal(STY="1.pts", TERM="screen"))
    assert title.change("one") == "\x1b]2;one\x1b\\"
    assert title.give_back() == "\x1b]2;\x1b\\"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("✓ done, 回答 – R1TUI", "+ done, - R1TUI"), ("思考 3:12", "R1TUI"), ("● a\u4e1b]0;x", "* a]0;x")],
)
def test_screen_gets_no_character_of_which_it_would_keep_one_byte(text: str, shown: str) -> None:
    assert Title(terminal(STY="1.pts", TERM="screen")).change(text) == f"\x1b]2;{shown}\x1b\\"
    assert notification("osc9", text, "screen") == f"\x1bP\x1b]9;{shown}\a\x1b\\"


@pytest.mark.parametrize("term", ["linux", "dumb", "vt100", ""])
def test_a_terminal_without_titles_is_sent_none(term: str) -> None:
    title = Title(terminal(TERM=term))
    assert title.change("one") == title.give_back() == ""


async def test_a_command_gets_the_sentence_as_its_last_argument(tmp_path: Path) -> None:
    file = tmp_path / "told"
    script = f"import sys; open({str(file)!r}, 'w').write(repr(sys.argv[1:]))"
    await run_command(f'"{sys.executable}" -c "{script}" first', "it is; $(done) \x1b[1m")
    assert file.read_text().startswith("['first', 'it is; $(done) ")
    assert "\\x1b" not in file.read_text()


async def test_a_command_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "COMMAND_SECONDS", 0.2)
    with pytest.raises(TimeoutError):
        await run_command('sh -c "sleep 600"', "x")


async def test_a_commands_exit_status_is_told() -> None:
    assert await run_command('sh -c "exit 3"', "x") == 3


async def test_a_command_that_is_none_is_said() -> None:
    with pytest.raises(FileNotFoundError):
        await run_command("/nowhere/at-all", "x")
    with pytest.raises(ValueError, match="quotation"):
        await run_command('an "open quote', "x")
