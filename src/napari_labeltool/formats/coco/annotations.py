"""Annotation records to columns: many at once where they are as usual, one by one where they are not.

The fast way decodes a chunk of records into typed structs that leave segmentation and keypoints as text; the
structs live only as long as the chunk. What does not fit the types goes the slow way, with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from napari_labeltool.core.columns import KEY_FLAGS, Flag, Kind, is_rotated_box
from napari_labeltool.core.values import FloatArray, IntArray, decode_json
from napari_labeltool.formats.coco.assumed import NotAsAssumed
from napari_labeltool.formats.coco.careful import put_record
from napari_labeltool.formats.coco.filling import Filling, Seen
from napari_labeltool.formats.coco.keypoints import put_keypoints
from napari_labeltool.formats.coco.numerals import REACH
from napari_labeltool.formats.coco.plain import PlainRecords, count_of
from napari_labeltool.formats.coco.scan import Layout, list_decoder
from napari_labeltool.formats.coco.segments import put_kinds
from napari_labeltool.formats.coco.tally import Tally
from napari_labeltool.formats.coco.uniform import UniformRecords, is_json

_MOST_RECORDS: Final = 16_384
_MOST_BYTES: Final = 1 << 18
_FEWEST: Final = 16
_Id = int | float | str | UnsetType | None


class _Record(msgspec.Struct, gc=False):
    id: _Id = UNSET
    image_id: _Id = UNSET
    category_id: _Id = UNSET
    bbox: list[float] | UnsetType | None = UNSET
    area: float | UnsetType | None = UNSET
    iscrowd: int | float | bool | UnsetType | None = UNSET
    segmentation: msgspec.Raw | UnsetType = UNSET
    keypoints: msgspec.Raw | UnsetType = UNSET
    num_keypoints: float | UnsetType | None = UNSET
    score: float | UnsetType | None = UNSET
    attributes: msgspec.Raw | UnsetType = UNSET
    labeltool: msgspec.Raw | UnsetType = UNSET


_decoder: Final = msgspec.json.Decoder(list[_Record])
_id_of, _image_of, _category_of, _bbox_of, _area_of, _crowd_of, _segmentation_of, _score_of, _count_of = map(
    attrgetter,
    ("id", "image_id", "category_id", "bbox", "area", "iscrowd", "segmentation", "score", "num_keypoints"),
)


def fill_columns(
    data: bytes,
    layout: Layout,
    spans: IntArray,
    decoded: Callable[[int], None] | None = None,
    ahead: Filling | None = None,
) -> Filling:
    """Decode all annotation records.

    Parameters
    ----------
    data
        The text.
    layout
        Its layout.
    spans
        (n, 2) spans of the records.
    decoded
        Called with the offset in the text up to which all is decoded.
    ahead
        What was decoded from spans that were assumed; if they are the first of the true ones, it is gone on with.
    """
    hidden = _hidden_rows(layout, spans)
    if ahead is not None and _are_first(ahead, spans, hidden):
        filling, first = ahead, ahead.count
        filling.go_on(spans)
    else:
        filling, first = Filling(spans), 0
    Decoding(filling, data, layout.shadow, hidden, decoded=decoded).fill(first, len(spans))
    return filling


def _hidden_rows(layout: Layout, spans: IntArray) -> frozenset[int]:
    """Return the annotations that the fast decoder sees otherwise than they are."""
    rows = np.searchsorted(spans[:, 0], layout.hidden, side="right") - 1
    behind = rows >= 0
    rows, offsets = rows[behind], layout.hidden[behind]
    return frozenset(rows[offsets < spans[rows, 1]].tolist())


def _are_first(ahead: Filling, spans: IntArray, hidden: frozenset[int]) -> bool:
    """Tell whether annotations are those that are read first, and the fast decoder saw them as they are."""
    n = ahead.count
    return np.array_equal(ahead.columns.spans[:n], spans[:n]) and hidden.isdisjoint(range(n))


class Decoding:
    """Fills rows from the text of their records, in order.

    Parameters
    ----------
    filling
        The columns, with the spans of the records.
    text
        The text.
    shadow
        The same for the fast decoder, see `formats.coco.shadow`; the text itself by default.
    hidden
        Rows in which the two differ.
    is_certain
        Whether the spans are known, or only assumed.
    decoded
        Called with the offset in the text up to which all is decoded.

    Attributes
    ----------
    done
        Number of rows, from the first on, that are filled.
    """

    def __init__(
        self,
        filling: Filling,
        text: bytes | memoryview,
        shadow: bytes | None = None,
        hidden: frozenset[int] = frozenset(),
        *,
        is_certain: bool = True,
        decoded: Callable[[int], None] | None = None,
    ) -> None:
        self._filling = filling
        self._text = text
        self._shadow = text if shadow is None else shadow
        self._hidden = hidden
        self._is_certain = is_certain
        self._decoded = decoded
        self._plain = PlainRecords(filling)
        self._listed = np.empty(_MOST_BYTES + 2, np.uint8)
        self._uniform = UniformRecords(filling, self._shadow)
        self.done = 0

    @property
    def wants_tallies(self) -> bool:
        """Whether tallies are looked at."""
        return not self._uniform.has_given_up

    def fill(self, first: int, end: int, tally: Tally | None = None) -> None:
        """Fill rows first to end.

        Parameters
        ----------
        first, end
            The rows.
        tally
            What was counted in them, each with what stands behind it up to the next, where that is known.

        Raises
        ------
        NotAsAssumed
            The spans were not certain, and are not true.
        """
        first += self._fill_uniform(first, end, tally)
        for begin, stop in self._chunks(first, end):
            if not self._fill_chunk(begin, stop, self._plain):
                if not self._is_certain:
                    self._check_count(begin, stop)
                self._fill_halves(begin, stop)

    def _chunks(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield rows of as much text as is decoded at once; each is done when the next is asked for."""
        spans = self._filling.columns.spans
        while first < end:
            most = min(end, first + _MOST_RECORDS)
            limit = int(spans[first, 0]) + _MOST_BYTES
            behind = first + int(np.searchsorted(spans[first:most, 1], limit, side="right"))
            behind = max(behind, first + 1)
            yield first, behind
            if self._decoded is not None:
                self._decoded(int(spans[behind - 1, 1]))
            first = self.done = behind

    def _fill_uniform(self, first: int, end: int, tally: Tally | None) -> int:
        """Fill the first rows if all of them are alike; return how many."""
        # the last of a text are not followed by as much of it as may be looked at
        ends = self._filling.columns.spans[first:end, 1]
        n = int(np.searchsorted(ends, len(self._text) - REACH, side="right"))
        known = tally if first + n == end else None
        if self._are_hidden(first, first + n) or not self._uniform.fill(first, first + n, known):
            return 0
        for begin, stop in self._chunks(first, first + n):
            if not self._is_certain and not is_json(self._list_text(begin, stop)):
                raise NotAsAssumed
        return n

    def _list_text(self, first: int, end: int) -> memoryview:
        spans = self._filling.columns.spans
        begin, size = int(spans[first, 0]), int(spans[end - 1, 1] - spans[first, 0])
        listed = self._listed[: size + 2] if size + 2 <= len(self._listed) else np.empty(size + 2, np.uint8)
        listed[0], listed[-1] = ord("["), ord("]")
        # other threads go on while this is copied, as they do not while it is decoded
        listed[1:-1] = np.frombuffer(self._shadow, np.uint8, size, begin)
        return listed.data

    def _check_count(self, first: int, end: int) -> None:
        try:
            count = len(list_decoder.decode(self._list_text(first, end)))
        except (msgspec.DecodeError, RecursionError):
            raise NotAsAssumed from None
        if count != end - first:
            raise NotAsAssumed

    def _are_hidden(self, first: int, end: int) -> bool:
        return bool(self._hidden) and not self._hidden.isdisjoint(range(first, end))

    def _fill_chunk(self, first: int, end: int, plain: PlainRecords | None = None) -> bool:
        """Decode rows first to end if all of them are as usual; tell whether they are."""
        if self._are_hidden(first, end):
            return False
        text = self._list_text(first, end)
        if plain is not None and plain.fill(self._shadow, text, first, end):
            return True
        try:
            records = _decoder.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        if len(records) != end - first:
            return False
        _fill_fast(self._filling, first, records, text)
        return True

    def _fill_halves(self, first: int, end: int) -> None:
        """Decode rows first to end, some of which are not as usual; halving makes one odd record cost little."""
        if end - first > _FEWEST:
            middle = (first + end) // 2
            for begin, stop in ((first, middle), (middle, end)):
                if not self._fill_chunk(begin, stop):
                    self._fill_halves(begin, stop)
            return
        spans = self._filling.columns.spans
        for row in range(first, end):
            if not self._fill_chunk(row, row + 1):
                put_record(self._filling, row, decode_json(self._text[spans[row, 0] : spans[row, 1]]))


