"""The list of images: thumbnail, name, number of objects and state, with a filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import QModelIndex, QRect, QRectF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QFont, QKeyEvent, QPainter
from qtpy.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from napari_labeltool.core.records import ImageState
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.icons import IconName, draw_icon
from napari_labeltool.widgets.image_list_model import (
    PROBLEM_ROLE,
    ROW_ROLE,
    STATE_ROLE,
    STATES,
    WORDS_ROLE,
    ImageListModel,
)
from napari_labeltool.widgets.section import Section
from napari_labeltool.widgets.texts import shown_words
from napari_labeltool.widgets.theme import IconButton, theme_colors

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.widgets.thumbnails import Thumbnails

STATE_ICONS: Final[dict[ImageState, IconName]] = {
    "todo": "ring",
    "in_work": "half",
    "done": "check",
    "needs_review": "eye",
    "rejected": "close",
}

_PICTURE: Final = 44
_MARGIN: Final = 4
_KEYS_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ImageDelegate(QStyledItemDelegate):
    """Draws an image of the list.

    Parameters
    ----------
    parent
        The view.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.current_row = -1

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return the same size for every image."""
        return QSize(200, _PICTURE + 2 * _MARGIN)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw thumbnail, name, and what is known of it."""
        view = self.parent()
        colors = theme_colors(view)
        painter.save()
        rect = option.rect
        is_current = index.data(ROW_ROLE) == self.current_row
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colors.line))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(colors.field))
        if is_current:
            painter.fillRect(
                QRect(rect.left(), rect.top(), 3, rect.height()), QColor(colors.severity("info"))
            )
        picture = QRect(rect.left() + 2 * _MARGIN, rect.top() + _MARGIN, _PICTURE, _PICTURE)
        self._draw_picture(painter, picture, index, colors.muted, colors.field)
        left = picture.right() + 2 * _MARGIN
        text = QRect(left, rect.top() + _MARGIN + 2, rect.right() - left - _MARGIN, _PICTURE // 2 - 2)
        font = QFont(option.font)
        font.setBold(is_current)
        painter.setFont(font)
        painter.setPen(QColor(colors.ink))
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        name = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, text.width())
        painter.drawText(text, align, name)
        below = text.translated(0, text.height() + 2)
        icon_name = STATE_ICONS.get(index.data(STATE_ROLE), "ring")
        draw_icon(painter, icon_name, QRectF(below.left(), below.top() + 3, 13, 13), QColor(colors.ink))
        painter.setFont(option.font)
        painter.setPen(QColor(colors.muted))
        painter.drawText(below.adjusted(18, 0, 0, 0), align, str(index.data(WORDS_ROLE)))
        painter.restore()

    @staticmethod
    def _draw_picture(painter: QPainter, place: QRect, index: QModelIndex, ink: str, ground: str) -> None:
        pixmap = index.data(Qt.ItemDataRole.DecorationRole)
        if pixmap is None:
            painter.fillRect(place, QColor(ground))
            if index.data(PROBLEM_ROLE) is not None:
                draw_icon(painter, "warning", QRectF(place).adjusted(13, 13, -13, -13), QColor(ink))
            return
        size = pixmap.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(0, 0, size.width(), size.height())
        target.moveCenter(place.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(target, pixmap)


class ImageListView(QListView):
    """The list itself.

    Attributes
    ----------
    chosen
        Signal: the image (row of the dataset) to show.
    finished
        Signal: an image was chosen for good, the list is not needed any more.
    """

    chosen = Signal(int)
    finished = Signal()

    def __init__(self, model: ImageListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.delegate = ImageDelegate(self)
        self.setModel(model)
        self.setItemDelegate(self.delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName("Images")
        self.clicked.connect(lambda index: self.chosen.emit(index.data(ROW_ROLE)))
        self.doubleClicked.connect(lambda _: self.finished.emit())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter shows the image and closes the list, Space shows it."""
        index = self.currentIndex()
        if event.key() in (*_KEYS_ENTER, Qt.Key.Key_Space) and index.isValid():
            self.chosen.emit(index.data(ROW_ROLE))
            if event.key() != Qt.Key.Key_Space:
                self.finished.emit()
        else:
            super().keyPressEvent(event)


class ImageList(Section):
    """Filter, list, and a way back to the labels.

    Attributes
    ----------
    finished
        Signal: the list is not needed any more.
    """

    finished = Signal()

    def __init__(self, parent: QWidget | None = None, thumbnails: Thumbnails | None = None) -> None:
        super().__init__(parent)
        self.model = ImageListModel(self, thumbnails)
        self.view = ImageListView(self.model, self)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText("Filter by file name")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("Filter images by file name")
        self.state = QComboBox(self)
        self.state.setAccessibleName("Filter images by state")
        for state, words in STATES:
            self.state.addItem(words, state)
        self.back = IconButton("left", "Back to the labels (Esc)", self, text="Labels")
        self.shown = QLabel(self)
        self.shown.setProperty("quiet", True)
        self.empty = QLabel("No image fits the filter.", self)
        self.empty.setProperty("quiet", True)
        self._lay_out()
        self.filter.textChanged.connect(self._filter)
        self.filter.returnPressed.connect(self._choose_first)
        self.state.currentIndexChanged.connect(self._filter)
        self.back.clicked.connect(self.finished)
        self.view.chosen.connect(self._show)
        self.view.finished.connect(self.finished)
        self.destroyed.connect(self.model.thumbnails.stop)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.back)
        top.addStretch(1)
        top.addWidget(self.shown)
        middle = QHBoxLayout()
        middle.addWidget(self.filter, 1)
        middle.addWidget(self.state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addLayout(middle)
        layout.addWidget(self.empty)
        layout.addWidget(self.view, 1)

    # -- the workspace
    def connect_workspace(self, workspace: Workspace, connections: Connections) -> None:
        """Listen to what the list shows."""
        connections.add(workspace.session.changed, self.model.take_change)
        connections.add(workspace.session.reset, self.read_again)
        connections.add(workspace.image_changed, self._on_image)

    def workspace_exchanged(self) -> None:
        """Show the images of the workspace."""
        self.model.set_session(None if self.workspace is None else self.workspace.session)
        self._after_fill()

    def read_again(self) -> None:
        """Look for the images and their pictures anew."""
        self.model.read_again()
        self._after_fill()

    def _on_image(self, row: int) -> None:
        self.view.delegate.current_row = row
        index = self.model.index_of(row)
        if index.isValid():
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)
        else:
            self.view.clearSelection()
        self.view.viewport().update()

    def _filter(self) -> None:
        self.model.set_filter(self.filter.text(), self.state.currentData())
        self._after_fill()

    def _after_fill(self) -> None:
        count = self.model.rowCount()
        self.shown.setText(shown_words(count, self.model.image_count))
        self.empty.setVisible(count == 0 and self.model.image_count > 0)
        self._on_image(-1 if self.workspace is None else self.workspace.image)

    # -- what the user does
    def open_at_filter(self) -> None:
        """Put the cursor into the filter."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def _choose_first(self) -> None:
        if self.model.rowCount():
            if not self.view.currentIndex().isValid():
                self.view.setCurrentIndex(self.model.index(0, 0))
            self._show(self.view.currentIndex().data(ROW_ROLE))
            self.finished.emit()

    def _show(self, row: int) -> None:
        if self.workspace is not None:
            self.workspace.show_image(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back to the labels, the arrow keys go from the filter into the list."""
        if event.key() == Qt.Key.Key_Escape:
            if self.filter.text():
                self.filter.clear()
            else:
                self.finished.emit()
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.focusWidget() is self.filter:
            self.view.setFocus()
            self.view.keyPressEvent(event)
        else:
            super().keyPressEvent(event)
