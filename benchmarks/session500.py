"""500 random edits at a million objects in the real window; the file must be that of the same edits without a window.

python benchmarks/session500.py [--quick] [EDITS [OBJECTS]]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import children
import numpy as np
from rows import Row, milliseconds, row, table
from synthetic import SIDE, Kind, coco_file, project


def run_window(kind: Kind, count: int, edits: int) -> None:
    """Do random edits in the window, do them again without one, and print what differs."""
    with children.own_folders() as folder:
        first = project(folder / "window", coco_file(kind, count))
        second = project(folder / "headless", coco_file(kind, count))
        _in_window(first, second, edits, count)
        children.end()


def _in_window(first: Path, second: Path, edits: int, count: int) -> None:
    from random_edits import RandomEdits, do_again, record_steps
    from window import labeling_window

    from napari_labeltool.session import open_session
    from napari_labeltool.widgets.project import project_of

    with labeling_window() as window:
        session = open_session(first, author="tester")
        steps = record_steps(session)
        workspace = project_of(window.viewer).attach(session)
        window.settle()
        edit = RandomEdits(workspace, SIDE, window, bulk=max(10, count // 10))
        seconds: list[float] = []
        last = time.perf_counter()

        def each(name: str) -> None:
            nonlocal last
            window.redraw(1)
            now = time.perf_counter()
            seconds.append(now - last)
            last = now

        edit.run(edits, each)
        start = time.perf_counter()
        session.save()
        children.emit("save", time.perf_counter() - start)
        children.emit("seconds", seconds)
        children.emit("counts", dict(edit.counts))
        children.emit("steps", len(steps))
        start = time.perf_counter()
        do_again(second, steps, "tester")
        children.emit("headless", time.perf_counter() - start)
        one, other = first.read_bytes(), second.read_bytes()
        children.emit("size", [len(one), len(other)])
        children.emit("equal", one == other)
        if one != other:
            shorter = min(len(one), len(other))
            differs = np.frombuffer(one[:shorter], np.uint8) != np.frombuffer(other[:shorter], np.uint8)
            at = int(np.argmax(differs)) if differs.any() else shorter
            children.emit(
                "first difference", [one[at - 80 : at + 80].decode(), other[at - 80 : at + 80].decode()]
            )


def measure(
    quick: bool = False,
    edits: int | None = None,
    count: int | None = None,
    kinds: tuple[Kind, ...] | None = None,
) -> list[Row]:
    """Return a row for each kind of objects, by default boxes and polygons."""
    count = count or (200 if quick else 1_000_000)
    edits = edits or (40 if quick else 500)
    rows: list[Row] = []
    kinds = kinds or (("boxes",) if quick else ("boxes", "polygons"))
    for kind in kinds:
        found = children.run("session500.py", ["--child", kind, str(count), str(edits)], limit=3600)
        equal = found.get("equal", False)
        words = "the files are equal" if equal else "the files differ" if "equal" in found else "failed"
        told = ("counts", "steps", "size", "first difference", children.FAILURE)
        lines = [f"{key}: {found[key]}" for key in told if key in found]
        if "seconds" in found:
            words += (
                f"; an edit with its draw {milliseconds(found['seconds'])}; saved in {found['save']:.1f} s"
            )
            lines.append(f"the same without a window, opening and saving included: {found['headless']:.1f} s")
        title = f"{edits} random edits at {count:,} {kind} in the window, saved; the same without a window"
        rows.append(row(title, words, bar="equal to the last byte", met=equal, detail="\n".join(lines)))
    return rows


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        run_window(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))  # type: ignore[arg-type]
    else:
        parser = argparse.ArgumentParser()
        parser.add_argument("--quick", action="store_true")
        parser.add_argument("--kind", choices=["boxes", "polygons"])
        parser.add_argument("edits", nargs="?", type=int)
        parser.add_argument("objects", nargs="?", type=int)
        chosen = parser.parse_args()
        kinds = (chosen.kind,) if chosen.kind else None
        rows = measure(chosen.quick, chosen.edits, chosen.objects, kinds)
        print(table(rows), *(line["detail"] for line in rows), sep="\n\n")
