"""From the command line to the first picture: a million objects on a slide of 100,000 x 100,000, in parts.

A child process begins as ``napari-labeltool open FILE --root FOLDER`` does and ends when objects are seen on the
canvas. Time stamps are put around functions from outside, so what is measured is what users run; each part is the
time of a function without that of the parts within it. What no part explains is told as "the rest".

    python benchmarks/opening.py [--quick]
"""

from __future__ import annotations

import functools
import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import children
from rows import Row, row, table
from synthetic import Kind, coco_file, project, slide

PARTS: Final = (
    ("napari.Viewer.__init__", "napari: window"),
    ("napari._qt.qt_main_window.Window.add_plugin_dock_widget", "labeling dock"),
    ("napari_labeltool.layers.first_use.make_one_of_each", "napari: its first layers"),
    ("napari_labeltool.widgets.opening.open_session", "session: lock, journal"),
    ("napari_labeltool.session.opening.read_coco", "read the document"),
    ("napari_labeltool.widgets.project.Workspace.__init__", "workspace: layers' bindings, index"),
    ("napari_labeltool.layers.pictures.Pictures.show", "picture layer"),
    ("napari_labeltool.layers.masks.MasksBinding.show", "masks layer"),
    ("napari_labeltool.layers.objects.ObjectsBinding.show", "objects layer"),
    ("napari_labeltool.layers.keypoints.KeypointsBinding.show", "keypoints layer"),
    ("napari_labeltool.widgets.project.set_active_workspace", "dock: show the document"),
    ("napari_labeltool.widgets.project.ViewerProject.look_for_pictures", "look for pictures"),
    ("napari_labeltool.widgets.project.ViewerProject.open", "open: the rest of it"),
    ("napari_labeltool.plugin.launch", "launch: the rest of it"),
)
"""Functions with a time stamp around them, and what they are called in the table."""
SURPRISE: Final = 0.5
"""Seconds from which a part that grows with the number of objects is pointed out, reading aside."""


class Stamps:
    """Time stamps around functions: how long each ran, without those within it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._open: list[list[Any]] = []
        self.missing: list[str] = []

    def wrap(self, path: str, part: str) -> None:
        """Put stamps around a function or method that is named by its dotted path."""
        owner_path, _, name = path.rpartition(".")
        owner = _find(owner_path)
        function = getattr(owner, name, None)
        if function is None:
            self.missing.append(path)
            return
        setattr(owner, name, functools.wraps(function)(self.stamped(part, function)))

    def stamped(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function with stamps around it."""

        def run(*args: Any, **kwargs: Any) -> Any:
            self._open.append([time.perf_counter(), 0.0])
            try:
                return function(*args, **kwargs)
            finally:
                start, inner = self._open.pop()
                total = time.perf_counter() - start
                self.seconds[part] = self.seconds.get(part, 0.0) + total - inner
                if self._open:
                    self._open[-1][1] += total

        return run


def _find(path: str) -> Any:
    """Return the module or class that a dotted path names, None where there is none."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for name in parts[length:]:
            found = getattr(found, name, None)
        return found
    return None


def run_child(began: float, document: Path, root: Path, expected: int) -> None:
    """Open a document as the command line does, and print the parts; `began` is when the command was given."""
    stamps = Stamps()
    stamps.seconds["start of Python"] = time.time() - began
    from napari_labeltool.plugin import uncollected

    with uncollected(for_good=True):
        stamps.stamped("import: napari", lambda: importlib.import_module("napari").Viewer)()
        stamps.stamped("import: the plugin and its widgets", lambda: _import_plugin())()
    for path, part in PARTS:
        stamps.wrap(path, part)
    start = time.perf_counter()
    from napari_labeltool.plugin import launch

    viewer = launch(document, roots=[root], block=False)
    launched = time.perf_counter() - start
    begin = time.perf_counter()
    from window import Window

    watch = Window(viewer, resize=False)
    seen = watch.until_seen(expected)
    stamps.seconds["first draw"] = seen
    total = time.time() - began - (time.perf_counter() - begin - seen)
    known = sum(stamps.seconds.values())
    stamps.seconds["the rest"] = total - known
    children.emit("parts", stamps.seconds)
    children.emit("total", total)
    children.emit("launch", launched)
    children.emit("missing", stamps.missing)
    children.emit("work after it", sum(watch.settle()))
    children.end()


def _import_plugin() -> None:
    for name in ("cli", "plugin", "widgets.labeling_dock", "widgets.project", "layers.workspace"):
        importlib.import_module(f"napari_labeltool.{name}")


def open_once(kind: Kind, count: int, side: int) -> dict[str, Any]:
    """Open a document in a child process and return its figures."""
    picture = slide(side)
    document = coco_file(kind, count, side=side)
    with children.own_folders() as folder:
        path = project(folder / "project", document)
        expected = min(count, 1_000) // 4
        return children.run(
            "opening.py",
            ["--child", repr(time.time()), str(path), str(picture.parent), str(expected)],
            limit=900,
        )


def measure(quick: bool = False) -> list[Row]:
    """Return a row of the whole and one of every part, beside those of a document with a thousand objects."""
    small, large = (200, 400) if quick else (1_000, 1_000_000)
    side = 8_192 if quick else 100_000
    rows: list[Row] = []
    kinds: tuple[Kind, ...] = ("boxes",) if quick else ("boxes", "polygons")
    for kind in kinds:
        with children.driver_cache():
            first, few, many = (open_once(kind, count, side) for count in (small, small, large))
        failed = next((found for found in (first, few, many) if "total" not in found), None)
        title = f"command to first picture, {large:,} {kind} on {side:,}^2"
        if failed is not None:
            rows.append(row(title, "failed", met=False, detail=failed.get(children.FAILURE, "")))
            continue
        rows.append(_row(title, first, few, many, small))
    return rows


def _row(title: str, first: dict[str, Any], few: dict[str, Any], many: dict[str, Any], small: int) -> Row:
    parts, base, cold = many["parts"], few["parts"], first["parts"]
    surprises = {
        part: seconds
        for part, seconds in parts.items()
        if seconds - base.get(part, 0.0) > SURPRISE and part != "read the document"
    }
    lines = [
        f"{'part':40}{'seconds':>9}{f'with {small:,}':>14}{f'first start ever, with {small:,}':>36}",
        *(
            f"{part:40}{seconds:9.2f}{base.get(part, 0.0):14.2f}{cold.get(part, 0.0):36.2f}"
            + ("   grows with the number of objects" if part in surprises else "")
            for part, seconds in parts.items()
        ),
        f"{'all':40}{many['total']:9.2f}{few['total']:14.2f}{first['total']:36.2f}",
        f"work after the first picture: {many['work after it']:.2f} s, {few['work after it']:.2f} s with {small:,}",
        "At the first start ever the OpenGL driver compiles all shaders; later ones find them in its cache.",
        *(f"no such function, so no part of its own: {path}" for path in many["missing"]),
    ]
    longest = max(parts, key=parts.get)
    return row(
        title,
        f"{many['total']:.1f} s (longest part: {longest}, {parts[longest]:.1f} s)",
        peer=f"with {small:,}: {few['total']:.1f} s; at the first start ever {first['total']:.1f} s",
        bar=f"no part but reading grows by more than {SURPRISE} s",
        met=not surprises,
        detail="\n".join(lines),
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        run_child(float(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]))
    else:
        print(table(measure(quick="--quick" in sys.argv)))
