"""Words that several areas share."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "key.close": "Close",
    "key.up": "Up",
    "key.down": "Down",
    "key.first": "First",
    "key.next_field": "Next field",
    "key.previous_field": "Previous field",
    "key.last": "Last",
    "palette.none": "No command of this name",
}
