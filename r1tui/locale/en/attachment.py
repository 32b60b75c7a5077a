"""Texts that go with a question."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "attachment.too_many": "No more than {most} texts can go with one question; nothing was attached.",
    "attachment.too_large": "All that goes with one question may take {megabytes} MiB, and this would be more; nothing was attached. The settings have the limit.",
    "attachment.unreadable": "“{path}” was not attached: {reason}.",
}
