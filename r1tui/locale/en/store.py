"""The store of conversations: how it opened, and how it failed."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "store.busy": "Another R1TUI keeps the conversations locked; nothing was lost here. Try again in a moment.",
    "store.closed": "The conversations are closed already. Start R1TUI again.",
    "store.damaged": "The file of conversations {path} is damaged. Restart R1TUI: it sets the file aside and saves what can be read.",
    "store.damaged_in_use": "The file of conversations {path} is damaged, and another R1TUI has it open. Close that one, then start again to repair it.",
    "store.disk_full": "The disk that holds {path} is full: what is on the screen is not saved. Free some space; it is saved at the next change.",
    "store.failed": "The conversations could not be read or written ({detail}). What is on the screen is still there: copy what you need.",
    "store.gone": "This conversation is no longer stored: it was deleted elsewhere. Copy what you need.",
    "store.in_memory": "{reason} This run goes on in memory alone: its conversations end with R1TUI, so export what you want to keep.",
    "store.migrated": "Conversations were brought to the new version; the old file is kept as {path}.",
    "store.moved": "{path} was moved or deleted while R1TUI runs: what is on the screen is not saved there. Put it back, or export what you need, then start R1TUI again.",
    "store.network": "{path} is on a network file system ({kind}): saving is slower there, and only one machine at a time should use it.",
    "store.newer": "{path} was written by a newer R1TUI (version {found}, this one knows {known}). Update R1TUI; nothing was changed.",
    "store.no_text": (
        "In “{title}” a message holds bytes that are no text: {which}. They show as �; everything else is as it was.",
        "In “{title}” {n} messages hold bytes that are no text: {which}. They show as �; everything else is as it was.",
    ),
    "store.read_only": "{path} cannot be written: conversations are not saved. Check its permissions.",
    "store.recovered": (
        "The file of conversations was damaged. {n} message was recovered; the damaged file is kept as {path}.",
        "The file of conversations was damaged. {n} messages were recovered; the damaged file is kept as {path}.",
    ),
    "store.unwritable": "{path} cannot be opened ({detail}): conversations are not saved. Check its permissions, or name another folder with R1TUI_DATA_DIR.",
    "store.unknown_fault": "What went wrong here is written in a way that this version of R1TUI does not know; the text is kept.",
}
