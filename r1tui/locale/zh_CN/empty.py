"""Simplified Chinese: the page of an empty chat."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "empty.what": "R1TUI：在你自己的机器上用 DeepSeek-R1。你问的内容只发给你的服务器，不去别处。",
    "empty.model": "由 {name} 回答。在这里有多快，第一个回答之后就知道。",
    "empty.model_speed": "{name}：这里每秒约 {speed} 个词元（token），一次典型的回答约 {wait}。",
    "empty.model_guess": "{name}：估计这里每秒 {speed} 个词元（token），一次典型的回答约 {wait}。",
    "empty.model_last": "由 {name} 回答；上一个回答每秒 {speed} 个词元（token）。",
    "empty.no_model": "这里还没有模型：按 Ctrl+P，选“设置向导”。",
    "empty.looking": "正在问服务器有哪些模型…",
    "empty.silent": "服务器没有应答：按 Ctrl+P，选“设置向导”再看看。",
    "empty.try": "在下面写问题，或者挑一个：按 ↓ 选择，Enter 放进输入框。",
    "empty.example_python": "怎样从零开始学 Python？给我一个八周的计划。",
    "empty.example_sum": "9.11 和 9.9 哪个大？讲给小孩子听。",
    "empty.example_code": "写一个 shell 脚本，找出某个文件夹下最大的十个文件。",
    "empty.guide": "第一次来？看看指南：短短十一章，讲这一切怎么工作",
}
