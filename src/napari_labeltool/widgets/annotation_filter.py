"""The line in which the filter of the annotation list is typed."""

from __future__ import annotations

from typing import Final

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QLineEdit, QWidget

from napari_labeltool.widgets.annotation_query import HELP, FilterError, Query, parse_query
from napari_labeltool.widgets.schema_fields import FieldMessage, mark_invalid

TYPING_PAUSE: Final = 200
"""Milliseconds without a key until the filter is applied."""


class FilterLine(QLineEdit):
    """A line for a filter; what is not understood is told in `message`, and the filter before goes on.

    Attributes
    ----------
    query_changed
        Signal: the filter that now holds (`Query`).
    message
        Says what is not understood; to be placed near the line.
    """

    query_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = FieldMessage(parent)
        self._query = Query()
        self._typing = QTimer(self, singleShot=True, interval=TYPING_PAUSE)
        self.setPlaceholderText("Filter: nucleus area>200")
        self.setClearButtonEnabled(True)
        self.setAccessibleName("Filter annotations")
        self.setToolTip(HELP)
        self.textEdited.connect(lambda _: self._typing.start())
        self.textChanged.connect(lambda text: None if text else self.apply())
        self.returnPressed.connect(self.apply)
        self._typing.timeout.connect(self.apply)

    def apply(self) -> None:
        """Make the text the filter that holds, if it is understood."""
        self._typing.stop()
        try:
            query = parse_query(self.text())
        except FilterError as error:
            self.message.say(str(error))
            mark_invalid(self, True)
            return
        self.message.say("")
        mark_invalid(self, False)
        if query != self._query:
            self._query = query
            self.query_changed.emit(query)
