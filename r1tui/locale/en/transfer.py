"""Export and import."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "transfer.assistant": "assistant",
    "transfer.empty": "{path} holds no conversation; nothing was imported.",
    "transfer.failed": "failed",
    "transfer.foreign_error": "The file says: {detail}",
    "transfer.interrupted": "interrupted",
    "transfer.no_such": "There is no conversation {id}.",
    "transfer.not_json": "{path} is not a JSON file, or is cut off; nothing was imported.",
    "transfer.stopped": "stopped",
    "transfer.streaming": "still being written when this was exported",
    "transfer.system": "system",
    "transfer.thought": "Thought for {seconds} s",
    "transfer.too_large": "{path} is larger than {megabytes} MB; nothing was imported.",
    "transfer.unknown_kind": "{path} is none of the files that can be imported: R1TUI's JSON, ChatGPT's conversations.json or Open WebUI's export.",
    "transfer.unreadable": "{path} cannot be read ({detail}).",
    "transfer.untitled": "Untitled",
    "transfer.unwritable": "{path} cannot be written ({detail}).",
    "transfer.you": "You",
}
