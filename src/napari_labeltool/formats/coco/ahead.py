"""Decoding the annotations of a plain text while the rest of it still arrives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from napari_labeltool.formats.coco.annotations import Decoding
from napari_labeltool.formats.coco.assumed import Found, Guess, NotAsAssumed
from napari_labeltool.formats.coco.filling import Filling
from napari_labeltool.formats.coco.loading import Block, Steps
from napari_labeltool.formats.coco.tally import Counter


@dataclass(frozen=True, slots=True)
class Ahead:
    """Annotations that were decoded before the layout of their text was known.

    Parameters
    ----------
    filling
        Their columns.
    is_whole
        Whether these seem to be all annotations of the text, or only those before one that is not so plain.
    ascii_size
        How many of the first bytes of the text are known to be ASCII.
    """

    filling: Filling
    is_whole: bool
    ascii_size: int


def read_ahead(
    text: bytes | memoryview, blocks: Iterable[Block], steps: Steps, counter: Counter
) -> Ahead | None:
    """Decode the annotations of a text that may still be arriving, as far as they are plain.

    Parameters
    ----------
    text
        The text, of which nothing beyond the blocks is looked at.
    blocks
        Its blocks, as they arrive.
    steps
        Are told of what is decoded.
    counter
        Counts in the blocks, as long as that is of use.

    Returns
    -------
    Ahead or None
        The columns, which hold if the layout of the text says that these are the annotations, or the first of
        them; None where there is nothing to go on with. What is wrong with the text is found by those who look at
        all of it.
    """
    filling = Filling()
    decoding = Decoding(filling, text, is_certain=False, decoded=steps.decoded)
    guess = Guess(text)
    end = ascii_size = 0
    is_whole = False
    try:
        for block in blocks:
            ascii_size = block.end if block.is_ascii and ascii_size == end else ascii_size
            end = block.end
            _decode(decoding, filling, guess.take(block), len(text))
            counter.is_wanted = decoding.wants_tallies
        _decode(decoding, filling, guess.last(end), len(text))
        is_whole = True
    except NotAsAssumed:
        if not decoding.done:
            return None
    except (UnicodeDecodeError, RecursionError):
        # in the midst of some rows, of which more than the columns may be filled
        return None
    filling.keep(decoding.done)
    return Ahead(filling, is_whole, ascii_size)


def _decode(decoding: Decoding, filling: Filling, found: Found, size: int) -> None:
    if len(found.spans):
        first = filling.count
        filling.append(found.spans, size)
        decoding.fill(first, filling.count, found.tally)
