"""All benchmarks with one command, as a Markdown table that is printed and written to a file.

    python benchmarks/run.py [--quick] [--only NAME[,NAME]] [--out FILE]

Every piece runs in a process of its own, under a virtual display (``xvfb-run``) where there is no other. `--quick`
takes tiny documents and tells only that everything runs. The file is ``benchmarks/results/DATE.md`` when all pieces
ran in full size, unless `--out` names another one.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import children
from rows import Row, details, machine, row, table, versions

PIECES: Final = {
    "coco": "Reading and writing COCO",
    "canvas": "Many objects on the canvas",
    "masks": "Masks",
    "pictures": "Pictures",
    "opening": "From the command to the first picture",
    "session500": "A session of random edits",
    "memory_curve": "Memory over a day's work",
}
"""Modules with ``measure()``, in the order of the table; those that are not there are left out."""

LIMIT: Final = 3 * 3600.0
"""Seconds that a piece may take."""


def measure_piece(name: str, quick: bool) -> list[Row]:
    """Call ``measure()`` of a piece in this process."""
    measure = importlib.import_module(name).measure
    takes_quick = "quick" in inspect.signature(measure).parameters
    found: list[Row] = measure(quick=quick) if takes_quick else measure()
    return found


def run_piece(name: str, quick: bool) -> list[Row]:
    """Measure a piece in a process of its own; a failure becomes a row."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "rows.json"
        arguments = [
            sys.executable,
            __file__,
            "--piece",
            name,
            "--out",
            str(out),
            *(["--quick"] if quick else []),
        ]
        try:
            done = subprocess.run(arguments, stdout=subprocess.DEVNULL, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return [row(name, f"no figure within {LIMIT / 3600:.0f} h", met=False)]
        if done.returncode or not out.exists():
            return [row(name, f"failed with exit code {done.returncode}", met=False)]
        found: list[Row] = json.loads(out.read_text("utf-8"))
        return found


def pieces_there() -> list[str]:
    """Return the names of the pieces that can be measured."""
    return [name for name in PIECES if (children.FOLDER / f"{name}.py").exists()]


def opengl_renderer() -> str:
    """Ask OpenGL for its name, in a process of its own."""
    script = (
        "from vispy.app import Canvas, use_app; use_app('pyqt6')\n"
        "from vispy.gloo import gl\n"
        "canvas = Canvas(show=True); canvas.set_current(); print('GL:', gl.glGetParameter(gl.GL_RENDERER))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    found = [line.removeprefix("GL: ") for line in done.stdout.splitlines() if line.startswith("GL: ")]
    return found[0] if found else "unknown"


def report(names: Sequence[str], quick: bool) -> tuple[str, bool]:
    """Measure pieces and return the report in Markdown, and whether every bar was met."""
    renderer = opengl_renderer()
    sections, every = [], []
    began = datetime.now()
    for name in names:
        print(f"{datetime.now():%H:%M:%S} {name}", file=sys.stderr, flush=True)
        load, start = os.getloadavg()[0], time.perf_counter()
        rows = run_piece(name, quick)
        every += rows
        words = f"{time.perf_counter() - start:.0f} s; load of the machine before: {load:.1f}"
        section = f"## {PIECES[name]}\n\n`benchmarks/{name}.py`, {words}\n\n{table(rows)}\n"
        more = details(rows)
        sections.append(
            section + (f"\n<details><summary>more</summary>\n\n{more}\n\n</details>\n" if more else "")
        )
    judged = [line for line in every if line.get("met") is not None]
    met = sum(bool(line["met"]) for line in judged)
    title = f"# Benchmarks, {began:%Y-%m-%d}" + (" (tiny sizes: the figures mean nothing)" if quick else "")
    head = f"{title}\n\n{began:%Y-%m-%d %H:%M}. {machine(renderer)}.\n{versions()}.\n\n"
    head += f"{met} of {len(judged)} bars are met. How each figure is taken is told in `benchmarks/README.md`.\n\n"
    return head + "\n".join(sections), met == len(judged)


def with_display() -> None:
    """Begin anew under a virtual display where there is none."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        tool = shutil.which("xvfb-run")
        if tool is None:
            sys.exit("benchmarks/run.py: no display was found, and no xvfb-run to make one. Install Xvfb.")
        os.execv(
            tool,
            [
                tool,
                "-a",
                "-s",
                "-screen 0 1600x1000x24",
                sys.executable,
                os.path.abspath(__file__),
                *sys.argv[1:],
            ],
        )


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that everything runs")
    parser.add_argument("--only", metavar="NAME", help=f"pieces, with commas: {', '.join(pieces_there())}")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where the Markdown goes")
    parser.add_argument("--piece", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.piece:
        chosen.out.write_text(json.dumps(measure_piece(chosen.piece, chosen.quick), default=float), "utf-8")
        return
    names = chosen.only.split(",") if chosen.only else pieces_there()
    unknown = [name for name in names if name not in pieces_there()]
    if unknown:
        parser.error(
            f"--only: {', '.join(unknown)} found, one or more of {', '.join(pieces_there())} expected"
        )
    with_display()
    text, _ = report(names, chosen.quick)
    print(text)
    out = chosen.out
    if out is None and not chosen.quick and not chosen.only:
        out = children.FOLDER / "results" / f"{datetime.now():%Y-%m-%d}.md"
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, "utf-8")
        print(f"Written to {out}", file=sys.stderr)


if __name__ == "__main__":
    main()
