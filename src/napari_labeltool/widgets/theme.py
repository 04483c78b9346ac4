"""Colours and icons that follow whatever theme a widget stands in.

napari's style sheet sets the palette of every widget, so all colours are mixed from the text and the
background of the widget's own palette. Only what means a severity has a hue of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from qtpy.QtCore import QEvent, QSize, Qt
from qtpy.QtGui import QColor, QIcon, QPalette
from qtpy.QtWidgets import QSizePolicy, QToolButton, QWidget

from napari_labeltool.core.palette import contrast, luminance
from napari_labeltool.core.problems import Severity
from napari_labeltool.widgets.icons import IconName, icon_pixmap

ICON_SIZE: Final = 16

_HUES: Final[dict[Severity, tuple[str, ...]]] = {
    "error": ("#ff8a80", "#b3261e"),
    "warning": ("#ffc14d", "#8a5300"),
    "info": ("#8ab8ff", "#1f5fbf"),
}
"""For dark and light backgrounds; napari's own error colour has a contrast of 1.9 on its dark background."""

SEVERITY_ICONS: Final[dict[Severity, IconName]] = {"error": "error", "warning": "warning", "info": "info"}
THEME_EVENTS: Final = (QEvent.Type.PaletteChange, QEvent.Type.StyleChange)


@dataclass(frozen=True, slots=True)
class ThemeColors:
    """Colours of a widget's theme, ``"#rrggbb"``.

    Parameters
    ----------
    ink, ground
        Text and background.
    """

    ink: str
    ground: str

    @property
    def is_dark(self) -> bool:
        """Whether the background is darker than the text."""
        return luminance(self.ground) < luminance(self.ink)

    @property
    def muted(self) -> str:
        """For text that steps back; still readable."""
        return mix(self.ink, self.ground, 0.72)

    @property
    def line(self) -> str:
        """For borders and separators."""
        return mix(self.ink, self.ground, 0.3)

    @property
    def field(self) -> str:
        """For surfaces that lie on the background."""
        return mix(self.ink, self.ground, 0.1)

    def severity(self, severity: Severity) -> str:
        """Return the colour that stands for a severity and reads well on the background."""
        return max(_HUES[severity], key=lambda color: contrast(color, self.ground))


def mix(first: str, second: str, share: float) -> str:
    """Return a colour between two, with a share of the first from 0 to 1."""
    a, b = QColor(first), QColor(second)
    parts = zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()))
    return "#{:02x}{:02x}{:02x}".format(*(round(share * x + (1 - share) * y) for x, y in parts))


def theme_colors(widget: QWidget) -> ThemeColors:
    """Return the colours of the theme that a widget stands in."""
    palette = widget.palette()
    return ThemeColors(
        palette.color(QPalette.ColorRole.WindowText).name(), palette.color(QPalette.ColorRole.Window).name()
    )


def icon(name: IconName, color: str, size: int = ICON_SIZE) -> QIcon:
    """Return an icon in a colour, paler where it is disabled.

    Parameters
    ----------
    name
        Name of the drawing.
    color
        ``"#rrggbb"``.
    size
        Width and height in logical pixels.
    """
    return _icon(name, color, size)


@lru_cache(maxsize=512)
def _icon(name: IconName, color: str, size: int) -> QIcon:
    result = QIcon()
    faint = QColor(color)
    faint.setAlphaF(0.35)
    for ratio in (1, 2):
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            result.addPixmap(icon_pixmap(name, QColor(color), size, ratio), mode)
        result.addPixmap(icon_pixmap(name, faint, size, ratio), QIcon.Mode.Disabled)
    return result


class IconButton(QToolButton):
    """A button with an icon that follows the theme.

    Parameters
    ----------
    name
        Name of the icon.
    tip
        What it does, also for screen readers.
    parent
        Parent widget.
    text
        Words beside the icon; none by default.
    severity
        Draw the icon in the colour of a severity, not of the text.
    """

    def __init__(
        self,
        name: IconName,
        tip: str,
        parent: QWidget | None = None,
        text: str = "",
        severity: Severity | None = None,
    ) -> None:
        super().__init__(parent)
        self._name: IconName = name
        self._severity = severity
        self.setToolTip(tip)
        self.setAccessibleName(text or tip.split(" (")[0])
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        if text:
            self.setText(text)
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._follow_theme()

    def set_icon_name(self, name: IconName) -> None:
        """Show another icon."""
        self._name = name
        self._follow_theme()

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icon in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in THEME_EVENTS:
            self._follow_theme()

    def _follow_theme(self) -> None:
        colors = theme_colors(self)
        color = colors.ink if self._severity is None else colors.severity(self._severity)
        self.setIcon(icon(self._name, color))


