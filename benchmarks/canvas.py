"""The real napari window with up to a million objects in one image of 100,000 x 100,000 pixels.

First draw, pan and zoom, gestures, relabelling of half of all objects, memory; see `window` for how a lag is counted
and `gestures` for what is done. Beside it a plain Shapes layer of napari with 10,000 and 50,000 rectangles, which is
about as many as it takes.

    python benchmarks/canvas.py [--quick]                        all, as a table
    python benchmarks/canvas.py --case boxes 100000              one case, as JSON lines
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, Final

import children
import numpy as np
from rows import GESTURES, Row, high, milliseconds, row, table
from synthetic import SIDE, Kind, coco_file, project

COUNTS: Final = (1_000, 100_000, 1_000_000)
PEER_COUNTS: Final = (10_000, 50_000)
KINDS: Final[tuple[Kind, ...]] = ("boxes", "polygons")
REPETITIONS: Final = 20
LEVELS: Final = (1.0, 0.3, 0.1, 0.03, 0.01)
"""What the canvas shows of the picture's width on the camera's way in."""
LIMITS: Final = {"pan": (0.040, 0.070), "zoom": (0.040, 0.070)}
GESTURE_LIMIT: Final = 0.060
GROWTH_LIMIT: Final = 1.5
FIRST_DRAW_LIMIT: Final = 1.5
BULK_LIMIT: Final = 0.5
BYTES_LIMIT: Final = 250
EVER: Final = "first draw at the first start ever"


# -- in a process of its own -----------------------------------------------------------------------


def run_case(kind: Kind, count: int, repetitions: int) -> None:
    """Measure one document in the labeling window and print the figures; with no repetitions, the first draw alone."""
    document = coco_file(kind, count)
    with children.own_folders() as folder:
        _measure_document(document, folder, count, repetitions)


def _measure_document(document: Path, folder: Path, count: int, repetitions: int) -> None:
    from window import labeling_window, memory_mb, renderer

    from napari_labeltool.session import open_session
    from napari_labeltool.widgets.project import project_of

    with labeling_window() as window:
        children.emit("renderer", renderer(window))
        path = project(folder / "project", document)
        children.emit("file bytes", path.stat().st_size)
        before = memory_mb()
        start = time.perf_counter()
        session = open_session(path)
        children.emit("read", time.perf_counter() - start)
        start, draws = time.perf_counter(), len(window.draws)
        workspace = project_of(window.viewer).attach(session)
        attached = time.perf_counter() - start
        children.emit("attach", attached)
        seen = window.until_seen(min(count, 1_000) // 4)
        children.emit("first draw", attached + seen)
        children.emit("draws of it", sum(end - begin for begin, end in window.draws[draws:]))
        blocks = window.settle()
        children.emit("work after the first draw", sum(blocks))
        children.emit("canvas", window.size)
        if not repetitions:
            session.close(discard=True)
            children.end()
        for name, lags in _camera(window, workspace.dataset.annotations.bbox, quick=repetitions < 3).items():
            children.emit(name, [_figures(lag) for lag in lags])
        children.emit("redraw at the end of the path", window.redraw())
        children.emit("memory", (memory_mb() - before) * 1e6)
        _gestures(window, workspace, repetitions)
        _half(window, workspace)
        children.emit("memory after gestures", (memory_mb() - before) * 1e6)
        children.emit("done", True)
        session.close(discard=True)
        children.end()


def _figures(lag: Any) -> list[float]:
    return [lag.first, lag.later, lag.busy, lag.draw, lag.settled, lag.cpu]


def _camera(window: Any, boxes: Any, quick: bool) -> dict[str, list[Any]]:
    """Go from the entire picture to a screen pixel a pixel, where most objects are, and back."""
    heights, x_edges, y_edges = np.histogram2d(boxes[:, 0], boxes[:, 1], bins=50)
    densest = np.unravel_index(np.argmax(heights), heights.shape)
    target = np.array([y_edges[densest[1]] + 500, x_edges[densest[0]] + 500])
    width = window.size[1]
    found: dict[str, list[Any]] = {}
    pans, factor = (2, 1.8) if quick else (12, 1.25)
    zooms = [width / (level * SIDE) for level in LEVELS]
    center = np.array([SIDE / 2, SIDE / 2])
    for number, zoom in enumerate(zooms):
        center = target if number else center
        window.look_at(center, zoom)
        window.settle()
        step = np.array([0.05, 0.08]) * width / zoom
        level = f"{LEVELS[number] * SIDE:,.0f} px"
        for count in range(pans):
            center = center + step * (1 if count % 6 < 3 else -1)
            found.setdefault(f"pan at {level}", []).append(
                window.lag(lambda c=center, z=zoom: window.look_at(c, z))
            )
        if number + 1 < len(zooms):
            at = zoom
            while at * factor < zooms[number + 1]:
                at *= factor
                found.setdefault(f"zoom from {level}", []).append(
                    window.lag(lambda c=target, z=at: window.look_at(c, z))
                )
    at = zooms[-1]
    while at / factor > zooms[0]:
        at /= factor
        found.setdefault("zoom back out", []).append(window.lag(lambda z=at: window.look_at(target, z)))
    return found


def _gestures(window: Any, workspace: Any, repetitions: int) -> None:
    from gestures import OurGestures

    doing = OurGestures(window, workspace, SIDE)
    children.emit("redraw at the gestures", window.redraw())
    try:
        doing.run(repetitions)
    finally:
        for name, lags in doing.samples.items():
            children.emit(name, [_figures(lag) for lag in lags])
        for name, lags in doing.parts.items():
            children.emit(f"part {name}", [_figures(lag) for lag in lags])


def _half(window: Any, workspace: Any) -> None:
    """Relabel half of all objects by the key of a class while they are selected, and undo it."""
    from qtpy.QtCore import Qt
    from window import CONTROL

    table = workspace.dataset.annotations
    others = np.flatnonzero(table.alive & (table.category != 0) & (table.image == workspace.image))
    rows = others[: len(table.rows()) // 2]
    before = table.category.copy()
    lag = window.lag(lambda: workspace.select(rows.tolist()))
    children.emit("select half", _figures(lag))
    lag = window.lag(lambda: window.key(Qt.Key.Key_1))
    children.emit("relabel half", _figures(lag))
    if (table.category[rows] != 0).any():
        raise RuntimeError("relabel half: the key of the class had no effect on some of the selected objects")
    lag = window.lag(lambda: window.key(Qt.Key.Key_Z, CONTROL))
    children.emit("undo of it", _figures(lag))
    if not np.array_equal(table.category, before):
        raise RuntimeError("undo of relabelling half: the classes are not those before")
    workspace.select(())


def run_peer(count: int, repetitions: int) -> None:
    """Measure a plain Shapes layer with rectangles and print the figures."""
    with children.own_folders():
        import napari
        from gestures import PlainGestures
        from synthetic import boxes_xywh
        from window import Window, memory_mb

        viewer = napari.Viewer()
        window = Window(viewer)
        viewer.add_image(np.full((1, 1), 64, np.uint8), contrast_limits=(0, 255), scale=(SIDE, SIDE))
        window.settle()
        boxes = boxes_xywh(count)
        left, top, right, bottom = (*boxes[:, :2].T, *(boxes[:, :2] + boxes[:, 2:]).T)
        y, x = np.stack([top, top, bottom, bottom], 1), np.stack([left, right, right, left], 1)
        before, start = memory_mb(), time.perf_counter()
        layer = viewer.add_shapes(
            list(np.stack([y, x], -1) - 0.5),
            shape_type="rectangle",
            features={"category": [f"class {number % 10}" for number in range(count)]},
            edge_color="red",
            edge_width=2,
            face_color="transparent",
        )
        window.redraw(1)
        children.emit("first draw", time.perf_counter() - start)
        window.settle()
        children.emit("memory", (memory_mb() - before) * 1e6)
        doing = PlainGestures(window, layer, SIDE)
        children.emit("redraw at the gestures", window.redraw())
        try:
            doing.run(repetitions)
        finally:
            for name, lags in doing.samples.items():
                children.emit(name, [_figures(lag) for lag in lags])
        children.emit("done", True)
        children.end()


# -- the table -------------------------------------------------------------------------------------


def measure(quick: bool = False) -> list[Row]:
    """Measure everything and return the rows of the table; `quick` takes 200 objects instead of a million."""
    counts = (200, 400) if quick else COUNTS
    peers = (200,) if quick else PEER_COUNTS
    repetitions = 1 if quick else REPETITIONS
    rows: list[Row] = []
    plain: dict[int, dict[str, Any]] = {}
    for kind in KINDS[:1] if quick else KINDS:
        with children.driver_cache():
            first = children.run("canvas.py", ["--case", kind, str(max(counts)), "0"])
            options = str(min(repetitions, 6))
            plain = plain or {n: children.run("canvas.py", ["--peer", str(n), options]) for n in peers}
            cases = {
                count: children.run("canvas.py", ["--case", kind, str(count), str(repetitions)], limit=1800)
                for count in counts
            }
        cases[max(counts)][EVER] = first.get("first draw", np.nan)
        rows += _rows_of_kind(kind, cases, plain)
    return rows


def _rows_of_kind(
    kind: Kind, cases: dict[int, dict[str, Any]], plain: dict[int, dict[str, Any]]
) -> list[Row]:
    rows: list[Row] = []
    for count, found in cases.items():
        if children.FAILURE in found:
            rows.append(row(f"{count:,} {kind}", "failed", met=False, detail=found[children.FAILURE]))
    largest = max(cases)
    found, name = cases[largest], f"{largest:,} {kind}"
    if "first draw" in found:
        rows.append(_first_draw(name, found, plain))
    rows += [_camera_row(verb, name, found) for verb in ("pan", "zoom") if any(_steps(found, verb))]
    rows += [line for gesture in GESTURES for line in _gesture_rows(gesture, kind, cases, plain)]
    for key, words in (("relabel half", "relabel {} at once"), ("undo of it", "undo that of {}")):
        if key in found:
            first, later, *_ = found[key]
            seconds = max(first, later)
            title = f"{words.format(f'{largest // 2:,}')} of {name}"
            rows.append(row(title, f"{seconds:.2f} s", bar=f"<= {BULK_LIMIT} s", met=seconds <= BULK_LIMIT))
    rows += _memory_rows(kind, cases, plain)
    return rows


def _first_draw(name: str, found: dict[str, Any], plain: dict[int, dict[str, Any]]) -> Row:
    seconds = found["first draw"]
    peer = [
        f"{count:,}: {figures['first draw']:.1f} s"
        for count, figures in plain.items()
        if "first draw" in figures
    ]
    return row(
        f"first draw of {name} after reading",
        f"{seconds:.2f} s; {found[EVER]:.2f} s at the first start ever on a machine",
        peer="; ".join(peer),
        bar=f"<= {FIRST_DRAW_LIMIT} s",
        met=seconds <= FIRST_DRAW_LIMIT,
        detail=f"read {found['read']:.2f} s; then: attach to the window {found['attach']:.2f} s, of all the draws"
        f" {found['draws of it']:.2f} s; work after the first draw {found['work after the first draw']:.2f} s;"
        f" canvas {found['canvas'][1]} x {found['canvas'][0]} screen pixels",
    )


def _steps(found: dict[str, Any], verb: str) -> list[list[float]]:
    return [lag for key, lags in found.items() if key.startswith(verb + " ") for lag in lags]


def _camera_row(verb: str, name: str, found: dict[str, Any]) -> Row:
    """Return the row of pan or zoom: all work of a step until the window settled."""
    steps = np.array(_steps(found, verb))
    busy = steps[:, 2]
    middle, top = float(np.median(busy)), high(busy)
    limits = LIMITS[verb]
    redraw = np.median(found.get("redraw at the end of the path", [np.nan]))
    lines = [
        f"{'':26}{'all work':>16}{'its draws':>16}{'first picture':>16}{'last picture':>16}"
        f"{'processor':>16}   (median / 95th)",
        *(
            f"{key:26}"
            + "".join(f"{milliseconds([lag[part] for lag in lags]):>16}" for part in (2, 3, 0, 4, 5))
            for key, lags in found.items()
            if key.startswith(verb + " ")
        ),
        f"a draw with nothing changed, at the end of the path: {redraw * 1e3:.0f} ms",
    ]
    return row(
        f"{verb}, {name}, median / 95th percentile",
        f"{milliseconds(busy)}, of which draw {milliseconds(steps[:, 3])}",
        bar=f"<= {limits[0] * 1e3:.0f} / {limits[1] * 1e3:.0f} ms",
        met=middle <= limits[0] and top <= limits[1],
        detail="\n".join(lines),
    )


def _seconds(lags: list[list[float]]) -> list[float]:
    return [max(first, later) for first, later, *_ in lags]


def _gesture_rows(
    gesture: str, kind: Kind, cases: dict[int, dict[str, Any]], plain: dict[int, dict[str, Any]]
) -> list[Row]:
    """Return the rows of one gesture: one for each number of objects."""
    rows = []
    peers = {
        count: high(_seconds(figures[gesture])) for count, figures in plain.items() if figures.get(gesture)
    }
    words = "; ".join(f"{count:,}: {seconds * 1e3:.0f} ms" for count, seconds in peers.items())
    smallest = min(cases)
    base = high(_seconds(cases[smallest][gesture])) if cases[smallest].get(gesture) else None
    for count, found in cases.items():
        if not found.get(gesture):
            continue
        lags = found[gesture]
        top = high(_seconds(lags))
        growth = None if base is None or count == smallest else top / base
        bar, met = f"<= {GESTURE_LIMIT * 1e3:.0f} ms", top <= GESTURE_LIMIT
        if count == max(cases) and growth is not None:
            bar += f", <= {GROWTH_LIMIT} x {smallest:,}"
            met = met and growth <= GROWTH_LIMIT
        draw = np.median([lag[3] for lag in lags]) * 1e3
        redraw = np.median(found["redraw at the gestures"]) * 1e3
        more = "" if growth is None else f", {growth:.2f} x {smallest:,}"
        rows.append(
            row(
                f"{gesture}, {count:,} {kind}, 95th percentile",
                f"{top * 1e3:.0f} ms{more}",
                peer=words or "not there in napari",
                ratio=max(peers.values()) / top if peers else None,
                bar=bar,
                met=met,
                detail=_gesture_detail(gesture, found, lags, draw, redraw) if count == max(cases) else "",
            )
        )
    return rows


def _gesture_detail(
    gesture: str, found: dict[str, Any], lags: list[list[float]], draw: float, redraw: float
) -> str:
    parts = [
        f"  {key.removeprefix('part '):32} {milliseconds(_seconds(values)):>16}"
        for key, values in found.items()
        if key.startswith(f"part {gesture.removesuffix(' step')}")
    ]
    return "\n".join(
        [
            f"median {np.median(_seconds(lags)) * 1e3:.0f} ms; its draws {draw:.0f} ms;"
            f" a draw with nothing changed {redraw:.0f} ms;"
            f" processor time until the first draw {np.median([lag[5] for lag in lags]) * 1e3:.0f} ms;"
            f" later block of work, 95th percentile {high([lag[1] for lag in lags]) * 1e3:.0f} ms",
            *parts,
        ]
    )


def _memory_rows(kind: Kind, cases: dict[int, dict[str, Any]], plain: dict[int, dict[str, Any]]) -> list[Row]:
    """Return the row of memory: what the largest document takes beyond its bytes, less what the smallest one does."""
    small, large = min(cases), max(cases)
    if "memory" not in cases[small] or "memory" not in cases[large]:
        return []

    def beyond(count: int) -> float:
        return float(cases[count]["memory"] - cases[count]["file bytes"])

    each = (beyond(large) - beyond(small)) / (large - small)
    peer = {count: figures["memory"] / count for count, figures in plain.items() if "memory" in figures}
    worst = cases[large].get("memory after gestures")
    return [
        row(
            f"memory beyond the file's bytes, {large:,} {kind}",
            f"{each:.0f} bytes each",
            peer="; ".join(f"{count:,}: {value:,.0f} bytes each" for count, value in peer.items()),
            ratio=max(peer.values()) / each if peer and each > 0 else None,
            bar=f"<= {BYTES_LIMIT} bytes each",
            met=each <= BYTES_LIMIT,
            detail=f"resident memory beyond that of the empty window: {cases[large]['memory'] / 1e6:.0f} MB with"
            f" {large:,}, {cases[small]['memory'] / 1e6:.0f} MB with {small:,}; file"
            f" {cases[large]['file bytes'] / 1e6:.0f} MB"
            + ("" if worst is None else f"; after all gestures {worst / 1e6:.0f} MB"),
        )
    ]


def main() -> None:
    """Measure, or be one of the processes that measure."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["--case"]:
        run_case(arguments[1], int(arguments[2]), int((arguments[3:] or [REPETITIONS])[0]))  # type: ignore[arg-type]
    elif arguments[:1] == ["--peer"]:
        run_peer(int(arguments[1]), int((arguments[2:] or [6])[0]))
    else:
        print(table(measure(quick="--quick" in arguments)))


if __name__ == "__main__":
    main()
