"""English. Every entry is here; what another language lacks is said in English."""

from r1tui.locale.language import Language

LANGUAGE = Language("English", forms=2, plural=lambda n: 0 if n == 1 else 1)
