"""Words of the status bar."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "phase.connecting": "connecting",
    "phase.loading": "loading the model",
    "phase.reading": "reading the prompt",
    "phase.thinking": "thinking",
    "phase.answering": "answering",
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
