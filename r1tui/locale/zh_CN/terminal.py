"""Words of clipboard, terminal and themes."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "copy.tmux": "已复制：内容在 tmux 缓冲区中；若终端允许，也已进入剪贴板。",
    "copy.desktop": "已复制到剪贴板。",
    "copy.osc52": "已发送到终端剪贴板（OSC 52）。终端不会回应：请粘贴确认。",
    "copy.file": "内容太长，终端剪贴板容不下：已存入 {path}",
    "copy.private": "没有复制：内容超出终端剪贴板的长度，而私密对话不写入任何文件。",
    "copy.failed": "未复制：内容太长，且无法写入 {path}（{reason}）。",
    "theme.broken_toml": "主题文件 {path} 第 {line} 行有错误，该主题未载入。",
    "theme.bad_value": "主题文件 {path} 第 {line} 行：{key} 应为{expected}。该主题未载入。",
    "theme.missing_key": "主题文件 {path} 缺少 {key}。该主题未载入。",
    "theme.unknown_key": "主题文件 {path} 第 {line} 行：未知的键 {key}。该主题未载入。",
    "theme.unreadable": "无法读取主题文件 {path}（{reason}）。",
    "theme.expect_colour": '颜色，例如 "#8ab4f8" 或 "ansi_blue"',
    "theme.expect_text": "引号中的文字",
    "theme.expect_switch": "true 或 false",
    "theme.expect_style": '样式词，例如 "bold" 或 "reverse"',
    "theme.expect_table": "一个表",
}
