"""Memory over an hour of simulated work: camera moves, edits with undo, and image switches in the real window.

The work is done in rounds. Every round is the same amount of work and ends with the same view; then the resident
memory is sampled, as it is and once more after the allocator gave back what it keeps free (`window.held_mb`). From the
third of the rounds on (until then caches fill) a straight line is laid through the samples; the latter are judged,
for the former go up and down by more than an hour's growth that would matter. What edits leave
behind on purpose is their undo history, and the records that they changed or added. How much that is, is measured: each
step of the window is written down, and done again in a session of the same document without a window, whose memory is
sampled after the same rounds. The slope of the window must stay below the slope of that session and a little more.

    python benchmarks/memory_curve.py [--quick] [--minutes N]

One minute stands for 333 camera moves, 83 edits and 4 switches, so sixty are 20,000 moves and 5,000 edits.
"""

from __future__ import annotations

import argparse
import contextlib
import pickle
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Final

import children
import numpy as np
from rows import Row, row, table
from synthetic import SIDE, coco_file, project

MOVES: Final = 333
EDITS: Final = 83
SWITCHES: Final = 4
OBJECTS: Final = 100_000
IMAGES: Final = 3
SLACK: Final = 3.0
"""MB in an hour beyond what the edits take without a window."""
WIDTH: Final = 60


def run_window(steps: Path, minutes: int, count: int, part: float) -> None:
    """Work in the window and print the memory after every minute of it; `part` of the moves and edits are done.

    What is done to the document is written to the file `steps`, with None after each minute.
    """
    with children.own_folders() as folder, steps.open("wb") as file:
        _work(_document(folder, count), file, minutes, part)
        children.end()


def _document(folder: Path, count: int) -> Path:
    return project(folder / "project", coco_file("polygons", count, images=IMAGES))


def _work(path: Path, steps: IO[bytes], minutes: int, part: float) -> None:
    from random_edits import RandomEdits, watch_steps
    from window import held_mb, labeling_window, memory_mb

    from napari_labeltool.session import open_session
    from napari_labeltool.widgets.project import project_of

    with labeling_window() as window:
        session = open_session(path, author="tester")
        watch_steps(session, lambda step: pickle.dump(step, steps))
        workspace = project_of(window.viewer).attach(session)
        window.settle()
        rng = np.random.default_rng(0)
        edit = RandomEdits(workspace, SIDE, None, bulk=50, seed=1)
        width = window.size[1]
        start = time.perf_counter()
        counted, samples = [memory_mb()], [held_mb()]
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
            window.look_at((SIDE / 2, SIDE / 2), width / SIDE)
            window.redraw(1)
            window.settle(0.05)
            pickle.dump(None, steps)
            steps.flush()
            window.draws.clear()  # the stopwatch's own, 112 bytes for each of 25,000 an hour
            counted.append(memory_mb())
            samples.append(held_mb())
            children.emit("samples", samples)
            children.emit("counted", counted)
        children.emit("seconds", time.perf_counter() - start)
        children.emit("steps", sum(edit.counts.values()))
        session.save()  # the window is closed with it open


def run_alone(steps: Path, count: int) -> None:
    """Do steps that were written down in a session without a window, and print its memory after every minute."""
    from random_edits import do_step
    from window import held_mb

    from napari_labeltool.session import open_session

    with children.own_folders() as folder, steps.open("rb") as file:
        session = open_session(_document(folder, count), author="tester")
        samples = [held_mb()]
        with contextlib.suppress(EOFError):
            while True:
                step = pickle.load(file)
                if step is None:
                    samples.append(held_mb())
                    children.emit("samples", samples)
                else:
                    do_step(session, step)
        session.close(discard=True)
        children.end()


def slope_of(samples: list[float]) -> float:
    """Return by how many MB a minute samples grow after a third of the time."""
    late = samples[len(samples) // 3 :]
    return float(np.polyfit(np.arange(len(late)), late, 1)[0])


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
    with tempfile.TemporaryDirectory(prefix="napari-labeltool-steps-") as folder:
        steps = str(Path(folder) / "steps")
        found = children.run(
            "memory_curve.py", ["--child", steps, str(minutes), str(count), str(part)], limit=2 * 3600
        )
        alone = children.run("memory_curve.py", ["--alone", steps, str(count)], limit=1800)
    title = f"memory over {minutes} minutes of work at {count:,} polygons"
    counted = found.get("counted", [])
    samples, samples_alone = found.get("samples", []), alone.get("samples", [])
    failures = [figures[children.FAILURE] for figures in (found, alone) if children.FAILURE in figures]
    if len(samples) < 4 or len(samples_alone) != len(samples):
        return [row(title, "failed", met=False, detail="\n".join(failures))]
    slope, slope_alone = slope_of(samples), slope_of(samples_alone)
    detail = "\n".join(
        [
            curve(samples),
            f"slope after a third of the time: {slope * 1e3:.0f} kB a minute of work ({round(EDITS * part)} edits,"
            f" {round(MOVES * part)} camera moves, {SWITCHES} switches of the image)",
            "before the allocator gave back what it keeps free:",
            curve(counted),
            f"slope after a third of the time: {slope_of(counted) * 1e3:.0f} kB a minute",
            "the same steps in a session of the same document without a window:",
            curve(samples_alone),
            f"slope after a third of the time: {slope_alone * 1e3:.0f} kB a minute",
            f"{found.get('steps', 0):,} edits, run in {found.get('seconds', 0):.0f} s",
            *failures,
        ]
    )
    return [
        row(
            title,
            f"{slope * 60:.1f} MB an hour after warm-up",
            peer=f"the same edits without a window: {slope_alone * 60:.1f} MB an hour",
            bar=f"<= those edits + {SLACK:.0f} MB an hour",
            met=None if quick else slope <= slope_alone + SLACK / 60 and not failures,
            detail=detail,
        )
    ]


def main() -> None:
    """Measure, or be one of the processes that measure."""
    if sys.argv[1:2] == ["--child"]:
        run_window(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
    elif sys.argv[1:2] == ["--alone"]:
        run_alone(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        parser = argparse.ArgumentParser()
        parser.add_argument("--quick", action="store_true")
        parser.add_argument("--minutes", type=int)
        chosen = parser.parse_args()
        rows = measure(chosen.quick, chosen.minutes)
        print(table(rows), *(line["detail"] for line in rows), sep="\n\n")


if __name__ == "__main__":
    main()
