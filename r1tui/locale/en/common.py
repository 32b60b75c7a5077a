"""Words that several areas share."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "list.named": "{name}: {words}",
    "list.comma": ", ",
    "key.close": "Close",
    "key.up": "Up",
    "key.down": "Down",
    "key.first": "First",
    "key.next_field": "Next field",
    "key.previous_field": "Previous field",
    "key.last": "Last",
    "key.notices": "Show the last notices",
    "notice.warning": "Warning:",
    "notice.error": "Error:",
    "notice.title": "Notices",
    "notice.none": "Nothing has been said yet. What stands above the prompt for a moment can be read again here.",
    "notice.keys_none": "Esc closes",
    "notice.keys": "↑↓ choose · y copies it · Y copies all · Esc closes",
    "notice.key.copy": "Copy the notice",
    "notice.key.copy_all": "Copy all notices",
}
