"""Simplified Chinese: one module a subject, as in `locale/en`."""

from r1tui.locale.language import Language

LANGUAGE = Language("简体中文", forms=1, plural=lambda n: 0)
