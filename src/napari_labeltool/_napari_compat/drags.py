"""Drags of the mouse over a layer that are going on."""

from __future__ import annotations

from typing import Any


def end_drag(layer: Any) -> None:
    """Let moves of a mouse that is still held, and its release, do nothing more to a layer.

    A drag that is at work this very moment, whose event led here, is left to itself. napari forgets an ended one at the
    next event.
    """
    for drag in layer._mouse_drag_gen.values():
        if not drag.gi_running:
            drag.close()
