"""What can happen to an answer."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "generation.unexpected": "回答因意外故障中断（{detail}）；已收到的内容已保留。按 F5 继续。",
    "generation.limit": "回答达到长度上限；按 F5 继续。",
    "generation.started_anew": "该模型无法续写未完成的回答，已从头开始。",
}
