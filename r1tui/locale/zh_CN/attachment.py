"""Simplified Chinese: texts that go with a question."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "attachment.too_many": "一个问题最多附带 {most} 份内容，这一份没有附上。",
    "attachment.too_large": "一个问题附带的内容合计不能超过 {megabytes} MiB，这一份没有附上。上限可在设置中修改。",
    "attachment.unreadable": "“{path}”没有附上：{reason}。",
}
