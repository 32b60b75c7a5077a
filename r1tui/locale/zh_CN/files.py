"""Simplified Chinese: faults of the system and of small files, as parts of a sentence, in brackets or behind a colon."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "os.missing": "文件不存在",
    "os.missing_folder": "文件夹不存在",
    "os.denied": "没有权限",
    "os.folder": "这是一个文件夹",
    "os.no_folder": "路径中有一段不是文件夹",
    "os.no_file": "不是普通文件",
    "os.full": "磁盘已满",
    "os.read_only": "磁盘是只读的",
    "os.exists": "文件已存在",
    "os.links": "链接循环",
    "os.long_name": "名称过长",
    "os.too_many": "打开的文件太多",
    "os.damaged": "磁盘读写出错",
    "os.busy": "文件正在使用",
    "os.other": "{words}",
    "file.too_large": "大于 {kilobytes} KiB",
    "file.not_utf8": "不是 UTF-8 文本",
    "file.not_toml": "第 {line} 行不是 TOML",
    "file.not_json": "不是 JSON",
    "file.too_deep": "嵌套过深，或其中的数字过长",
}
