"""What is told of the selected annotations and cannot be changed in a form. No Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.records import labeltool_facts
from napari_labeltool.core.values import JsonValue
from napari_labeltool.widgets.annotation_facts import KIND_WORDS, kind_codes

NOTHING = "Nothing selected: press S and click an object, or a row of the list below."


def title_words(dataset: Dataset, rows: Sequence[int]) -> str:
    """Return the title of a form: ``"Selected: nucleus 4711"``."""
    if not rows:
        return "Nothing selected"
    if len(rows) == 1:
        return f"Selected: {dataset.name_of(rows[0])}"
    return f"{len(rows):,} annotations selected"


def facts_words(dataset: Dataset, rows: Sequence[int]) -> str:
    """Return what there is to know about annotations (by row) in one line."""
    if not rows:
        return NOTHING
    return _one(dataset, rows[0]) if len(rows) == 1 else _several(dataset, rows)


def _one(dataset: Dataset, row: int) -> str:
    table = dataset.annotations
    record = table.record(row)
    parts = [KIND_WORDS[int(kind_codes(table, np.array([row]))[0])]]
    if record.get("iscrowd") in (1, True):
        parts[0] += " of a crowd"
    box = table.bbox[row]
    if np.isfinite(box).all():
        left, top, width, height = (_number(value) for value in box)
        parts.append(f"box {left}, {top}, {width} × {height}")
    if np.isfinite(table.area[row]):
        parts.append(f"area {_number(table.area[row])} px")
    score = record.get("score")
    if isinstance(score, (int, float)):
        parts.append(f"score {score:.3g}")
    id = table.id_of(row)
    parts.append("no id" if id is None else f"id {id}")
    track = track_of(record)
    if track is not None:
        parts.append(f"track {track}")
    keypoints = dataset.keypoints(row)
    if keypoints is not None:
        placed = int(np.count_nonzero(keypoints[:, 2] > 0))
        parts.append(f"{placed} of {len(keypoints)} keypoints")
    author = labeltool_facts(record).get("author")
    if isinstance(author, str) and author:
        parts.append(f"by {author}")
    return _line(parts)


def track_of(record: dict[str, JsonValue]) -> JsonValue:
    """Return the id of the track that a record belongs to, wherever tools put it; None without one."""
    attributes = record.get("attributes")
    for holder in (record, attributes if isinstance(attributes, dict) else {}):
        for key in ("track_id", "instance_id"):
            if isinstance(holder.get(key), (int, str)):
                return holder[key]
    return None


def _several(dataset: Dataset, rows: Sequence[int]) -> str:
    table = dataset.annotations
    chosen = np.array(rows, np.int64)
    kinds = Counter(KIND_WORDS[code] for code in kind_codes(table, chosen).tolist())
    parts = [", ".join(f"{count:,} {word}" for word, count in kinds.most_common())]
    categories = np.unique(table.category[chosen])
    if len(categories) == 1:
        parts.insert(0, dataset.categories.name_of(int(categories[0])))
    else:
        parts.insert(0, f"{len(categories):,} classes")
    areas = table.area[chosen]
    areas = areas[np.isfinite(areas)]
    if len(areas):
        parts.append(f"area {_number(areas.min())} to {_number(areas.max())} px")
    return _line(parts)


def _line(parts: list[str]) -> str:
    """Join facts so that a line breaks between them, not in them."""
    return " · ".join(part.replace(" ", "\u00a0") for part in parts)


def _number(value: float) -> str:
    """Return a number of pixels with as many digits as are worth reading."""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.1f}"
