"""Words that several areas share."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "key.close": "关闭",
    "key.up": "向上",
    "key.down": "向下",
    "key.first": "第一项",
    "key.last": "最后一项",
}
