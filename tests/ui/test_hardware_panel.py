"""The hardware panel: what it shows, what it asks for, and that it draws only what changed."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult

from r1tui import locale
from r1tui.domain.calibration import Calibration
from r1tui.domain.hardware import GIB, HardwareProfile
from r1tui.domain.model import RunningModel
from r1tui.domain.phrase import phrase
from r1tui.domain.recommendation import recommend
from r1tui.screens.dialogs.figures import FiguresScreen
from r1tui.toolkit import glyphs
from r1tui.widgets.hardware_lines import bar, panel_lines, sparkline
from r1tui.widgets.hardware_panel import HardwarePanel
from r1tui.widgets.hardware_state import PanelState
from tests.support.machines import card, machine

LAPTOP = machine(15.5, 11, 51, disk=212)
LOADED = RunningModel("deepseek-r1:8b", 7 * GIB, 0, 8192, time.time() + 300)


class PanelApp(App[None]):
    """A panel alone; keeps its messages."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Any] = []

    def compose(self) -> ComposeResult:
        yield HardwarePanel()

    def on_mount(self) -> None:
        self.panel.focus()

    @property
    def panel(self) -> HardwarePanel:
        return self.query_one(HardwarePanel)

    def on_hardware_panel_figures_requested(self, event: HardwarePanel.FiguresRequested) -> None:
        self.asked.append("figures")

    def on_hardware_panel_pull_requested(self, event: HardwarePanel.PullRequested) -> None:
        self.asked.append(event.tag)

    def on_hardware_panel_lower_context_requested(self, event: HardwarePanel.LowerContextRequested) -> None:
        self.asked.append(("lower", event.model))


def text(panel: HardwarePanel) -> str:
    return "\n".join(panel.render_line(y).text.rstrip() for y in range(panel.size.height))


def lines(state: PanelState, width: int = 38) -> list[str]:
    return ["".join(part for part, _ in line) for line in panel_lines(state, width)]


def show(panel: HardwarePanel, profile: HardwareProfile, calibration: Calibration | None = None) -> None:
    panel.show_profile(profile)
    panel.show_recommendation(recommend(profile, calibration))


async def test_it_shows_the_machine_the_sizes_and_the_sum() -> None:
    app = PanelApp()
    async with app.run_test(size=(80, 40)):
        show(app.panel, LAPTOP)
        shown = text(app.panel)
    assert "4.5 of 15.5 GiB" in shown
    assert "212.0 GB free" in shown
    assert "8b ◆   yes" in shown
    assert "0.3 GiB short" in shown  # 14b
    assert "= 6.65 of" in shown


async def test_gpus_are_looked_for_until_they_are_found() -> None:
    app = PanelApp()
    async with app.run_test(size=(80, 40)):
        app.panel.show_profile(replace(LAPTOP, looking=True), looking=True)
        assert "looking" in text(app.panel)
        show(app.panel, machine(31, 26, 51, replace(card(11.6, 360, name="RTX 3060"), total=12 * GIB)))
        shown = text(app.panel)
    assert "looking" not in shown
    assert "RTX 3060" in shown
    assert "on the GPU" in shown


@pytest.mark.parametrize("language", ["en", "zh_CN"])
async def test_the_bars_of_memory_and_gpu_begin_in_one_column(language: str) -> None:
    locale.use(language)
    shown = lines(PanelState(machine(128, 100, 51, card(5.6, 336)), running=(LOADED,)))
    bars = [line for line in shown if "GiB" in line and glyphs.UNICODE.bar_empty in line]
    assert len(bars) == 2
    assert len({cell_len(line.partition("GiB")[0]) for line in bars}) == 1


async def test_an_unused_gpu_is_named() -> None:
    gpu = replace(
        card(2, 30, "intel", name="UHD 600", usable=False), unusable=phrase("hardware.gpu.integrated")
    )
    assert any("not used: UHD 600" in line for line in lines(PanelState(machine(7.6, 6, 30, gpu))))


async def test_the_running_model_and_when_it_unloads() -> None:
    app = PanelApp()
    async with app.run_test(size=(80, 40)):
        show(app.panel, LAPTOP)
        app.panel.show_running([LOADED])
        shown = text(app.panel)
    clock = time.strftime("%H:%M", time.localtime(LOADED.expires))
    assert f"7.0 GiB, until {clock}" in shown
    assert glyphs.UNICODE.bar_full in shown  # its share in the memory bar


async def test_a_model_partly_on_the_cpu_is_told_of_and_its_context_lowered_by_key() -> None:
    app = PanelApp()
    async with app.run_test(size=(80, 40)) as pilot:
        show(app.panel, machine(31, 26, 51, card(5.6, 336)))
        app.panel.show_running([replace(LOADED, size_vram=int(4.9 * GIB))])
        assert "30% on the CPU" in text(app.panel)
        await pilot.press("l")
        assert app.asked == [("lower", "deepseek-r1:8b")]


async def test_without_a_gpu_a_model_on_the_cpu_is_no_reproach() -> None:
    assert not any("on the CPU" in line for line in lines(PanelState(LAPTOP, running=(LOADED,))))


