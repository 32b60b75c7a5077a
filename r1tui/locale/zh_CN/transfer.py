"""Export and import."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "transfer.assistant": "助手",
    "transfer.empty": "{path} 中没有对话，未导入任何内容。",
    "transfer.failed": "失败",
    "transfer.foreign_error": "文件中写道：{detail}",
    "transfer.interrupted": "已中断",
    "transfer.no_such": "没有编号为 {id} 的对话。",
    "transfer.not_json": "{path} 不是 JSON 文件，或内容不完整；未导入任何内容。",
    "transfer.stopped": "已停止",
    "transfer.streaming": "导出时仍在生成",
    "transfer.system": "系统",
    "transfer.thought": "思考了 {seconds} 秒",
    "transfer.too_large": "{path} 超过 {megabytes} MB，未导入任何内容。",
    "transfer.unknown_kind": "{path} 不是可导入的文件：支持 R1TUI 的 JSON、ChatGPT 的 conversations.json 和 Open WebUI 的导出文件。",
    "transfer.unreadable": "{path} 无法读取（{detail}）。",
    "transfer.untitled": "未命名",
    "transfer.unwritable": "{path} 无法写入（{detail}）。",
    "transfer.you": "你",
}
