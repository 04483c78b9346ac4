"""The filters above the list of problems, and how the dock is laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QTimer, Signal
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QToolButton, QVBoxLayout, QWidget

from napari_labeltool.core.problems import Severity
from napari_labeltool.widgets.problem_table import SEVERITIES, SEVERITY_WORDS, ProblemFilter, ProblemTable
from napari_labeltool.widgets.theme import SEVERITY_ICONS, IconButton

if TYPE_CHECKING:
    from napari_labeltool.widgets.problems import ProblemsWidget

TYPING_MS = 120


class FilterBar(QWidget):
    """Severity, code and text of the problems that are shown.

    Attributes
    ----------
    changed
        Signal: what is to be shown (`ProblemFilter`).

    Parameters
    ----------
    parent
        Parent widget.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.severities: dict[Severity, QToolButton] = {}
        first, second = QHBoxLayout(), QHBoxLayout()
        for row in (first, second):
            row.setSpacing(3)
        for severity in SEVERITIES:
            tip = f"Show {SEVERITY_WORDS[severity].lower()}s"
            button = IconButton(SEVERITY_ICONS[severity], tip, self, "0", severity)
            button.setCheckable(True)
            button.setChecked(True)
            button.toggled.connect(self._tell)
            self.severities[severity] = button
            first.addWidget(button)
        self.code = QComboBox(self)
        self.code.setAccessibleName("Code of the problems that are shown")
        self.code.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.code.setMinimumContentsLength(12)
        self.text = QLineEdit(self)
        self.text.setPlaceholderText("Search code, place and sentence")
        self.text.setAccessibleName("Search problems")
        self.text.setClearButtonEnabled(True)
        first.addStretch(1)
        second.addWidget(self.code, 1)
        second.addWidget(self.text, 1)
        self.first = first
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(first)
        column.addLayout(second)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPING_MS)
        self._timer.timeout.connect(self._tell)
        self.text.textChanged.connect(lambda: self._timer.start())
        self.code.activated.connect(self._tell)

    @property
    def wanted(self) -> ProblemFilter:
        """What is to be shown."""
        chosen = frozenset(severity for severity, button in self.severities.items() if button.isChecked())
        return ProblemFilter(chosen, self.code.currentData(), str(self.text.text()))

    def set_table(self, table: ProblemTable) -> None:
        """Offer the codes of other problems and show their numbers."""
        for severity, button in self.severities.items():
            count, word = table.count(severity), SEVERITY_WORDS[severity].lower()
            button.setText(f"{count:,} {word if count == 1 else word + 's'}")
            button.setAccessibleName(f"Show {button.text()}")
        code = self.code.currentData()
        counts = table.counts_by_code()
        self.code.clear()
        self.code.addItem("all codes", None)
        for name in table.codes:
            self.code.addItem(f"{name} ({counts[name]:,})", name)
        place = self.code.findData(code) if code is not None else 0
        self.code.setCurrentIndex(max(place, 0))
        if place < 0:
            self._tell()

    def _tell(self) -> None:
        self.changed.emit(self.wanted)


def problems_layout(widget: ProblemsWidget) -> None:
    """Lay the parts of the Problems dock out."""
    for button in (widget.images, widget.copy, widget.store):
        widget.filters.first.addWidget(button)
    below = QHBoxLayout()
    below.setSpacing(3)
    below.addWidget(widget.go)
    below.addWidget(widget.fix)
    below.addStretch(1)
    column = QVBoxLayout(widget)
    column.setContentsMargins(6, 6, 6, 6)
    column.setSpacing(4)
    for part in (widget.words, widget.filters, widget.message):
        column.addWidget(part)
    column.addWidget(widget.view, 1)
    column.addWidget(widget.detail)
    column.addLayout(below)
    column.addStretch(0)
