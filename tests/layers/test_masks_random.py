"""Whatever is painted: the layer is what the dataset says, and undo leads back to the first byte."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from masks_cases import Bench, annotation, bench, square

pytestmark = pytest.mark.viewer

SHAPE = (40, 50)

PLACE = st.tuples(st.integers(0, SHAPE[0] - 1), st.integers(0, SHAPE[1] - 1))
GESTURES = st.lists(
    st.tuples(
        st.sampled_from(
            ["paint", "erase", "fill", "polygon", "set", "array", "undo", "redo", "select", "new"]
        ),
        PLACE,
        PLACE,
        st.integers(1, 15),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)

START = [
    annotation(1, square(5, 5, 15, SHAPE)),
    annotation(2, square(10, 12, 20, SHAPE), uncompressed=True, iscrowd=1),
    annotation(3, square(12, 8, 12, SHAPE), category_id=2),
    annotation(
        4, square(20, 30, 10, SHAPE), category_id=3, keypoints=[31, 21, 2, 35, 25, 2], num_keypoints=2
    ),
    annotation(5, square(0, 0, 3, SHAPE)),
]


@settings(max_examples=25, deadline=None)
@given(GESTURES)
def test_after_every_stroke_the_layer_is_what_the_dataset_says(gestures: list) -> None:  # type: ignore[type-arg]
    with tempfile.TemporaryDirectory() as folder, bench(Path(folder), START, shape=SHAPE) as b:
        before = (Path(folder) / "masks.json").read_bytes()
        for what, place, other, size, keep in gestures:
            layer = b.layer
            layer.brush_size, layer.preserve_labels = size, keep
            if what in ("paint", "erase"):
                layer.mode = what
                b.drag(place, other)
            elif what == "fill":
                layer.fill(place, layer.selected_label)
            elif what == "polygon":
                layer.paint_polygon([place, other, (place[0], other[1])], layer.selected_label)
            elif what == "set":
                layer.data_setitem((np.array([place[0]]), np.array([place[1]])), size)
            elif what == "array":
                given_array = layer.data.copy()
                given_array[place[0] : place[0] + size, place[1] :] = size
                layer.data = given_array
            elif what == "undo":
                b.workspace.undo()
            elif what == "redo":
                b.workspace.redo()
            elif what == "select":
                rows = b.dataset.annotations.rows()
                b.workspace.select(rows[size % len(rows) :][:1].tolist() if len(rows) else ())
            else:
                b.workspace.masks.new_instance()
            np.testing.assert_array_equal(b.layer.data, b.expected())
        while b.session.undo_label is not None:
            b.workspace.undo()
        np.testing.assert_array_equal(b.layer.data, b.expected())
        assert b.session.dirty == 0
        assert not b.dataset.is_changed()
        b.session.save()
        assert (Path(folder) / "masks.json").read_bytes() == before


def test_two_hundred_touching_cells_come_back_pixel_by_pixel(tmp_path: Path) -> None:
    shape = (200, 300)
    rng = np.random.default_rng(4)
    seeds = np.stack([rng.integers(0, side, 200) for side in shape], axis=1)
    y, x = np.mgrid[: shape[0], : shape[1]]
    cells = ((y[..., None] - seeds[:, 0]) ** 2 + (x[..., None] - seeds[:, 1]) ** 2).argmin(-1)
    cells = np.unique(cells, return_inverse=True)[1].reshape(shape) + 1
    with bench(tmp_path, shape=shape) as b:
        b.layer.data = cells.astype(np.int32)
        assert b.session.dirty == 1
        b.session.save()
    reopened = Bench(tmp_path / "masks.json")
    np.testing.assert_array_equal(reopened.layer.data > 0, cells > 0)
    for n in np.unique(cells).tolist():
        np.testing.assert_array_equal(reopened.pixels(n), cells == n)
    reopened.close()
