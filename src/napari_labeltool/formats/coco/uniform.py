"""Runs of records that are the same text but for their numbers, and for how many of them their polygon has.

A program that writes a million records writes the same characters between the numbers of each. Such records need
no decoder: the characters are compared, and the numbers read, for all of them at once. The decoder only checks that
the text is JSON, and makes no objects; of a polygon it is proven by counting that nothing else than pairs of numbers
is in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.values import IntArray
from napari_labeltool.formats.coco.filling import Filling
from napari_labeltool.formats.coco.numerals import LONGEST, REACH, Numerals
from napari_labeltool.formats.coco.plain import FEWEST_COMMAS, Form, form_at, put_plain
from napari_labeltool.formats.coco.tally import Counter, Tally

FEWEST: Final = 64
"""Records that are worth it."""
_PATIENCE: Final = 2
_MOST_LONG: Final = 1.5
"""Numbers of many digits in a record, as areas often have; with more of them the decoder is quicker."""
_RING_OPENS: Final = re.compile(rb'"segmentation"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*\[')
_PIECE: Final = re.compile(rb'[^0-9"-]*(?:"([a-z_]+)")?[^0-9"-]*')
_NUMBER: Final = re.compile(rb"-?[0-9.]+")
_WHOLE: Final = frozenset({"id", "image_id", "category_id", "iscrowd"})


@dataclass(frozen=True, slots=True)
class _Step:
    """A text that all records have in common, and the key of the number that follows; "" for none."""

    constant: bytes
    key: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """What all records have in common.

    Parameters
    ----------
    form
        Their keys.
    head, tail
        The steps up to the ring, and those from the bracket that closes it.
    lists_before
        How many lists are closed before the ring.
    """

    form: Form
    head: tuple[_Step, ...]
    tail: tuple[_Step, ...]
    lists_before: int


def pattern_of(text: bytes, form: Form) -> Pattern | None:
    """Return the pattern of a record of a form; None where it is too odd to be that of many."""
    opening = _RING_OPENS.search(text)
    if opening is None:
        return None
    closing = text.find(b"]", opening.end())
    head, tail = _steps_of(text[: opening.end()]), _steps_of(text[closing:])
    if head is None or tail is None:
        return None
    keys = [step.key for step in (*head, *tail) if step.key]
    expected = [key for key in form.keys if key != "segmentation" for _ in range(4 if key == "bbox" else 1)]
    longest = max(len(step.constant) for step in (*head, *tail))
    if sorted(keys) != sorted(expected) or longest > LONGEST:
        return None
    return Pattern(form, head, tail, text.count(b"]", 0, opening.end()))


def _steps_of(text: bytes) -> tuple[_Step, ...] | None:
    steps: list[_Step] = []
    at, key = 0, ""
    while at < len(text):
        begin = at
        while at < len(text) and (piece := _PIECE.match(text, at)) is not None and piece.end() > at:
            at = piece.end()
            key = key if piece[1] is None else piece[1].decode()
        number = _NUMBER.match(text, at)
        if at == begin or (number is None and at < len(text)):
            return None
        steps.append(_Step(text[begin:at], "" if number is None else key))
        at = at if number is None else number.end()
    return tuple(steps)


class UniformRecords:
    """Fills rows whose records are alike to the letter, until there are too few of these.

    Parameters
    ----------
    filling
        The columns.
    text
        The text that the spans of the rows refer to.
    """

    def __init__(self, filling: Filling, text: bytes | memoryview) -> None:
        self._filling = filling
        self._text = text
        self._pattern: Pattern | None = None
        self._patience = _PATIENCE

    @property
    def has_given_up(self) -> bool:
        """Whether no more runs are tried."""
        return self._patience <= 0

    def fill(self, first: int, end: int, tally: Tally | None = None) -> bool:
        """Fill rows first to end if they are alike; tell whether they are, if what stands there is JSON.

        Parameters
        ----------
        first, end
            The rows.
        tally
            What was counted in them, each with what stands behind it up to the next, where that is known.
        """
        spans = self._filling.columns.spans[first:end]
        if self.has_given_up or end - first < FEWEST or spans[-1, 1] + REACH > len(self._text):
            return False
        if self._pattern is None:
            begin, stop = spans[0].tolist()
            form = form_at(self._text, begin, stop)
            self._pattern = None if form is None else pattern_of(bytes(self._text[begin:stop]), form)
        fits = self._pattern is not None and self._fill(self._pattern, spans, first, tally)
        self._patience = _PATIENCE if fits else self._patience - 1
        if not fits:
            self._pattern = None
        return fits

    def _fill(self, pattern: Pattern, spans: IntArray, first: int, tally: Tally | None) -> bool:
        if tally is None:
            tally = _tally_of(self._text, spans)
        closings = _closings(tally, spans, pattern)
        if closings is None or not _are_bare(tally, pattern.form):
            return False
        walk = _Walk(Numerals(self._text), spans[:, 0])
        if not walk.over(pattern.head) or (walk.at > closings).any():
            return False
        walk.at = closings
        if not walk.over(pattern.tail) or (walk.at != spans[:, 1]).any():
            return False
        values: dict[str, Any] = {
            key: columns[0] if key != "bbox" else np.column_stack(columns)
            for key, columns in walk.found.items()
        }
        put_plain(self._filling, pattern.form.keys, slice(first, first + len(spans)), values)
        return True


class _Walk:
    """Goes over all records at once, from number to number.

    Attributes
    ----------
    at
        (n,) where it is in each.
    found
        The numbers so far, by key.
    """

    def __init__(self, numerals: Numerals, at: IntArray) -> None:
        self._numerals = numerals
        self.at = at
        self.found: dict[str, list[NDArray[Any]]] = {}

    def over(self, steps: tuple[_Step, ...]) -> bool:
        """Go over some steps; tell whether all records have them."""
        for step in steps:
            if not step.key:
                if not self._numerals.stands(step.constant, self.at):
                    return False
                self.at = self.at + len(step.constant)
                continue
            read = self._numerals.integers if step.key in _WHOLE else self._numerals.floats
            found = read(step.constant, self.at)
            if found is None or self._numerals.long_count > _MOST_LONG * len(self.at):
                return False
            numbers, self.at = found
            self.found.setdefault(step.key, []).append(numbers)
        return True


def _tally_of(text: bytes | memoryview, spans: IntArray) -> Tally:
    """Return what stands in each record and behind it up to the next, as if there were a comma behind the last."""
    start, end = int(spans[0, 0]), int(spans[-1, 1])
    characters = np.frombuffer(text, np.uint8, end - start, start)
    parts = [slice(0, len(spans))]
    (tally,) = Counter().tallies(characters, spans[:, 0] - start, parts, start)
    tally.commas[-1:] += 1
    return tally


def _closings(tally: Tally, spans: IntArray, pattern: Pattern) -> IntArray | None:
    """Return where the ring of each record ends; None where some record has more or fewer lists."""
    lists = pattern.form.lists
    if len(tally.closings) != lists * len(spans):
        return None
    by_record = tally.closings.reshape(len(spans), lists)
    if (by_record[:, 0] < spans[:, 0]).any() or (by_record[:, -1] > spans[:, 1]).any():
        return None
    return np.ascontiguousarray(by_record[:, pattern.lists_before])


def _are_bare(tally: Tally, form: Form) -> bool:
    """Tell whether polygons have pairs of numbers without exponents and no more, three of them at least.

    Commas are counted modulo 256, so that a polygon of many vertices may look like one of few; never the other way.
    """
    n = len(tally.commas)
    # that behind the record does not belong to it
    commas = tally.commas - np.uint8(form.commas + 1)
    rings_are_paired = bool((commas >= FEWEST_COMMAS).all() and (commas & 1).all())
    return rings_are_paired and tally.quotes == form.quotes * n and tally.letters == form.beyond["E"] * n


class _Skipped(msgspec.Struct, array_like=True, gc=False):
    """A list of which the decoder looks at everything, and keeps nothing."""


_checker: Final = msgspec.json.Decoder(_Skipped)


def is_json(text: bytes | memoryview) -> bool:
    """Tell whether a list is JSON."""
    try:
        _checker.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
