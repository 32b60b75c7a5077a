"""Words of clipboard, terminal and themes."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "copy.tmux": "Copied: it is in tmux's buffer, and on your clipboard where your terminal allows it.",
    "copy.desktop": "Copied to the clipboard.",
    "copy.osc52": (
        "Sent to your terminal's clipboard (OSC 52). It gives no answer: paste to see whether it arrived."
    ),
    "copy.file": "Too long for your terminal's clipboard: it is in {path}",
    "copy.private": "Not copied: it is too long for your terminal's clipboard, and a private conversation goes into no file. Copy a part of it.",
    "copy.failed": (
        "Not copied: too long for your terminal's clipboard, and {path} cannot be written ({reason}). Copy a part of it."
    ),
    "theme.broken_toml": "The theme file {path} has a mistake in line {line}. The theme is not offered. It is read again as soon as that is mended.",
    "theme.bad_value": (
        "The theme file {path}, line {line}: {key} should be {expected}. The theme is not offered. It is read again as soon as that is mended."
    ),
    "theme.missing_key": "The theme file {path} lacks {key}. The theme is not offered. It is read again as soon as that is mended.",
    "theme.folder_unreadable": "The folder {path} cannot be read ({reason}). Its themes are not offered: let your user read it.",
    "theme.unknown_key": "The theme file {path}, line {line}: {key} is not known. The theme is not offered. It is read again as soon as that is mended.",
    "theme.unreadable": "The theme file {path} cannot be read ({reason}). The theme is not offered. It is read again as soon as that is mended.",
    "theme.expect_colour": 'a colour such as "#8ab4f8" or "ansi_blue"',
    "theme.expect_text": "a text in quotes",
    "theme.expect_switch": "true or false",
    "theme.expect_style": 'words such as "bold" or "reverse"',
    "theme.expect_table": "a table",
    "theme.title.deep_sea": "Deep sea",
    "theme.title.high_contrast": "High contrast",
    "theme.title.r1_dark": "R1 dark",
    "theme.title.r1_light": "R1 light",
    "theme.title.sixteen": "Sixteen colours",
    "theme.title.ink": "Ink",
}
