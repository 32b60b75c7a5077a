"""Build hook: makes the manual page and has the wheel install it as `share/man/man1/r1tui.1`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManualPage(BuildHookInterface[Any]):
    """Adds the page to a wheel that is built. It needs nothing but Python."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the page beside the wheel and name it among the files that the installation shares."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from r1tui import locale
        from r1tui.cli import build_parser
        from r1tui.headless.manual import manual
        from r1tui.headless.usage import usage

        locale.use("en")
        self._page.parent.mkdir(parents=True, exist_ok=True)
        self._page.write_text(manual(usage(build_parser())), encoding="utf-8")
        build_data["shared_data"][str(self._page)] = "share/man/man1/r1tui.1"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """The wheel has it now."""
        self._page.unlink(missing_ok=True)

    @property
    def _page(self) -> Path:
        return Path(self.directory) / "r1tui.1"
