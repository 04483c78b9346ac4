"""What stands under the keys with objects, ``attributes`` and ``labeltool``, for many records at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np

from napari_labeltool.core.annotations import Annotations
from napari_labeltool.core.columns import KEY_FLAGS
from napari_labeltool.core.values import IntArray, JsonValue, decode_json

CHUNK: Final = 4096
_DENSE: Final = 4


class _Keys(msgspec.Struct, gc=False):
    attributes: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    labeltool: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_DECODER: Final = msgspec.json.Decoder(list[_Keys])


def nested_values(
    table: Annotations, rows: IntArray, key: str, check: Callable[[], None] | None = None
) -> tuple[list[JsonValue], IntArray]:
    """Return what stands under a key in some records, equal texts once.

    Parameters
    ----------
    table
        The annotations.
    rows
        (n,) rows.
    key
        ``"attributes"`` or ``"labeltool"``.
    check
        Called between chunks; what it raises ends the work.

    Returns
    -------
    values
        The different values; the first is None, for records without the key.
    places
        (n,) which of them each record has.
    """
    values: list[JsonValue] = [None]
    known: dict[bytes | None, int] = {None: 0}
    places = np.zeros(len(rows), np.int64)
    codes, forms = table.patch_forms(rows)
    has_key = (table.flags[rows] & KEY_FLAGS[key].value) != 0
    own = codes < 0
    for code in np.flatnonzero(np.bincount(codes[codes > 0])).tolist():
        chosen = codes == code
        if key not in forms[code]:
            continue
        own |= chosen & has_key
        shared = np.flatnonzero(chosen & ~has_key)
        if len(shared):
            places[shared] = len(values)
            values.append(table.value(int(rows[shared[0]]), key))
    for k in np.flatnonzero(own).tolist():
        places[k] = len(values)
        values.append(table.value(int(rows[k]), key))
    plain = np.flatnonzero(has_key & ~own)
    plain = plain[np.argsort(rows[plain], kind="stable")]
    for begin in range(0, len(plain), CHUNK):
        if check is not None:
            check()
        part = plain[begin : begin + CHUNK]
        for k, text in zip(part.tolist(), texts_of(table, rows[part], key), strict=True):
            if text not in known:
                known[text] = len(values)
                values.append(decode_json(text or b"null"))
            places[k] = known[text]
    return values, places


def texts_of(table: Annotations, rows: IntArray, key: str) -> list[bytes | None]:
    """Return the JSON text of a key of records as they were read, None where there is none.

    Parameters
    ----------
    table
        The annotations.
    rows
        Rows that were read, in order.
    key
        As of `nested_values`.
    """
    data = memoryview(table.source.data)
    first, last = int(rows[0]), int(rows[-1])
    dense = last - first < _DENSE * len(rows)
    if dense:
        text = b"".join((b"[", data[table.base_spans[first, 0] : table.base_spans[last, 1]], b"]"))
        places = rows - first
    else:
        pieces = [data[start:end] for start, end in table.base_spans[rows].tolist()]
        text = b"[" + b",".join(pieces) + b"]"
        places = np.arange(len(rows))
    try:
        records = _DECODER.decode(text)
        found = [getattr(records[place], key) for place in places.tolist()]
    except (msgspec.DecodeError, UnicodeDecodeError, IndexError):
        # text that strict JSON has no place for: NaN, Infinity, odd letters
        values = [table.value(row, key) for row in rows.tolist()]
        return [None if value is None else msgspec.json.encode(value) for value in values]
    return [None if isinstance(value, msgspec.UnsetType) else bytes(value) for value in found]
