"""Downloads, and figures in words."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "figure.gigabytes": "{amount} GB",
    "figure.megabytes": "{amount} MB",
    "figure.kilobytes": "{amount} kB",
    "figure.gibibytes": "{amount} GiB",
    "figure.per_second": "{size}/s",
    "figure.seconds": "{n} s",
    "figure.minutes": "{n} min",
    "figure.hours_minutes": "{hours} h {minutes} min",
    "figure.hours": "{n} h",
    "pull.amount": "{done} of {total}",
    "pull.left": "{time} left",
    "pull.begun": "{name} is being downloaded; Ctrl+O shows how far it is.",
    "pull.queued": "waiting its turn",
    "pull.stalled": "stalled, trying again",
    "pull.again": "{reason} Trying again.",
    "pull.paused": "paused at {percent}%, kept",
    "pull.failed": "failed",
    "pull.done": "here",
    "pull.manifest": "asking for the list of parts",
    "pull.weights": "weights",
    "pull.texts": "template, licence, parameters",
    "pull.verifying": "checking every byte",
    "pull.writing": "writing",
    "pull.cleaning": "clearing up",
    "pull_name.question": "Which model? Type its name; → takes the completion.",
    "pull_name.insecure": "without encryption (plain HTTP)",
    "pull_name.help": (
        "Such as deepseek-r1:8b, someone/model, hf.co/user/repository:Q4_K_M, "
        "modelscope.cn/user/repository, or host:port/library/model."
    ),
    "pull_name.insecure_question": (
        "Without encryption anyone on the way to {host} can read what is sent and swap the model for another. Go on?"
    ),
    "pull_name.insecure_no": "Do not go on",
    "pull_name.insecure_yes": "Go on without encryption",
    "pull.question": "Download {name}? {size} {disk}",
    "pull.question_warned": "{warning}\n{question}",
    "pull.question.no": "Not now",
    "pull.question.yes": "Download it",
    "pull.size": "It is {size}.",
    "pull.size_new": "It is here already ({size}); only what is new comes.",
    "pull.size_unknown": "Its size shows once the download begins.",
    "pull.disk": "{free} of disk are free.",
    "pull.disk_unknown": "How much disk is free on the server is not known.",
}
