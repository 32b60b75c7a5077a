"""Words of the prompt."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "prompt.placeholder": "Ask anything. Enter sends, Ctrl+J begins a new line",
    "prompt.placeholder_short": "Ask anything. Enter sends",
    "prompt.placeholder_least": "Ask anything",
    "paste.unmarked": (
        "{n} line has come at once, as pasted text does, but without the marks of a paste. Nothing of it was sent.",
        "{n} lines have come at once, as pasted text does, but without the marks of a paste. Nothing of them was sent.",
    ),
    "paste.as_text": "Put them into the prompt",
    "paste.attach": "Attach them to the question",
    "paste.name": "Pasted",
    "paste.drop": "Drop them",
    "key.send": "Send",
    "key.new_line": "New line",
}
