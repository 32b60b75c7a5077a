"""Words of the prompt."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "prompt.placeholder": "Ask anything. Enter sends, Ctrl+J begins a new line",
    "key.send": "Send",
    "key.new_line": "New line",
}
