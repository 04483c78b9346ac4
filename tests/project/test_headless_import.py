"""Everything below the layers imports where neither napari nor Qt is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT_TESTS = Path(__file__).parent
PACKAGE = PROJECT_TESTS.parent.parent / "src" / "napari_labeltool"
HEADLESS = ("core", "formats", "images", "journal", "session", "demo")


def module_names() -> list[str]:
    files = [path for name in HEADLESS for path in sorted((PACKAGE / name).rglob("*.py"))]
    files += PACKAGE.glob("edits.py")
    parts = [path.relative_to(PACKAGE.parent).with_suffix("").parts for path in files]
    return ["napari_labeltool", *(".".join(part).removesuffix(".__init__") for part in parts)]


def python(code: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(PROJECT_TESTS)}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)


def test_headless_modules_import_while_napari_and_qt_are_blocked() -> None:
    names = module_names()
    assert len(names) > 10
    done = python(f"import without_napari, importlib\nfor name in {names}: importlib.import_module(name)")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["napari", "qtpy.QtWidgets", "PyQt6.QtCore", "vispy.scene"])
def test_blocker_refuses(name: str) -> None:
    done = python(f"import without_napari\nimport {name}")
    assert done.returncode != 0
    assert "is blocked in the headless tests" in done.stderr


def test_importing_the_package_does_not_import_napari() -> None:
    code = "import sys, napari_labeltool; print([m for m in ('napari', 'qtpy', 'vispy') if m in sys.modules])"
    done = python(code)
    assert done.stdout.strip() == "[]", done.stderr
