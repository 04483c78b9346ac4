"""Connections of widgets to psygnal signals, cut when the widget goes."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any


class Connections:
    """Connections that end together.

    A psygnal signal would go on calling a widget whose Qt part is gone. This object knows the widget weakly,
    so that ``widget.destroyed.connect(connections.close)`` is safe and keeps nothing alive.
    """

    def __init__(self) -> None:
        self._made: list[tuple[Any, weakref.WeakMethod[Any]]] = []

    def add(self, signal: Any, method: Callable[..., Any]) -> None:
        """Connect a psygnal signal to a bound method."""
        signal.connect(method)
        self._made.append((signal, weakref.WeakMethod(method)))

    def close(self, *_: object) -> None:
        """Cut all connections."""
        made, self._made = self._made, []
        for signal, reference in made:
            method = reference()
            if method is not None:
                signal.disconnect(method, missing_ok=True)