async def test_keys_ask_for_figures_and_for_the_pull() -> None:
    app = PanelApp()
    async with app.run_test(size=(80, 40)) as pilot:
        await pilot.press("p")
        assert app.asked == []
        show(app.panel, LAPTOP)
        await pilot.press("question_mark", "p")
        assert app.asked == ["figures", "deepseek-r1:8b"]


async def test_measured_speed_says_so() -> None:
    app = PanelApp()
    async with app.run_test(size=(80, 40)):
        show(app.panel, LAPTOP, Calibration(cpu=30e9, cpu_models={"deepseek-r1:8b": 30e9}))
        app.panel.show_speed([4.0, 5.0, 5.4])
        shown = text(app.panel)
    assert "lately 5.4 tokens/s" in shown
    assert "~" not in shown
    lines = {line.split()[0]: line for line in shown.splitlines() if line.strip()}
    assert "yes, measured" in lines["8b"]
    assert " 5.8 " in lines["8b"]
    assert "measured" not in lines["1.5b"]
    assert re.search(r" \d+-\d+ ", lines["1.5b"])
    assert "reckoned from" in shown


async def test_a_guess_is_called_one() -> None:
    app = PanelApp()
    async with app.run_test(size=(80, 40)):
        show(app.panel, LAPTOP)
        shown = text(app.panel)
    assert "has answered" in " ".join(shown.partition("a guess until")[2].split())
    assert "yes, measured" not in shown


async def test_a_server_elsewhere_is_never_judged_by_local_memory() -> None:
    app = PanelApp()
    async with app.run_test(size=(80, 40)):
        show(app.panel, replace(LAPTOP, local=False))
        app.panel.show_remote("home:11434")
        shown = text(app.panel)
    assert "SERVER home:11434" in shown
    assert "15.5" not in shown


async def test_the_same_again_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = PanelApp()
    async with app.run_test(size=(80, 40)) as pilot:
        show(app.panel, LAPTOP)
        await pilot.pause()
        drawn: list[Any] = []
        monkeypatch.setattr(app.panel, "refresh", lambda *regions, **_: drawn.append(regions))
        memory = LAPTOP.memory
        assert memory is not None
        show(app.panel, LAPTOP)
        app.panel.show_memory(replace(memory, available=memory.available - memory.total // 100))
        assert drawn == []
        app.panel.show_memory(replace(memory, available=memory.available - memory.total // 20))
        assert len(drawn) == 1  # one line


async def test_small_changes_add_up_to_a_visible_one() -> None:
    app = PanelApp()
    async with app.run_test(size=(80, 40)):
        show(app.panel, LAPTOP)
        memory = LAPTOP.memory
        assert memory is not None
        for step in range(1, 6):
            app.panel.show_memory(replace(memory, available=memory.available - step * memory.total // 100))
        assert "4.5 of" not in text(app.panel)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [12, 24, 36, 38])
def test_no_line_is_wider_than_the_panel(language: str, width: int) -> None:
    locale.use(language)
    gpu = replace(card(11.6, 360, name="NVIDIA 显卡 " * 9), total=12 * GIB)
    profile = machine(31, 26, 51, gpu, limit=20, disk=1)
    state = PanelState(
        profile,
        False,
        recommend(profile),
        (replace(LOADED, name="很长的名字" * 9, size_vram=GIB),),
        (1.0, 2.0),
    )
    wide = max(width, 32) if width < 32 else width
    assert all(cell_len(line) <= wide for line in lines(state, wide))


def test_a_bar_shows_the_models_share_by_sign_not_only_by_colour() -> None:
    signs = glyphs.UNICODE
    assert (
        "".join(part for part, _ in bar(10, 7, 3, 10))
        == signs.bar_full * 3 + signs.bar_part * 4 + signs.bar_empty * 3
    )
    assert "".join(part for part, _ in bar(10, 2, 7, 10)) == signs.bar_full * 7 + signs.bar_empty * 3
    assert bar(0, 0, 0, 10) == ()


def test_a_sparkline_has_the_largest_value_full() -> None:
    assert sparkline([1, 8])[-1] == glyphs.UNICODE.levels[-1]
    assert sparkline([]) == ""
    glyphs.use(glyphs.ASCII)
    assert sparkline([1, 4, 8]).isascii()


async def test_a_short_panel_scrolls_to_its_end() -> None:
    app = PanelApp()
    async with app.run_test(size=(40, 10)) as pilot:
        show(app.panel, LAPTOP)
        await pilot.pause()
        assert "= 6.65" not in text(app.panel)
        app.panel.scroll_end(animate=False)
        await pilot.pause()
        assert "GiB" in text(app.panel)
        assert "6.65 of" in text(app.panel)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize(
    "profile",
    [LAPTOP, machine(31, 26, 51, card(11.6, 360)), machine(1, 0.5, 10), machine(9, 9, 9, remote=True)],
    ids=["cpu", "gpu", "none", "remote"],
)
async def test_the_figures_behind_it_open_and_close(language: str, profile: HardwareProfile) -> None:
    locale.use(language)
    app = PanelApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.push_screen(FiguresScreen(profile, recommend(profile)))
        await pilot.press("escape")
        assert not isinstance(app.screen, FiguresScreen)
