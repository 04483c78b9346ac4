"""Chunks of records that are all alike: the same few keys, whole numbers as ids, one polygon of one part each.

Most of the time of a reader goes into objects that nobody keeps. A decoder for exactly the keys of a file makes
few of them: of a polygon it only checks that it is JSON. What its types leave open is proven by counting: each
record has at least the characters of its keys and lists, so a chunk that has no more than these has no other key,
string, list, object or word anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.values import FloatArray, IntArray
from napari_labeltool.formats.coco.filling import Filling, Seen

FEWEST_COMMAS: Final = 5
"""Of three vertices."""
_PATIENCE: Final = 4
"""Chunks in vain until no more are tried; each that fits makes up for one before it."""
_PACKED_BOX: Final = np.dtype([("list", "u1"), ("numbers", [("float", "u1"), ("value", ">f8")], 4)])
"""Four floats in MessagePack."""


class _Ring(msgspec.Struct, array_like=True, gc=False):
    """A list; what is in it is looked at by the decoder, and skipped."""


class _Polygon(msgspec.Struct, array_like=True, gc=False, forbid_unknown_fields=True):
    """A list of one list."""

    ring: _Ring


class _Box(msgspec.Struct, array_like=True, gc=False, forbid_unknown_fields=True):
    """A list of four numbers; quicker than a tuple, which the garbage collector counts."""

    left: float
    top: float
    width: float
    height: float


_TYPES: Final[Mapping[str, Any]] = {
    "id": int,
    "image_id": int,
    "category_id": int,
    "bbox": _Box,
    "area": float,
    "iscrowd": int,
    "segmentation": _Polygon,
}
_NEEDED: Final = frozenset({"id", "image_id", "category_id", "segmentation"})
_WITHOUT: Final = {"bbox": Seen.NO_BBOX, "area": Seen.NO_AREA, "iscrowd": Seen.NO_CROWD}
_LISTS: Final = {"bbox": 1, "segmentation": 2}
_id_of, _image_of, _category_of, _bbox_of, _area_of, _crowd_of = map(
    attrgetter, ("id", "image_id", "category_id", "bbox", "area", "iscrowd")
)


class Form:
    """What is known of records that have certain keys.

    Parameters
    ----------
    keys
        In the order of the file, which is the quickest.
    """

    def __init__(self, keys: tuple[str, ...]) -> None:
        record = msgspec.defstruct(
            "Record", [(key, _TYPES[key]) for key in keys], gc=False, forbid_unknown_fields=True
        )
        self.decoder: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(list[record])  # type: ignore[valid-type]
        self.keys = frozenset(keys)
        self.quotes = 2 * len(keys)
        self.lists = sum(_LISTS.get(key, 0) for key in keys)
        self.commas = len(keys) - 1 + 3 * ("bbox" in keys)
        """Outside of the polygon."""
        letters = "".join(keys) + "{}" + "[]" * self.lists
        self.beyond = {limit: sum(letter > limit for letter in letters) for limit in "Ee"}


@lru_cache(64)
def _form_of(keys: tuple[str, ...]) -> Form | None:
    """Return the form of records with these keys; None where they are no polygons, or may hold more than numbers."""
    return Form(keys) if _NEEDED <= set(keys) <= _TYPES.keys() else None


_keys_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class PlainRecords:
    """Fills rows from chunks of a text whose records are all alike, until there are too few of these.

    Parameters
    ----------
    filling
        The columns.
    """

    def __init__(self, filling: Filling) -> None:
        self._filling = filling
        self._form: Form | None = None
        self._patience = _PATIENCE

    def fill(self, text: bytes | memoryview, listed: bytes | memoryview, first: int, end: int) -> bool:
        """Fill rows first to end if they are plain; tell whether they are.

        Parameters
        ----------
        text
            The text that the spans of the rows refer to.
        listed
            The rows' part of it as a JSON list.
        first, end
            The rows.
        """
        if self._patience <= 0:
            return False
        spans = self._filling.columns.spans[first:end]
        form = self._form
        if form is None:
            form = self._form = form_at(text, *spans[0].tolist())
        fits = form is not None and self._fill(form, text, spans, listed, first)
        self._patience = min(self._patience + 1, _PATIENCE) if fits else self._patience - 1
        if not fits:
            self._form = None
        return fits

    def _fill(
        self, form: Form, text: bytes | memoryview, spans: IntArray, listed: bytes | memoryview, first: int
    ) -> bool:
        n = len(spans)
        try:
            records = form.decoder.decode(listed)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        if len(records) != n:
            return False
        start, end = int(spans[0, 0]), int(spans[-1, 1])
        characters = np.frombuffer(text, np.uint8, end - start, start)
        if not _are_bare(characters, form, n) or not _are_rings(characters, form, spans[:, 0] - start):
            return False
        try:
            values = _values_of(records, form.keys)
        except OverflowError:
            return False
        put_plain(self._filling, form.keys, slice(first, first + n), values)
        return True


def form_at(text: bytes | memoryview, start: int, end: int) -> Form | None:
    """Return the form of the record that stands there; None where it is no plain one."""
    try:
        return _form_of(tuple(_keys_decoder.decode(memoryview(text)[start:end])))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def count_of(characters: NDArray[np.uint8], character: str) -> int:
    """Return how often a character occurs."""
    return int(np.count_nonzero(characters == ord(character)))


def _are_bare(characters: NDArray[np.uint8], form: Form, n: int) -> bool:
    """Tell whether n records that have the keys and lists of a form have nothing else but numbers."""
    if count_of(characters, '"') != form.quotes * n:
        return False
    if _count_beyond(characters, "E") == form.beyond["E"] * n:
        return True
    # exponents; every word of JSON has letters beyond that
    brackets = count_of(characters, "[")
    return brackets == form.lists * n and _count_beyond(characters, "e") == form.beyond["e"] * n


def _count_beyond(characters: NDArray[np.uint8], limit: str) -> int:
    return int(np.count_nonzero(characters > ord(limit)))


def _are_rings(characters: NDArray[np.uint8], form: Form, starts: IntArray) -> bool:
    """Tell whether each polygon has at least three vertices, and pairs of numbers.

    Commas are counted modulo 256, so that a polygon of many vertices may look like one of few; never the other way.
    """
    commas = np.add.reduceat((characters == ord(",")).view(np.uint8), starts, dtype=np.uint8)
    commas[:-1] -= 1
    commas -= np.uint8(form.commas)
    return bool((commas >= FEWEST_COMMAS).all() and (commas & 1).all())


def put_plain(filling: Filling, keys: frozenset[str], part: slice, values: Mapping[str, Any]) -> None:
    """Write the columns of records that have certain keys.

    Parameters
    ----------
    filling
        The columns.
    keys
        The keys.
    part
        The rows.
    values
        (n,) or (n, 4) numbers by key; of `iscrowd` where it is 1, or where all are 0 nothing.
    """
    columns = filling.columns
    columns.id[part] = values["id"]
    filling.image_ref[part] = values["image_id"]
    filling.category_ref[part] = values["category_id"]
    columns.bbox[part] = values.get("bbox", np.nan)
    columns.area[part] = values.get("area", np.nan)
    if "iscrowd" in values:
        columns.flags[part][values["iscrowd"] == 1] |= Flag.CROWD.value
    for key, mark in _WITHOUT.items():
        if key not in keys:
            filling.seen[part] |= mark.value
    columns.kind[part] = Kind.POLYGON
    filling.has_keys_once[part] = True


def _values_of(records: list[Any], keys: frozenset[str]) -> dict[str, Any]:
    """Return the numbers of records by key.

    Raises
    ------
    OverflowError
        A whole number of more than 64 bits.
    """
    n = len(records)
    values: dict[str, Any] = {
        key: np.fromiter(map(value_of, records), np.int64, n)
        for key, value_of in (("id", _id_of), ("image_id", _image_of), ("category_id", _category_of))
    }
    if "bbox" in keys:
        values["bbox"] = _boxes(list(map(_bbox_of, records)))
    if "area" in keys:
        values["area"] = np.fromiter(map(_area_of, records), np.float64, n)
    if "iscrowd" in keys and 1 in set(map(_crowd_of, records)):
        values["iscrowd"] = np.fromiter((crowd == 1 for crowd in map(_crowd_of, records)), bool, n)
    return values


def _boxes(boxes: list[_Box]) -> FloatArray:
    """Return (n, 4) numbers; MessagePack has them behind each other, much sooner than Python can walk over them."""
    packed = msgspec.msgpack.encode(boxes)
    size = len(boxes) * _PACKED_BOX.itemsize
    return np.frombuffer(packed, _PACKED_BOX, len(boxes), len(packed) - size)["numbers"]["value"]
