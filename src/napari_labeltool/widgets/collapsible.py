"""A part of a dock that opens and closes under a flat header."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QSize, Qt, Signal
from qtpy.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from napari_labeltool.widgets.icons import IconName
from napari_labeltool.widgets.theme import ICON_SIZE, THEME_EVENTS, icon, theme_colors


class Collapsible(QWidget):
    """A header button and what it shows or hides.

    Parameters
    ----------
    title
        Words of the header.
    content
        What is shown; its ``title_changed`` signal, if it has one, changes the words.
    parent
        Parent widget.

    Attributes
    ----------
    toggled
        Signal: the user opened (true) or closed the section.
    """

    toggled = Signal(bool)

    def __init__(self, title: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = content
        self.header = QToolButton()
        self.header.setCheckable(True)
        self.header.setChecked(True)
        self.header.setAutoRaise(True)
        self.header.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.header.setIconSize(QSize(ICON_SIZE - 4, ICON_SIZE - 4))
        self.header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.header.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.header.setProperty("section", True)
        self.header.toggled.connect(self._on_toggled)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.header)
        layout.addWidget(content)
        self.set_title(title)
        changed = getattr(content, "title_changed", None)
        if changed is not None:
            changed.connect(self.set_title)
        self._draw()

    def set_title(self, title: str) -> None:
        """Change the words of the header."""
        if title != self.header.text():
            self.header.setText(title)
            self.header.setAccessibleName(title)

    @property
    def is_open(self) -> bool:
        """Whether the content is shown."""
        return bool(self.header.isChecked())

    def set_open(self, is_open: bool) -> None:
        """Show or hide the content."""
        self.header.setChecked(is_open)

    def _on_toggled(self, is_open: bool) -> None:
        self.content.setVisible(is_open)
        height = QSizePolicy.Policy.Preferred if is_open else QSizePolicy.Policy.Fixed
        self.setSizePolicy(QSizePolicy.Policy.Preferred, height)
        self._draw()
        self.toggled.emit(is_open)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the arrow in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in THEME_EVENTS:
            self._draw()

    def _draw(self) -> None:
        name: IconName = "section_open" if self.is_open else "section_closed"
        self.header.setIcon(icon(name, theme_colors(self).ink))
        self.header.setToolTip("Close this section" if self.is_open else "Open this section")
