"""Words that several areas share."""

MESSAGES: dict[str, str | tuple[str, str]] = {
}
