"""Words of the prompt."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "prompt.placeholder": "想问什么都可以。Enter 发送，Ctrl+J 换行",
    "prompt.placeholder_short": "想问什么都可以。Enter 发送",
    "prompt.placeholder_least": "想问什么都可以",
    "paste.unmarked": "一次收到 {n} 行，像是粘贴，但没有粘贴标记。尚未发送任何内容。",
    "paste.as_text": "放进输入框",
    "paste.attach": "附到问题上",
    "paste.name": "粘贴的文字",
    "paste.drop": "丢弃",
    "key.send": "发送",
    "key.new_line": "换行",
}
