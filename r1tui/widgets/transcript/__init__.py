"""The chat log: one line-API widget that draws only what changed."""
