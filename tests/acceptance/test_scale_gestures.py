"""What a gesture costs does not depend on how many objects there are elsewhere: counted, not timed."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FEW, MANY = 2_000, 100_000
REPETITIONS = 3
BYTES_EACH = 64
"""Memory that a gesture may take for each object elsewhere, for what is counted with arrays."""

pytestmark = pytest.mark.window

Counts = dict[str, float]

Measure = Callable[[Callable[[], object]], float]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Let the benchmarks be imported, and keep their files in a folder of the tests."""
    folder = tmp_path_factory.mktemp("documents")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABELTOOL_BENCHMARKS", str(folder))
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        yield folder


def function_calls(action: Callable[[], object]) -> float:
    """Return how many functions of Python and C are called."""
    count = 0

    def on_event(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        if event in ("call", "c_call"):
            count += 1

    sys.setprofile(on_event)
    try:
        action()
    finally:
        sys.setprofile(None)
    return count


def bytes_taken(action: Callable[[], object]) -> float:
    """Return by how many bytes the memory grows at most, arrays that are let go at once included."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        action()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


MEASURES: tuple[Measure, ...] = (function_calls, bytes_taken)


def counted_gestures(folder: Path, count: int) -> dict[str, Counts]:
    """Do every gesture a few times; return by measure the least that the slowest event of each gesture took."""
    from gestures import OurGestures
    from qtpy.QtWidgets import QApplication
    from synthetic import SIDE, coco_file, project
    from window import Lag, Window

    from napari_labeltool.plugin import launch
    from napari_labeltool.widgets.active import active_workspace

    class CountingWindow(Window):
        measure: Measure = function_calls

        def lag(self, action: Callable[[], object]) -> Lag:
            def run() -> None:
                action()
                QApplication.processEvents()

            found = type(self).measure(run)
            self.settle(0.03)
            return Lag(first=found, later=0, busy=found, draw=0, settled=0, cpu=0)

    path = project(folder / str(count), coco_file("polygons", count))
    viewer = launch(path, block=False)
    workspace = active_workspace(viewer)
    assert workspace is not None
    found: dict[str, Counts] = {}
    try:
        for measure in MEASURES:
            CountingWindow.measure = staticmethod(measure)
            samples = OurGestures(CountingWindow(viewer), workspace, SIDE).run(REPETITIONS)
            found[measure.__name__] = {name: min(lag.first for lag in lags) for name, lags in samples.items()}
    finally:
        workspace.session.save()
        viewer.close()
    return found


@pytest.fixture(scope="module")
def counted(files: Path) -> dict[int, dict[str, Counts]]:
    """What gestures take with few and with many objects."""
    return {count: counted_gestures(files, count) for count in (FEW, MANY)}


@pytest.mark.timeout(600)
def test_gestures_call_as_many_functions_whatever_the_number_of_objects(
    counted: dict[int, dict[str, Counts]],
) -> None:
    few, many = (counted[count]["function_calls"] for count in (FEW, MANY))
    assert few.keys() == many.keys()
    assert {name: (few[name], many[name]) for name in few if many[name] > 1.2 * few[name] + 500} == {}


@pytest.mark.timeout(600)
def test_gestures_take_little_memory_for_objects_elsewhere(counted: dict[int, dict[str, Counts]]) -> None:
    few, many = (counted[count]["bytes_taken"] for count in (FEW, MANY))
    allowed = (MANY - FEW) * BYTES_EACH
    assert {name: (few[name], many[name]) for name in few if many[name] - few[name] > allowed} == {}
