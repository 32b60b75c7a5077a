"""Words of the status bar."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "phase.connecting": "正在连接",
    "phase.loading": "正在加载模型",
    "phase.reading": "正在读取提示词",
    "phase.thinking": "正在思考",
    "phase.answering": "正在回答",
    "phase.loading_short": "加载",
    "phase.reading_short": "读取",
    "status.rate": "{rate} 词元/秒",
    "status.context": "上下文 {used} / {size}",
    "status.context_short": "{used}/{size}",
    "status.low_bandwidth": "低带宽",
    "status.low_bandwidth_short": "低带宽",
    "status.private": "私密",
    "key.short.choose": "选用",
    "key.short.menu": "命令",
    "key.short.add": "添加",
    "key.short.figures": "由来",
    "key.short.pull": "下载",
}
