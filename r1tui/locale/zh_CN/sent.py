"""The prompt as the model gets it."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "key.sent_prompt": "查看模型实际收到的提示词",
    "sent.to_come": "发送后 {model} 将收到的内容",
    "sent.title": "{model} 作答时收到的内容",
    "sent.nothing": "还没有可发送的内容：请先写下问题，或选中一个回答。",
    "sent.no_server": "没有服务器应答，无法得知将发送什么。按 F9 选择另一台；按 Ctrl+P 选“设置向导”可启动一台。",
    "sent.estimate": "R1TUI 估计约 {n} 个词元，上下文共 {context} 个。",
    "sent.estimate_open": "R1TUI 估计约 {n} 个词元。",
    "sent.counted": "服务器统计为 {counted} 个词元；R1TUI 的估计是 {n} 个。",
    "sent.counted_before": "服务器统计为 {counted} 个词元，上下文共 {context} 个。",
    "sent.reading": "读取这些内容约需 {time}，之后才会有第一个词元。",
    "sent.all": "对话内容没有遗漏；以前的思考过程从不发送。",
    "sent.left_out": "上下文放不下，有 {n} 条消息没有发送，模型不知道这些内容：",
    "sent.line": "R1TUI 在问题后附加了一行：{line}",
    "sent.opened": "R1TUI 以 <think> 为回答起了头。",
    "sent.resumed": "这个回答是接着写完的：以下内容又发送了一次，后面附上它已写出的 {n} 个词元。",
    "sent.rendered": "文本（服务器按模板由各轮对话生成）",
    "sent.turns": "各轮对话（R1TUI 发送的形式；只有模型在内存中时，服务器才可能给出生成的文本）",
}