def style_sheet(colors: ThemeColors) -> str:
    """Return the rules that all our docks add to napari's: visible focus, fields in error, quiet texts."""
    error, line, focus = colors.severity("error"), colors.line, colors.severity("info")
    return f"""
    QToolButton {{ border: 1px solid transparent; border-radius: 3px; padding: 3px; }}
    QToolButton:hover {{ background-color: {colors.field}; border-color: {line}; }}
    QToolButton:checked, QToolButton:pressed {{ background-color: {line}; }}
    QToolButton[section="true"], QToolButton[section="true"]:checked {{ background-color: transparent;
        border: 0; border-bottom: 1px solid {line}; border-radius: 0; font-weight: bold; }}
    QToolButton[section="true"]:hover {{ background-color: {colors.field}; }}
    QToolButton[section="true"]:focus {{ border-bottom: 1px solid {focus}; }}
    QToolButton[tool="true"] {{ padding: 3px 0px; }}
    QToolButton[strong="true"] {{ font-weight: bold; }}
    QPushButton[link="true"] {{ background-color: transparent; text-align: left; padding: 2px 4px; }}
    QPushButton[link="true"]:hover {{ background-color: {colors.field}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QToolButton:focus, QPushButton:focus, QComboBox:focus, QLineEdit:focus, QPlainTextEdit:focus,
    QAbstractItemView:focus, QGraphicsView:focus {{ border: 1px solid {focus}; }}
    QCheckBox:focus, QRadioButton:focus {{ text-decoration: underline; }}
    QLineEdit, QPlainTextEdit, QComboBox, QAbstractItemView, QGraphicsView
        {{ border: 1px solid {line}; }}
    QComboBox QAbstractItemView {{ border: 0; }}
    QPlainTextEdit {{ background-color: {colors.field}; padding: 2px; border-radius: 2px; }}
    QLineEdit[invalid="true"], QPushButton[invalid="true"]
        {{ border: 2px solid {error}; background-color: {colors.field}; }}
    QToolButton[field="true"] {{ background-color: {colors.field}; border-color: {line}; }}
    QTreeView {{ background-color: {colors.field}; }}
    QTreeView::item {{ padding: 2px 0px; min-height: 20px; }}
    QTreeView::item:selected {{ background-color: {mix(colors.ink, colors.ground, 0.32)}; color: {colors.ink}; }}
    QLabel[quiet="true"] {{ color: {colors.muted}; }}
    QLabel[heading="true"] {{ font-weight: bold; }}
    """


class ThemedWidget(QWidget):
    """A widget that carries `style_sheet` and renews it with the theme; inside another one it shares its rules."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colors: ThemeColors | None = None
        self._following = False
        self._follow_theme()

    @property
    def colors(self) -> ThemeColors:
        """Colours of the present theme."""
        return theme_colors(self)

    def changeEvent(self, event: QEvent) -> None:
        """Renew the rules after the theme was changed."""
        super().changeEvent(event)
        if event.type() in THEME_EVENTS:
            self._follow_theme()

    def _follow_theme(self) -> None:
        if self._following:
            return
        self._following = True
        # Setting rules passes through Qt's own palette; the second look is at the one that stays.
        for _ in range(2):
            colors = theme_colors(self)
            if colors == self._colors:
                break
            self._colors = colors
            rules = "" if self._is_inside_themed() else style_sheet(colors)
            if rules != self.styleSheet():
                self.setStyleSheet(rules)
            self.theme_changed(colors)
        self._following = False

    def _is_inside_themed(self) -> bool:
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, ThemedWidget):
            parent = parent.parentWidget()
        return parent is not None

    def theme_changed(self, colors: ThemeColors) -> None:
        """Take over colours where a style sheet cannot; for subclasses."""
