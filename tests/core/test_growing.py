"""Arrays that grow by appending."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_labeltool import edits
from napari_labeltool.core.values import GrowingArray
from napari_labeltool.session import open_session


@given(
    st.lists(st.integers(0, 9), max_size=5),
    st.lists(st.tuples(st.sampled_from(["reserve", "append"]), st.integers(0, 9))),
)
def test_values_are_the_same_whether_room_was_made_before_or_not(
    initial: list[int], steps: list[tuple[str, int]]
) -> None:
    array, expected = GrowingArray(np.array(initial, np.int64)), [*initial]
    for step, number in steps:
        if step == "reserve":
            array.reserve(number)
        else:
            array.append(number)
            expected.append(number)
        assert array.view.tolist() == expected


def test_after_opening_an_added_annotation_moves_no_column(tmp_path: Path) -> None:
    boxes = [{"id": i, "image_id": 1, "category_id": 1, "bbox": [i, i, 5, 5], "area": 25} for i in range(50)]
    path = tmp_path / "many.json"
    path.write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "a.png", "height": 99, "width": 99}],
                "categories": [{"id": 1, "name": "cell"}],
                "annotations": boxes,
            }
        )
    )
    session = open_session(path, author="tester")
    table = session.dataset.annotations
    before = [column.view.ctypes.data for column in table._columns()]
    session.apply(edits.AddObject(1, "cell", edits.Box((1.0, 2.0, 3.0, 4.0))))
    assert table.row_count == 51
    assert [column.view.ctypes.data for column in table._columns()] == before
    assert table.bbox[-1].tolist() == [1.0, 2.0, 3.0, 4.0]
    session.close(discard=True)
