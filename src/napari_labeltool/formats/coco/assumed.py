"""A first guess at where the records stand, from the braces alone.

Records of numbers, one after another with one separator, need no scan by the JSON decoder: every opening brace
begins one. The guess is certain once the decoder finds as many records in each stretch of the text as were
guessed there, because every true beginning is among the guessed ones, and once the layout of the document
says that the array is the one of its annotations. It needs no more of the text than what has arrived.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import numpy as np

from napari_labeltool.core.values import IntArray
from napari_labeltool.formats.coco.loading import Block
from napari_labeltool.formats.coco.tally import Tally
from napari_labeltool.formats.coco.tokens import COMMA

_ARRAY: Final = re.compile(rb'"annotations"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*(?=\{)')
_LONGEST_START: Final = 4096
"""Bytes from the key to the first record; one that is longer may be missed."""
_RECORD: Final = re.compile(rb"[^}]*\}")
_CLOSED: Final = re.compile(rb"[ \t\r\n]*\]")


class Found(NamedTuple):
    """Records that are complete.

    Parameters
    ----------
    spans
        (n, 2) where they stand.
    tally
        What was counted in them, each with what stands behind it up to the next, where that is known.
    """

    spans: IntArray
    tally: Tally | None


_NONE: Final = Found(np.empty((0, 2), np.int64), None)


class NotAsAssumed(Exception):
    """The text is not what the guess took it for; it has to be scanned."""


class Guess:
    """Where the annotations seem to stand in a text that arrives in blocks.

    Parameters
    ----------
    text
        The text; of a block that has not been taken nothing is looked at.
    """

    def __init__(self, text: bytes | memoryview) -> None:
        self._text = text
        self._searched = 0
        self._separator: bytes | None = None
        self._openings: IntArray = np.empty(0, np.int64)
        """Of the record that is not known to be complete."""
        self._rest: Tally | None = None
        """What was counted in what there is of it."""
        self._is_begun = False
        self._is_closed = False
        self._is_refuted = False

    def take(self, block: Block) -> Found:
        """Return the records that are complete now and were not before.

        Raises
        ------
        NotAsAssumed
            The array is not so simple, or was not behind what was returned before.
        """
        if self._is_refuted:
            raise NotAsAssumed
        if self._is_closed or (not self._is_begun and not self._begins(block.end)):
            return _NONE
        openings, tally = self._with(block)
        self._openings = openings
        if len(openings) < 2:
            return _NONE
        if self._separator is None:
            self._separator = self._separator_between(*openings[:2].tolist())
        return self._complete(openings, tally, self._separator, block.end)

    def _with(self, block: Block) -> tuple[IntArray, Tally | None]:
        """Return the openings that are known with a block, and what was counted from the first to the last."""
        rest, self._rest = self._rest, None
        if block.tallies is None:
            before = 0 if len(self._openings) else int(np.searchsorted(block.braces, self._searched))
            return np.concatenate([self._openings, block.braces[before:]]), None
        head, body, self._rest = block.tallies
        if not len(self._openings):
            before = int(np.searchsorted(block.braces, self._searched))
            return block.braces[before:], None if before else body
        if rest is not None and len(head.commas):
            rest = rest.grown(head)
        if not len(block.braces):
            self._rest = rest
            return self._openings, None
        tally = None if rest is None else rest.followed_by(body)
        return np.concatenate([self._openings, block.braces]), tally

    def last(self, end: int) -> Found:
        """Return the last record when all of the text was taken, none if it was returned.

        Raises
        ------
        NotAsAssumed
            The array does not end, or there is none.
        """
        if self._is_closed:
            return _NONE
        if self._is_refuted or not len(self._openings):
            raise NotAsAssumed
        return Found(self._close(int(self._openings[-1]), end), None)

    def _begins(self, end: int) -> bool:
        """Tell whether the array begins in the text up to here."""
        match = _ARRAY.search(self._text, self._searched, end)
        self._is_begun = match is not None
        self._searched = max(self._searched, end - _LONGEST_START) if match is None else match.end()
        return self._is_begun

    def _separator_between(self, first: int, second: int) -> bytes:
        """Return what stands between two records; nothing where the second brace begins none."""
        record = _RECORD.match(self._text, first, second)
        separator = b"" if record is None else bytes(self._text[record.end() : second])
        return separator if COMMA.fullmatch(separator) else b""

    def _complete(self, openings: IntArray, tally: Tally | None, separator: bytes, end: int) -> Found:
        bytes_of = np.frombuffer(self._text, np.uint8)
        ends = openings[1:] - len(separator)
        fits = bytes_of[ends - 1] == ord("}") if separator else np.zeros(len(ends), bool)
        for k, byte in enumerate(separator):
            fits &= bytes_of[ends + k] == byte
        count = len(fits) if fits.all() else int(np.argmin(fits))
        spans = np.column_stack([openings[:count], ends[:count]])
        if count == len(fits):
            self._openings = openings[-1:]
            return Found(spans, tally)
        try:
            return Found(np.concatenate([spans, self._close(int(openings[count]), end)]), None)
        except NotAsAssumed:
            self._is_refuted = True
            return Found(spans, None)

    def _close(self, start: int, end: int) -> IntArray:
        record = _RECORD.match(self._text, start, end)
        if record is None or _CLOSED.match(self._text, record.end(), end) is None:
            raise NotAsAssumed
        self._is_closed = True
        return np.array([[start, record.end()]], np.int64)
