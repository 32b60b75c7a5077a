"""What R1TUI talks about: messages, models, machines. Standard library only; no I/O, no Textual, no asyncio."""
