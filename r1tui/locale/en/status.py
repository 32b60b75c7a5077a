"""Words of the status bar."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "phase.connecting": "connecting",
    "phase.loading": "loading the model",
    "phase.reading": "reading the prompt",
    "phase.thinking": "thinking",
    "phase.answering": "answering",
    "title.idle": "R1TUI",
    "title.under_way": "{sign} {what} – R1TUI",
    "title.waiting": "waiting for the answer {time}",
    "title.thinking": "thinking {time}",
    "title.answering": "answering {time}",
    "notify.answered": "The answer is there, after {time}",
    "notify.failed": "The answer failed, after {time}",
    "notify.downloaded": "{name} is downloaded",
    "notify.download_failed": "The download of {name} failed",
    "notify.command_failed": (
        "The command {command} of the settings (notify.command) failed: {reason}. "
        "Everything else goes on; the settings (in the palette, Ctrl+P) have it."
    ),
    "notify.exit_status": "exit status {status}",
    "notify.no_command": "{detail}",
    "notify.too_slow": "it took over 30 seconds",
    "phase.loading_short": "loading",
    "phase.reading_short": "reading",
    "status.rate": "{rate} t/s",
    "status.context": "context {used} of {size}",
    "status.context_short": "ctx {used}/{size}",
    "status.low_bandwidth": "low bandwidth",
    "status.low_bandwidth_short": "low bw",
    "status.private": "private",
    "key.short.choose": "choose",
    "key.short.menu": "menu",
    "key.short.add": "add",
    "key.short.figures": "why",
    "key.short.pull": "download",
}
