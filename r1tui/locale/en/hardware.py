"""The machine: probes, sizing, recommendation, `r1tui doctor`."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "hardware.source.stated": "as stated",
    "hardware.source.table": "the maker's figure, by its name",
    "hardware.source.class": "a cautious guess: its name is not in our table",
    # a stated machine
    "hardware.file.bad": "{field}: {wanted}",
    "hardware.file.whole": "a table of figures is wanted",
    "hardware.file.table": "must be a table",
    "hardware.file.list": "must be a list",
    "hardware.file.number": "must be a number, in bytes",
    "hardware.file.positive": "must be more than zero",
    "hardware.file.missing": "is missing",
    "hardware.file.text": "must be text",
    "hardware.file.flag": "must be true or false",
    "hardware.file.over_total": "must not be more than the total",
    "hardware.file.choice": "must be one of: {choices}",
    "hardware.file.unknown": "The stated machine has a field that means nothing here: {field}",
    # verdicts, one sentence each
    "hardware.sum": (
        "{weights} weights + {context} context + {work} work + {allowance} allowance = {total} of {have} GiB"
    ),
    "hardware.sum_open": "{weights} weights + {context} context + {work} work + {allowance} allowance = {total} GiB",
    "hardware.reason.gpu": "{size} fits the GPU ({need} of {have} GiB) at about {speed} tokens/s.",
    "hardware.reason.split": (
        "{size} runs with {share} of it on the GPU and the rest on the CPU, at about {speed} tokens/s."
    ),
    "hardware.reason.split_behind": (
        "{size} would be split between GPU and CPU at about {speed} tokens/s; a size that fits the GPU "
        "is the better choice."
    ),
    "hardware.reason.cpu": "{size} fits the memory ({need} of {have} GiB) at about {speed} tokens/s.",
    "hardware.reason.just": (
        "{size} just about fits: of the {need} GiB that it takes, {have} are free now; about {speed} tokens/s."
    ),
    "hardware.reason.slow": (
        "{size} runs, slowly ({speed} tokens/s): about {minutes} minutes per 1,000 tokens."
    ),
    "hardware.reason.free": "Free {free} GiB first: {size} needs {need} GiB, and {have} can be had now.",
    "hardware.reason.free_zfs": (
        "Free {free} GiB first: {size} needs {need} GiB, and {have} can be had now; ZFS's cache may give "
        "up to {credit}."
    ),
    "hardware.reason.free_gpu": (
        "Free {free} GiB of GPU memory first: {size} needs {need} GiB, and {have} can be had now."
    ),
    "hardware.reason.swap": "{size} would swap: it needs {need} GiB, and the memory can give {most} at most.",
    "hardware.reason.too_big": (
        "{size} does not fit: it needs {need} GiB, and this machine can give {most} at most."
    ),
    "hardware.reason.none": "does not fit",
    "hardware.reason.at_floor": (
        "{size} fits, just at its floor of {floor} tokens/s ({speed}); {other} is just as right, and faster."
    ),
    "hardware.reason.nothing": (
        "No size of deepseek-r1 fits this machine: even 1.5b needs about 2 GiB of free memory."
    ),
    "hardware.reason.nothing_reduced": (
        "No size fits comfortably; 1.5b with a context of 2,048 (num_ctx 2048, num_batch 128) needs "
        "{need} of the {have} GiB free."
    ),
    "hardware.reason.reduced": (
        "1.5b with num_ctx 2048 and num_batch 128 needs {need} of the {have} GiB that are free."
    ),
    "hardware.reason.remote": (
        "The server is on another machine, and no server tells its hardware: state its memory and GPUs "
        "in the settings."
    ),
    "hardware.reason.unknown": (
        "The memory of this machine could not be read: state it in the settings ([hardware])."
    ),
    "hardware.cache.advice": "With its context kept in q8_0, {size} would fit with {context} tokens ({need} of {have} GiB): {how}.",
    "hardware.cache.setting": "settings, “Context in memory”",
    "hardware.cache.environment": "start the server with OLLAMA_FLASH_ATTENTION=1 and OLLAMA_KV_CACHE_TYPE=q8_0",
    "hardware.warn.looking": "Still looking for GPUs: the recommendation may change.",
    "hardware.warn.disk": "The disk is too full to download {size}: {need} GB are needed, {free} GB are free.",
    "hardware.warn.faster": "{size} would answer at about {speed} tokens/s.",
    # sources
    "hardware.source.file": "{path}",
    "hardware.source.limit": "the container's limit, {path}",
    "hardware.source.wired": "the part of memory that macOS gives the GPU by default",
    "hardware.source.copied": "a guess by copying memory, until an answer measures it",
    # GPUs that are not used
    "hardware.gpu.too_old": "too old for Ollama (compute capability {capability}, 5.0 is needed)",
    "hardware.gpu.old_driver": "its driver {driver} is too old for Ollama ({wanted} is needed)",
    "hardware.gpu.no_driver": "no working driver for this {vendor} GPU was found",
    "hardware.gpu.mig": "another MIG instance of the card is used",
    "hardware.gpu.integrated": "an integrated GPU, which Ollama does not use by default",
    "hardware.gpu.amd_old": "too old for ROCm",
    "hardware.warn.gpu": "{name} is not used: {reason}.",
    # notes
    "hardware.note.wsl": (
        "This is WSL: its memory is what Windows gives the virtual machine (see .wslconfig)."
    ),
    "hardware.note.lxc": "This is a container (LXC): memory is what the container was given.",
    "hardware.note.no_memory": "The memory could not be read.",
    "hardware.note.no_disk": "The free disk could not be read.",
    "hardware.note.no_gpus": (
        "GPUs could not be looked for: a driver does not answer. The machine is judged without them."
    ),
    "hardware.note.vulkan": (
        "Ollama uses Intel GPUs through Vulkan; older servers need OLLAMA_VULKAN=1 for it."
    ),
    "hardware.file.unreadable": "{path} cannot be read: {error}",
    "hardware.warn.settings": "The machine stated in the settings is not used: {problem}",
    # r1tui doctor
    "hardware.doctor.nothing_odd": "Nothing odd was found",
    "hardware.doctor.odd_server": "No server answers at {url}",
    "hardware.doctor.odd_models": "The server has no model",
    "hardware.doctor.odd_memory": "The memory of this machine could not be read",
    "hardware.doctor.odd_gpu": "{name} is not used: {reason}",
    "hardware.doctor.odd_term": "The terminal tells its kind as {term}: R1TUI needs one that moves the cursor, r1tui plain does not",
    "hardware.doctor.odd_utf8": "The locale is not UTF-8: signs and Chinese may not show",
    "hardware.doctor.terminal": "Terminal: {values}",
    "hardware.doctor.through": "through {names}",
    "hardware.doctor.named_by": "the address is from {name}",
    "hardware.doctor.written": "The report is in {path}, which only you can read. It names no host but this machine, no key and no conversation; look it over, then add it to the issue.",
    "hardware.doctor.unwritten": "the report cannot be written to {path} ({detail}); r1tui doctor prints it.",
    "hardware.doctor.mute": "It did not answer within {seconds} s.",
    "hardware.doctor.here": "on this machine",
    "hardware.doctor.elsewhere": "on another machine",
    "hardware.doctor.server": "Server: Ollama {version} at {url}, {where}",
    "hardware.doctor.server_other": "Server: one answers at {url}, {where}",
    "hardware.doctor.no_server": "Server: none answers at {url}, {where}",
    "hardware.doctor.models": "Models: {names}",
    "hardware.doctor.no_models": "Models: none installed",
    "hardware.doctor.remote": "Machine: not known, the server is elsewhere",
    "hardware.doctor.memory": "Memory: {total}, {available} available ({source})",
    "hardware.doctor.no_memory": "Memory: could not be read",
    "hardware.doctor.limit": "limited to {limit} ({source})",
    "hardware.doctor.zfs": "ZFS's cache could give back up to {size}",
    "hardware.doctor.held": "a loaded model holds {size}, counted as available here",
    "hardware.doctor.swap": "Swap: {size} free (never counted: a model that swaps is unusable)",
    "hardware.doctor.cpu": "Processor: {name}, memory at {bandwidth} GB/s ({source})",
    "hardware.doctor.gpu": "GPU: {name}, {total}, {free} free, memory at {bandwidth} GB/s ({source})",
    "hardware.doctor.gpu_unused": "GPU: {name} is not used: {reason}",
    "hardware.doctor.gpu_idle": "GPU: {name} is not used",
    "hardware.doctor.no_gpu": "GPU: none found",
    "hardware.doctor.cache": "Context: kept in {type} by the server that R1TUI started",
    "hardware.doctor.disk": "Disk: {free} free for models in {path}",
    "hardware.doctor.no_disk": "Disk: could not be read",
    "hardware.doctor.recommended": "Recommended: {tag}. {reason}",
    "hardware.doctor.not_recommended": "Recommended: none. {reason}",
    "hardware.doctor.wait": "A typical answer takes about {wait}.",
    "hardware.doctor.next": "Next: {step}",
    "hardware.doctor.next_server": (
        "start Ollama (ollama serve), or run r1tui, which can install it without administrator rights."
    ),
    "hardware.doctor.next_host": (
        "check the address (--host or OLLAMA_HOST) and that the server listens there."
    ),
    "hardware.doctor.next_chat": "run r1tui and chat.",
    "hardware.doctor.next_any": "run r1tui and choose a model to download.",
    "hardware.doctor.next_disk": "free disk space, then download a model.",
    "hardware.doctor.next_pull": "ollama pull {tag}, or run r1tui, which does it for you.",
    # the panel
    "key.figures": "Why these figures",
    "key.pull_recommended": "Download the recommended size",
    "key.lower_context": "Less context",
    "hardware.panel.machine": "MACHINE",
    "hardware.panel.server": "SERVER {host}",
    "hardware.panel.elsewhere": (
        "The server is on another machine: this one's memory says nothing about it. State its memory and "
        "GPUs in the "
        "settings to get a recommendation."
    ),
    "hardware.panel.reading": "reading…",
    "hardware.panel.memory": "memory",
    "hardware.panel.gpu": "GPU",
    "hardware.panel.disk": "disk",
    "hardware.panel.looking": "looking…",
    "hardware.panel.no_gpu": "none found",
    "hardware.panel.gpu_unused": "not used: {name}",
    "hardware.panel.unknown": "not known",
    "hardware.panel.free": "{size} free",
    "hardware.panel.of": "{used} of {total} GiB",
    "hardware.panel.total": "{total} GiB",
    "hardware.panel.limit": "limited; the machine has {total} GiB",
    "hardware.panel.until": "{size} GiB, until {clock}",
    "hardware.panel.stays": "{size} GiB, stays loaded",
    "hardware.panel.spilt": "{share} on the CPU: lower the context (l)",
    "hardware.panel.last": "lately {speed} tokens/s",
    "hardware.panel.col_size": "SIZE",
    "hardware.panel.col_fits": "FITS",
    "hardware.panel.col_speed": "TOKENS/S",
    "hardware.panel.col_wait": "WAIT",
    "hardware.panel.disk_low": "The disk is too full for it.",
    "hardware.fits.gpu": "on the GPU",
    "hardware.fits.split": "GPU + CPU",
    "hardware.fits.cpu": "yes",
    "hardware.fits.slow": "slow",
    "hardware.fits.none": "no",
    "hardware.fits.free": "{free} GiB short",
    "hardware.panel.from_measured": "a range: reckoned from another model's answers",
    "hardware.panel.guessed": "~ a guess until one of them has answered",
    "hardware.figures.speed_from_measured": "Speed: {low} to {high} tokens/s, {expected} expected: reckoned from another model's answers on this machine; this one has not run yet.",
    "hardware.fits.measured": "{fits}, measured",
    # the figures behind a recommendation
    "hardware.figures.head": "The sum behind the recommendation",
    "hardware.figures.title": "{tag} with a context of {context} tokens, in GiB:",
    "hardware.figures.weights": "weights: the model file, all of it",
    "hardware.figures.weights_gpu": (
        "weights: the model file, without the token embedding, which stays on the CPU"
    ),
    "hardware.figures.context": (
        "context: {per_token} bytes a token (keys and values of all layers, f16) for {context} tokens"
    ),
    "hardware.figures.work": "work: what is calculated at a time, for {batch} tokens",
    "hardware.figures.allowance": "allowance for the server and its runner",
    "hardware.figures.margin": "margin left free on the GPU",
    "hardware.figures.margin_both": "allowance for the server, and margin left free on the GPU",
    "hardware.figures.total": "needed in all",
    "hardware.figures.have": (
        "can be had: {free} available less a reserve of {reserve} for the rest of the machine"
    ),
    "hardware.figures.have_gpu": "can be had there now",
    "hardware.figures.speed_measured": (
        "Speed: {low} to {high} tokens/s, {expected} expected: measured, by this model's last answers on "
        "this machine."
    ),
    "hardware.figures.speed_estimated": (
        "Speed: {low} to {high} tokens/s, {expected} expected: estimated from memory at {bandwidth} GB/s "
        "({source}). "
        "The first answer measures it."
    ),
    "hardware.figures.wait": (
        "Wait for a typical answer of {tokens} tokens, reasoning included: about {wait}."
    ),
    "hardware.figures.model": "{tag} is {model}, made from {base}. Scores that DeepSeek published:",
    "hardware.figures.source": "({source})",
    "hardware.figures.machine": "The machine:",
    "hardware.figures.change": "What would change the verdict:",
    "hardware.figures.contexts": "Less context, or more: {size} needs {needs}.",
    "hardware.figures.at_context": "{need} GiB at {context}",
    "hardware.figures.keys": "↑↓ choose · ? what it means · Esc closes",
    "hardware.figures.in_memory": "In the server's memory:",
}
