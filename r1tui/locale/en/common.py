"""Words that several areas share."""

MESSAGES: dict[str, str | tuple[str, str]] = {
    "key.close": "Close",
    "key.up": "Up",
    "key.down": "Down",
    "key.first": "First",
    "key.last": "Last",
}
