"""Painting masks on a picture of 100,000 x 100,000 pixels, beside a plain Labels layer of napari.

Ours is the dock's masks layer on documents with few and with many masks, for a class of objects and for one of areas;
the peer is a plain int32 Labels layer of 4,096 x 4,096 pixels, which is as large as one comfortably gets. Both paint
with the same mouse events at the same zoom, at one screen pixel for one pixel with a brush of 40 pixels. A step of a
stroke is one move of the mouse. What is judged is the processor time of the thread of the window, from the event to
the end of the draw that follows, which other programs on the machine do not change; the time on the wall stands below
the table (`window.Lag`), with the threads of software OpenGL in it.

    python benchmarks/masks.py
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import children
import numpy as np
from rows import Row, high, milliseconds, row, table
from window import Lag, Window

SIDE: Final = 100_000
PEER_SIDE: Final = 4_096
BRUSH: Final = 40
LIMIT: Final = 0.030
"""Seconds that a step may take, 95th percentile."""
GESTURES: Final = ("paint step", "end of stroke", "erase step", "end of erasing", "polygon", "fill", "undo")
CASES: Final = (("objects", 10_000), ("objects", 1_000_000), ("areas", 10_000))


def write_document(path: Path, count: int) -> None:
    """Write a document of discs of pixels all over the picture, and three classes, one of them of areas."""
    from napari_labeltool.core.rle import Rle
    from napari_labeltool.core.rle_codec import encode_counts

    rng = np.random.default_rng(0)
    y, x = np.mgrid[-6:7, -6:7]
    disc = Rle.from_mask(np.hypot(y, x) <= 6, height=SIDE, width=SIDE)
    head = {
        "images": [{"id": 1, "file_name": "none.png", "height": SIDE, "width": SIDE}],
        "categories": [{"id": 1, "name": "nucleus"}, {"id": 2, "name": "tissue", "isthing": 0}],
    }
    with path.open("w") as file:
        file.write(json.dumps(head)[:-1] + ', "annotations": [')
        for number, (top, left) in enumerate(rng.integers(0, SIDE - 13, (count, 2)).tolist()):
            counts = disc.counts.copy()
            counts[0] += left * SIDE + top
            counts[-1] -= left * SIDE + top
            record = {
                "id": number + 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": disc.area,
                "bbox": [left, top, 13, 13],
                "segmentation": {"size": [SIDE, SIDE], "counts": encode_counts(counts)},
            }  # fmt: skip
            file.write((", " if number else "") + json.dumps(record))
        file.write("]}")


# -- in a process of its own


class CountingWindow(Window):
    """A window that also tells what each event costs the thread of the window.

    Attributes
    ----------
    costs
        Of each event: seconds on the wall until the first draw, processor time of the event alone, and until the end
        of the first draw.
    """

    def __init__(self, viewer: Any) -> None:
        self._drawn: float | None = None
        super().__init__(viewer)
        self.costs: list[tuple[float, float, float]] = []

    def _on_draw_ends(self, event: Any) -> None:
        super()._on_draw_ends(event)
        if self._drawn is None:
            self._drawn = time.thread_time()

    def lag(self, action: Callable[[], object]) -> Lag:
        """Do something to the window and tell what it cost."""
        ended = 0.0

        def timed() -> None:
            nonlocal ended
            self._drawn = None
            action()
            ended = time.thread_time()

        began = time.thread_time()
        lag = super().lag(timed)
        drawn = ended if self._drawn is None else max(self._drawn, ended)
        self.costs.append((lag.first, ended - began, drawn - began))
        return lag

    def take(self) -> list[tuple[float, float, float]]:
        """Return the costs since the last time."""
        costs, self.costs = self.costs, []
        return costs


def run_case(what: str, count: int, repetitions: int) -> None:
    """Paint with the dock on a document of many masks."""
    from window import labeling_window

    from napari_labeltool.session import open_session
    from napari_labeltool.widgets.project import project_of

    with children.own_folders(), tempfile.TemporaryDirectory() as folder, labeling_window() as opened:
        window = CountingWindow(opened.viewer)
        path = Path(folder) / "masks.json"
        write_document(path, count)
        session = open_session(path)
        workspace = project_of(window.viewer).attach(session)
        workspace.set_category(1 if what == "areas" else 0)
        window.look_at((SIDE / 2, SIDE / 2), 1.0)
        workspace.set_tool("mask")
        layer = workspace.masks.layer
        origin = np.array(workspace.masks.view.window[:2])

        def between() -> None:
            workspace.masks.new_instance()

        _paint(window, layer, np.array([SIDE / 2, SIDE / 2]), origin, between, workspace.undo, repetitions)
        for number in range(2 * repetitions):
            place = (SIDE / 2 + 1_500 * (number + 1), SIDE / 2)
            window.lag(lambda at=place: window.look_at(at, 1.0))
        children.emit("window move", window.take())
        children.end()


def run_peer(repetitions: int) -> None:
    """Paint on a plain Labels layer."""
    import napari

    with children.own_folders():
        viewer = napari.Viewer()
        layer = viewer.add_labels(np.zeros((PEER_SIDE, PEER_SIDE), np.int32))
        window = CountingWindow(viewer)
        middle = np.array([PEER_SIDE / 2, PEER_SIDE / 2])
        window.look_at(middle, 1.0)
        layer.mode = "paint"

        def between() -> None:
            layer.selected_label += 1

        _paint(window, layer, middle, np.zeros(2), between, layer.undo, repetitions)
        children.end()


def _paint(
    window: Any, layer: Any, middle: Any, origin: Any, between: Any, undo: Any, repetitions: int
) -> None:
    found: dict[str, list[Any]] = {name: [] for name in GESTURES}
    layer.brush_size = BRUSH
    window.settle()
    angles = np.linspace(0, 2 * np.pi, 50, endpoint=False)
    for number in range(repetitions + 1):
        between()
        y, x = middle + np.array([-250 + 60 * (number % 6), -300 + 7 * number])
        layer.mode = "paint"
        window.take()
        window.timed_drag(window.point(y, x), window.point(y + 15, x + 160), 8)
        layer.mode = "erase"
        painted = window.take()
        window.timed_drag(window.point(y, x + 10), window.point(y + 15, x + 90), 8)
        erased = window.take()
        layer.mode = "paint"
        between()
        label, place = layer.selected_label, np.array([y, x]) - origin + np.array([200, 300])
        ring = place + 60 * np.stack([np.sin(angles), np.cos(angles)], axis=1)
        window.settle(0.05)
        window.lag(lambda ring=ring, label=label: layer.paint_polygon(ring, label))
        layer.mode = "erase"
        window.settle(0.05)
        window.lag(lambda place=place: layer.fill(tuple(place), 0))
        layer.mode = "paint"
        window.settle(0.05)
        window.lag(undo)
        if not number:
            continue  # the first of each imports and compiles
        found["paint step"] += painted[:-1]
        found["end of stroke"].append(painted[-1])
        found["erase step"] += erased[:-1]
        found["end of erasing"].append(erased[-1])
        for name, cost in zip(("polygon", "fill", "undo"), window.take()):
            found[name].append(cost)
    for name, costs in found.items():
        children.emit(name, costs)


# -- the table


def measure(quick: bool = False) -> list[Row]:
    """Measure everything and return the rows of the table; `quick` takes few masks."""
    repetitions = 1 if quick else 12
    peer = children.run("masks.py", ["--peer", str(repetitions)])
    rows: list[Row] = []
    for what, count in (("objects", 200), ("areas", 200)) if quick else CASES:
        found = children.run("masks.py", ["--case", what, str(count), str(repetitions)])
        title = f"{what}, {count:,} masks on {SIDE:,}^2"
        if children.FAILURE in found:
            rows.append(row(title, "failed", met=False, detail=found[children.FAILURE]))
        rows += [
            _gesture_row(f"{name}, {title}", found[name], peer.get(name))
            for name in (*GESTURES, "window move")
            if name in found
        ]
    return [*rows, _saved_row(200 if quick else 10_000), _memory_row()]


def _gesture_row(name: str, ours: list[list[float]], peer: list[list[float]] | None) -> Row:
    wall, event, drawn = [list(values) for values in zip(*ours)]
    judged = not name.startswith(("undo", "window move"))
    plain = [list(values) for values in zip(*peer)] if peer else None
    return row(
        f"{name}: median / 95th percentile",
        f"{milliseconds(drawn)} with the draw, {milliseconds(event)} without",
        peer=f"{milliseconds(plain[2])}, {milliseconds(plain[1])}" if plain else None,
        ratio=high(plain[2]) / high(drawn) if plain else None,
        bar=f"<= {1e3 * LIMIT:.0f} ms" if judged else None,
        met=high(drawn) <= LIMIT if judged else None,
        detail=f"on the wall: {milliseconds(wall)}" + (f"; peer: {milliseconds(plain[0])}" if plain else ""),
    )


def _saved_row(count: int) -> Row:
    from napari_labeltool import read_coco, write_coco
    from napari_labeltool.core.edits import AddObject, Rows
    from napari_labeltool.core.geometry import Mask
    from napari_labeltool.core.rle import Rle

    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "masks.json"
        write_document(path, 1)
        dataset = read_coco(path)
        masks = []
        for top, left in rng.integers(0, SIDE - 60, (count, 2)).tolist():
            pixels = rng.random((40, 50)) < 0.8
            masks.append(Rle.from_mask(pixels, height=SIDE, width=SIDE, offset_yx=(top, left)))
            dataset.apply(AddObject(Rows([0]), Rows([0]), Mask(masks[-1])).ops(dataset))
        start = time.perf_counter()
        write_coco(dataset, path)
        written = time.perf_counter() - start
        start = time.perf_counter()
        again = read_coco(path)
        equal = all(again.rle(number + 1) == mask for number, mask in enumerate(masks))
        read = time.perf_counter() - start
    return row(
        f"{count:,} masks on {SIDE:,}^2 saved and reopened",
        f"{'equal' if equal else 'different'}; written in {written:.2f} s, read and decoded in {read:.2f} s",
        bar="equal",
        met=equal,
    )


def _memory_row() -> Row:
    """Paint discs of an area over the picture, and see what each adds."""
    from napari_labeltool import read_coco
    from napari_labeltool.core.rle import Rle
    from napari_labeltool.core.semantic import PaintAreas

    y, x = np.mgrid[-100:101, -100:101]
    disc = np.hypot(y, x) <= 100
    rng = np.random.default_rng(2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "masks.json"
        write_document(path, 1)
        dataset = read_coco(path)
        tracemalloc.start()
        kept = [tracemalloc.get_traced_memory()[0]]
        for _ in range(2):
            for top, left in rng.integers(0, SIDE - 201, (100, 2)).tolist():
                rle = Rle.from_mask(disc, height=SIDE, width=SIDE, offset_yx=(top, left))
                dataset.apply(PaintAreas(1, [("tissue", rle)]).ops(dataset))
            kept.append(tracemalloc.get_traced_memory()[0])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    per_disc = [(after - before) / 100 for before, after in pairwise(kept)]
    steady = per_disc[1] <= 1.5 * per_disc[0] and peak < 50e6
    return row(
        f"memory of an area on {SIDE:,}^2, for each disc of {int(disc.sum()):,} pixels that is painted",
        f"{per_disc[0]:,.0f}, then {per_disc[1]:,.0f} bytes; peak {peak / 1e6:.1f} MB",
        peer=f"{SIDE * SIDE / 1e9:.0f} GB as one array of bytes",
        bar="grows with the painted area only",
        met=steady,
    )


def main() -> None:
    """Run a child, or print the table."""
    match sys.argv[1:]:
        case ["--case", what, count, repetitions]:
            run_case(what, int(count), int(repetitions))
        case ["--peer", repetitions]:
            run_peer(int(repetitions))
        case arguments:
            print(table(measure(quick="--quick" in arguments)))


if __name__ == "__main__":
    main()
