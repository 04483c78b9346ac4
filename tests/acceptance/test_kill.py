"""A napari that is killed in the middle of drawing: every finished edit is there when the file is opened again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile

import napari_labeltool as nl

pytestmark = pytest.mark.window

SCRIPT = Path(__file__).with_name("boxes_until_killed.py")
START_SECONDS = 90
SEEDS = (1, 2, 3)


def write_project(folder: Path) -> Path:
    """Write a picture and a COCO file with one box."""
    tifffile.imwrite(folder / "cells.tif", np.full((300, 300), 60, np.uint8))
    document = {
        "images": [{"id": 1, "file_name": "cells.tif", "width": 300, "height": 300}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [280, 280, 9.50, 9], "mine": 1}],
        "categories": [{"id": 1, "name": "cell"}],
    }
    path = folder / "cells.json"
    path.write_text(json.dumps(document))
    return path


def draw_and_kill(path: Path, chance: random.Random) -> int:
    """Let a process draw boxes, kill it at some moment, and return how many edits it said were finished."""
    log = path.with_suffix(".log")
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(path)], stdout=subprocess.PIPE, stderr=errors, text=True
        )
    assert process.stdout is not None
    too_long = threading.Timer(START_SECONDS, process.kill)
    too_long.start()
    said = [process.stdout.readline() for _ in range(chance.randint(2, 25))]
    too_long.cancel()
    if said[0] != "ready\n" or not said[-1]:
        process.kill()
        process.communicate()
        pytest.fail(f"the process that draws ended by itself: {log.read_text()[-2000:]}")
    time.sleep(chance.uniform(0, 0.4))
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate()
    said += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    return int(said[-1])


@pytest.mark.parametrize("seed", SEEDS)
def test_every_finished_box_is_restored_after_kill_9(tmp_path: Path, seed: int) -> None:
    path = write_project(tmp_path)
    original = path.read_bytes()
    finished = draw_and_kill(path, random.Random(seed))
    assert path.read_bytes() == original
    session = nl.open_session(path, recover="yes")
    restored = session.dirty
    assert session.notices == []
    assert finished <= restored <= finished + 1
    assert finished > 0
    boxes = [session.dataset.annotation(int(row))["bbox"] for row in session.dataset.annotations.rows()]
    assert len(boxes) == 1 + restored
    assert all(np.allclose(box[2:], (12, 11), atol=1.5) for box in boxes[1:])
    session.save()
    assert len(json.loads(path.read_bytes())["annotations"]) == 1 + restored
    for _ in range(restored):
        session.undo()
    assert not session.dataset.is_changed()
    session.save()
    assert path.read_bytes() == original
    session.close()
    print(f"killed: {finished} edits finished, {restored} restored")
