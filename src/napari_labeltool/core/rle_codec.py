"""The compressed ``counts`` string of COCO RLE, both ways, in 64 bits.

The string holds signed numbers in groups of five bits, lowest first, one printable character a group
(chr 48..111): bit 5 says that more follows, bit 4 of the last group is the sign. From the fourth number on,
each is the difference to the number two places before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.errors import ReadError

MOST_PIXELS_IN_FRAME = 2**53
_SHORT = 128
_MOST_GROUPS = 13
_REACH = np.array([1 << (5 * k - 1) for k in range(1, _MOST_GROUPS)], np.int64)
_LEGEND = "Compressed counts use the characters '0' to 'o' only"


def checked_counts(
    counts: Sequence[int] | NDArray[np.integer] | str | bytes, height: int, width: int
) -> NDArray[np.int64]:
    """Return the run lengths of a COCO segmentation after making sure that they fill its frame exactly.

    Parameters
    ----------
    counts : list of int, str or bytes
        Run lengths, or the compressed string.
    height, width : int
        ``size`` of the segmentation.

    Raises
    ------
    ReadError
        The counts are damaged, negative, or do not sum to ``height * width``.
    """
    if height < 0 or width < 0 or height * width > MOST_PIXELS_IN_FRAME:
        raise ReadError(
            f"segmentation.size: [{height}, {width}] found, expected [height, width], neither negative, "
            f"of at most 2**53 pixels. The mask was not decoded."
        )
    runs = decode_counts(counts) if isinstance(counts, (str, bytes)) else _checked_list(counts)
    if len(runs) and int(runs.min()) < 0:
        at = int(np.argmin(runs))
        raise ReadError(
            f"segmentation.counts[{at}]: {int(runs[at])} found, expected no negative run length. "
            f"The mask was not decoded."
        )
    # a sum in floating point first, so that no 64-bit sum can wrap around to the expected number
    total = int(runs.sum()) if float(runs.sum(dtype=np.float64)) < 2.0**62 else sum(runs.tolist())
    if total != height * width:
        raise ReadError(
            f"segmentation.counts: the runs sum to {total}, expected {height * width} "
            f"(size [{height}, {width}]). The mask was not decoded."
        )
    return runs


def _checked_list(counts: Sequence[int] | NDArray[np.integer]) -> NDArray[np.int64]:
    try:
        runs = np.asarray(counts)
    except ValueError:
        runs = np.empty((0, 0), object)
    if runs.ndim == 1 and not len(runs):
        return np.empty(0, np.int64)
    if runs.ndim == 1 and runs.dtype.kind in "iuf":
        whole = runs.astype(np.int64) if np.isfinite(runs).all() and np.abs(runs).max() < 2.0**62 else None
        if whole is not None and (whole == runs).all():
            return whole
    raise ReadError(
        "segmentation.counts: something other than whole numbers (or a number beyond 64 bits) found, "
        "expected a list of run lengths or a compressed string. The mask was not decoded."
    )


def decode_counts(text: str | bytes) -> NDArray[np.int64]:
    """Return the run lengths in a compressed ``counts`` string.

    Parameters
    ----------
    text : str or bytes
        The compressed string.

    Returns
    -------
    int64 array, shape (runs,)
        As the string says; neither sign nor sum is judged here.

    Raises
    ------
    ReadError
        A character that cannot be in such a string, a string that ends inside a number, or a number that
        does not fit 64 bits.
    """
    try:
        raw = text.encode("ascii") if isinstance(text, str) else bytes(text)
    except UnicodeEncodeError as error:
        raise ReadError(
            f"segmentation.counts: character {text[error.start]!r} found at position {error.start}. "
            f"{_LEGEND}. The mask was not decoded."
        ) from None
    if not raw:
        return np.empty(0, np.int64)
    if raw[-1] - 48 & 0x20:
        raise ReadError(
            "segmentation.counts: the compressed string ends inside a number; it is truncated. "
            "The mask was not decoded."
        )
    if len(raw) <= _SHORT:
        return _decode_short(raw)
    return _decode_long(raw)


def _bad_character(raw: bytes) -> ReadError:
    at = next(i for i, c in enumerate(raw) if not 48 <= c <= 111)
    return ReadError(
        f"segmentation.counts: byte {raw[at]} found at position {at}. {_LEGEND}. The mask was not decoded."
    )


def _too_long() -> ReadError:
    return ReadError(
        "segmentation.counts: a run length beyond 64 bits was found in the compressed string. "
        "The mask was not decoded."
    )


def _decode_short(raw: bytes) -> NDArray[np.int64]:
    counts: list[int] = []
    value = shift = 0
    for byte in raw:
        group = byte - 48
        if not 0 <= group < 64:
            raise _bad_character(raw)
        value |= (group & 0x1F) << shift
        shift += 5
        if group & 0x20:
            continue
        if group & 0x10:
            value -= 1 << shift
        if shift > 5 * (_MOST_GROUPS - 1):
            raise _too_long()
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value = shift = 0
    try:
        return np.array(counts, np.int64)
    except OverflowError:
        raise _too_long() from None


def _decode_long(raw: bytes) -> NDArray[np.int64]:
    groups = np.frombuffer(raw, np.uint8).astype(np.int64) - 48
    if ((groups < 0) | (groups > 63)).any():
        raise _bad_character(raw)
    last = np.flatnonzero((groups & 0x20) == 0)
    first = np.empty_like(last)
    first[0] = 0
    first[1:] = last[:-1] + 1
    lengths = last - first + 1
    if int(lengths.max()) > _MOST_GROUPS - 1:
        raise _too_long()
    place = np.arange(len(groups)) - np.repeat(first, lengths)
    deltas = np.add.reduceat((groups & 0x1F) << (5 * place), first)
    deltas -= np.where(groups[last] & 0x10, np.int64(1) << (5 * lengths), 0)
    if float(np.abs(deltas).astype(np.float64).sum()) >= 2.0**62:
        raise _too_long()
    counts = deltas
    counts[1::2] = np.cumsum(deltas[1::2])
    counts[2::2] = np.cumsum(deltas[2::2])
    return counts


def encode_counts(counts: NDArray[np.int64]) -> str:
    """Return the compressed string of run lengths, character for character what pycocotools writes.

    Parameters
    ----------
    counts : int64 array, shape (runs,)
        Run lengths, each below 2**58.
    """
    if not len(counts):
        return ""
    deltas = counts.copy()
    deltas[3:] -= counts[1:-2]
    magnitude = np.where(deltas < 0, ~deltas, deltas)
    lengths = 1 + np.searchsorted(_REACH, magnitude, side="right")
    ends = np.cumsum(lengths)
    place = np.arange(int(ends[-1])) - np.repeat(ends - lengths, lengths)
    groups = (np.repeat(deltas, lengths) >> (5 * place)) & 0x1F
    more = np.full(len(groups), 0x20)
    more[ends - 1] = 0
    return bytes(((groups | more) + 48).astype(np.uint8)).decode("ascii")
