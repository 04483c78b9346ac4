"""The line in the dock that says what happened and what can be done next."""

from __future__ import annotations

from typing import Final

from qtpy.QtCore import QEvent, Qt, QTimer, Signal
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_labeltool.core.problems import Severity
from napari_labeltool.widgets.icons import icon_pixmap
from napari_labeltool.widgets.theme import ICON_SIZE, SEVERITY_ICONS, THEME_EVENTS, IconButton, theme_colors

INFO_MS: Final = 8000
"""How long a sentence without severity stays, in milliseconds; others stay until they are closed."""


class MessageLine(QWidget):
    """One sentence with an icon, and a button when something can be done about it.

    Attributes
    ----------
    dismissed
        Signal: the user closed the sentence, or it went by itself.
    acted
        Signal: the button was pressed.
    """

    dismissed = Signal()
    acted = Signal()

    def __init__(self, parent: QWidget | None = None, *, closable: bool = True) -> None:
        super().__init__(parent)
        self._severity: Severity = "info"
        self.icon = QLabel()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.action = QPushButton()
        self.action.clicked.connect(self.acted)
        self.closer = IconButton("close", "Close this message")
        self.closer.setVisible(closable)
        self.closer.clicked.connect(self.clear)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        row.addWidget(self.closer, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 2, 0, 2)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self.action, 0, Qt.AlignmentFlag.AlignLeft)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INFO_MS)
        self._timer.timeout.connect(self.clear)
        self.hide()

    def show_message(self, severity: Severity, sentence: str, action: str = "") -> None:
        """Show a sentence in place of the one before; `action` are the words of the button."""
        self._severity = severity
        self.text.setText(sentence)
        self.text.setAccessibleName(f"{severity}: {sentence}")
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self._draw()
        self.show()
        if severity == "info" and self.closer.isVisibleTo(self):
            self._timer.start()
        else:
            self._timer.stop()

    def clear(self) -> None:
        """Take the sentence away."""
        self._timer.stop()
        self.hide()
        self.dismissed.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in THEME_EVENTS:
            self._draw()

    def _draw(self) -> None:
        color = QColor(theme_colors(self).severity(self._severity))
        self.icon.setPixmap(
            icon_pixmap(SEVERITY_ICONS[self._severity], color, ICON_SIZE, self.devicePixelRatioF())
        )
        self.icon.setToolTip(self._severity)
