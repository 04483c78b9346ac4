"""Reading COCO without losing anything: bytes to `Dataset`."""

from __future__ import annotations

import io
import os
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.records import Categories, Images
from napari_labeltool.core.source import FileStamp, Making, PendingStamp, Source
from napari_labeltool.core.values import IntArray, decode_json
from napari_labeltool.formats.atomic import digest_of
from napari_labeltool.formats.coco import damage
from napari_labeltool.formats.coco.ahead import Ahead, read_ahead
from napari_labeltool.formats.coco.annotations import fill_columns
from napari_labeltool.formats.coco.careful import put_extents
from napari_labeltool.formats.coco.checks import Subject, check_annotations
from napari_labeltool.formats.coco.checks_geometry import check_boxes, check_masks
from napari_labeltool.formats.coco.checks_records import (
    check_categories,
    check_document,
    check_images,
    check_keypoints,
    check_panoptic,
    count_panoptic,
)
from napari_labeltool.formats.coco.conventions import conventions_of, sample_of
from napari_labeltool.formats.coco.duplicates import repeated_keys
from napari_labeltool.formats.coco.filling import Filling
from napari_labeltool.formats.coco.findings import Findings
from napari_labeltool.formats.coco.links import Links, link
from napari_labeltool.formats.coco.loading import LARGE, Arrival, ReadProgress, Steps, blocks_of
from napari_labeltool.formats.coco.scan import ARRAYS, Layout, assume, scan
from napari_labeltool.formats.coco.tally import Counter
from napari_labeltool.formats.coco.tokens import duplicate_keys

_NO_SPANS: Final[IntArray] = np.empty((0, 2), np.int64)


def read_coco(path: str | os.PathLike[str], *, progress: ReadProgress | None = None) -> Dataset:
    """Read a COCO JSON file.

    Odd content does not stop the reading: it is kept as it is and told in ``dataset.problems``.

    Parameters
    ----------
    path
        The file.
    progress
        Called often with the number of bytes that are done and of all; what it raises ends the reading.

    Returns
    -------
    Dataset
        Over the bytes of the file; saving it unedited writes those very bytes.

    Raises
    ------
    ReadError
        The file cannot be opened, is damaged, or is not COCO.
    """
    path = Path(path)
    try:
        file = io.FileIO(path)
        status = os.fstat(file.fileno())
        steps, counter = Steps(status.st_size, progress), Counter()
        if status.st_size < LARGE:
            with file:
                data = file.readall()
            steps.loaded(len(data))
            filling = read_ahead(data, blocks_of(data, counter), steps, counter)
        else:
            with Arrival(file, steps, counter) as arrival:
                filling = read_ahead(arrival.text, arrival.blocks(), steps, counter)
                data = arrival.whole()
    except OSError as error:
        raise ReadError(
            f"{path}: the file cannot be opened: {error.strerror or error}. Check that it exists and that "
            "you may "
            "read it."
        ) from error
    stamp = PendingStamp(status.st_size, status.st_mtime_ns, Making(partial(digest_of, data)))
    dataset = _parse(data, path, stamp, filling, steps)
    if status.st_size >= LARGE:
        stamp.begin()
    return dataset


def parse_coco(
    data: bytes, path: str | os.PathLike[str] | None = None, stamp: FileStamp | None = None
) -> Dataset:
    """Read COCO JSON from memory; see `read_coco`.

    Parameters
    ----------
    data
        The content of a file.
    path
        The file that it came from, for messages and for saving.
    stamp
        Identity of the file when it was read.

    Raises
    ------
    ReadError
        The content is damaged or is not COCO.
    """
    steps, counter = Steps(len(data), None), Counter()
    filling = read_ahead(data, blocks_of(data, counter), steps, counter)
    return _parse(data, None if path is None else Path(path), stamp, filling, steps)


def _parse(
    data: bytes,
    path: Path | None,
    stamp: FileStamp | None,
    ahead: Ahead | None,
    steps: Steps,
) -> Dataset:
    """Return the dataset of a text; `ahead` has its annotations as far as they seemed to be plain."""
    name = "the text" if path is None else str(path)
    try:
        return _dataset_of(data, path, name, stamp, ahead, steps)
    except RecursionError:
        raise damage.too_deep(name) from None