def _fill_fast(filling: Filling, first: int, records: list[_Record], text: memoryview) -> None:
    """Fill rows from records of the usual types, of which `text` is the list."""
    columns = filling.columns
    n = len(records)
    part = slice(first, first + n)
    ids = list(map(_id_of, records))
    known = [filling.put_ids(columns.id, columns.odd_ids, first, ids)]
    if not known[0]:
        columns.odd_ids.update({first + k: None for k, value in enumerate(ids) if value is UNSET})
    known.append(filling.put_ids(filling.image_ref, filling.odd_images, first, list(map(_image_of, records))))
    categories = list(map(_category_of, records))
    known.append(filling.put_ids(filling.category_ref, filling.odd_categories, first, categories))
    columns.bbox[part], boxed = _bboxes(filling, first, list(map(_bbox_of, records)))
    columns.area[part], measured = _floats(list(map(_area_of, records)))
    if not measured:
        filling.seen[part][np.isnan(columns.area[part])] |= Seen.NO_AREA.value
    crowds_are_simple = _put_crowds(filling, first, list(map(_crowd_of, records)))
    shaped = set(map(type, map(_segmentation_of, records))) == {msgspec.Raw}
    count = sum((*known, boxed, measured, crowds_are_simple, shaped))
    # if the text has no more quotes than the keys that each record has, there is no other key and no string
    quotes = count_of(np.frombuffer(text, np.uint8), '"')
    plain = quotes == 2 * count * n
    filling.has_keys_once[part] = plain
    _put_segmentations(filling, first, records)
    if not plain:
        more = _put_rest(filling, first, records)
        masks = np.count_nonzero(columns.kind[part] == Kind.RLE)
        compressed = np.count_nonzero(columns.kind[part] == Kind.RLE_COMPRESSED)
        # masks have two keys, compressed ones a string too
        filling.has_keys_once[part] = quotes == 2 * (count * n + more + 2 * masks + 3 * compressed)


