"""Decoding the annotations of a plain text while the rest of it still arrives."""

from __future__ import annotations

from collections.abc import Iterable

from napari_labeltool.core.values import IntArray
from napari_labeltool.formats.coco.annotations import Decoding
from napari_labeltool.formats.coco.assumed import Guess, NotAsAssumed
from napari_labeltool.formats.coco.filling import Filling
from napari_labeltool.formats.coco.loading import Block, Steps


def read_ahead(text: bytes | memoryview, blocks: Iterable[Block], steps: Steps) -> Filling | None:
    """Decode the annotations of a text that may still be arriving.

    Parameters
    ----------
    text
        The text, of which nothing beyond the blocks is looked at.
    blocks
        Its blocks, as they arrive.
    steps
        Are told of what is decoded.

    Returns
    -------
    Filling or None
        The columns, which hold if the layout of the text says that these are the annotations; None where the
        text is not so plain. What is wrong with it is found by those who look at all of it.
    """
    filling = Filling()
    decoding = Decoding(filling, text, is_certain=False, decoded=steps.decoded)
    guess = Guess(text)
    end = 0
    try:
        for block in blocks:
            end = block.end
            _decode(decoding, filling, guess.take(block), len(text))
        _decode(decoding, filling, guess.last(end), len(text))
    except (NotAsAssumed, UnicodeDecodeError):
        return None
    filling.end()
    return filling


def _decode(decoding: Decoding, filling: Filling, spans: IntArray, size: int) -> None:
    if len(spans):
        first = filling.count
        filling.append(spans, size)
        decoding.fill(first, filling.count)
