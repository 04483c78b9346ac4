"""Numbers in a text, read for many places at once: eight characters are one word, and arithmetic does the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.values import BoolArray, FloatArray, IntArray

Words: TypeAlias = NDArray[np.uint64]

WORD: Final = 8
"""Characters of a word."""
REACH: Final = 64
"""Characters behind a place that may be looked at."""
_EXACT: Final = 15
"""Decimal digits of which every number is a float."""
_MOST_WORDS: Final = 4
_ZEROS: Final = np.uint64(0x3030303030303030)
_LOW: Final = np.uint64(0x7F7F7F7F7F7F7F7F)
_BEYOND_NINE: Final = np.uint64(0x7676767676767676)
_HIGH: Final = np.uint64(0x8080808080808080)
_PAIRS: Final = np.uint64(0x000000FF000000FF)
_OUTER: Final = np.uint64(0x000F424000000064)
_INNER: Final = np.uint64(0x0000271000000001)
_ONE: Final = np.uint64(1)
_POWERS: Final = 10 ** np.arange(20, dtype=np.uint64)
_floats: Final = msgspec.json.Decoder(list[float])


class Numerals:
    """Reads numbers and compares words at many places of a text.

    Parameters
    ----------
    text
        The text; places are offsets in it, and `REACH` characters behind each are in it.
    """

    def __init__(self, text: bytes | memoryview) -> None:
        self._text = text
        self._characters = np.frombuffer(text, np.uint8)
        # one word for each character, from there on
        self._words: Words = np.ndarray((len(text) - WORD + 1,), "<u8", text, strides=(1,))

    def stands(self, constant: bytes, at: IntArray) -> BoolArray:
        """Tell at which places a text of at least one character stands."""
        if len(constant) < WORD:
            expected = int.from_bytes(constant, "little")
            mask = np.uint64((1 << 8 * len(constant)) - 1)
            return np.asarray((self._words[at] & mask) == np.uint64(expected))
        offsets = [*range(0, len(constant) - WORD, WORD), len(constant) - WORD]
        same = np.ones(len(at), bool)
        for offset in offsets:
            expected = int.from_bytes(constant[offset : offset + WORD], "little")
            same &= self._words[at + offset] == np.uint64(expected)
        return same

    def integers(self, at: IntArray) -> tuple[IntArray, IntArray, BoolArray]:
        """Return whole numbers that are not negative, the places behind them, and whether there is one to be told."""
        values, counts = self._digits(at)
        return values.astype(np.int64), at + counts, (counts > 0) & (counts <= 2 * WORD)

    def floats(self, at: IntArray) -> tuple[FloatArray, IntArray, BoolArray]:
        """Return numbers without exponent, the places behind them, and whether there is one."""
        negative = self._characters[at] == ord("-")
        start = at + negative
        whole, before = self._digits(start)
        point = start + before
        has_point = self._characters[point] == ord(".")
        fraction, behind = self._digits(point + has_point)
        behind *= has_point
        end = point + has_point + behind
        known = (before > 0) & ((behind > 0) | ~has_point)
        exact = before + behind <= _EXACT
        # both are whole numbers that a float can be, so the quotient is the float that is nearest
        scale = _POWERS[np.minimum(behind, _EXACT)]
        fraction *= has_point
        values = (whole * scale + fraction).astype(np.float64) / scale.astype(np.float64)
        np.negative(values, out=values, where=negative)
        long = np.flatnonzero(known & ~exact)
        if len(long):
            values[long] = self._one_by_one(at[long].tolist(), end[long].tolist())
        return values, end, known

    def _one_by_one(self, starts: Sequence[int], ends: Sequence[int]) -> list[float]:
        text = memoryview(self._text)
        numbers = [text[start:end] for start, end in zip(starts, ends, strict=True)]
        try:
            return _floats.decode(b"[" + b",".join(numbers) + b"]")
        except msgspec.DecodeError:
            # no JSON, which is found by those who look at all of the text
            return [np.nan] * len(numbers)

    def _digits(self, at: IntArray) -> tuple[Words, IntArray]:
        """Return the numbers that digits say, and how many these are, up to four words of them.

        Of more than two words the numbers mean nothing.
        """
        values, counts = _leading(self._words[at])
        for k in range(1, _MOST_WORDS):
            full = np.flatnonzero(counts == k * WORD)
            if not len(full):
                break
            more, extra = _leading(self._words[at[full] + k * WORD])
            values[full] = values[full] * _POWERS[extra] + more
            counts[full] += extra
        return values, counts


def _leading(words: Words) -> tuple[Words, IntArray]:
    """Return the numbers that the leading digits of words say, and how many digits."""
    digits = words ^ _ZEROS
    others = (((digits & _LOW) + _BEYOND_NINE) | digits) & _HIGH
    counts = (np.bitwise_count(~others & (others - _ONE)) >> 3).astype(np.int64)
    # what stands behind the digits falls out, zeros come before them
    digits <<= (64 - 8 * counts).astype(np.uint64)
    digits = digits * np.uint64(10) + (digits >> np.uint64(8))
    outer = (digits & _PAIRS) * _OUTER
    inner = ((digits >> np.uint64(16)) & _PAIRS) * _INNER
    return (outer + inner) >> np.uint64(32), counts
