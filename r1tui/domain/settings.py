"""What a user can set. Each setting is declared here, once: its type, default, bounds, words, and the effect of a change.

A new one needs nothing else but its words in the catalogues, where its value is read when it is used; a new kind of
effect is a member of `Effect` and its case in `screens/settings/effects.py`, which mypy asks for.
"""

from __future__ import annotations

from dataclasses import field

from r1tui.domain.chat import ThinkMode
from r1tui.domain.dataclass import dataclass
from r1tui.domain.edge import AtEdge
from r1tui.domain.kv_cache import KvCache
from r1tui.domain.packages import LANGUAGES
from r1tui.domain.r1_models import ORIGINAL
from r1tui.domain.reasoning_language import ReasoningLanguage
from r1tui.domain.setting import Effect, Kind, choice, number, switch, text, whole

_AUTO_ON_OFF = ("auto", "on", "off")


@dataclass(slots=True)
class InterfaceSettings:
    """The section `[interface]` of the settings."""

    language: str = choice(
        "auto",
        "auto",
        packages=LANGUAGES,
        label="setting.language",
        help="setting.language_help",
        effect=Effect.LANGUAGE,
    )
    theme: str = text(
        "r1-dark",
        kind=Kind.THEME,
        label="setting.theme",
        help="setting.theme_help",
        effect=Effect.THEME,
    )
    glyphs: str = choice(
        "auto",
        *("auto", "unicode", "ascii"),
        label="setting.glyphs",
        help="setting.glyphs_help",
        effect=Effect.SIGNS,
    )
    wide_ambiguous: bool = switch(
        False,
        label="setting.wide_ambiguous",
        help="setting.wide_ambiguous_help",
        effect=Effect.SIGNS,
    )
    """The terminal draws ambiguous-width characters two cells wide."""
    reasoning: str = choice(
        "while-thinking",
        *("while-thinking", "open", "folded"),
        label="setting.reasoning",
        help="setting.reasoning_help",
        effect=Effect.REASONING,
    )
    """`while-thinking`: open until the answer begins."""
    reasoning_told: bool = switch(
        True,
        label="setting.reasoning_told",
        help="setting.reasoning_told_help",
        effect=Effect.BANDWIDTH,
    )
    """Folded reasoning says its latest sentence."""
    low_bandwidth: str = choice(
        "auto",
        *_AUTO_ON_OFF,
        label="setting.low_bandwidth",
        help="setting.low_bandwidth_help",
        effect=Effect.BANDWIDTH,
    )
    cursor_blink: bool = switch(
        False,
        label="setting.cursor_blink",
        help="setting.cursor_blink_help",
        effect=Effect.CURSOR,
    )


@dataclass(slots=True)
class ChatSettings:
    """The section `[chat]` of the settings."""

    model: str = text(
        "",
        label="setting.model",
        help="setting.model_help",
        nothing="settings.nothing.last_used",
        effect=Effect.MODEL,
    )
    """Name of the model to select at the start; empty for the last used."""
    think: ThinkMode = choice(
        ThinkMode.AUTO,
        *ThinkMode,
        label="setting.think",
        help="setting.think_help",
        effect=Effect.THINK,
    )
    reasoning_language: ReasoningLanguage = choice(
        ReasoningLanguage.AS_IT_COMES,
        *ReasoningLanguage,
        label="setting.reasoning_language",
        help="setting.reasoning_language_help",
        effect=Effect.NEXT_ANSWER,
    )
    """In which language the model is asked to think; a conversation can have its own."""
    temperature: float = number(
        ORIGINAL.temperature,
        high=2,
        label="setting.temperature",
        help="setting.temperature_help",
        effect=Effect.NEXT_ANSWER,
    )
    """DeepSeek's advice for R1; a value in the Modelfile wins, and the model's own rules over this default."""
    top_p: float = number(
        ORIGINAL.top_p, high=1, label="setting.top_p", help="setting.top_p_help", effect=Effect.NEXT_ANSWER
    )
    num_ctx: int = whole(
        0,
        high=1_048_576,
        label="setting.num_ctx",
        help="setting.num_ctx_help",
        nothing="settings.nothing.fits",
        effect=Effect.CONTEXT,
    )
    """Context length in tokens; 0 for what the hardware panel sizes."""
    keep_alive: str = text(
        "",
        kind=Kind.DURATION,
        label="setting.keep_alive",
        help="setting.keep_alive_help",
        nothing="settings.nothing.servers_default",
        effect=Effect.NEXT_ANSWER,
    )
    """How long the model stays in memory after an answer (Go duration); empty for the server's default."""
    preload: bool = switch(
        False,
        label="setting.preload",
        help="setting.preload_help",
        effect=Effect.NEXT_SELECTION,
    )
    """Load a model when it is selected."""
    reasoning_budget_seconds: int = whole(
        0,
        high=86_400,
        label="setting.budget_seconds",
        help="setting.budget_seconds_help",
        nothing="settings.nothing.no_limit",
        effect=Effect.NEXT_ANSWER,
    )
    """End the reasoning and ask for the answer after so long; 0 for never."""
    reasoning_budget_tokens: int = whole(
        0,
        high=1_048_576,
        label="setting.budget_tokens",
        help="setting.budget_tokens_help",
        nothing="settings.nothing.no_limit",
        effect=Effect.NEXT_ANSWER,
    )
    at_edge: AtEdge = choice(
        AtEdge.END,
        *AtEdge,
        label="setting.at_edge",
        help="setting.at_edge_help",
        effect=Effect.NEXT_ANSWER,
    )
    """What happens when the reasoning has used all of the context but the answer's reserve."""
    answer_reserve: int = whole(
        0,
        high=1_048_576,
        label="setting.answer_reserve",
        help="setting.answer_reserve_help",
        nothing="settings.nothing.sixth",
        effect=Effect.NEXT_ANSWER,
    )
    """Tokens of the context kept for the answer; 0 for a sixth of it, within bounds."""
    attachment_limit: int = whole(
        8,
        high=64,
        label="setting.attachment_limit",
        help="setting.attachment_limit_help",
        nothing="settings.nothing.none",
        effect=Effect.NEXT_ANSWER,
    )
    """MiB of the texts that can go with one question, which are stored with it; 0 for none."""
    attach_pastes: bool = switch(
        True,
        label="setting.attach_pastes",
        help="setting.attach_pastes_help",
        effect=Effect.WHEN_USED,
    )
    """A long paste is attached to the question, in place of standing in it."""
    shell: bool = switch(True, label="setting.shell", help="setting.shell_help", effect=Effect.WHEN_USED)
    """`!` at the beginning of the prompt runs a command."""
    shell_seconds: int = whole(
        60,
        high=86_400,
        label="setting.shell_seconds",
        help="setting.shell_seconds_help",
        nothing="settings.nothing.no_limit",
        effect=Effect.WHEN_USED,
    )
    """Seconds that such a command may take; 0 for as long as it likes."""


