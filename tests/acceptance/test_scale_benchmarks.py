"""The benchmarks run, in tiny sizes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.window, pytest.mark.timeout(600)]


def run_benchmark(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script of the benchmarks with its files in a folder."""
    return subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / script), *arguments],
        capture_output=True,
        text=True,
        timeout=560,
        env={**os.environ, "LABELTOOL_BENCHMARKS": str(folder)},
    )


@pytest.mark.parametrize(
    ("piece", "work"),
    [
        ("canvas", "move, 400 boxes, 95th percentile"),
        ("opening", "command to first picture, 400 boxes on 8,192^2"),
        ("memory_curve", "memory over 4 minutes of work at 200 polygons"),
    ],
)
def test_a_benchmark_runs_and_leaves_its_table(tmp_path: Path, piece: str, work: str) -> None:
    out = tmp_path / "table.md"
    done = run_benchmark(tmp_path / "cache", "run.py", "--quick", "--only", piece, "--out", str(out))
    assert done.returncode == 0, done.stderr
    text = out.read_text("utf-8")
    assert f"| {work} | " in text
    assert "failed" not in text, text
    assert text.strip() == done.stdout.strip()


def test_a_piece_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = run_benchmark(tmp_path, "run.py", "--only", "canvas,nothing")
    assert done.returncode == 2
    assert "nothing found" in done.stderr


def test_random_edits_in_the_window_are_saved_as_without_a_window(tmp_path: Path) -> None:
    done = run_benchmark(tmp_path, "session500.py", "--kind", "polygons", "60", "20000")
    assert done.returncode == 0, done.stderr
    assert "the files are equal" in done.stdout, done.stdout + done.stderr
