"""The store of conversations: how it opened, and how it failed."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "store.busy": "另一个 R1TUI 正占用对话库，这里没有丢失任何内容。请稍后再试。",
    "store.closed": "对话库已经关闭。请重新启动 R1TUI。",
    "store.damaged": "对话文件 {path} 已损坏。请重新启动 R1TUI：它会把该文件另存，并救回可读的内容。",
    "store.damaged_in_use": "对话文件 {path} 已损坏，而另一个 R1TUI 正打开着它。请先关闭那一个，再重新启动以修复。",
    "store.disk_full": "{path} 所在的磁盘已满：屏幕上的内容尚未保存。请腾出空间，下次变动时会自动保存。",
    "store.failed": "对话无法读取或写入（{detail}）。屏幕上的内容还在；需要的请先复制。",
    "store.gone": "这个对话已在别处被删除，不再保存。需要的内容请先复制。",
    "store.in_memory": "{reason}本次运行仅使用内存：对话会随 R1TUI 退出而消失，需要保留的请先导出。",
    "store.migrated": "对话库已升级到新版本，旧文件保留为 {path}。",
    "store.moved": "R1TUI 运行期间，{path} 被移走或删除了：屏幕上的内容没有保存到那里。请把它放回原处，或导出所需内容，然后重新启动 R1TUI。",
    "store.network": "{path} 位于网络文件系统（{kind}）：保存较慢，并且同一时间只应由一台机器使用。",
    "store.newer": "{path} 由更新版本的 R1TUI 写入（版本 {found}，本程序只认识到 {known}）。请更新 R1TUI；文件未作任何改动。",
    "store.no_text": "“{title}”中有 {n} 条消息含有非文本的字节：{which}。这些字节显示为 �，其余内容不变。",
    "store.read_only": "{path} 无法写入：对话不会被保存。请检查其权限。",
    "store.recovered": "对话文件曾损坏，已救回 {n} 条消息；损坏的文件保留为 {path}。",
    "store.unwritable": "{path} 无法打开（{detail}）：对话不会被保存。请检查权限，或用 R1TUI_DATA_DIR 指定其他文件夹。",
    "store.unknown_fault": "此处的故障记录是当前版本的 R1TUI 无法识别的；文字内容已保留。",
}
