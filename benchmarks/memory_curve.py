"""Memory over an hour of simulated work: camera moves, edits with undo, and image switches in the real window.

The work is done in rounds, and the resident memory is sampled after each. Every round is the same amount of work, so
from the third of the rounds on (until then caches fill) a straight line is laid through the samples. What edits leave
behind on purpose is their undo history; its share is measured by the same number of edits in a session without a
window, and the slope must stay below that share and a little more.

    python benchmarks/memory_curve.py [--quick] [--minutes N]

One minute stands for 333 camera moves, 83 edits and 4 switches, so sixty are 20,000 moves and 5,000 edits.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Final

import children
import numpy as np
from rows import Row, row, table
from synthetic import PLACES, SIDE, coco_file, project

MOVES: Final = 333
EDITS: Final = 83
SWITCHES: Final = 4
OBJECTS: Final = 100_000
IMAGES: Final = 3
SLACK: Final = 3.0
"""MB in an hour beyond what the history of edits takes."""
WIDTH: Final = 60


def run_window(minutes: int, count: int, part: float) -> None:
    """Work in the window and print the memory after every minute of it; `part` of the moves and edits are done."""
    with children.own_folders() as folder:
        _work(project(folder / "project", coco_file("polygons", count, images=IMAGES)), minutes, part)
        children.end()


def _work(path: Path, minutes: int, part: float) -> None:
    from random_edits import RandomEdits
    from window import labeling_window, memory_mb

    from napari_labeltool.session import open_session
    from napari_labeltool.widgets.project import project_of

    with labeling_window() as window:
        session = open_session(path, author="tester")
        workspace = project_of(window.viewer).attach(session)
        window.settle()
        rng = np.random.default_rng(0)
        edit = RandomEdits(workspace, SIDE, None, bulk=50, seed=1)
        width = window.size[1]
        start = time.perf_counter()
        samples = [memory_mb()]
        for _ in range(minutes):
            for _ in range(round(MOVES * part)):
                zoom = width / (SIDE * 10 ** rng.uniform(-2, 0))
                window.look_at(rng.uniform(0.2, 0.8, 2) * SIDE, zoom)
                window.redraw(1)
            edit.run(round(EDITS * part), lambda name: window.redraw(1))
            for image in rng.permutation(IMAGES)[:SWITCHES].tolist():
                workspace.show_image(image)
                window.redraw(1)
            workspace.show_image(0)
            window.settle(0.05)
            samples.append(memory_mb())
            children.emit("samples", samples)
        children.emit("seconds", time.perf_counter() - start)
        children.emit("steps", sum(edit.counts.values()))
        session.close(discard=True)


def run_headless(minutes: int, count: int, part: float) -> None:
    """Do as many edits in a session without a window, and print what its memory grew by."""
    import gc

    import psutil
    from random_edits import RandomEdits

    with children.own_folders() as folder:
        from napari.components import ViewerModel

        from napari_labeltool.layers.workspace import Workspace
        from napari_labeltool.session import open_session

        path = project(folder / "project", coco_file("polygons", PLACES, images=1))
        session = open_session(path, author="tester")
        workspace = Workspace(session, ViewerModel())
        workspace.show_image(0)
        workspace.set_category(0)
        edit = RandomEdits(workspace, SIDE, None, bulk=50, seed=1)
        edit.run(200)
        gc.collect()
        before = psutil.Process().memory_info().rss
        edit.run(round(EDITS * part) * minutes)
        gc.collect()
        children.emit("history", (psutil.Process().memory_info().rss - before) / 1e6)
        session.close(discard=True)
        children.end()


def curve(samples: list[float]) -> str:
    """Return samples as lines of text: minute, MB, and a bar from the least to the most."""
    low, high = min(samples), max(samples)
    step = max(1, len(samples) // 30)
    lines = []
    for minute in range(0, len(samples), step):
        length = round((samples[minute] - low) / max(high - low, 1.0) * WIDTH)
        lines.append(f"{minute:4} min {samples[minute]:8.1f} MB |{'#' * length}")
    return "\n".join(lines)


def measure(quick: bool = False, minutes: int | None = None) -> list[Row]:
    """Return the row of the slope, with the curve as its detail."""
    minutes = minutes or (4 if quick else 60)
    count, part = (200, 0.05) if quick else (OBJECTS, 1.0)
    arguments = [str(minutes), str(count), str(part)]
    found = children.run("memory_curve.py", ["--child", *arguments], limit=2 * 3600)
    history = children.run("memory_curve.py", ["--headless", *arguments], limit=1800)
    title = f"memory over {minutes} minutes of work at {count:,} polygons"
    samples = found.get("samples", [])
    if len(samples) < 4 or "history" not in history:
        why = found.get(children.FAILURE) or history.get(children.FAILURE, "")
        return [row(title, "failed", met=False, detail=why)]
    late = samples[len(samples) // 3 :]
    slope = float(np.polyfit(np.arange(len(late)), late, 1)[0])
    alone = history["history"] / minutes
    allowed = alone + SLACK / 60
    detail = "\n".join(
        [
            curve(samples),
            f"slope after a third of the time: {slope * 1e3:.0f} kB a minute of work ({round(EDITS * part)} edits,"
            f" {round(MOVES * part)} camera moves, {SWITCHES} switches of the image)",
            f"the same number of edits with 64 objects and no window: {alone * 1e3:.0f} kB a minute",
            f"{found.get('steps', 0):,} edits, run in {found.get('seconds', 0):.0f} s",
            *([found[children.FAILURE]] if children.FAILURE in found else []),
        ]
    )
    return [
        row(
            title,
            f"{slope * 60:.1f} MB an hour after warm-up",
            peer=f"undo history alone: {alone * 60:.1f} MB an hour",
            bar=f"<= history + {SLACK:.0f} MB an hour",
            met=None if quick else slope <= allowed and children.FAILURE not in found,
            detail=detail,
        )
    ]


def main() -> None:
    """Measure, or be one of the processes that measure."""
    if sys.argv[1:2] == ["--child"]:
        run_window(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    elif sys.argv[1:2] == ["--headless"]:
        run_headless(int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    else:
        parser = argparse.ArgumentParser()
        parser.add_argument("--quick", action="store_true")
        parser.add_argument("--minutes", type=int)
        chosen = parser.parse_args()
        rows = measure(chosen.quick, chosen.minutes)
        print(table(rows), *(line["detail"] for line in rows), sep="\n\n")


if __name__ == "__main__":
    main()
