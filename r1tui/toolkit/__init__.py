"""Where R1TUI reaches into Textual or Rich, one file a reason."""
