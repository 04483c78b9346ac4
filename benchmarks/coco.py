"""Reading, editing and writing COCO against pycocotools (and hotcoco, where it is installed), in the same run.

Each figure is taken in a process of its own: seconds of wall and processor time, and peak memory beyond the
imports.

    python benchmarks/coco.py [NUMBER OF POLYGONS]
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

VERTICES = 30


def make_file(path: Path, count: int) -> None:
    """Write a COCO file with many polygons of `VERTICES` vertices, about 660 bytes each."""
    rng = np.random.default_rng(0)
    angles = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    images = [{"id": i, "file_name": f"{i}.png", "width": 4096, "height": 4096} for i in range(1, 101)]
    categories = [{"id": i, "name": f"class {i}"} for i in range(1, 11)]
    with path.open("w") as file:
        file.write(
            f'{{"images": {json.dumps(images)}, "categories": {json.dumps(categories)}, "annotations": ['
        )
        for start in range(0, count, 10_000):
            n = min(10_000, count - start)
            centres = rng.uniform(50, 4000, (n, 1, 2))
            radii = rng.uniform(10, 40, (n, VERTICES, 1))
            points = (centres + radii * np.stack([np.cos(angles), np.sin(angles)], -1)).round(2)
            low, high = points.min(1), points.max(1)
            for k in range(n):
                record = {
                    "id": start + k + 1,
                    "image_id": (start + k) % 100 + 1,
                    "category_id": (start + k) % 10 + 1,
                    "segmentation": [points[k].ravel().tolist()],
                    "area": 1000.5,
                    "bbox": [*low[k].tolist(), *(high[k] - low[k]).round(2).tolist()],
                    "iscrowd": 0,
                }
                file.write((", " if start + k else "") + json.dumps(record))
        file.write("]}")


def read_ours(path: Path) -> Callable[[], object]:
    from napari_labeltool import read_coco

    return lambda: read_coco(path)


def hash_after_reading(path: Path) -> Callable[[], object]:
    from napari_labeltool import read_coco

    # a thread has begun to make it as the reading came to its end
    stamp = read_coco(path).source.stamp
    return lambda: stamp is not None and stamp.digest


def read_pycocotools(path: Path) -> Callable[[], object]:
    from pycocotools.coco import COCO

    return lambda: COCO(str(path))


def read_hotcoco(path: Path) -> Callable[[], object]:
    from hotcoco import COCO

    return lambda: COCO(str(path))


def write_after_one_edit(path: Path) -> Callable[[], object]:
    from napari_labeltool import edits, read_coco, write_coco

    dataset = read_coco(path)
    dataset.apply(edits.Relabel([1000], "class 2").ops(dataset))
    return lambda: write_coco(dataset, path.with_name("ours.json"), backup=False)


def write_unedited(path: Path) -> Callable[[], object]:
    from napari_labeltool import read_coco, write_coco

    dataset = read_coco(path)
    return lambda: write_coco(dataset, path.with_name("ours.json"), backup=False)


def copy_file(path: Path) -> Callable[[], object]:
    def copy() -> None:
        with path.open("rb") as source, path.with_name("copy.json").open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())

    return copy


TASKS = {
    "read, napari-labeltool": read_ours,
    "hash after reading": hash_after_reading,
    "read, pycocotools": read_pycocotools,
    "read, hotcoco": read_hotcoco,
    "write after one edit": write_after_one_edit,
    "write unedited": write_unedited,
    "plain copy with fsync": copy_file,
}


@dataclass(frozen=True)
class Figure:
    """What one run of a task took: seconds on the clock and of the processor, megabytes more at the peak."""

    wall: float
    cpu: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s, processor {self.cpu:.2f} s, {self.megabytes:.0f} MB"


RUNS = 5
"""Of each task, in turn, every other round backwards: what slows the machine slows all of them."""
ROUNDS_OF = {"read, pycocotools": (0, 2, 4)}
"""Rounds of a task that takes long; it has so many runs."""
HOW_OFTEN = f"the median of {RUNS} runs in turn, of {len(ROUNDS_OF['read, pycocotools'])} for pycocotools"


def figures(tasks: list[str], path: Path) -> dict[str, Figure]:
    """Run tasks in turn, each in a process of its own; return the median of each number."""
    found: dict[str, list[list[float]]] = {task: [] for task in tasks}
    for k in range(RUNS):
        for task in tasks[:: -1 if k % 2 else 1]:
            if k not in ROUNDS_OF.get(task, range(RUNS)):
                continue
            done = subprocess.run(
                [sys.executable, __file__, "--task", task, str(path)],
                check=True,
                capture_output=True,
                text=True,
            )
            found[task].append([float(word) for word in done.stdout.split()[-3:]])
    return {
        task: Figure(*(statistics.median(column) for column in zip(*rows, strict=True)))
        for task, rows in found.items()
    }


def run_task(task: str, path: Path) -> None:
    run = TASKS[task](path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, used = time.perf_counter(), time.process_time()
    result = run()
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    del result
    print(f"{seconds} {processor} {(after - before) / 1024}")


def run_edits(path: Path) -> None:
    """Print the seconds of edits of half of the annotations in a session with its journal, and bytes of memory."""
    from napari_labeltool import edits, open_session
    from napari_labeltool.widgets.class_counts import ClassCounts

    before = _resident()
    session = open_session(path)
    table = session.dataset.annotations
    session.statistics()
    counts = ClassCounts(session.dataset, 0)
    session.changed.connect(lambda event: counts.update(event.touched.annotations))
    table.rows_of_image(0)
    table.rows_of_ids([1])
    # the first edit writes it down; a person looks first, and it is a figure of its own
    stamp = session.dataset.source.stamp
    assert stamp is not None
    assert stamp.digest
    gc.collect()
    beyond = (_resident() - before - path.stat().st_size) / len(table)
    rows = edits.Rows(np.arange(0, len(table), 2))
    found: dict[str, list[float]] = {}
    for name, edit in (
        ("relabel", edits.Relabel(rows, "class 2")),
        ("set a status of", edits.SetStatus(rows, "approved")),
        ("set an attribute of", edits.SetAttributes(rows, {"seen": True})),
        ("delete", edits.DeleteObjects(rows)),
    ):
        times = []
        for step in (lambda edit=edit: session.apply(edit), session.undo):
            start = time.perf_counter()
            step()
            session.journal.flush()
            times.append(time.perf_counter() - start)
        found[name] = times
    session.close(discard=True)
    print(json.dumps({"bytes": beyond, "edits": found}))


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def measure(count: int = 1_000_000, *, quick: bool = False) -> list[dict[str, Any]]:
    """Return the rows of the table for a number of polygons: name, ours, peer, ratio, bar, met."""
    count = 2_000 if quick else count
    tasks = [task for task in TASKS if "hotcoco" not in task or importlib.util.find_spec("hotcoco")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "polygons.json"
        make_file(path, count)
        size = path.stat().st_size / 1e6
        results = figures(tasks, path)
        done = subprocess.run(
            [sys.executable, __file__, "--edits", str(path)], check=True, capture_output=True, text=True
        )
        edited = json.loads(done.stdout.splitlines()[-1])
    ours, copy = results["read, napari-labeltool"], results["plain copy with fsync"]
    peer = results["read, pycocotools"]
    what = f"{count:,} polygons of {VERTICES} vertices, {size:.0f} MB"
    rows = [
        _row(
            f"read {what}; pycocotools ({HOW_OFTEN})",
            ours,
            peer,
            peer.wall / ours.wall,
            ">= 10",
            peer.wall >= 10 * ours.wall,
        ),
        _row("the same, processor time", ours, peer, peer.cpu / ours.cpu, ">= 10", peer.cpu >= 10 * ours.cpu),
        _row(
            "the same, peak memory",
            ours,
            peer,
            peer.megabytes / max(ours.megabytes, 1),
            ">= 3",
            peer.megabytes >= 3 * ours.megabytes,
        ),
    ]
    other = results.get("read, hotcoco")
    if other is not None:
        rows.append(
            _row("the same; hotcoco", ours, other, other.wall / ours.wall, ">= 1", other.wall >= ours.wall)
        )
        rows.append(
            _row(
                "the same; hotcoco, processor time",
                ours,
                other,
                other.cpu / ours.cpu,
                ">= 1",
                other.cpu >= ours.cpu,
            )
        )
    rows.append(
        _row(
            "the hash of the file, which is not in the time of reading: a thread makes it behind that, the first "
            "edit and a save wait for it",
            results["hash after reading"],
            None,
            None,
            "",
            None,
        )
    )
    for task in ("write after one edit", "write unedited"):
        mine = results[task]
        rows.append(
            _row(
                f"{task}, with fsync; a plain copy",
                mine,
                copy,
                copy.wall / mine.wall,
                "time <= 3 x the copy",
                mine.wall <= 3 * copy.wall,
            )
        )
    for name, (seconds, undo) in edited["edits"].items():
        met = max(seconds, undo) <= 0.5 if count <= 1_000_000 else None
        words = f"{seconds:.3f} s, undo {undo:.3f} s"
        rows.append(_row(f"{name} {count // 2:,} as one step", words, None, None, "<= 0.5 s each", met))
    rows.append(
        _row(
            "memory beyond the bytes of the file, session and counts open",
            f"{edited['bytes']:.0f} bytes an annotation",
            None,
            None,
            "<= 250",
            edited["bytes"] <= 250,
        )
    )
    return rows


def _row(
    name: str, ours: object, peer: object, ratio: float | None, bar: str, met: bool | None
) -> dict[str, Any]:
    return {
        "name": name,
        "ours": str(ours),
        "peer": None if peer is None else str(peer),
        "ratio": None if ratio is None else round(ratio, 2),
        "bar": bar,
        "met": met,
    }


def main() -> None:
    if sys.argv[1:2] == ["--task"]:
        run_task(sys.argv[2], Path(sys.argv[3]))
        return
    if sys.argv[1:2] == ["--edits"]:
        run_edits(Path(sys.argv[2]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}; {HOW_OFTEN}\n")
    for row in measure(count):
        met = {True: "met", False: "NOT MET"}.get(row["met"], "")
        peer = "" if row["peer"] is None else f" | {row['peer']} | ratio {row['ratio']}"
        print(f"{row['name']}: {row['ours']}{peer} | {row['bar']} {met}")


if __name__ == "__main__":
    main()
