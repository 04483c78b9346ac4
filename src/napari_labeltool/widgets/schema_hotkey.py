"""A field that records the key of a class by having it pressed."""

from __future__ import annotations

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from napari_labeltool.widgets.schema_fields import Check, FieldMessage, mark_invalid
from napari_labeltool.widgets.theme import IconButton

_MODIFIER_KEYS = (
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Control,
    Qt.Key.Key_Meta,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_CapsLock,
)


def hotkey_of(key: int, modifiers: Qt.KeyboardModifier) -> str | None:
    """Return a key as a schema writes it, such as ``"SHIFT+G"`` or ``"F5"``; None when it can be none.

    Parameters
    ----------
    key
        ``Qt.Key`` of the event.
    modifiers
        Keys that are held with it; Ctrl belongs to commands and makes it none.
    """
    forbidden = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier
    if modifiers & forbidden:
        return None
    if Qt.Key.Key_A <= key <= Qt.Key.Key_Z or Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
        name = chr(key)
    elif Qt.Key.Key_F1 <= key <= Qt.Key.Key_F12:
        name = f"F{key - Qt.Key.Key_F1 + 1}"
    else:
        return None
    shift = "SHIFT+" if modifiers & Qt.KeyboardModifier.ShiftModifier else ""
    alt = "ALT+" if modifiers & Qt.KeyboardModifier.AltModifier else ""
    return f"{shift}{alt}{name}"


def _words(event: QKeyEvent) -> str:
    """Return what was pressed as people call it; it is no key of a class."""
    return str(QKeySequence(event.keyCombination()).toString()) or "?"


class _Recorder(QPushButton):
    """A button that waits for a key after it was pressed."""

    pressed_key = Signal(str)
    recording_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.recording = False
        self.setAutoDefault(False)
        self.clicked.connect(lambda: self.record(True))

    def record(self, on: bool) -> None:
        """Begin or end waiting."""
        if on != self.recording:
            self.recording = on
            self.recording_changed.emit()

    def event(self, event: QEvent) -> bool:
        """While waiting, keep shortcuts from taking the key."""
        if self.recording and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if self.recording and event.type() == QEvent.Type.KeyPress:
            self._take(event)
            return True
        return bool(super().event(event))

    def _take(self, event: QKeyEvent) -> None:
        event.accept()
        key = event.key()
        if key in _MODIFIER_KEYS or event.isAutoRepeat():
            return
        if key == Qt.Key.Key_Escape or key == Qt.Key.Key_Tab:
            self.record(False)
        elif key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.record(False)
            self.pressed_key.emit("")
        else:
            self.pressed_key.emit(hotkey_of(key, event.modifiers()) or _words(event))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Stop waiting."""
        super().focusOutEvent(event)
        self.record(False)


class HotkeyField(QWidget):
    """The key of a class.

    Parameters
    ----------
    check
        Gets a key such as ``"G"``; returns what is wrong with it as a sentence, or None.
    parent
        Parent widget.

    Attributes
    ----------
    committed
        Signal: the key that was pressed and may be used; ``""`` for none of its own.
    """

    committed = Signal(str)

    def __init__(self, check: Check, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._check = check
        self._key: str | None = None
        self._suggested: str | None = None
        self.button = _Recorder(self)
        self.button.setToolTip("Press this, then the key that chooses the class while labelling")
        self.clear_button = IconButton("close", "Take the key back; a free one is suggested", self)
        self.message = FieldMessage(self)
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.button, 1)
        row.addWidget(self.clear_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.message)
        self.setFocusProxy(self.button)
        self.button.pressed_key.connect(self._on_key)
        self.button.recording_changed.connect(self._show)
        self.clear_button.clicked.connect(lambda: self._on_key(""))

    def load(self, key: str | None, suggested: str | None) -> None:
        """Show the key that a person chose, or the one that is suggested."""
        self._key, self._suggested = key, suggested
        self.message.say("")
        mark_invalid(self.button, False)
        self._show()

    def _show(self) -> None:
        if self.button.recording:
            text = "Press a key…  (Esc: leave it)"
        elif self._key is not None:
            text = self._key
        else:
            text = f"{self._suggested}  (suggested)" if self._suggested else "none"
        self.button.setText(text)
        self.button.setAccessibleName(f"Key: {text}")
        self.clear_button.setEnabled(self._key is not None)

    def _on_key(self, key: str) -> None:
        if not key:
            self.message.say("")
            mark_invalid(self.button, False)
            if self._key is not None:
                self.committed.emit("")
            return
        words = None if key == self._key else self._check(key)
        mark_invalid(self.button, words is not None)
        self.message.say("" if words is None else f"{words} Nothing was applied.")
        if words is None:
            self.button.record(False)
            if key != self._key:
                self.committed.emit(key)
