"""Downloads, and figures in words."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "figure.gigabytes": "{amount} GB",
    "figure.megabytes": "{amount} MB",
    "figure.kilobytes": "{amount} kB",
    "figure.gibibytes": "{amount} GiB",
    "figure.per_second": "{size}/秒",
    "figure.seconds": "{n} 秒",
    "figure.minutes": "{n} 分钟",
    "figure.hours_minutes": "{hours} 小时 {minutes} 分",
    "figure.hours": "{n} 小时",
    "pull.amount": "{done} / {total}",
    "pull.left": "还需 {time}",
    "pull.begun": "正在下载 {name}；Ctrl+O 查看进度。",
    "pull.queued": "排队等待",
    "pull.again": "{reason}正在重试。",
    "pull.stalled": "停滞，正在重试",
    "pull.paused": "已暂停于 {percent}%，已下载部分保留",
    "pull.failed": "失败",
    "pull.done": "已完成",
    "pull.manifest": "正在获取文件清单",
    "pull.weights": "权重",
    "pull.texts": "模板、许可证、参数",
    "pull.verifying": "正在校验",
    "pull.writing": "正在写入",
    "pull.cleaning": "正在清理",
    "pull_name.question": "需要哪个模型？输入名称；按 → 采用补全。",
    "pull_name.insecure": "该仓库不用 TLS",
    "pull_name.help": (
        "例如 deepseek-r1:8b、someone/model、hf.co/用户/仓库:Q4_K_M、modelscope.cn/用户/仓库，或 "
        "host:port/library/model。"
    ),
    "pull_name.insecure_question": "没有 TLS 时，通往 {host} 途中的任何人都能读取内容并调换模型。继续吗？",
    "pull_name.insecure_no": "不继续",
    "pull_name.insecure_yes": "不用 TLS 继续",
}
