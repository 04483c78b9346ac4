"""Colours of classes: swatches, and a button that chooses one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from qtpy.QtCore import QEvent, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from qtpy.QtWidgets import QColorDialog, QGridLayout, QMenu, QToolButton, QWidget, QWidgetAction

from napari_labeltool.core.palette import PALETTE
from napari_labeltool.widgets.theme import THEME_EVENTS, theme_colors

SWATCH_SIZE: Final = 16
_COLUMNS: Final = 8


def draw_swatch(painter: QPainter, rect: QRectF, color: str, border: str) -> None:
    """Draw the swatch of a class.

    Parameters
    ----------
    painter
        Where to draw.
    rect
        Its place.
    color, border
        ``"#rrggbb"``; the border keeps a swatch visible that is like the background.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(border), 1))
    painter.setBrush(QColor(color))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 2.5, 2.5)
    painter.restore()


def swatch_icon(color: str, border: str, size: int = SWATCH_SIZE) -> QIcon:
    """Return the swatch of a colour as an icon, `size` logical pixels wide and high."""
    result = QIcon()
    for ratio in (1, 2):
        pixmap = QPixmap(size * ratio, size * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        draw_swatch(painter, QRectF(0, 0, size, size), color, border)
        painter.end()
        result.addPixmap(pixmap)
        result.addPixmap(pixmap, QIcon.Mode.Selected)
    return result


def ask_color(color: str, parent: QWidget | None) -> str | None:
    """Let the user choose any colour; return ``"#rrggbb"`` or None when it was cancelled."""
    chosen = QColorDialog.getColor(QColor(color), parent, "Colour")
    return str(chosen.name()) if chosen.isValid() else None


class ColorButton(QToolButton):
    """A button that shows a colour and offers the palette and any other colour.

    Parameters
    ----------
    color
        ``"#rrggbb"``, or ``""`` for none of its own.
    parent
        Parent widget.
    may_be_empty
        Words for having no colour of its own, offered in the menu; None when a colour is needed.

    Attributes
    ----------
    color_chosen
        Signal: the colour that the user chose, ``""`` for none.
    """

    color_chosen = Signal(str)

    def __init__(
        self, color: str = "", parent: QWidget | None = None, *, may_be_empty: str | None = None
    ) -> None:
        super().__init__(parent)
        self._color = color
        self._empty = may_be_empty
        self.ask: Callable[[str, QWidget | None], str | None] = ask_color
        self.setIconSize(QSize(SWATCH_SIZE, SWATCH_SIZE))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Choose a colour")
        self.setProperty("field", True)
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill_menu)
        self.setMenu(menu)
        self.set_color(color)

    @property
    def color(self) -> str:
        """The colour that is shown."""
        return self._color

    def set_color(self, color: str) -> None:
        """Show a colour, ``"#rrggbb"`` or ``""``."""
        self._color = color
        self.setText(color or (self._empty or ""))
        self.setAccessibleName(f"Colour {color or 'none'}")
        self._draw()

    def _fill_menu(self) -> None:
        """Make the entries when the menu is opened for the first time."""
        menu = self.menu()
        if menu.actions():
            return
        grid = QWidgetAction(menu)
        grid.setDefaultWidget(self._palette_grid(menu))
        menu.addAction(grid)
        menu.addAction("Other colour…").triggered.connect(self._ask)
        if self._empty is not None:
            menu.addAction(self._empty).triggered.connect(lambda: self._choose(""))

    def _palette_grid(self, menu: QMenu) -> QWidget:
        holder = QWidget(menu)
        grid = QGridLayout(holder)
        grid.setSpacing(2)
        for index, color in enumerate(PALETTE):
            button = QToolButton(holder)
            button.setIcon(swatch_icon(color, theme_colors(self).ink))
            button.setAutoRaise(True)
            button.setToolTip(color)
            button.setAccessibleName(color)
            button.clicked.connect(lambda _=False, value=color: self._choose(value))
            grid.addWidget(button, index // _COLUMNS, index % _COLUMNS)
        return holder

    def _choose(self, color: str) -> None:
        self.menu().close()
        if color != self._color:
            self.set_color(color)
            self.color_chosen.emit(color)

    def _ask(self) -> None:
        color = self.ask(self._color, self.window())
        if color is not None:
            self._choose(color)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the border in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in THEME_EVENTS:
            self._draw()

    def _draw(self) -> None:
        self.setIcon(swatch_icon(self._color, theme_colors(self).ink) if self._color else QIcon())
