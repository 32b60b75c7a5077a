"""What the change of a setting does to the running app at once, for each effect that a setting can be declared with."""

from __future__ import annotations

from typing import Protocol, assert_never

from textual.scrollbar import ScrollBarRender

from r1tui import locale
from r1tui.domain.setting import Effect, Setting
from r1tui.domain.settings import InterfaceSettings
from r1tui.screens.chat.screen import ChatScreen
from r1tui.toolkit import glyphs
from r1tui.toolkit.hooks import hooks

_SCROLLBARS = ScrollBarRender.VERTICAL_BARS, ScrollBarRender.HORIZONTAL_BARS
"""Textual's own, in block characters."""


class RunningApp(Protocol):
    """The app, as far as settings reach it."""

    def use_theme(self) -> None:
        """Draw in the theme that the settings name."""
        ...

    def draw_anew(self) -> None:
        """Measure and draw everything again, since signs or widths are others."""
        ...


class Effects:
    """Carries out what the changes of settings do. A watcher of the settings' store."""

    def __init__(self, app: RunningApp, chat: ChatScreen) -> None:
        self._app = app
        self._chat = chat

    def __call__(self, setting: Setting) -> None:
        """The setting has another value."""
        chat, settings = self._chat, self._chat.services.settings
        match setting.effect:
            case Effect.LANGUAGE:
                use_language(settings.interface)
                chat.say_anew()
            case Effect.THEME:
                self._app.use_theme()
            case Effect.SIGNS:
                use_signs(settings.interface, ascii_only=chat.services.ascii_glyphs)
                chat.say_anew()
                self._app.draw_anew()
            case Effect.REASONING:
                chat.use_reasoning_policy()
            case Effect.BANDWIDTH:
                chat.use_bandwidth()
            case Effect.CURSOR:
                chat.use_cursor()
            case Effect.MODEL:
                chat.session.start(chat.session.use_default_model())
            case Effect.THINK:
                chat.session.use_default_think()
            case Effect.CONTEXT:
                chat.session.forget_contexts()
            case Effect.SERVER:
                chat.run_worker(chat.dialogues.go_to_default_host(), group="server", exclusive=True)
            case Effect.OWN_SERVER:
                chat.run_worker(chat.dialogues.own_server_changed(), group="own server", exclusive=True)
            case Effect.MODELS_FOLDER:
                # Not exclusive: a move changes the setting itself, and is not to end itself.
                chat.run_worker(chat.dialogues.models_folder_changed(), group="models folder")
            case Effect.NEXT_ANSWER | Effect.NEXT_SELECTION | Effect.NEXT_DOWNLOAD | Effect.AT_THE_END:
                pass  # read when it is used
            case Effect.WHEN_USED:
                pass
            case _:
                assert_never(setting.effect)


def use_language(interface: InterfaceSettings) -> None:
    """Speak the language of the settings from now on."""
    locale.use(locale.detect() if interface.language == "auto" else interface.language)


def use_signs(interface: InterfaceSettings, *, ascii_only: bool) -> None:
    """Draw with the signs, and count the widths, of the settings from now on."""
    glyphs.use(glyphs.ASCII if ascii_only else glyphs.UNICODE)
    vertical, horizontal = ([" "] * 8, [" "] * 8) if ascii_only else _SCROLLBARS
    ScrollBarRender.VERTICAL_BARS, ScrollBarRender.HORIZONTAL_BARS = vertical, horizontal
    hooks.count_ambiguous_wide(interface.wide_ambiguous)
