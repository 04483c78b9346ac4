"""A widget with keys of its own that work wherever the cursor is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtGui import QKeyEvent, QKeySequence
from qtpy.QtWidgets import QWidget

from napari_labeltool.widgets.theme import ThemedWidget

_CTRL_OR_ALT: Final = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


class KeyedWidget(ThemedWidget):
    """Keys win over the menus of the window while the cursor is in the widget.

    Shortcuts of Qt would not do: one that a menu has too is ambiguous, and then neither works.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        self._keys: dict[str, Callable[[], object]] = {}
        super().__init__(parent)

    def set_keys(self, keys: Mapping[str, Callable[[], object]]) -> None:
        """Say what keys do; names as Qt spells them, such as ``"Ctrl+S"``."""
        self._keys = {QKeySequence(key).toString(): action for key, action in keys.items()}

    def event(self, event: QEvent) -> bool:
        """Keep our keys from napari's menus while the cursor is in the dock."""
        if event.type() == QEvent.Type.ShortcutOverride and self._action_of(event) is not None:
            event.accept()
            focus = self.window().focusWidget()
            if focus is not None and focus is not self:
                focus.installEventFilter(self)
            return True
        return bool(super().event(event))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take keys with Ctrl or Alt before a part of the dock does: a combo box would swallow them."""
        if event.type() != QEvent.Type.KeyPress:
            return False
        watched.removeEventFilter(self)
        action = self._action_of(event)
        if action is None or not isinstance(event, QKeyEvent) or not event.modifiers() & _CTRL_OR_ALT:
            return False
        action()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what a key means that no part of the dock has a use for."""
        action = self._action_of(event)
        if action is None:
            super().keyPressEvent(event)
        else:
            action()

    def _action_of(self, event: Any) -> Callable[[], object] | None:
        # Qt makes events on the stack: where an earlier event of that address is still held (the canvas holds the
        # last press), the binding hands out its wrapper, which knows nothing of keys.
        if not isinstance(event, QKeyEvent):
            return None
        return self._keys.get(QKeySequence(event.keyCombination()).toString())