def _dataset_of(
    data: bytes,
    path: Path | None,
    name: str,
    stamp: FileStamp | None,
    ahead: Ahead | None,
    steps: Steps,
) -> Dataset:
    layout, spans, filling = _decode(data, name, ahead, steps)
    steps.decoded(len(data))
    put_extents(filling, data)
    findings = Findings(layout.form)
    check_document(data, layout, findings)
    repeated = _check_repeated_keys(data, layout, spans, filling, findings)
    source = Source(
        data=data,
        path=path,
        stamp=stamp,
        body=layout.body,
        keys=layout.keys,
        key_starts=layout.key_starts,
        form=layout.form,
        lossy=repeated,
    )
    images, categories = Images(source, spans["images"]), Categories(source, spans["categories"])
    sizes = check_images(images, findings)
    counts = check_categories(categories, findings)
    image_links = link(filling.image_ref, filling.odd_images, images)
    if _has_single_image(layout):
        image_links = Links(np.maximum(image_links.rows, 0), image_links.lenient)
    category_links = link(filling.category_ref, filling.odd_categories, categories)
    filling.columns.image = image_links.rows
    filling.columns.category = category_links.rows
    subject = Subject(filling, images, categories, image_links, category_links, sizes, layout.form)
    sample = sample_of(data, filling)
    check_annotations(subject, findings)
    check_boxes(subject, sample, findings)
    check_masks(subject, findings)
    check_keypoints(filling, category_links.rows, counts, findings)
    check_panoptic(count_panoptic(data, filling), findings)
    annotations = Annotations(source, filling.columns)
    return Dataset(source, images, categories, annotations, findings.problems(), conventions_of(sample))


def _decode(
    data: bytes, name: str, ahead: Ahead | None, steps: Steps
) -> tuple[Layout, dict[str, IntArray], Filling]:
    """Find the layout, and decode the annotations that were not decoded ahead."""
    layout = None
    if ahead is not None and ahead.is_whole:
        layout = assume(data, name, ahead.filling.columns.spans, ahead.ascii_size)
    if layout is not None and ahead is not None:
        return layout, _table_spans(data, layout), ahead.filling
    layout = scan(data, name)
    _check_is_coco(data, layout, name)
    spans = _table_spans(data, layout)
    known = None if ahead is None else ahead.filling
    return layout, spans, fill_columns(data, layout, spans["annotations"], steps.decoded, known)


def _has_single_image(layout: Layout) -> bool:
    return "images" not in layout.keys and "image" in layout.keys


def _check_is_coco(data: bytes, layout: Layout, name: str) -> None:
    if layout.form == "object":
        if not layout.keys:
            raise damage.not_coco("an object without keys", name)
        if not any(key in layout.keys for key in ARRAYS):
            keys = ", ".join(f"`{key}`" for key in list(layout.keys)[:6])
            raise damage.not_coco(f"an object with {keys}", name)
        return
    for start, end in layout.spans["annotations"][:20].tolist():
        record = decode_json(data[start:end])
        if not isinstance(record, dict):
            raise damage.not_coco(f"a list of other things than objects ({str(record)[:40]!r})", name)
        if not _RESULT_KEYS.isdisjoint(record) or {"id", "name"} <= record.keys():
            return
    if len(layout.spans["annotations"]):
        raise damage.not_coco("a list of objects without `image_id`", name)


_RESULT_KEYS: Final = frozenset(
    {"image_id", "category_id", "bbox", "segmentation", "keypoints", "caption", "joints"}
)


def _table_spans(data: bytes, layout: Layout) -> dict[str, IntArray]:
    """Return the spans of the records of each table."""
    spans = {key: layout.spans.get(key, _NO_SPANS) for key in ARRAYS}
    if layout.form == "list" and len(spans["annotations"]):
        start, end = spans["annotations"][0].tolist()
        record = decode_json(data[start:end])
        if {"id", "name"} <= record.keys() and _RESULT_KEYS.isdisjoint(record):
            return {"annotations": _NO_SPANS, "images": _NO_SPANS, "categories": spans["annotations"]}
    if _has_single_image(layout):
        start, end = layout.keys["image"]
        if data[start : start + 1] == b"{":
            spans["images"] = np.array([(start, end)], np.int64)
    return spans


def _check_repeated_keys(
    data: bytes, layout: Layout, spans: dict[str, IntArray], filling: Filling, findings: Findings
) -> str | None:
    """Look for JSON keys that an object has twice (case 16); return why a save would lose something."""
    places: list[str] = [f"`{key}` at the top level" for key in layout.repeated]
    for table, table_spans in spans.items():
        once = filling.has_keys_once if table == "annotations" else np.zeros(len(table_spans), bool)
        for row, offset, key in repeated_keys(data, table_spans, once):
            findings.add(
                "repeated-key",
                "error",
                findings.path(table, row, key),
                f"the key was found twice in one object (again at byte {offset:,}); JSON readers keep only "
                "the last. Saving is refused: remove one of them in a text editor.",
                table,
                row,
            )
            places.append(findings.path(table, row, key))
    for name, (start, end) in layout.keys.items():
        if name in layout.spans or (name == "image" and len(spans["images"])):
            continue
        for offset, key in duplicate_keys(data, start, end):
            findings.add(
                "repeated-key",
                "error",
                name,
                f"the key {key!r} was found twice in one object (again at byte {offset:,}); JSON readers "
                "keep "
                "only the last. Saving is refused: remove one of them in a text editor.",
            )
            places.append(f"{name}: {key}")
    if not places:
        return None
    more = f" and {len(places) - 3:,} more" if len(places) > 3 else ""
    return f"JSON keys stand twice in one object: {', '.join(places[:3])}{more}"
