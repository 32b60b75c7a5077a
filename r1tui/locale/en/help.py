"""Words of the help screen."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "help.title": "Help",
    "help.group.prompt": "In the prompt",
    "help.group.transcript": "In the conversation",
    "help.group.sidebar": "In the list of models and conversations",
    "help.group.app": "Everywhere",
    "help.group.screen": "On this screen",
    "help.editing_title": "Editing the prompt",
    "help.editing": (
        "Ctrl+A, Ctrl+E line start and end; Ctrl+W word, Ctrl+U and Ctrl+K to line start and end "
        "are deleted; Ctrl+Z undo, Ctrl+Y redo; Up on the first line recalls earlier prompts."
    ),
    "help.ideas_title": "What to know",
    "help.idea_reasoning": (
        "R1 thinks before it answers. The thoughts are shown apart, can be folded, and are never "
        "sent back to the model."
    ),
    "help.idea_thinking": (
        "Whether the model thinks and whether its thoughts show are two things: F7 is for the one, "
        "Ctrl+T for the other."
    ),
    "help.idea_memory": (
        "A model must fit into memory. The first answer waits until it is loaded; the hardware "
        "panel says what fits and how fast it will be."
    ),
    "help.idea_context": (
        "The context is what the model can see at once, in tokens. When it is full, the oldest "
        "messages fall out of its sight."
    ),
    "help.idea_local": "Everything stays between this app and your server.",
    "help.idea_copy": (
        "Over SSH, copying asks your terminal (OSC 52), which gives no answer. Shift with the "
        "mouse selects in most terminals by themselves."
    ),
    "help.keys": 'The name behind a key is its id: the [keys] table of the settings file gives it another key, as in "chat.fold" = "f10"; the settings (Keys of the commands) do that by pressing it.',
    "help.short.scroll": "scroll",
    "help.short.guide": "guide",
    "help.short.words": "words",
}
