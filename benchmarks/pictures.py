"""Opening large pictures: a pyramid beside napari's own reader, and a flat one while its levels are made.

``python benchmarks/pictures.py`` prints the rows; `measure` returns them. Each figure is from a process of its own.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final

import children
import numpy as np
import rows
import tifffile

SIDE: Final = 20_480
_QUICK_SIDE: Final = 9_216
_BAR_RATIO, _BAR_MEMORY, _BAR_DRAW, _BAR_LAG = 10.0, 150.0, 2.0, 0.050


def measure(quick: bool = False) -> list[rows.Row]:
    """Measure everything, or (`quick`) with pictures of 9,216 x 9,216; they are made in a temporary folder first."""
    side = _QUICK_SIDE if quick else SIDE
    with tempfile.TemporaryDirectory(prefix="labeltool-pictures-") as name:
        folder = Path(name)
        found = [_opening(_pyramid(folder, side))]
        for title, options in _FLAT.items():
            found += _flat(title, _write_flat(folder, side, options))
        return found


# -- the pictures
def _tissue(side: int) -> Any:
    """Return (1024, 1024, 3) pixels with structure and a little noise, to be repeated."""
    generator = np.random.default_rng(5)
    y, x = np.mgrid[:1024, :1024] / 1024 * 2 * np.pi
    base = 150 + 60 * np.sin(3 * x) * np.cos(5 * y) + 20 * np.sin(40 * x + 30 * y)
    pixels = base[..., None] + np.array([30, -20, 20]) + generator.normal(0, 4, (1024, 1024, 3))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def _pyramid(folder: Path, side: int) -> Path:
    path = folder / "pyramid.ome.tif"
    tile = _tissue(side)
    options: dict[str, Any] = {"photometric": "rgb", "tile": (256, 256), "compression": "zlib"}
    sides = [side >> level for level in range(6)]
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for level, length in enumerate(sides):
            step = 2**level
            block = np.ascontiguousarray(tile[::step, ::step])
            count = -(-length // len(block))
            data = np.tile(block, (count, count, 1))[:length, :length]
            if level == 0:
                sizes = {"PhysicalSizeX": 0.25, "PhysicalSizeY": 0.25}
                writer.write(data, subifds=len(sides) - 1, metadata={"axes": "YXS", **sizes}, **options)
            else:
                writer.write(data, subfiletype=1, **options)
    return path


_FLAT: Final[dict[str, dict[str, Any]]] = {
    "uncompressed strips": {},
    "deflate strips": {"compression": "zlib", "rowsperstrip": 16},
    "JPEG tiles": {"compression": "jpeg", "tile": (512, 512)},
}


def _write_flat(folder: Path, side: int, options: dict[str, Any]) -> Path:
    path = folder / "flat.tif"
    path.unlink(missing_ok=True)
    tile = _tissue(side)
    count = -(-side // 1024)
    data = np.tile(tile, (count, count, 1))[:side, :side]
    tifffile.imwrite(path, data, photometric="rgb", bigtiff=True, **options)
    return path


# -- a pyramid, beside napari's own reader
def _opening(path: Path) -> rows.Row:
    ours = children.run("pictures.py", ["open", str(path), "napari-labeltool"])
    peer = children.run("pictures.py", ["open", str(path), "napari"])
    if "seconds" not in ours:
        return rows.row("open a pyramidal OME-TIFF", None, met=False, detail=str(ours.get(children.FAILURE)))
    seconds, memory = ours["seconds"], ours["memory"]
    other = peer.get("seconds")
    ratio = None if other is None else other / seconds
    return rows.row(
        "open a pyramidal OME-TIFF, 20,480 x 20,480; more memory",
        f"{seconds:.2f} s; {memory:.0f} MB",
        peer="failed" if other is None else f"{other:.1f} s; {peer['memory']:.0f} MB (napari's reader)",
        ratio=ratio,
        bar=">= 10 x; <= 150 MB",
        met=ratio is not None and ratio >= _BAR_RATIO and memory <= _BAR_MEMORY,
    )


def _open(path: str, plugin: str) -> None:
    """Open in a viewer without a window, whose first slice is what a window would draw."""
    from napari.components import ViewerModel
    from npe2 import PluginManager

    from napari_labeltool.images import open_image  # noqa: F401 - imports are not what is measured

    PluginManager.instance().discover(include_npe1=False)
    viewer = ViewerModel()
    small = Path(path).with_name("small.tif")
    tifffile.imwrite(small, np.zeros((64, 64, 3), np.uint8))
    viewer.open(str(small), plugin=plugin)
    viewer.layers.clear()
    before = _memory()
    peak = _Peak()
    begun = time.perf_counter()
    (layer,) = viewer.open(path, plugin=plugin)
    assert layer.thumbnail.any()
    children.emit("seconds", time.perf_counter() - begun)
    children.emit("memory", peak.end() - before)


class _Peak(threading.Thread):
    """Looks at the memory of the process until it is ended."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._over = threading.Event()
        self._most = _memory()
        self.start()

    def run(self) -> None:
        """Look every few milliseconds."""
        while not self._over.wait(0.005):
            self._most = max(self._most, _memory())

    def end(self) -> float:
        """Return the most memory there was, in MB."""
        self._over.set()
        self.join()
        return max(self._most, _memory())


