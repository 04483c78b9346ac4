"""What napari does once in a program, with the first layer of each kind, done before anybody waits for a layer."""

from __future__ import annotations

from functools import cache

import numpy as np
from napari.layers import Image, Labels, Points, Shapes


@cache
def make_one_of_each() -> None:
    """Make a layer of each kind and forget it.

    What napari loads and works out for the first ones (units, colours, interpolation) takes about as long as all else
    that opening a document does.
    """
    Image(np.zeros((2, 2), np.uint8))
    Labels(np.zeros((2, 2), np.uint16))
    Points(ndim=2)
    Shapes(ndim=2)
