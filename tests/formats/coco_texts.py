"""COCO documents for the tests of the formats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.ops import Append, Op, Patch, SetAlive, SetCategory
from napari_labeltool.formats.coco import parse_coco, render_coco


def image(id: Any = 1, **more: Any) -> dict[str, Any]:
    return {"id": id, "file_name": "a.png", "width": 640, "height": 480, **more}


def annotation(id: Any = 1, **more: Any) -> dict[str, Any]:
    return {"id": id, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12, "iscrowd": 0, **more}


def document(
    annotations: Sequence[Any] = (),
    images: Any = None,
    categories: Any = None,
    **more: Any,
) -> dict[str, Any]:
    return {
        "images": [image()] if images is None else images,
        "annotations": list(annotations),
        "categories": [{"id": 1, "name": "cell"}] if categories is None else categories,
        **more,
    }


def read(value: Any, **style: Any) -> Dataset:
    text = value if isinstance(value, str) else json.dumps(value, **style)
    return parse_coco(text.encode("utf-8", "surrogatepass"))


def codes(dataset: Dataset) -> set[str]:
    return {problem.code for problem in dataset.problems}


def written(dataset: Dataset) -> str:
    return b"".join(render_coco(dataset)).decode("utf-8", "surrogatepass")


def patch(dataset: Dataset, row: int, table: str = "annotations", **values: Any) -> Dataset:
    dataset.apply([Patch(table, row, values)])  # type: ignore[arg-type]
    return dataset


def delete(dataset: Dataset, *rows: int) -> Dataset:
    dataset.apply([SetAlive("annotations", np.array(rows), False)])
    return dataset


def relabel(dataset: Dataset, row: int, category: int) -> Dataset:
    dataset.apply([SetCategory(np.array([row]), np.array([category]))])
    return dataset


def append(dataset: Dataset, record: dict[str, Any], image: int = 0, category: int = 0) -> Dataset:
    op: Op = Append("annotations", dataset.annotations.row_count, record, image, category)
    dataset.apply([op])
    return dataset