def _put_crowds(filling: Filling, first: int, crowds: list[Any]) -> bool:
    """Set the flag for crowds and note where the key is missing; tell whether all are numbers or true and false."""
    part = slice(first, first + len(crowds))
    values = np.array(crowds)
    is_simple = values.dtype == np.int64 or values.dtype == np.bool_
    if not is_simple:
        missing = np.fromiter((crowd is UNSET for crowd in crowds), bool, len(crowds))
        filling.seen[part][missing] |= Seen.NO_CROWD.value
        values = np.fromiter((crowd == 1 for crowd in crowds), bool, len(crowds))
    filling.columns.flags[part][values == 1] |= Flag.CROWD.value
    return bool(is_simple)


def _put_rest(filling: Filling, first: int, records: list[_Record]) -> int:
    """Set what the keys say that most files do not have; return how many of them there are."""
    n = len(records)
    scores = list(map(_score_of, records))
    counts = list(map(_count_of, records))
    scored = np.fromiter((type(score) is float for score in scores), bool, n)
    filling.columns.flags[first : first + n][scored] |= Flag.SCORE.value
    _put_key_flags(filling, first, records)
    with_points = [k for k, r in enumerate(records) if r.keypoints is not UNSET]
    if with_points:
        put_keypoints(
            filling,
            np.array(with_points, np.int64) + first,
            [bytes(_raw(records[k].keypoints)) for k in with_points],
            _floats([counts[k] for k in with_points])[0],
        )
    return int(np.count_nonzero(scored)) + len(with_points) + sum(type(value) is float for value in counts)


def _put_key_flags(filling: Filling, first: int, records: list[_Record]) -> None:
    for key, flag in KEY_FLAGS.items():
        has = np.fromiter((value is not UNSET for value in map(attrgetter(key), records)), bool, len(records))
        filling.columns.flags[first : first + len(records)][has] |= flag.value


def _raw(value: msgspec.Raw | UnsetType) -> msgspec.Raw:
    return msgspec.Raw(b"null") if isinstance(value, UnsetType) else value


def _put_segmentations(filling: Filling, first: int, records: list[_Record]) -> None:
    columns = filling.columns
    shapes = [k for k, record in enumerate(records) if record.segmentation is not UNSET]
    if shapes:
        texts = [bytes(_raw(records[k].segmentation)) for k in shapes]
        commas = put_kinds(filling, np.array(shapes, np.int64) + first, texts)
        # a rotated box is one part of eight numbers
        for j in np.flatnonzero(commas == 7).tolist():
            record = records[shapes[j]]
            if record.attributes is not UNSET or record.labeltool is not UNSET:
                _put_rotation(filling, first + shapes[j], record)
    kinds = columns.kind[first : first + len(records)]
    boxed = ~np.isnan(columns.bbox[first : first + len(records)]).any(axis=1)
    kinds[(kinds == Kind.NONE) & boxed] = Kind.BOX


def _put_rotation(filling: Filling, row: int, record: _Record) -> None:
    facts = {
        "segmentation": decode_json(bytes(_raw(record.segmentation))),
        "attributes": decode_json(bytes(_raw(record.attributes))),
        "labeltool": decode_json(bytes(_raw(record.labeltool))),
    }
    if is_rotated_box(facts):
        filling.columns.flags[row] |= Flag.ROTATED.value


def _bboxes(filling: Filling, first: int, values: Sequence[Any]) -> tuple[FloatArray, bool]:
    """Return the boxes of rows, and whether all have one."""
    n = len(values)
    try:
        if set(map(len, values)) == {4}:
            flat: Any = chain.from_iterable(values)
            return np.fromiter(flat, np.float64, 4 * n).reshape(n, 4), True
    except TypeError:
        pass
    bboxes = np.full((n, 4), np.nan)
    for k, value in enumerate(values):
        if isinstance(value, list) and len(value) == 4:
            bboxes[k] = value
        else:
            filling.seen[first + k] |= (Seen.ODD_BBOX if isinstance(value, list) else Seen.NO_BBOX).value
    return bboxes, False


def _floats(values: Sequence[Any]) -> tuple[FloatArray, bool]:
    """Return numbers with NaN for what is none, and whether all are numbers."""
    try:
        array = np.array(values)
    except ValueError:
        array = np.empty(0, object)
    if array.dtype == np.float64 and len(array) == len(values):
        return array, True
    return np.array([value if isinstance(value, float) else np.nan for value in values], np.float64), False
