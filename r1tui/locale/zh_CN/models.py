"""Models: the sidebar, the menu and its commands."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "sidebar.heading": "模型",
    "sidebar.none": "尚未安装任何模型",
    "sidebar.add": "添加模型",
    "sidebar.thinks": "会思考",
    "sidebar.on_gpu": "{percent}% GPU",
    "sidebar.on_cpu": "CPU 运行",
    "sidebar.key.choose": "使用",
    "sidebar.key.menu": "命令",
    "sidebar.key.add": "添加",
    "sidebar.key.cancel": "取消下载",
}
