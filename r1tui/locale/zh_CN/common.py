"""Words that several areas share."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "list.named": "{name}：{words}",
    "list.comma": "、",
    "key.close": "关闭",
    "key.up": "向上",
    "key.down": "向下",
    "key.first": "第一项",
    "key.next_field": "下一栏",
    "key.previous_field": "上一栏",
    "key.last": "最后一项",
    "key.notices": "查看最近的通知",
    "notice.warning": "注意：",
    "notice.error": "错误：",
    "notice.title": "通知",
    "notice.none": "还没有通知。输入框上方短暂出现的消息，之后可以在这里重读。",
    "notice.keys_none": "Esc 关闭",
    "notice.keys": "↑↓ 选择 · y 复制这一条 · Y 复制全部 · Esc 关闭",
    "notice.key.copy": "复制这条通知",
    "notice.key.copy_all": "复制全部通知",
}
