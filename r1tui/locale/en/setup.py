"""From nothing to chatting: the server, a model; what can go wrong there."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "install.unsupported": "There is no archive for {system}; use the official way at ollama.com/download.",
    "install.away": "{host} cannot be reached ({detail}). Nothing was changed; Enter tries again.",
    "install.nothing": "{host} has no archive for this machine; use the official command instead.",
    "install.no_sum": "{host} publishes no checksum for the archive, so it is not used.",
    "install.no_tls": "{host} is asked without TLS there, so nobody could tell what was changed on the way; use an https address.",
    "install.no_size": "{host} does not say how big the archive is, so it is not downloaded.",
    "install.too_long": "{host} sent more than it had announced. It was deleted; nothing was changed.",
    "install.disk": "Too little disk: {need} GB are needed to install, {free} GB are free.",
    "install.wrong_sum": (
        "What {host} sent does not match its published checksum. It was deleted; nothing was changed."
    ),
    "install.damaged": "The archive is damaged ({detail}); nothing was changed.",
    "install.write": "It cannot be written: {detail}. Nothing was changed.",
    "install.cut": "The line to {host} was cut ({detail}). What came is kept; Enter goes on from there.",
    "serve.died": "The server ended at once: {last} (its log: {log})",
    "serve.silent": "The server was started but does not answer; its log is {log}.",
    "serve.folder": "No server can be started or stopped: {path} cannot be written ({detail}).",
    "serve.cannot": "{binary} cannot be started: {detail}",
    "serve.unstoppable": "The server (process {n}) does not end.",
    "serve.no_port": "No port of this machine is free for a server.",
    "setup.welcome": "Welcome. Three steps to your own DeepSeek-R1; nothing you type leaves the server you choose.",
    "setup.step.server": "Ollama, the server that runs models",
    "setup.step.model": "A model",
    "setup.step.chat": "Chat",
    "setup.looking": "looking…",
    "setup.reading": "reading this machine…",
    "setup.recommended": "recommended: {size}",
    "setup.keys": "Enter do this · ↑↓ choose · r look again · ? why · F1 guide · Esc leave",
    "setup.key.retry": "Look again",
    "setup.key.explain": "Why these figures",
    "setup.address": "192.168.1.20:11434",
    "setup.server.away": "does not answer",
    "setup.server.found": "Ollama is installed here but not running.",
    "setup.server.not_found": "Ollama was not found on this machine.",
    "setup.server.retries": "R1TUI keeps looking by itself; r looks now.",
    "setup.server.start": "Start it now, for this user ({path})",
    "setup.server.why": (
        "R1TUI starts Ollama for this user, at 127.0.0.1: no other machine reaches it, but every user of this machine "
        "can talk to it, with its models as well, as to any server of that kind. Its cloud functions are off, so that it "
        "asks ollama.com for nothing but the models that you download."
    ),
    "setup.server.unit": "Start the system's service: {command}",
    "setup.server.install": "Install it for this user, no root needed, into {folder}",
    "setup.server.command": "Copy the official command: {command}",
    "setup.server.elsewhere": "Use a server somewhere else…",
    "setup.server.address": "Type the server's address and press Enter; Esc goes back.",
    "setup.server.type_unit": "Run it in another terminal; R1TUI goes on when the server answers.",
    "setup.server.type_official": (
        "Run it in another terminal; it asks for your password. R1TUI goes on when the server answers."
    ),
    "setup.server.copied": "{told} {advice}",
    "setup.server.starting": "Starting the server…",
    "setup.install.asking": "Asking {host} what there is…",
    "setup.install.question": (
        "Install Ollama {version} from {url} ({size}) into {folder}? It needs {disk} of free disk; "
        "its checksum is verified."
    ),
    "setup.install.yes": "Install",
    "setup.install.no": "Do not install",
    "setup.install.kept": "Stopped. What came is kept; choosing the same again goes on from there.",
    "setup.other_model": "another model, by its name…",
    "setup.import": "a GGUF file of this machine…",
    "setup.pull.esc": "Esc stops; what came is kept.",
    "setup.pull.kept": (
        "Stopped. What came is kept for at least an hour (a restarting server removes older "
        "parts); Enter goes on from there."
    ),
    "setup.machine": "This machine: {facts}",
    "setup.machine.and": ", ",
    "setup.machine.cpu": "unknown processor",
    "setup.machine.cores": ("{n} core {name}", "{n} cores {name}"),
    "setup.machine.memory": "{total} GiB memory ({free} free)",
    "setup.machine.looking": "looking for GPUs",
    "setup.machine.no_gpu": "no usable GPU",
    "setup.machine.disk": "{free} disk free",
    "sizes.needs": "needs {need} GiB",
    "sizes.free_first": "free {missing} GiB first ({need})",
    "sizes.none": "does not fit ({need} GiB)",
    "sizes.slow": "fits ({need} of {have} GiB), slow",
    "sizes.split": "{percent}% on the GPU",
    "sizes.gpu": "fits the GPU ({need} of {have} GiB)",
    "sizes.cpu": "fits ({need} of {have} GiB)",
    "sizes.speed": "~{speed} tokens/s",
    "sizes.wait": "{time} an answer",
    "setup.server.choices": "R1TUI is the window; Ollama is the server that loads a model into memory and computes the answers. It runs on this machine or on another one that you name.\n\nStart it: R1TUI starts the Ollama that is installed here, for your user alone, and stops it as the settings say.\nInstall it: R1TUI downloads Ollama's own archive, checks its checksum and unpacks it into your home; no root is needed, and removing that folder removes it.\nThe official command installs it for the whole machine, as a service; it asks for your password.\nA server somewhere else: your prompts go to that machine, and only there.",
}