@dataclass(slots=True)
class ServerSettings:
    """The section `[server]` of the settings."""

    host: str = text(
        "",
        kind=Kind.ADDRESS,
        label="setting.host",
        help="setting.host_help",
        nothing="settings.nothing.environment_host",
        effect=Effect.SERVER,
    )
    """Address or name of a `[hosts.NAME]` table; empty for OLLAMA_HOST or this machine."""
    on_exit: str = choice(
        "stop",
        *("stop", "keep"),
        label="setting.on_exit",
        help="setting.on_exit_help",
        effect=Effect.AT_THE_END,
    )
    """What becomes of a server that R1TUI started."""
    kv_cache: KvCache = choice(
        KvCache.F16,
        KvCache.F16,
        KvCache.Q8_0,
        label="setting.kv_cache",
        help="setting.kv_cache_help",
        effect=Effect.OWN_SERVER,
    )
    """How a server that R1TUI starts keeps a context; f16 leaves it to the environment."""
    models: str = text(
        "",
        label="setting.models",
        help="setting.models_help",
        nothing="settings.nothing.environment_models",
        effect=Effect.MODELS_FOLDER,
    )
    """The folder of its models; empty leaves it to the environment."""
    mirror: str = text(
        "",
        label="setting.mirror",
        help="setting.mirror_help",
        nothing="settings.nothing.none",
        effect=Effect.NEXT_DOWNLOAD,
    )
    """Prefix put before bare model names when pulling, such as `modelscope.cn/library`."""


@dataclass(slots=True)
class NotifySettings:
    """The section `[notify]` of the settings: what tells a person who looks elsewhere."""

    after: int = whole(
        20,
        high=86_400,
        label="setting.notify_after",
        help="setting.notify_after_help",
        nothing="settings.nothing.never",
        effect=Effect.NEXT_ANSWER,
    )
    """Seconds that something must have taken; 0 for never."""
    how: str = choice(
        "bell",
        *("bell", "osc9", "osc777", "osc99", "off"),
        label="setting.notify_how",
        help="setting.notify_how_help",
        effect=Effect.NEXT_ANSWER,
    )
    command: str = text(
        "",
        label="setting.notify_command",
        help="setting.notify_command_help",
        nothing="settings.nothing.none",
        effect=Effect.NEXT_ANSWER,
    )
    """A command line of the user's, which gets the sentence as its last argument."""
    title: bool = switch(
        True, label="setting.notify_title", help="setting.notify_title_help", effect=Effect.NEXT_ANSWER
    )
    """The window's title says what goes on."""


@dataclass(slots=True)
class HostSettings:
    """One section `[hosts.NAME]` of the settings."""

    url: str = ""
    kind: str = "ollama"
    """The name of a package in `r1tui/services/engines`."""
    headers: dict[str, str] = field(default_factory=dict)
    """Header → value, `env:NAME` or `file:PATH`."""
    verify_tls: bool = True
    hardware: dict[str, object] | None = None
    """A stated machine in the shape of `r1tui doctor --hardware`."""
    options: dict[str, object] = field(default_factory=dict)
    """Further keys, as in the file: what its kind of engine reads is checked when the host is used."""


@dataclass(slots=True)
class Settings:
    """All that `settings.toml` holds, section by section."""

    interface: InterfaceSettings = field(default_factory=InterfaceSettings)
    chat: ChatSettings = field(default_factory=ChatSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
    hosts: dict[str, HostSettings] = field(default_factory=dict)
    hardware: dict[str, object] | None = None
    """A stated machine in place of the probed one."""
    keys: dict[str, str] = field(default_factory=dict)
    """Binding id → key."""
