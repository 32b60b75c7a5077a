"""From nothing to chatting: the server, a model; what can go wrong there."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "install.unsupported": "没有适用于 {system} 的安装包，请按 ollama.com/download 的官方方法安装。",
    "install.away": "无法连接 {host}（{detail}）。未做任何改动；按 Enter 重试。",
    "install.nothing": "{host} 没有适用于本机的安装包，请改用官方命令。",
    "install.no_sum": "{host} 没有公布安装包的校验和，因此不予采用。",
    "install.disk": "磁盘空间不足：安装需要 {need} GB，剩余 {free} GB。",
    "install.wrong_sum": "{host} 发来的内容与其公布的校验和不符，已删除；未做任何改动。",
    "install.damaged": "安装包已损坏（{detail}）；未做任何改动。",
    "install.write": "无法写入：{detail}。未做任何改动。",
    "install.cut": "与 {host} 的连接中断（{detail}）。已下载部分保留；按 Enter 继续。",
    "serve.died": "服务器启动后立即退出：{last}（日志：{log}）",
    "serve.silent": "服务器已启动但没有应答；日志在 {log}。",
    "serve.cannot": "无法启动 {binary}：{detail}",
    "serve.unstoppable": "服务器（进程 {n}）无法结束。",
    "serve.no_port": "本机没有可供服务器使用的空闲端口。",
}
