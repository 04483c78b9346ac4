"""Reading and writing COCO against pycocotools (and hotcoco, where it is installed), in the same run.

Each figure is taken in a process of its own: seconds of wall time, and peak memory beyond the imports.

    python benchmarks/coco.py [NUMBER OF POLYGONS]
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

VERTICES = 30


def make_file(path: Path, count: int) -> None:
    """Write a COCO file with many polygons of `VERTICES` vertices, about 480 bytes each."""
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
    "read, pycocotools": read_pycocotools,
    "read, hotcoco": read_hotcoco,
    "write after one edit": write_after_one_edit,
    "write unedited": write_unedited,
    "plain copy with fsync": copy_file,
}


def measure(task: str, path: Path) -> tuple[float, float]:
    """Run one task in a process of its own; return its seconds and its peak memory in MB."""
    done = subprocess.run(
        [sys.executable, __file__, "--task", task, str(path)], check=True, capture_output=True, text=True
    )
    seconds, megabytes = done.stdout.split()[-2:]
    return float(seconds), float(megabytes)


def run_task(task: str, path: Path) -> None:
    run = TASKS[task](path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    run()
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{seconds} {(after - before) / 1024}")


def main() -> None:
    if sys.argv[1:2] == ["--task"]:
        run_task(sys.argv[2], Path(sys.argv[3]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    tasks = [task for task in TASKS if "hotcoco" not in task or importlib.util.find_spec("hotcoco")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "polygons.json"
        make_file(path, count)
        size = path.stat().st_size / 1e6
        results = {task: min(measure(task, path) for _ in range(3)) for task in tasks}
    print(f"{date.today()}, {platform.machine()}, Python {platform.python_version()}")
    print(f"{count:,} polygons of {VERTICES} vertices, {size:.0f} MB; the best of three runs\n")
    print(f"{'':26} {'seconds':>8} {'MB':>7}   ratio")
    ours, copy = results["read, napari-labeltool"], results["plain copy with fsync"]
    for task, (seconds, megabytes) in results.items():
        if task.startswith("read"):
            ratio = f"{seconds / ours[0]:.2f} x our time, {megabytes / max(ours[1], 1):.2f} x our memory"
        else:
            ratio = f"{seconds / copy[0]:.2f} x a plain copy"
        print(f"{task:26} {seconds:8.2f} {megabytes:7.0f}   {ratio}")


if __name__ == "__main__":
    main()
