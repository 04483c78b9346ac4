"""Whole numbers with more digits than a float can hold: the file opens, and keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from napari_labeltool.session import open_session

HERE = -777
PLACES: Mapping[str, dict[str, Any]] = {
    "area": {"area": HERE},
    "bbox": {"bbox": [1, 2, 3, HERE]},
    "id": {"id": HERE},
    "image_id": {"image_id": HERE},
    "iscrowd": {"iscrowd": HERE},
    "ring": {"segmentation": [[1, 2, 3, 4, 5, HERE]]},
    "ring without box": {"segmentation": [[1, 2, 3, 4, 5, HERE]], "bbox": None},
    "rotation": {"attributes": {"rotation": HERE}, "segmentation": [[1, 2, 9, 2, 9, 6, 1, 6]]},
    "counts": {"segmentation": {"size": [9, 9], "counts": [HERE]}},
    "size": {"segmentation": {"size": [9, HERE], "counts": [81]}},
    "keypoints": {"keypoints": [1, HERE, 2]},
    "num_keypoints": {"num_keypoints": HERE, "keypoints": [1, 2, 2]},
    "score": {"score": HERE},
}


@pytest.mark.parametrize("digits", [308, 309, 310, 400, 3999, 4001, 5000])
@pytest.mark.parametrize("place", [*PLACES, "width", "height"])
def test_a_whole_number_of_any_length_opens_and_stays_as_it_is(
    tmp_path: Path, place: str, digits: int
) -> None:
    usual = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12, "iscrowd": 0}
    image = {"id": 1, "file_name": "a.png", "width": 9, "height": 9}
    odd = {**usual, "id": 2, **PLACES.get(place, {})}
    document = {
        "images": [{**image, place: HERE} if place in image else image],
        "categories": [{"id": 1, "name": "cell", "keypoints": ["head"]}],
        "annotations": [usual, odd],
    }
    path = tmp_path / "labels.json"
    content = json.dumps(document).replace(str(HERE), "1" * digits).encode()
    path.write_bytes(content)
    with open_session(path, author="tester") as session:
        for row in session.dataset.annotations.rows().tolist():
            session.dataset.annotations.record(row)
        session.save()
    assert path.read_bytes() == content
