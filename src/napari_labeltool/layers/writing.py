"""Layers written to a COCO file: a new one, or spliced into the one that is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from napari.layers import Layer

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.errors import WriteError
from napari_labeltool.formats.coco import looks_like_coco, read_coco, write_coco
from napari_labeltool.layers.assumptions import Assumptions
from napari_labeltool.layers.convert_layers import from_layers
from napari_labeltool.layers.coordinates import LayerDataTuple


def write_layers(
    path: str | Path,
    layers: Sequence[Layer | LayerDataTuple],
    *,
    assumptions: Assumptions | None = None,
    **options: Any,
) -> Dataset:
    """Write layers to a COCO file.

    If the file is there already, layers that came from it change their own annotations in it, other layers
    add theirs to their image (found by ``file_name``, or new), and every other byte stays. The old file is
    kept as a backup.

    Parameters
    ----------
    path
        The file.
    layers
        Layers, or tuples (data, keyword arguments, type).
    assumptions
        Takes the sentences about what was assumed.
    **options
        ``schema``, ``image_size`` and ``file_name`` of `from_layers`.

    Returns
    -------
    Dataset
        What was written.

    Raises
    ------
    WriteError
        The file is there and is no COCO, or cannot be written; it is as it was.
    ReadError
        The file is there and damaged; it is as it was.
    """
    target = Path(path)
    base = None
    if target.exists():
        if not looks_like_coco(target):
            raise WriteError(
                f"{target}: something that is not COCO JSON found there; it was not replaced. Choose"
                " another name."
            )
        base = read_coco(target)
    dataset = from_layers(layers, dataset=base, assumptions=assumptions, **options)
    if base is None or dataset.is_changed():
        write_coco(dataset, target)
    return dataset
