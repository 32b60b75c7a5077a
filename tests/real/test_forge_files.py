"""The files that a forge reads, judged by linters of such files: workflows and issue forms."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.run_tests import needs_server

GITHUB = Path(__file__).parents[2] / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").iterdir())
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").iterdir() if path.name != "config.yml")

pytestmark = pytest.mark.real


def _passes(*command: str | Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("custom.github-workflows-require-timeout", WORKFLOWS),
        ("vendor.github-issue-forms", FORMS),
        ("vendor.github-issue-config", [GITHUB / "ISSUE_TEMPLATE" / "config.yml"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_have_the_shape_that_the_forge_reads(
    packaging_tools: Path, schema: str, files: list[Path]
) -> None:
    assert files
    _passes(packaging_tools / "check-jsonschema", "--builtin-schema", schema, *files)


def test_workflows_have_no_known_weakness(packaging_tools: Path) -> None:
    _passes(packaging_tools / "zizmor", "--offline", "--no-progress", GITHUB / "workflows")


def test_expressions_and_scripts_of_workflows_are_sound(actionlint: Path) -> None:
    _passes(actionlint, *WORKFLOWS)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (
            "tests.yml",
            [
                "ubuntu-latest, macos-latest",
                '"3.11", "3.12", "3.13", "3.14"',
                'bin/pip" install dist/*.whl',
                "tests/run --lowest",
                "python tests/support/provision.py --packages",
            ],
        ),
        ("newest.yml", ["cron:", "tests/run --latest"]),
        (
            "publish.yml",
            ["id-token: write", "attest-build-provenance", "gh-action-pypi-publish", "CHANGELOG.md"],
        ),
    ],
)
def test_workflows_do_what_is_promised(name: str, wanted: list[str]) -> None:
    text = (GITHUB / "workflows" / name).read_text()
    assert [each for each in wanted if each not in text] == []
    assert "password:" not in text  # of a registry: publishing is trusted


def test_what_runs_on_macos_needs_none_of_debians_packages() -> None:
    text = (GITHUB / "workflows" / "tests.yml").read_text()
    named = re.findall(r"tests/run (tests/.+)", text)
    assert named
    assert not [paths for paths in named if needs_server(paths.split())]


def test_a_fault_asks_for_what_doctor_found() -> None:
    text = (GITHUB / "ISSUE_TEMPLATE" / "fault.yml").read_text()
    assert "r1tui doctor --json" in text
    assert "r1tui doctor --report" in text
