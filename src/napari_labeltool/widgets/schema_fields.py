"""Fields of a form that check what is typed; what cannot be applied is told beneath, with an icon."""

from __future__ import annotations

from collections.abc import Callable

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from qtpy.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from napari_labeltool.core.problems import Severity
from napari_labeltool.widgets.theme import ICON_SIZE, SEVERITY_ICONS, THEME_EVENTS, icon, theme_colors

Check = Callable[[str], str | None]


class FieldMessage(QWidget):
    """A sentence with the icon of its severity; takes no room while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._severity: Severity = "error"
        self._said: tuple[str, Severity] = ("", "error")
        self._icon = QLabel(self)
        self._text = QLabel(self)
        self._text.setWordWrap(True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """What is said; empty when nothing is."""
        return str(self._text.text())

    def say(self, text: str, severity: Severity = "error") -> None:
        """Say a sentence; an empty one says nothing."""
        if (text, severity) == self._said:
            return
        self._said = (text, severity)
        self._severity = severity
        self._text.setText(text)
        self.setAccessibleName(f"{severity.capitalize()}: {text}" if text else "")
        if text:
            self._draw()
        self.setVisible(bool(text))

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in THEME_EVENTS and self.text:
            self._draw()

    def _draw(self) -> None:
        drawn = icon(SEVERITY_ICONS[self._severity], theme_colors(self).severity(self._severity))
        self._icon.setPixmap(drawn.pixmap(ICON_SIZE, ICON_SIZE))


def mark_invalid(widget: QWidget, invalid: bool) -> None:
    """Put a field into its error state, or take it out."""
    if bool(widget.property("invalid")) != invalid:
        widget.setProperty("invalid", invalid)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class _Line(QLineEdit):
    """A line that leaves undo and redo to its surroundings when it has nothing to undo itself."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and (
            (event.matches(QKeySequence.StandardKey.Undo) and not self.isUndoAvailable())
            or (event.matches(QKeySequence.StandardKey.Redo) and not self.isRedoAvailable())
        ):
            event.ignore()
            return False
        return bool(super().event(event))


class CheckedLine(QWidget):
    """A line of text that is checked at every stroke and committed at the end of editing.

    What does not pass the check stays in the field, is told beneath it, and is not committed. Escape brings
    back the value that holds.

    Parameters
    ----------
    check
        Gets the text; returns what is wrong with it as a sentence, or None.
    name
        What the field is, for screen readers.
    placeholder
        Shown while it is empty.
    parent
        Parent widget.

    Attributes
    ----------
    committed
        Signal: a new text that passed the check.
    """

    committed = Signal(str)

    def __init__(
        self, check: Check, name: str = "", placeholder: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._check = check
        self._value = ""
        self.line = _Line(self)
        self.line.setPlaceholderText(placeholder)
        self.line.setAccessibleName(name)
        self.message = FieldMessage(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.line)
        column.addWidget(self.message)
        self.setFocusProxy(self.line)
        self.line.textEdited.connect(self._on_typed)
        self.line.editingFinished.connect(self._on_finished)

    @property
    def value(self) -> str:
        """The text that holds."""
        return self._value

    @property
    def draft(self) -> str | None:
        """A text that was typed and does not hold, or None."""
        text = str(self.line.text())
        return text if text.strip() != self._value else None

    def load(self, value: str, draft: str | None = None) -> None:
        """Show a value; what is typed and does not hold stays when the value is the one before.

        Parameters
        ----------
        value
            The text that holds.
        draft
            A text to show instead that does not hold.
        """
        if draft is None and value == self._value and self.draft is not None and self.line.hasFocus():
            return
        self._value = value
        if draft is not None or self.line.text() != value or self.line.isUndoAvailable():
            self.line.setText(value if draft is None else draft)
            self.line.setCursorPosition(0)
        self._show(finished=draft is not None)

    def _on_typed(self) -> None:
        self._show(finished=False)

    def _on_finished(self) -> None:
        text = str(self.line.text()).strip()
        if text == self._value:
            self.load(self._value)
        elif self._show(finished=True) is None:
            self._value = text
            self.line.setText(text)
            self.committed.emit(text)

    def _show(self, *, finished: bool) -> str | None:
        text = str(self.line.text()).strip()
        words = None if text == self._value else self._check(text)
        mark_invalid(self.line, words is not None)
        hint = f" Not applied yet; Esc brings back {self._value or 'what was there'}." if finished else ""
        self.message.say("" if words is None else words + hint)
        return words

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Bring back the value that holds at Escape."""
        if event.key() == Qt.Key.Key_Escape and self.draft is not None:
            self.line.setText(self._value)
            self._show(finished=False)
            event.accept()
        else:
            super().keyPressEvent(event)


class CommittedText(QPlainTextEdit):
    """A text of several lines that is committed when the focus goes, or at Ctrl+Enter.

    Attributes
    ----------
    committed
        Signal: the new text.
    """

    committed = Signal(str)

    def __init__(self, name: str, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = ""
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)

    def load(self, value: str) -> None:
        """Show a value; what is being typed stays when the value is the one before."""
        if value == self._value and self.hasFocus():
            return
        self._value = value
        if self.toPlainText() != value or self.document().isUndoAvailable():
            self.setPlainText(value)

    def commit(self) -> None:
        """Commit the text when it is new."""
        text = str(self.toPlainText())
        if text != self._value:
            self._value = text
            self.committed.emit(text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Commit the text."""
        super().focusOutEvent(event)
        self.commit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Commit the text at Ctrl+Enter."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.commit()
        else:
            super().keyPressEvent(event)
