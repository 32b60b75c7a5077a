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
    "hardware.sum": "{weights} weights + {context} context + {work} work + {allowance} = {total} of {have} GiB",
    "hardware.sum_open": "{weights} weights + {context} context + {work} work + {allowance} = {total} GiB",
    "hardware.reason.gpu": "{size} fits the GPU ({need} of {have} GiB) at about {speed} tokens/s.",
    "hardware.reason.split": "{size} runs with {share} of it on the GPU and the rest on the CPU, at about {speed} tokens/s.",
    "hardware.reason.split_behind": (
        "{size} would be split between GPU and CPU at about {speed} tokens/s; a size that fits the GPU is the better choice."
    ),
    "hardware.reason.cpu": "{size} fits the memory ({need} of {have} GiB) at about {speed} tokens/s.",
    "hardware.reason.slow": "{size} runs, slowly ({speed} tokens/s): about {minutes} minutes per 1,000 tokens.",
    "hardware.reason.free": "Free {free} GiB first: {size} needs {need} GiB, and {have} can be had now.",
    "hardware.reason.free_zfs": (
        "Free {free} GiB first: {size} needs {need} GiB, and {have} can be had now; ZFS's cache may give up to {credit}."
    ),
    "hardware.reason.free_gpu": "Free {free} GiB of GPU memory first: {size} needs {need} GiB, and {have} can be had now.",
    "hardware.reason.swap": "{size} would swap: it needs {need} GiB, and the memory can give {most} at most.",
    "hardware.reason.too_big": "{size} does not fit: it needs {need} GiB, and this machine can give {most} at most.",
    "hardware.reason.none": "does not fit",
    "hardware.reason.at_floor": (
        "{size} fits, just at its floor of {floor} tokens/s ({speed}); {other} is just as right, and faster."
    ),
    "hardware.reason.nothing": "No size of deepseek-r1 fits this machine: even 1.5b needs about 2 GiB of free memory.",
    "hardware.reason.nothing_reduced": (
        "No size fits comfortably; 1.5b with a context of 2,048 (num_ctx 2048, num_batch 128) needs {need} of the {have} GiB free."
    ),
    "hardware.reason.reduced": "1.5b with num_ctx 2048 and num_batch 128 needs {need} of the {have} GiB that are free.",
    "hardware.reason.remote": (
        "The server is on another machine, and no server tells its hardware: state its memory and GPUs in the settings."
    ),
    "hardware.reason.unknown": "The memory of this machine could not be read: state it in the settings ([hardware]).",
    "hardware.warn.looking": "Still looking for GPUs: the recommendation may change.",
    "hardware.warn.disk": "The disk is too full to pull {size}: {need} GB are needed, {free} GB are free.",
    "hardware.warn.faster": "{size} would answer at about {speed} tokens/s.",
}