def _memory() -> float:
    """Return the memory of the process that no file backs, in MB."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1000
    return 0.0


# -- a flat picture
def _flat(title: str, path: Path) -> list[rows.Row]:
    found = children.run("pictures.py", ["flat", str(path)])
    if "idle" not in found:
        return [rows.row(f"flat 20,480 x 20,480 TIFF, {title}", None, met=False, detail=str(found))]
    draw, lag = found["draw"], rows.high(found["building"])
    return [
        rows.row(
            f"flat 20,480 x 20,480 TIFF, {title}: first draw",
            f"{draw:.2f} s",
            peer=f"{found['again']:.2f} s (opened again: levels from the cache)",
            bar="<= 2 s",
            met=draw <= _BAR_DRAW,
        ),
        rows.row(
            f"flat, {title}: lag of the event loop while the pyramid is made ({found['made']:.0f} s), median / 95th",
            rows.milliseconds(found["building"]),
            peer=f"{rows.milliseconds(found['idle'])} (afterwards)",
            bar="95th <= 50 ms",
            met=lag <= _BAR_LAG,
        ),
        rows.row(
            f"flat, {title}: a vertex drag step with the draw, while the pyramid is made / afterwards",
            rows.milliseconds(found["drag_building"]),
            peer=rows.milliseconds(found["drag_idle"]),
            bar="",
            met=None,
        ),
    ]


def _flat_child(path: str) -> None:
    """Open a flat picture in a real window and look at the event loop while its levels are made."""
    with children.own_folders() as folder:
        import napari
        from qtpy.QtCore import QTimer
        from qtpy.QtWidgets import QApplication

        from napari_labeltool.layers.pictures_reading import _growing

        viewer = napari.Viewer()
        viewer.window.resize(1400, 900)
        small = folder / "small.tif"
        tifffile.imwrite(small, np.zeros((64, 64, 3), np.uint8))
        viewer.open(str(small), plugin="napari-labeltool")
        application = QApplication.instance()
        native = viewer.window._qt_viewer.canvas.native
        for _ in range(5):
            application.processEvents()
        viewer.layers.clear()
        begun = time.perf_counter()
        viewer.open(path, plugin="napari-labeltool")
        native.repaint()
        application.processEvents()
        children.emit("draw", time.perf_counter() - begun)
        shapes = viewer.add_shapes([np.array([[100, 100], [9000, 200], [5000, 9000]])], shape_type="polygon")
        shapes.mode = "direct"

        late: list[float] = []
        due = [time.perf_counter()]

        def tick() -> None:
            now = time.perf_counter()
            late.append(max(now - due[0] - 0.005, 0.0))
            due[0] = now

        timer = QTimer()
        timer.setTimerType(timer.timerType().PreciseTimer)
        timer.timeout.connect(tick)

        def watch(seconds: float) -> list[float]:
            """Return how late a timer of 5 ms was."""
            late.clear()
            due[0] = time.perf_counter()
            timer.start(5)
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                application.processEvents()
                time.sleep(0.0005)
            timer.stop()
            return list(late)

        def drag() -> float:
            """Move a vertex and draw."""
            start = time.perf_counter()
            corners = shapes.data[0].copy()
            corners[1] += 3
            shapes.data = [corners]
            native.repaint()
            application.processEvents()
            return time.perf_counter() - start

        building: list[float] = []
        drags: list[float] = []
        while _growing:
            building += watch(0.5)
            if _growing:
                drags += [drag() for _ in range(5)]
            if os.environ.get("SHOTS") and len(building) % 3 == 0:
                viewer.screenshot(os.environ["SHOTS"], canvas_only=False, flash=False)
        children.emit("made", time.perf_counter() - begun)
        children.emit("building", building)
        children.emit("drag_building", drags or [0.0])
        idle = watch(2.0)
        children.emit("drag_idle", [drag() for _ in range(20)])
        viewer.layers.clear()
        begun = time.perf_counter()
        viewer.open(path, plugin="napari-labeltool")
        native.repaint()
        application.processEvents()
        children.emit("again", time.perf_counter() - begun)
        children.emit("idle", idle)
        children.end()


if __name__ == "__main__":
    if sys.argv[1:2] == ["open"]:
        with children.own_folders():
            _open(*sys.argv[2:4])
    elif sys.argv[1:2] == ["flat"]:
        _flat_child(sys.argv[2])
    else:
        print(rows.table(measure("--quick" in sys.argv)))
