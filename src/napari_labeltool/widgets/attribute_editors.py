"""Editors of attribute values, one for each type of attribute."""

from __future__ import annotations

from typing import Any, Final

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QKeyEvent, QWheelEvent
from qtpy.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.schema import Attribute
from napari_labeltool.core.values import JsonValue
from napari_labeltool.widgets.schema_fields import CheckedLine, FieldMessage
from napari_labeltool.widgets.selection_fields import Field, Mixed, value_words

NOT_SET: Final = "not set"


class CalmComboBox(QComboBox):
    """A combo box that the wheel changes only while it has the focus, so that scrolling past it changes nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: list[tuple[str, Any]] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)

    def show_choices(self, choices: list[tuple[str, Any]], current: object) -> None:
        """Offer choices, words and value of each, and show the one that holds; no signal tells of it."""
        blocked = self.blockSignals(True)
        if choices != self._choices:
            self._choices = choices
            self.clear()
            for words, data in choices:
                self.addItem(words, data)
        place = next((place for place, (_, data) in enumerate(choices) if data == current), 0)
        if place != self.currentIndex():
            self.setCurrentIndex(place)
        self.blockSignals(blocked)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll what is around it unless it has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class LineEditor(CheckedLine):
    """A number or a text.

    Attributes
    ----------
    entered
        Signal: the new value, None for none.
    """

    entered = Signal(object)

    def __init__(self, attribute: Attribute, parent: QWidget) -> None:
        super().__init__(self._complaint, attribute.name, "", parent)
        self.attribute = attribute
        self.committed.connect(lambda text: self.entered.emit(self._parsed(text)))

    def _parsed(self, text: str) -> JsonValue:
        return self.attribute.parse(text) if text.strip() else None

    def _complaint(self, text: str) -> str | None:
        try:
            self._parsed(text)
        except EditRefused as error:
            return str(error)
        return None

    def show_field(self, field: Field) -> None:
        """Show the value of a field."""
        mixed = isinstance(field.value, Mixed)
        hint = value_words(field.value) if mixed else _hint(field.attribute)
        if hint != self.line.placeholderText():
            self.line.setPlaceholderText(hint)
        self.load("" if mixed else value_words(field.value))
        if self.draft is None:
            self.message.say(field.complaint, "warning")

    def stops(self) -> list[QWidget]:
        """Return what the Tab key stops at, in order."""
        return [self.line]

    def flush(self) -> str:
        """Commit what was typed; return what is wrong with it when it cannot be committed."""
        draft = self.draft
        if draft is None:
            return ""
        complaint = self._complaint(draft)
        if complaint is None:
            self._on_finished()
        return complaint or ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Count a number up and down with the arrow keys."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}
        step = steps.get(event.key())
        if step is None or self.attribute.type != "number":
            super().keyPressEvent(event)
            return
        value = self.line.text().strip() or "0"
        if self._complaint(value) is None:
            number = self._parsed(value)
            self.line.setText(value_words(number + step if isinstance(number, (int, float)) else step))
            self._on_typed()


def _hint(attribute: Attribute) -> str:
    """Return what a number may be, for an empty field."""
    low, high = attribute.minimum, attribute.maximum
    if low is not None and high is not None:
        return f"{low:g} to {high:g}"
    if low is not None:
        return f"at least {low:g}"
    return NOT_SET if high is None else f"at most {high:g}"


class ChoiceEditor(QWidget):
    """One of several values.

    Attributes
    ----------
    entered
        Signal: the chosen value, None for none.
    """

    entered = Signal(object)

    def __init__(self, attribute: Attribute, parent: QWidget) -> None:
        super().__init__(parent)
        self.box = CalmComboBox(self)
        self.box.setAccessibleName(attribute.name)
        self.message = FieldMessage(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.box)
        layout.addWidget(self.message)
        self.setFocusProxy(self.box)
        self.box.activated.connect(self._on_activated)

    def show_field(self, field: Field) -> None:
        """Show the value of a field, also one that is not among the choices."""
        value = field.value
        choices: list[tuple[str, Any]] = [(NOT_SET, None), *((word, word) for word in field.attribute.values)]
        if isinstance(value, Mixed) or (value is not None and value not in field.attribute.values):
            choices.insert(0, (value_words(value), value))
        self.box.show_choices(choices, value)
        self.message.say(field.complaint, "warning")

    def _on_activated(self, index: int) -> None:
        value = self.box.itemData(index)
        if not isinstance(value, Mixed):
            self.entered.emit(value)

    def stops(self) -> list[QWidget]:
        """Return what the Tab key stops at, in order."""
        return [self.box]

    def flush(self) -> str:
        """Commit nothing: a choice is committed when it is made."""
        return ""


class YesNoEditor(QWidget):
    """Yes, no, or not set.

    Attributes
    ----------
    entered
        Signal: True, False or None.
    """

    entered = Signal(object)

    def __init__(self, attribute: Attribute, parent: QWidget) -> None:
        super().__init__(parent)
        self.group = QButtonGroup(self)
        self.message = FieldMessage(self)
        line = QHBoxLayout()
        line.setSpacing(10)
        self.buttons: dict[bool | None, QRadioButton] = {}
        values: tuple[tuple[str, bool | None], ...] = (("yes", True), ("no", False), (NOT_SET, None))
        for words, value in values:
            button = QRadioButton(words, self)
            button.setAccessibleName(f"{attribute.name}: {words}")
            button.clicked.connect(lambda _=False, value=value: self.entered.emit(value))
            self.group.addButton(button)
            self.buttons[value] = button
            line.addWidget(button)
        line.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(line)
        layout.addWidget(self.message)
        self.setFocusProxy(self.buttons[True])

    def show_field(self, field: Field) -> None:
        """Show the value of a field; nothing is chosen where the annotations differ."""
        if any(button.isChecked() != (value is field.value) for value, button in self.buttons.items()):
            self.group.setExclusive(False)
            for value, button in self.buttons.items():
                button.setChecked(value is field.value)
            self.group.setExclusive(True)
        various = isinstance(field.value, Mixed)
        self.message.say(f"{value_words(field.value)}" if various else field.complaint, _level(various))

    def stops(self) -> list[QWidget]:
        """Return what the Tab key stops at, in order."""
        return list(self.buttons.values())

    def flush(self) -> str:
        """Commit nothing: a choice is committed when it is made."""
        return ""


def _level(is_note: bool) -> Any:
    return "info" if is_note else "warning"


class LockedEditor(QLabel):
    """A value that is shown only."""

    entered = Signal(object)

    def __init__(self, attribute: Attribute, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("quiet", True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_field(self, field: Field) -> None:
        """Show the value of a field; its tooltip has it whole and says why it cannot be edited."""
        words = value_words(field.value)
        if words != self.text():
            self.setText(words)
        self.setToolTip(f"{words[:600]}\n{field.locked}")

    def stops(self) -> list[QWidget]:
        """Return what the Tab key stops at, in order."""
        return []

    def flush(self) -> str:
        """Commit nothing."""
        return ""


AttributeEditor = LineEditor | ChoiceEditor | YesNoEditor | LockedEditor


def make_editor(field: Field, parent: QWidget) -> AttributeEditor:
    """Return the editor for a field."""
    if field.locked:
        return LockedEditor(field.attribute, parent)
    if field.attribute.type == "choice":
        return ChoiceEditor(field.attribute, parent)
    if field.attribute.type == "yes_no":
        return YesNoEditor(field.attribute, parent)
    return LineEditor(field.attribute, parent)
