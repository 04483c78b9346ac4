"""The tags of the whole shown image: a row for each group."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QCompleter,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from superqt import QFlowLayout

from napari_labeltool.core.edits import Rows, SetTag
from napari_labeltool.widgets.class_looks import ClassLook
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.open_dock import open_dock
from napari_labeltool.widgets.section import Section, chain_focus
from napari_labeltool.widgets.tag_questions import TagQuestion, TagQuestions
from napari_labeltool.widgets.theme import ThemeColors, icon, theme_colors

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.session import ChangeEvent

MOST_BUTTONS: Final = 24
"""A group with more tags shows those of the image, and a box to add one."""


class TagRow(QWidget):
    """The answers to one question, as buttons.

    Attributes
    ----------
    asked
        Signal: the tag (row of its class) that was pressed, and whether it is to be there.
    """

    asked = Signal(int, bool)

    def __init__(self, question: TagQuestion, parent: QWidget) -> None:
        super().__init__(parent)
        self.question = question
        self.buttons: dict[int, QAbstractButton] = {}
        self.adder: QLineEdit | None = None
        self._present: frozenset[int] = frozenset()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._flow = QFlowLayout(self)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self._flow.setHorizontalSpacing(10)
        self._flow.setVerticalSpacing(2)
        if len(question.tags) <= MOST_BUTTONS:
            for tag in question.tags:
                self._add_button(tag)
        else:
            self._add_adder()

    def _add_button(self, tag: ClassLook) -> None:
        many = self.question.group.type != "multiclass"
        button: QAbstractButton = QCheckBox(self) if many else QRadioButton(self)
        button.setAutoExclusive(False)
        key = f"  ({tag.hotkey})" if tag.hotkey else ""
        button.setText(f"{tag.name}{key}".replace("&", "&&"))
        clears = "" if many else "\nPress again to take the answer back."
        button.setToolTip(f"{tag.guideline or 'No guideline written.'}{clears}")
        button.setAccessibleName(f"{self.question.group.name}: {tag.name}")
        button.clicked.connect(partial(self._on_clicked, tag.row))
        self.buttons[tag.row] = button
        self._flow.addWidget(button)

    def _add_adder(self) -> None:
        edit = QLineEdit(self)
        edit.setPlaceholderText(f"Add one of {len(self.question.tags):,}")
        edit.setAccessibleName(f"Add a tag of {self.question.group.name}")
        completer = QCompleter([tag.name for tag in self.question.tags], edit)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.activated[str].connect(self._add_named, Qt.ConnectionType.QueuedConnection)
        edit.setCompleter(completer)
        edit.returnPressed.connect(lambda: self._add_named(edit.text()))
        self.adder = edit
        self._flow.addWidget(edit)

    def _on_clicked(self, row: int) -> None:
        self.asked.emit(row, row not in self._present)

    def _add_named(self, name: str) -> None:
        tag = next((tag for tag in self.question.tags if tag.name == name.strip()), None)
        if tag is not None and self.adder is not None:
            self.adder.clear()
            self.asked.emit(tag.row, True)

    def stops(self) -> list[QWidget]:
        """Return what the Tab key stops at, in order."""
        adder = [] if self.adder is None else [self.adder]
        return [*adder, *self.buttons.values()]

    def show_present(self, present: frozenset[int]) -> None:
        """Show which tags the image has."""
        self._present = present
        if self.adder is not None:
            self._show_few(present)
        for row, button in self.buttons.items():
            button.setChecked(row in present)

    def _show_few(self, present: frozenset[int]) -> None:
        for row in [row for row in self.buttons if row not in present]:
            button = self.buttons.pop(row)
            self._flow.removeWidget(button)
            button.deleteLater()
        for tag in self.question.tags:
            if tag.row in present and tag.row not in self.buttons:
                self._add_button(tag)


class TagPanel(Section):
    """The questions about the shown image and its answers, each a step that can be undone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._questions: TagQuestions | None = None
        self.rows: list[TagRow] = []
        self._marks: list[QLabel] = []
        self.add = QPushButton("Add image tags in Label schema", self)
        self.add.setFlat(True)
        self.add.setCursor(Qt.CursorShape.PointingHandCursor)
        self.add.clicked.connect(self._open_schema)
        self._holder = QWidget(self)
        self._grid = QGridLayout(self._holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self._holder)
        layout.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setEnabled(False)
        self._build()

    def connect_workspace(self, workspace: Workspace, connections: Connections) -> None:
        """Listen to what the answers depend on."""
        connections.add(workspace.session.changed, self._on_changed)
        connections.add(workspace.session.reset, self.workspace_exchanged)
        connections.add(workspace.image_changed, self._show_answers)

    def workspace_exchanged(self) -> None:
        """Show the questions of the workspace."""
        self._questions = None if self.workspace is None else TagQuestions(self.workspace.session)
        self._build()

    def _on_changed(self, event: ChangeEvent) -> None:
        if self._questions is not None:
            if self._questions.update(event.touched):
                self._build()
            elif self._questions.concerns_answers(event.touched):
                self._show_answers()

    # -- what is shown
    def _build(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if item.widget() is not None:
                item.widget().hide()
                item.widget().deleteLater()
        self.rows, self._marks = [], []
        for place, question in enumerate(self._questions.questions if self._questions is not None else ()):
            self._add_question(place, question)
        for row in range(self._grid.rowCount() + 1):
            self._grid.setRowStretch(row, int(row >= len(self.rows)))
        chain_focus(self.add, [stop for row in self.rows for stop in row.stops()])
        there = bool(self.rows)
        self._holder.setVisible(there)
        self.add.setVisible(not there and self.workspace is not None)
        self._show_answers()

    def _add_question(self, place: int, question: TagQuestion) -> None:
        holder = QWidget(self._holder)
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        mark = QLabel(holder)
        mark.setFixedSize(14, 14)
        name = QLabel(f"{question.group.name}:", holder)
        name.setToolTip(question.group.guideline)
        name.setContentsMargins(0, 1, 0, 0)
        line.addWidget(name, 1)
        line.addWidget(mark)
        row = TagRow(question, self._holder)
        row.asked.connect(self._answer)
        self._grid.addWidget(holder, place, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(row, place, 1, Qt.AlignmentFlag.AlignTop)
        self.rows.append(row)
        self._marks.append(mark)

    def _show_answers(self, *_: object) -> None:
        if self._questions is None or self.workspace is None:
            return
        present = self._questions.present(self.workspace.image)
        for row, mark in zip(self.rows, self._marks):
            row.show_present(present)
            row.setEnabled(self.workspace.image >= 0)
            self._mark(mark, row.question.is_unanswered(present) and self.workspace.image >= 0)

    def _mark(self, mark: QLabel, is_unanswered: bool) -> None:
        words = "Not answered yet: choose one." if is_unanswered else ""
        mark.setToolTip(words)
        mark.setAccessibleName(words)
        if is_unanswered:
            mark.setPixmap(icon("warning", theme_colors(self).severity("warning"), 14).pixmap(14, 14))
        else:
            mark.clear()

    def theme_changed(self, colors: ThemeColors) -> None:
        """Draw the marks in the colours of the new theme."""
        if hasattr(self, "add"):
            self._show_answers()

    # -- what the user does
    def _answer(self, row: int, present: bool) -> None:
        if self.workspace is not None and self.workspace.image >= 0:
            self.apply(SetTag(Rows([self.workspace.image]), Rows([row]), present))
        self._show_answers()

    def _open_schema(self) -> None:
        if self.workspace is not None:
            open_dock(self.workspace, "Label schema")
