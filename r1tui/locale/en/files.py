"""What the system and small files do wrong: parts of sentences, in brackets or behind a colon."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "os.missing": "it is not there",
    "os.missing_folder": "there is no such folder",
    "os.denied": "access is denied",
    "os.folder": "it is a folder",
    "os.no_folder": "a part of the path is not a folder",
    "os.no_file": "it is not a regular file",
    "os.full": "the disk is full",
    "os.read_only": "the disk is read-only",
    "os.exists": "it is there already",
    "os.links": "its links lead in a circle",
    "os.long_name": "the name is too long",
    "os.too_many": "too many files are open",
    "os.damaged": "the disk does not give it",
    "os.busy": "it is in use",
    "os.other": "{words}",
    "file.too_large": "it is larger than {kilobytes} KiB",
    "file.not_utf8": "it is not UTF-8 text",
    "file.not_toml": "line {line} is not TOML",
    "file.not_json": "it is not JSON",
    "file.too_deep": "it is nested too deeply, or a number in it is too long",
}
