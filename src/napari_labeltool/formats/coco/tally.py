"""Counting some characters in a text while it arrives: what is compared and decoded leaves open is proven so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.values import IntArray

Bytes: TypeAlias = NDArray[np.uint8]

LAST_CAPITAL: Final = ord("E")
"""Beyond it are small letters, most capital ones, brackets and braces, and of a number nothing but e."""


class Tally(NamedTuple):
    """What was counted in stretches of a text that follow each other.

    Parameters
    ----------
    quotes, letters
        Quotation marks, and characters beyond `LAST_CAPITAL`, in all of them.
    commas
        (n,) commas in each, modulo 256.
    closings
        (m,) offsets of the closing brackets.
    """

    quotes: int
    letters: int
    commas: Bytes
    closings: IntArray

    def grown(self, more: Tally) -> Tally:
        """Return the tally of one stretch with what belongs to it, too."""
        return self._sum(more, self.commas + more.commas)

    def followed_by(self, more: Tally) -> Tally:
        """Return the tally of these stretches and others behind them."""
        return self._sum(more, np.concatenate([self.commas, more.commas]))

    def _sum(self, more: Tally, commas: Bytes) -> Tally:
        closings = np.concatenate([self.closings, more.closings])
        return Tally(self.quotes + more.quotes, self.letters + more.letters, commas, closings)


class Counter:
    """Counts in pieces of a text, again and again in the same memory.

    Attributes
    ----------
    is_wanted
        Whether anybody still looks at tallies.
    """

    def __init__(self) -> None:
        self._memory = np.empty(0, bool)
        self.is_wanted = True

    def _marks(self, size: int) -> NDArray[np.bool_]:
        if size > len(self._memory):
            self._memory = np.empty(size, bool)
        return self._memory[:size]

    def places(self, characters: Bytes, character: str) -> IntArray:
        """Return where a character stands."""
        marks = np.equal(characters, ord(character), out=self._marks(len(characters)))
        return np.flatnonzero(marks).astype(np.int64, copy=False)

    def tallies(
        self, characters: Bytes, starts: IntArray, parts: Sequence[slice], offset: int
    ) -> list[Tally]:
        """Return what stands in runs of stretches of a piece of the text.

        Parameters
        ----------
        characters
            The piece.
        starts
            (n,) where stretches begin, ascending, the first at 0; the last goes on to the end.
        parts
            Which stretches belong to each run.
        offset
            Of the piece in the text.
        """
        borders = np.append(starts, len(characters))
        # a run of none begins and ends at its first border
        runs = [slice(int(borders[part.start]), int(borders[part.stop])) for part in parts]
        closings = self.places(characters, "]") + offset
        cuts = [
            slice(*np.searchsorted(closings, [run.start + offset, run.stop + offset]).tolist())
            for run in runs
        ]
        marks = self._marks(len(characters))
        np.equal(characters, ord('"'), out=marks)
        quotes = [np.count_nonzero(marks[run]) for run in runs]
        np.greater(characters, LAST_CAPITAL, out=marks)
        letters = [np.count_nonzero(marks[run]) for run in runs]
        np.equal(characters, ord(","), out=marks)
        commas = np.add.reduceat(marks.view(np.uint8), starts, dtype=np.uint8)
        return [
            Tally(int(quoted), int(lettered), commas[part], closings[cut])
            for quoted, lettered, part, cut in zip(quotes, letters, parts, cuts, strict=True)
        ]
