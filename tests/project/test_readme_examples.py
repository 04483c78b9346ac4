"""What the documents say is true: examples run, links lead somewhere, codes are complete."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from napari_labeltool.formats.coco import checks

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PATH_IN_TEXT = re.compile(r"`([\w/]+\.(?:py|md|yaml|txt))`")


def blocks(name: str) -> list[str]:
    return PYTHON.findall((ROOT / name).read_text("utf-8"))


def test_readme_has_python_examples() -> None:
    assert len(blocks("README.md")) == 2


@pytest.mark.parametrize("code", blocks("README.md"), ids=lambda code: f"{len(code)} characters")
def test_python_of_the_readme_runs_by_itself_in_an_empty_folder(tmp_path: Path, code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(document: Path) -> None:
    targets = [link for link in LINK.findall(document.read_text("utf-8")) if "://" not in link]
    assert [link for link in targets if not (document.parent / link).exists()] == []


def test_files_that_the_architecture_names_exist() -> None:
    package = ROOT / "src" / "napari_labeltool"
    named = PATH_IN_TEXT.findall((ROOT / "ARCHITECTURE.md").read_text("utf-8"))
    assert len(named) > 40
    assert [path for path in named if not ((package / path).exists() or (ROOT / path).exists())] == []


def test_every_problem_code_of_the_coco_reader_is_described_with_its_severity() -> None:
    rows = re.findall(r"^([a-z, -]+?) +(info|warning|error) ", checks.__doc__ or "", re.MULTILINE)
    expected = {(code, severity) for codes, severity in rows for code in codes.strip().split(", ")}
    assert len(expected) > 40
    text = (ROOT / "docs" / "coco.md").read_text("utf-8")
    described = {
        (code, severity)
        for codes, severity in re.findall(r"^\| (`[^|]+`) \| (info|warning|error) \|", text, re.MULTILINE)
        for code in re.findall(r"`([^`]+)`", codes)
    }
    assert expected - described == set()
