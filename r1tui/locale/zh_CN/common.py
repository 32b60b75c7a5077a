"""Words that several areas share."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "key.close": "关闭",
    "key.up": "向上",
    "key.down": "向下",
    "key.first": "第一项",
    "key.next_field": "下一栏",
    "key.previous_field": "上一栏",
    "key.last": "最后一项",
    "palette.none": "没有匹配的命令",
}
