"""The images of the document as a list model with a filter; nothing is computed for rows that are not seen."""

from __future__ import annotations

from typing import Any, Final

from qtpy.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from napari_labeltool.core.records import ImageState
from napari_labeltool.session import ChangeEvent, Session
from napari_labeltool.session.imagery import ImageProblem
from napari_labeltool.widgets.texts import STATE_WORDS, image_words
from napari_labeltool.widgets.thumbnails import Thumbnails

_ROLE = Qt.ItemDataRole.UserRole
ROW_ROLE: Final = _ROLE + 1
STATE_ROLE: Final = _ROLE + 2
WORDS_ROLE: Final = _ROLE + 3
PROBLEM_ROLE: Final = _ROLE + 4


class ImageListModel(QAbstractListModel):
    """Images of a session, in the order of the document.

    A filter leaves out images when it is set; an image whose state changes later stays until it is set again, so
    that the list does not jump while one works through it.

    Parameters
    ----------
    parent
        Parent object.
    thumbnails
        Makes the thumbnails.
    """

    def __init__(self, parent: QObject | None = None, thumbnails: Thumbnails | None = None) -> None:
        super().__init__(parent)
        self.thumbnails = Thumbnails(self) if thumbnails is None else thumbnails
        self.thumbnails.ready.connect(self._on_ready)
        self._session: Session | None = None
        self._rows: list[int] = []
        self._place: dict[int, int] = {}
        self._names: dict[int, str] = {}
        self._paths: dict[int, Any] = {}
        self._places_of_path: dict[str, list[int]] = {}
        self._text = ""
        self._state: ImageState | None = None
        self._count = 0

    @property
    def image_count(self) -> int:
        """Number of images without the filter."""
        return self._count

    def set_session(self, session: Session | None) -> None:
        """Show the images of another session."""
        self._session = session
        self.read_again()

    def read_again(self) -> None:
        """Take over images that came, went or moved."""
        self.thumbnails.forget()
        self._names.clear()
        self._paths.clear()
        self._places_of_path.clear()
        self._fill()

    def set_filter(self, text: str, state: ImageState | None) -> None:
        """Leave only images whose file name has all words of a text, in a state (None for any)."""
        self._text, self._state = text, state
        self._fill()

    def _fill(self) -> None:
        self.beginResetModel()
        rows = [] if self._session is None else self._session.dataset.images.rows().tolist()
        self._count = len(rows)
        if self._session is not None and self._state is not None:
            states = self._session.progress.image_states()
            rows = [row for row in rows if states[row] == self._state]
        words = self._text.lower().split()
        if words:
            rows = [row for row in rows if all(word in self.name_of(row).lower() for word in words)]
        self._rows = rows
        self._place = {row: place for place, row in enumerate(rows)}
        self._places_of_path.clear()
        self.endResetModel()

    # -- rows
    def rows(self) -> list[int]:
        """Return the images (rows of the dataset) that the filter leaves."""
        return self._rows

    def index_of(self, row: int) -> QModelIndex:
        """Return where an image (by row) is in the list; invalid when the filter leaves it out."""
        place = self._place.get(row)
        return QModelIndex() if place is None else self.index(place, 0)

    def name_of(self, row: int) -> str:
        """Return the file name of an image (by row)."""
        name = self._names.get(row)
        if name is None and self._session is not None:
            name = self._names[row] = str(self._session.dataset.images.at(row).file_name)
        return name or ""

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of images that the filter leaves."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what is known of an image; asking for the decoration begins to make its thumbnail."""
        if self._session is None or not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.name_of(row)
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnail(row)
        if role == STATE_ROLE:
            return self._session.progress.image_states()[row]
        if role in (WORDS_ROLE, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._words(row, role)
        if role == PROBLEM_ROLE:
            path = self._path(row)
            return path.text if isinstance(path, ImageProblem) else None
        return None

    def _words(self, row: int, role: int) -> str:
        session = self._session
        assert session is not None
        record = session.dataset.images.at(row)
        words = image_words(int(session.progress.object_counts()[row]), record.state, record.verified_empty)
        if role == WORDS_ROLE:
            return words
        lines = [record.file_name, words]
        path = self._paths.get(row)
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(path, ImageProblem):
            lines.append(path.text)
        return "\n".join(lines)

    def _path(self, row: int) -> Any:
        if row not in self._paths and self._session is not None:
            self._paths[row] = self._session.image_path(row)
        return self._paths.get(row)

    def _thumbnail(self, row: int) -> Any:
        path = self._path(row)
        if path is None or isinstance(path, ImageProblem):
            return None
        places = self._places_of_path.setdefault(str(path), [])
        if self._place[row] not in places:
            places.append(self._place[row])
        return self.thumbnails.get(path)

    # -- changes
    def _on_ready(self, path: str) -> None:
        for place in self._places_of_path.get(path, ()):
            index = self.index(place, 0)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    def take_change(self, event: ChangeEvent) -> None:
        """Take over a change of the dataset."""
        if self._session is None:
            return
        if len(event.touched.images) and len(self._session.dataset.images.rows()) != self._count:
            self.read_again()
        elif self._rows:
            for row in event.touched.images:
                self._names.pop(int(row), None)
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, 0))


STATES: Final[tuple[tuple[ImageState | None, str], ...]] = ((None, "Any state"), *STATE_WORDS.items())
"""The choices of the state filter."""
