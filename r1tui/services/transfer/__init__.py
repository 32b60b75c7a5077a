"""Conversations out of the store and into it, as files."""

from r1tui.services.transfer.exporting import FORMATS, export
from r1tui.services.transfer.importing import ImportResult, import_file

__all__ = ["FORMATS", "ImportResult", "export", "import_file"]
