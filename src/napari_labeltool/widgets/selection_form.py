"""The form of what is selected: attributes, status and comment, keypoints, facts, and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QGridLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from napari_labeltool.core.edits import STATUSES, Edit, Rows, SetAttributes, SetKeypoints, SetStatus
from napari_labeltool.core.schema import Attribute
from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.convert_points import keypoint_labels_of
from napari_labeltool.widgets.after_drawing import AfterDrawing
from napari_labeltool.widgets.annotation_facts import STATUS_WORDS
from napari_labeltool.widgets.attribute_editors import NOT_SET, CalmComboBox, LineEditor
from napari_labeltool.widgets.attribute_form import AttributeForm, form_label
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.keypoint_list import KeypointList
from napari_labeltool.widgets.section import Section
from napari_labeltool.widgets.selection_actions import SelectionActions
from napari_labeltool.widgets.selection_facts import facts_words, title_words
from napari_labeltool.widgets.selection_fields import Field, Mixed, Selection, selection_of, value_words

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.session import ChangeEvent


def _keep_room(words: QLabel, *parts: QWidget) -> None:
    """Let two lines of words, and parts while they are hidden, keep their room.

    So what is below does not jump, and is not painted anew, whenever something is selected or no more.
    """
    words.setMinimumHeight(2 * words.fontMetrics().lineSpacing())
    words.setAlignment(Qt.AlignmentFlag.AlignTop)
    for part in parts:
        policy = part.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        part.setSizePolicy(policy)


def _keypoints_button(parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setAutoRaise(True)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setToolTip("Show or hide the visibility of each keypoint")
    return button


class SelectionForm(Section):
    """The selected annotations of the shown image; what is entered is written to all of them as one step.

    Attributes
    ----------
    title_changed
        Signal: what the section is called now, for example ``"Selected: nucleus 4711"``.
    """

    title_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.selection = Selection()
        self._title = ""
        self._soon = AfterDrawing(self, self._show_selection)
        self.facts = QLabel(self)
        self.facts.setWordWrap(True)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setProperty("quiet", True)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.form = AttributeForm(self)
        self.status = CalmComboBox(self)
        self.status.setAccessibleName("Status")
        self.comment = LineEditor(Attribute("comment", "text"), self)
        self.review = QWidget(self)
        self.keypoints_button, self._keypoints_open = _keypoints_button(self), True
        self.keypoints = KeypointList(self)
        self.actions = SelectionActions(self)
        self._lay_out()
        self._connect()
        self.setEnabled(False)
        self._show_selection()

    def _lay_out(self) -> None:
        review = QGridLayout(self.review)
        review.setContentsMargins(0, 0, 0, 0)
        review.setHorizontalSpacing(6)
        review.setVerticalSpacing(3)
        review.setColumnStretch(1, 1)
        for place, (name, editor) in enumerate((("status", self.status), ("comment", self.comment))):
            label = form_label(name, self.review)
            label.setBuddy(editor)
            review.addWidget(label, place, 0, Qt.AlignmentFlag.AlignTop)
            review.addWidget(editor, place, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for part in (self.facts, self.form, self.review, self.keypoints_button, self.keypoints, self.actions):
            layout.addWidget(part)
        _keep_room(self.facts, self.review, self.actions)

    def _connect(self) -> None:
        self.form.entered.connect(self._write_attribute)
        self.form.refused.connect(self._tell)
        self.status.activated.connect(self._write_status)
        self.comment.entered.connect(self._write_comment)
        self.keypoints_button.clicked.connect(self._fold_keypoints)
        self.keypoints.list_model.chosen.connect(self._write_visibility)

    # -- the workspace
    def connect_workspace(self, workspace: Workspace, connections: Connections) -> None:
        """Listen to what the form shows."""
        connections.add(workspace.session.changed, self._on_changed)
        connections.add(workspace.session.reset, self._show_selection)
        connections.add(workspace.selection_changed, self._on_selected)

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Show another workspace, or None; what is being typed is written before."""
        if workspace is not self.workspace:
            self.flush()
        super().set_workspace(workspace)

    def workspace_exchanged(self) -> None:
        """Show the selection of the workspace."""
        self._show_selection()

    def _on_selected(self, rows: tuple[int, ...]) -> None:
        if rows != self.selection.rows:
            self.flush()
        self._soon.ask()

    def _on_changed(self, event: ChangeEvent) -> None:
        workspace = self.workspace
        if workspace is None or not workspace.selection:
            return
        touched = event.touched
        schema = len(touched.categories) or touched.document
        if schema or np.isin(touched.annotations, workspace.selection).any():
            self._soon.ask()

    # -- what is shown
    @property
    def title(self) -> str:
        """What the section is called now."""
        workspace = self.workspace
        return "Selected" if workspace is None else title_words(workspace.dataset, self._rows())

    def _rows(self) -> tuple[int, ...]:
        """Return the selected annotations that are there: an undo may have taken one away a moment ago."""
        workspace = self.workspace
        if workspace is None:
            return ()
        rows = np.array(workspace.selection, np.int64)
        alive = workspace.dataset.annotations.alive[rows]
        return workspace.selection if alive.all() else tuple(rows[alive].tolist())

    def _show_selection(self) -> None:
        workspace, rows = self.workspace, self._rows()
        if rows != self.selection.rows:
            self.flush()
        self.selection = Selection() if workspace is None else selection_of(workspace.dataset, rows)
        facts = "" if workspace is None else facts_words(workspace.dataset, rows)
        if facts != self.facts.text():
            self.facts.setText(facts)
        self.form.show_selection(self.selection)
        self._show_review()
        self._show_keypoints()
        self.actions.show_workspace(workspace)
        self.actions.setVisible(bool(rows))
        if self.title != self._title:
            self._title = self.title
            self.title_changed.emit(self._title)

    def _show_review(self) -> None:
        selection = self.selection
        self.review.setVisible(bool(selection.rows))
        mixed = selection.status if isinstance(selection.status, Mixed) else None
        choices: list[tuple[str, object]] = [] if mixed is None else [(value_words(mixed), mixed)]
        choices += [(STATUS_WORDS[value] or NOT_SET, value) for value in STATUSES]
        self.status.show_choices(choices, selection.status)
        self.comment.show_field(Field(self.comment.attribute, selection.comment, False))

    def _show_keypoints(self) -> None:
        shown = self._keypoints()
        self.keypoints_button.setVisible(shown is not None)
        self.keypoints.setVisible(shown is not None and self._keypoints_open)
        if shown is not None and self.workspace is not None:
            placed = int(np.count_nonzero(shown[:, 2] > 0))
            self.keypoints_button.setText(f"Keypoints: {placed} of {len(shown)} labelled")
            arrow = Qt.ArrowType.DownArrow if self._keypoints_open else Qt.ArrowType.RightArrow
            self.keypoints_button.setArrowType(arrow)
            self.keypoints.show_keypoints(self._names(len(shown)), shown)

    def _fold_keypoints(self) -> None:
        self._keypoints_open = not self._keypoints_open
        self._show_keypoints()

    def _keypoints(self) -> FloatArray | None:
        """Return the keypoints of the one selected annotation, those its class has more included."""
        rows = self.selection.rows
        if self.workspace is None or len(rows) != 1:
            return None
        keypoints = self.workspace.dataset.keypoints(rows[0])
        if keypoints is None:
            return None
        more = len(self._names(len(keypoints))) - len(keypoints)
        return np.concatenate([keypoints, np.zeros((more, 3))]) if more else keypoints

    def _names(self, count: int) -> tuple[str, ...]:
        if self.workspace is None:
            return ()
        dataset = self.workspace.dataset
        category = int(dataset.annotations.category[self.selection.rows[0]])
        return keypoint_labels_of(dataset, category, count)

    # -- what the user enters
    def flush(self) -> None:
        """Write what is being typed."""
        self.comment.flush()
        self.form.flush()

    def _write(self, edit: Edit) -> None:
        """Apply an edit; show again what holds when it is refused."""
        if not self.apply(edit):
            self._show_selection()

    def _write_attribute(self, rows: tuple[int, ...], name: str, value: Any) -> None:
        if rows:
            self._write(SetAttributes(Rows(rows), {name: value}))

    def _write_status(self, index: int) -> None:
        value = self.status.itemData(index)
        if self.selection.rows and not isinstance(value, Mixed):
            self._write(SetStatus(Rows(self.selection.rows), status=value))

    def _write_comment(self, text: str | None) -> None:
        if self.selection.rows:
            self._write(SetStatus(Rows(self.selection.rows), comment=text or ""))

    def _write_visibility(self, place: int, visibility: int) -> None:
        keypoints = self._keypoints()
        if keypoints is not None:
            changed = keypoints.copy()
            changed[place, 2] = visibility
            self._write(SetKeypoints(Rows(self.selection.rows), changed, "Set visibility of keypoints of"))

    def _tell(self, sentence: str) -> None:
        if self.workspace is not None:
            self.workspace.message.emit("warning", sentence)
