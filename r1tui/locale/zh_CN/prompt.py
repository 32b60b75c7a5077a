"""Words of the prompt."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "prompt.placeholder": "想问什么都可以。Enter 发送，Ctrl+J 换行",
    "key.send": "发送",
    "key.new_line": "换行",
}
