"""Numbers in a text, read for many places at once: eight characters are one word, and arithmetic does the rest."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.values import BoolArray, FloatArray, IntArray

Words: TypeAlias = NDArray[np.uint64]

WORD: Final = 8
"""Characters of a word."""
REACH: Final = 128
"""Characters behind a place that may be looked at."""
LONGEST: Final = REACH - 2 * WORD
"""Characters of a text that all places have in common."""
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
_BYTE: Final = np.uint64(0xFF)
_THREE: Final = np.uint64(3)
_EIGHT: Final = np.uint64(8)
_REST: Final = np.uint64(56)
_ALL: Final = np.uint64(64)
_POWERS: Final = 10 ** np.arange(20, dtype=np.uint64)
_floats: Final = msgspec.json.Decoder(list[float])


class Numerals:
    """Compares words and reads numbers at many places of a text.

    Parameters
    ----------
    text
        The text; places are offsets in it, and `REACH` characters behind each are in it.

    Attributes
    ----------
    long_count
        How many numbers were read that have more digits than are told at once.
    """

    def __init__(self, text: bytes | memoryview) -> None:
        self._text = text
        self.long_count = 0

    def _words(self, at: IntArray, size: int = 1) -> Words:
        """Return (n, size) words."""
        # one run of so many words for each character, from there on
        count = len(self._text) - WORD * size + 1
        runs: NDArray[np.void] = np.ndarray((count,), f"V{WORD * size}", self._text, strides=(1,))
        return runs[at].view("<u8").reshape(len(at), size)

    def stands(self, constant: bytes, at: IntArray) -> bool:
        """Tell whether a text stands at all places."""
        return _begin(self._words(at, -(-len(constant) // WORD)), constant)

    def integers(self, constant: bytes, at: IntArray) -> tuple[IntArray, IntArray] | None:
        """Return the whole numbers behind a text that stands at all places, and the places behind them.

        None where some place has another text, no number, a negative one, or one of more than sixteen digits.
        """
        words = self._words(at, -(-(len(constant) + WORD) // WORD))
        if not _begin(words, constant):
            return None
        at = at + len(constant)
        numbers, found = _leading(_from(words, len(constant)))
        values, counts = numbers.view(np.int64), found.view(np.int64)
        long = np.flatnonzero(counts == WORD)
        if len(long):
            values[long], counts[long] = self._digits(at[long])
        return (values, at + counts) if ((counts > 0) & (counts <= 2 * WORD)).all() else None

    def floats(self, constant: bytes, at: IntArray) -> tuple[FloatArray, IntArray] | None:
        """Return the numbers behind a text that stands at all places, and the places behind them.

        None where some place has another text, or no number. Exponents are not looked at.
        """
        words = self._words(at, -(-(len(constant) + 2 * WORD) // WORD))
        if not _begin(words, constant):
            return None
        at = at + len(constant)
        first, second = _from(words, len(constant)), _from(words, len(constant) + WORD)
        negative = (first & _BYTE) == ord("-")
        if negative.any():
            some = np.flatnonzero(negative)
            first[some] = (first[some] >> _EIGHT) | (second[some] << _REST)
            second[some] >>= _EIGHT
        whole, before = _leading(first)
        bits = before << _THREE
        has_point = ((first >> bits) & _BYTE) == ord(".")
        bits += _EIGHT
        fraction, behind = _leading(np.bitwise_or(first >> bits, second << (_ALL - bits)))
        if not has_point.all():
            fraction *= has_point
            behind *= has_point
        end = at + (before + behind).view(np.int64) + negative + has_point
        known = (before > 0) & ((behind > 0) | ~has_point)
        scale = _POWERS[behind]
        # both are whole numbers that a float can be, so the quotient is the float that is nearest
        values = (whole * scale + fraction).astype(np.float64) / scale.astype(np.float64)
        np.negative(values, out=values, where=negative)
        # more may follow
        long = np.flatnonzero((np.maximum(before, behind) == WORD) | (before + behind + negative >= _EXACT))
        if len(long):
            self.long_count += len(long)
            values[long], end[long], known[long] = self._long_floats(at[long])
        return (values, end) if known.all() else None

    def _long_floats(self, at: IntArray) -> tuple[FloatArray, IntArray, BoolArray]:
        """Do the same for numbers of any length."""
        start = at + (self._words(at)[:, 0] & _BYTE == ord("-"))
        _, before = self._digits(start)
        point = start + before
        has_point = (self._words(point)[:, 0] & _BYTE) == ord(".")
        _, behind = self._digits(point + has_point)
        behind *= has_point
        end = point + has_point + behind
        known = (before > 0) & ((behind > 0) | ~has_point)
        return self._decoded(at, end - at), end, known

    def _decoded(self, at: IntArray, lengths: IntArray) -> FloatArray:
        """Return the numbers of so many characters each as the decoder reads them."""
        size = int(lengths.max()) // WORD + 1
        characters = self._words(at, size).view(np.uint8)
        characters[np.arange(size * WORD) >= lengths[:, np.newaxis]] = ord(" ")
        characters[:, -1] = ord(",")
        try:
            return np.array(_floats.decode(b"[" + characters.tobytes()[:-1] + b"]"))
        except msgspec.DecodeError:
            # no JSON, which is found by those who look at all of the text
            return np.full(len(at), np.nan)

    def _digits(self, at: IntArray) -> tuple[Words, IntArray]:
        """Return the numbers that digits say, and how many these are, up to four words of them.

        Of more than two words the numbers mean nothing.
        """
        values, found = _leading(self._words(at)[:, 0])
        counts = found.view(np.int64)
        for k in range(1, _MOST_WORDS):
            full = np.flatnonzero(counts == k * WORD)
            if not len(full):
                break
            more, extra = _leading(self._words(at[full] + k * WORD)[:, 0])
            values[full] = values[full] * _POWERS[extra] + more
            counts[full] += extra.view(np.int64)
        return values, counts


def _begin(words: Words, constant: bytes) -> bool:
    """Tell whether all (n, m) words begin with a text."""
    for k in range(-(-len(constant) // WORD)):
        part = constant[k * WORD : (k + 1) * WORD]
        expected = np.uint64(int.from_bytes(part, "little"))
        column = words[:, k]
        if len(part) < WORD:
            column = column & np.uint64((1 << 8 * len(part)) - 1)
        if not (column == expected).all():
            return False
    return True


def _from(words: Words, offset: int) -> Words:
    """Return (n,) words that begin so many characters after the first of (n, m) words."""
    k, over = divmod(offset, WORD)
    if not over:
        return words[:, k].copy()
    return (words[:, k] >> np.uint64(8 * over)) | (words[:, k + 1] << np.uint64(8 * (WORD - over)))


def _leading(words: Words) -> tuple[Words, Words]:
    """Return the numbers that the leading digits of words say, and how many digits."""
    digits = words ^ _ZEROS
    others = (((digits & _LOW) + _BEYOND_NINE) | digits) & _HIGH
    counts = (np.bitwise_count(~others & (others - _ONE)) >> 3).astype(np.uint64)
    # what stands behind the digits falls out, zeros come before them
    digits <<= _ALL - (counts << _THREE)
    digits = digits * np.uint64(10) + (digits >> _EIGHT)
    outer = (digits & _PAIRS) * _OUTER
    inner = ((digits >> np.uint64(16)) & _PAIRS) * _INNER
    return (outer + inner) >> np.uint64(32), counts
