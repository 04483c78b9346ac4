"""Texts that are cut to the room that there is."""

from __future__ import annotations

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QSizePolicy, QToolButton, QWidget

_PADDING = 14


class ElidedButton(QToolButton):
    """A button that takes the room that is left and cuts its words to it; the tooltip has them whole.

    Parameters
    ----------
    mode
        Where the words are cut.
    parent
        Parent widget.
    """

    def __init__(
        self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self._words = ""
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_words(self, words: str) -> None:
        """Show other words."""
        if words == self._words:
            return
        self._words = words
        self.setAccessibleName(words)
        self._cut()

    def words(self) -> str:
        """Return the words as a whole."""
        return self._words

    def minimumSizeHint(self) -> QSize:
        """Return a size that leaves room for others."""
        return QSize(48, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        """Return a size that leaves room for others."""
        return QSize(120, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the words anew."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        room = self.width() - _PADDING
        if self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon and not self.icon().isNull():
            room -= self.iconSize().width() + 6
        text = self.fontMetrics().elidedText(self._words, self._mode, max(room, 20)).replace("&", "&&")
        if text != self.text():
            self.setText(text)
