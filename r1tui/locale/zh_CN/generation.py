"""What can happen to an answer."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "generation.unexpected": "回答因意外故障中断（{detail}）；已收到的内容已保留。按 F5 继续。",
    "generation.limit": "回答达到长度上限；按 F5 继续。",
    "generation.no_thinking": "模型没有思考就作答，回答会变差。按 F5 让它先思考，再重新回答。",
    "generation.answer_loops": "回答一直在重复。还在写时按 Esc 停止；按 F5 重新提问。",
    "generation.drifted_to_chinese": "思考过程变成了中文。按 F5 重新提问，并注明用哪种语言思考。",
    "generation.drifted_to_english": "思考过程变成了英文。按 F5 重新提问，并注明用哪种语言思考。",
    "generation.edge": "回答写满了上下文；按 F5 继续。",
    "generation.edge_reasoning": "思考用完了上下文，还没有作答；按 F5 让模型据此回答。",
    "generation.no_answer": "已要求模型根据思考过程作答，但它没有回答；按 F5 再试一次。",
    "generation.no_room": "{context} 个词元的上下文容不下这个问题的回答。请加大上下文（Ctrl+P 选“上下文长度”），或缩短问题。",
    "generation.started_anew": "这个模型不能接着写未完成的回答，已从头开始。",
    "generation.looped": "回答不断重复，已在后台结束；已有内容保留。按 F5 继续。",
    "generation.silent": "{minutes} 分钟内没有新内容，回答已在后台结束；已有内容保留。按 F5 继续。",
    "generation.server_away": "服务器已有 {minutes} 分钟无法访问，回答已在后台结束。按 F5 重新提问。",
}
