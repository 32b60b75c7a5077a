"""A command behind `!`."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "shell.command": "运行命令并附上输出（在空输入框中键入 !）",
    "shell.short.run": "运行命令",
    "shell.key.attach": "附上输出",
    "shell.key.close": "结束命令，或返回",
    "shell.keys": "Esc 结束或返回 · Enter 附上输出",
    "shell.running": "已运行 {seconds} 秒，最多 {most} 秒。Esc 结束。",
    "shell.running_freely": "已运行 {seconds} 秒。Esc 结束。",
    "shell.ended": "已结束，退出码 {code}",
    "shell.killed": "被信号 {signal} 结束",
    "shell.stopped": "已用 Esc 结束",
    "shell.too_long": "已按设置在 {n} 秒后结束",
    "shell.output": "{how}。共 {n} 行。Enter 附到问题上，Esc 丢弃。",
    "shell.long_output": "{how}。只保留了末尾的 {n} 行。Enter 附到问题上，Esc 丢弃。",
    "shell.nothing": "{how}。没有任何输出。Esc 返回。",
    "shell.failed": "命令无法启动（{detail}）。命令还在：按 ↑ 找回。Esc 返回。",
    "shell.at_once": "这条命令和 Enter 是一次到达的，像是粘贴，所以没有运行。再按 Enter 才运行。",
    "shell.empty": "在 ! 后面写命令，例如 !dmesg | tail -50。按 Backspace 回到提问。",
    "shell.off": "设置中关闭了用 ! 运行命令（[chat] shell）。",
    "shell.not_empty": "命令要在空输入框中以 ! 开头；已写的内容还在。",
}
