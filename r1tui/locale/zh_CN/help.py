"""Words of the help screen."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "help.title": "帮助",
    "help.group.prompt": "在输入框中",
    "help.group.transcript": "在对话中",
    "help.group.sidebar": "在模型与对话列表中",
    "help.group.app": "任何地方",
    "help.group.screen": "在此界面",
    "help.editing_title": "编辑输入",
    "help.editing": (
        "Ctrl+A、Ctrl+E 到行首、行尾；Ctrl+W 删除前一词，Ctrl+U、Ctrl+K 删到行首、行尾；"
        "Ctrl+Z 撤销，Ctrl+Y 重做；在首行按 ↑ 调出以前的输入。"
    ),
    "help.ideas_title": "小知识",
    "help.idea_reasoning": "R1 先思考再回答。思考过程单独显示，可以收起，以后也不会再发给模型。",
    "help.idea_thinking": "是否显示思考与是否思考是两回事：F7 决定模型是否思考，Ctrl+T 决定是否显示。",
    "help.idea_memory": "模型必须装得进内存。第一次回答要等模型加载完；“本机”面板（Ctrl+G）会说明哪些放得下、有多快。",
    "help.idea_context": "上下文是模型一次能看到的内容，以词元（token）计。满了以后，最早的消息就看不到了。",
    "help.idea_local": "你写的内容只在 R1TUI 和你的服务器之间传送。",
    "help.idea_copy": (
        "通过 SSH 复制时由终端接收（OSC 52），但终端不会回应。多数终端可按住 Shift 用鼠标自行选取。"
    ),
    "help.keys": '按键后面的名称是它的 id：在设置文件的 [keys] 表中可以改键，例如 "chat.fold" = "f10"；也可以在设置的“命令的按键”里直接按键修改。',
    "help.short.scroll": "滚动",
    "help.short.guide": "指南",
    "help.short.words": "词义",
}
