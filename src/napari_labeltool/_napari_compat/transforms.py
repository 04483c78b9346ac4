"""Transforms of the scene that are made anew, and told on, only where they changed."""

from __future__ import annotations

from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np
from napari._vispy.canvas import VispyCanvas
from vispy.visuals.transforms import MatrixTransform, STTransform

_SAID: Final = "_labeltool_said"


def tell_of_new_matrices_only() -> None:
    """Let a transform that is given the matrix that it has tell nobody.

    napari 0.9 gives a layer's node and each of its children their matrices whenever the data changes, and vispy then
    works out the transforms of all of the layer's visuals for the next drawing, 1 to 2 ms for a Shapes layer.
    """
    original = vars(MatrixTransform).get("matrix")
    if not isinstance(original, property) or original.fset is None:
        return
    set_matrix = original.fset

    def place(self: Any, matrix: Any) -> None:
        # also against what was said last: the array that is kept may have been written in place since, by either side
        said = self.__dict__.get(_SAID)
        if said is not None and np.array_equal(said, matrix) and np.array_equal(said, self._matrix):
            return
        set_matrix(self, matrix)
        self.__dict__[_SAID] = np.array(matrix)

    MatrixTransform.matrix = original.setter(place)


class _Known:
    """Stands for a transform whose product with the next one is known."""

    def __init__(self, product: Any) -> None:
        self.product = product

    def __mul__(self, other: Any) -> Any:
        return self.product


class _View:
    """A view of vispy whose transform is `_Known`."""

    def __init__(self, view: Any, product: Any) -> None:
        self._view = view
        self.transform = _Known(product)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._view, name)


def compose_once() -> None:
    """Let the way from the canvas to the world be worked out once for a place of the camera.

    napari 0.9 does it for each event of the mouse and twice for each drawing, 0.4 ms each time.
    """
    original = vars(VispyCanvas).get("_map_canvas2world")
    if original is None:
        return
    known: WeakKeyDictionary[Any, tuple[bytes, Any]] = WeakKeyDictionary()

    def map_to_world(self: Any, position: Any, view: Any) -> Any:
        outer, inner = view.transform, view.scene.transform
        if type(outer) is not STTransform or type(inner) not in (STTransform, MatrixTransform):
            return original(self, position, view)
        state = _state(outer) + _state(inner)
        last = known.get(view)
        if last is None or last[0] != state:
            last = known[view] = (state, outer * inner)
        return original(self, position, _View(view, last[1]))

    VispyCanvas._map_canvas2world = map_to_world


def _state(transform: Any) -> bytes:
    if type(transform) is MatrixTransform:
        return np.asarray(transform.matrix).tobytes()
    return np.asarray(transform.scale).tobytes() + np.asarray(transform.translate).tobytes()
