"""Conversations out of the store and into it, as files."""

from r1tui.services.transfer.exporting import FORMATS, export, export_text
from r1tui.services.transfer.importing import ImportResult, import_file
from r1tui.services.transfer.names import safe_name

__all__ = ["FORMATS", "ImportResult", "export", "export_text", "import_file", "safe_name"]
