"""The page about the schema as a whole: its guideline, and what is wrong with it."""

from __future__ import annotations

from dataclasses import replace

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QCheckBox, QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from napari_labeltool.core.edits import SetKeypointOrigin
from napari_labeltool.core.edits.document import keypoints_from_corner
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.widgets.schema_fields import CommittedText
from napari_labeltool.widgets.schema_model import SchemaModel
from napari_labeltool.widgets.theme import SEVERITY_ICONS, icon, theme_colors


class DocumentPage(QWidget):
    """The guideline of the document, and the list of broken rules.

    Parameters
    ----------
    model
        The schema.
    parent
        Parent widget.

    Attributes
    ----------
    class_wanted
        Signal: key of the class whose fields are to be shown.
    """

    class_wanted = Signal(int)

    def __init__(self, model: SchemaModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.guideline = CommittedText("Guideline", "How to label these images, in words for everybody", self)
        self.state = QLabel(self)
        self.state.setWordWrap(True)
        self.list = QListWidget(self)
        self.list.setWordWrap(True)
        self.list.setAccessibleName("What is wrong with the schema")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        self.corner = QCheckBox("Keypoints are measured from the &corner of the first pixel", self)
        self.corner.setToolTip(
            "Off: keypoints are pixel numbers, as in the original COCO. On: they are measured as polygons are, and"
            " are shown half a pixel up and left. The numbers in the file stay; the choice is recorded with it."
        )
        heading = QLabel("&Guideline for the whole document", self)
        heading.setBuddy(self.guideline)
        column.addWidget(heading)
        column.addWidget(self.guideline, 1)
        column.addWidget(self.corner)
        column.addWidget(self.state)
        column.addWidget(self.list, 2)
        column.addStretch(0)
        self.guideline.committed.connect(
            lambda text: self.model.apply(replace(self.model.schema, guideline=text))
        )
        self.corner.clicked.connect(self._on_corner)
        self.list.itemActivated.connect(self._on_activated)

    def set_model(self, model: SchemaModel) -> None:
        """Show another schema."""
        self.model = model
        self.refresh()

    def refresh(self) -> None:
        """Show the guideline and the broken rules as they are now."""
        schema = self.model.schema
        self.guideline.load(schema.guideline)
        session = self.model.session
        self.corner.setVisible(session is not None)
        self.corner.setChecked(session is not None and keypoints_from_corner(session.dataset))
        issues = self.model.issues()
        self.list.clear()
        colors = theme_colors(self)
        for issue in issues:
            item = QListWidgetItem(icon(SEVERITY_ICONS[issue.severity], colors.severity(issue.severity)), "")
            item.setText(f"{issue.severity.capitalize()}: {issue.message}")
            key = None if issue.category is None else schema.categories[issue.category].key
            item.setData(Qt.ItemDataRole.UserRole, key)
            self.list.addItem(item)
        self.list.setVisible(bool(issues))
        count = "1 thing" if len(issues) == 1 else f"{len(issues)} things"
        self.state.setText(
            f"{count} to look at; Enter or a double click goes to the class."
            if issues
            else "The schema is sound."
        )

    def _on_corner(self, checked: bool) -> None:
        session = self.model.session
        if session is not None:
            try:
                session.apply(SetKeypointOrigin(checked))
            except EditRefused as refusal:
                self.corner.setChecked(not checked)
                self.corner.setToolTip(str(refusal))

    def _on_activated(self, item: QListWidgetItem) -> None:
        key = item.data(Qt.ItemDataRole.UserRole)
        if key is not None:
            self.class_wanted.emit(key)
