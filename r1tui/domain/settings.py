"""What a user can set: types, defaults, and validation that names the bad key and says what would be right."""

from __future__ import annotations

from dataclasses import dataclass, field

from r1tui.domain.chat import ThinkMode


@dataclass(slots=True)
class InterfaceSettings:
    """`[interface]`"""

    language: str = "auto"
    """`auto`, or the name of a package in `r1tui/locale`."""
    theme: str = "r1-dark"
    glyphs: str = "auto"
    """`auto`, `unicode`, `ascii`."""
    wide_ambiguous: bool = False
    """The terminal draws ambiguous-width characters two cells wide."""
    reasoning: str = "while-thinking"
    """`while-thinking` (open until the answer begins), `open`, `folded`."""
    low_bandwidth: str = "auto"
    """`auto`, `on`, `off`."""
    cursor_blink: bool = False


@dataclass(slots=True)
class ChatSettings:
    """`[chat]`"""

    model: str = ""
    """Name of the model to select at the start; empty for the last used."""
    think: ThinkMode = ThinkMode.AUTO
    temperature: float = 0.6
    """DeepSeek's advice for R1; a value in the Modelfile wins over this default."""
    top_p: float = 0.95
    num_ctx: int = 0
    """Context length in tokens; 0 for what the hardware panel sizes."""
    keep_alive: str = ""
    """How long the model stays in memory after an answer (Go duration); empty for the server's default."""
    preload: bool = False
    """Load a model when it is selected."""
    reasoning_budget_seconds: int = 0
    """End the reasoning and ask for the answer after so long; 0 for never."""
    reasoning_budget_tokens: int = 0


@dataclass(slots=True)
class ServerSettings:
    """`[server]`"""

    host: str = ""
    """Address or name of a `[hosts.NAME]` table; empty for OLLAMA_HOST or this machine."""
    on_exit: str = "stop"
    """`stop` or `keep` a server that R1TUI started."""
    mirror: str = ""
    """Prefix put before bare model names when pulling, such as `modelscope.cn/library`."""


@dataclass(slots=True)
class HostSettings:
    """`[hosts.NAME]`"""

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
    """All of `settings.toml`."""

    interface: InterfaceSettings = field(default_factory=InterfaceSettings)
    chat: ChatSettings = field(default_factory=ChatSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    hosts: dict[str, HostSettings] = field(default_factory=dict)
    hardware: dict[str, object] | None = None
    """A stated machine in place of the probed one."""
    keys: dict[str, str] = field(default_factory=dict)
    """Binding id → key."""
