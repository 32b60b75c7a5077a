"""From nothing to chatting: the server, a model; what can go wrong there."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "install.unsupported": "There is no archive for {system}; use the official way at ollama.com/download.",
    "install.away": "{host} cannot be reached ({detail}). Nothing was changed; Enter tries again.",
    "install.nothing": "{host} has no archive for this machine; use the official command instead.",
    "install.no_sum": "{host} publishes no checksum for the archive, so it is not used.",
    "install.disk": "Too little disk: {need} GB are needed to install, {free} GB are free.",
    "install.wrong_sum": "What {host} sent does not match its published checksum. It was deleted; nothing was changed.",
    "install.damaged": "The archive is damaged ({detail}); nothing was changed.",
    "install.write": "It cannot be written: {detail}. Nothing was changed.",
    "install.cut": "The line to {host} was cut ({detail}). What came is kept; Enter goes on from there.",
    "serve.died": "The server ended at once: {last} (its log: {log})",
    "serve.silent": "The server was started but does not answer; its log is {log}.",
    "serve.cannot": "{binary} cannot be started: {detail}",
    "serve.unstoppable": "The server (process {n}) does not end.",
    "serve.no_port": "No port of this machine is free for a server.",
}
