"""One attribute of a class as a form: type, values, bounds, default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.schema import ATTRIBUTE_TYPES, Attribute, AttributeType
from napari_labeltool.core.values import JsonValue
from napari_labeltool.widgets.schema_class_form import add_row, fields_layout
from napari_labeltool.widgets.schema_fields import CommittedText, FieldMessage, mark_invalid

TYPE_WORDS: Final[dict[AttributeType, str]] = {
    "choice": "One of several values",
    "number": "Number",
    "text": "Text",
    "yes_no": "Yes or no",
}


def value_text(value: JsonValue) -> str:
    """Return a value of an attribute as a person types it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


class AttributeForm(QWidget):
    """The fields of one attribute; what is typed is handed on as a whole when it makes sense.

    Attributes
    ----------
    committed
        Signal: the attribute (`Attribute`) as it should be from now on.

    Parameters
    ----------
    parent
        Parent widget.
    """

    committed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value: Attribute | None = None
        self.check: Callable[[Attribute], str | None] = lambda attribute: None
        self.name = QLineEdit(self)
        self.type = QComboBox(self)
        for kind in ATTRIBUTE_TYPES:
            self.type.addItem(TYPE_WORDS[kind], kind)
        self.values = CommittedText("Values, one on each line", "One value on each line", self)
        self.values.setMaximumHeight(84)
        self.minimum, self.maximum = QLineEdit(self), QLineEdit(self)
        for line in (self.minimum, self.maximum):
            line.setPlaceholderText("no bound")
        self.default = QComboBox(self)
        self.default_line = QLineEdit(self)
        self.default_line.setPlaceholderText("none")
        self.required = QCheckBox("Required", self)
        self.required.setToolTip("Every object needs a value; without one it counts as unfinished")
        self.message = FieldMessage(self)
        self.form = fields_layout(self)
        self.form.setContentsMargins(0, 4, 0, 0)
        add_row(self.form, "Name", self.name)
        add_row(self.form, "Type", self.type)
        add_row(self.form, "Values", self.values)
        add_row(self.form, "Minimum", self.minimum)
        add_row(self.form, "Maximum", self.maximum)
        add_row(self.form, "Default", self.default)
        add_row(self.form, "Default", self.default_line)
        self.form.addRow(self.required)
        self.form.addRow(self.message)
        for line in (self.name, self.minimum, self.maximum, self.default_line):
            line.textEdited.connect(lambda: self._show(finished=False))
            line.editingFinished.connect(self._on_finished)
        self.values.textChanged.connect(self._on_values_typed)
        self.values.committed.connect(self._on_finished)
        self.type.activated.connect(self._on_type)
        self.default.activated.connect(self._on_finished)
        self.required.clicked.connect(self._on_finished)

    @property
    def is_unfinished(self) -> bool:
        """Whether something is typed that does not hold."""
        return self._value is not None and self._complaint() is not None

    def load(self, attribute: Attribute | None) -> None:
        """Show an attribute, None for none."""
        if attribute is not None and attribute == self._value and self.is_unfinished:
            return
        self._value = attribute
        self.setVisible(attribute is not None)
        shown = attribute or Attribute("", "text")
        self.name.setText(shown.name)
        self.type.setCurrentIndex(self.type.findData(shown.type))
        self.values.load("\n".join(shown.values))
        self.minimum.setText(value_text(shown.minimum))
        self.maximum.setText(value_text(shown.maximum))
        self.required.setChecked(shown.required)
        self._fill_default(shown)
        self.default_line.setText(value_text(shown.default))
        self._show_rows()
        self._show(finished=False)

    def _fill_default(self, attribute: Attribute) -> None:
        self.default.clear()
        self.default.addItem("none", None)
        choices: list[JsonValue] = [True, False] if attribute.type == "yes_no" else list(attribute.values)
        for choice in choices:
            self.default.addItem(value_text(choice), choice)
        if attribute.default is not None and attribute.default not in choices:
            self.default.addItem(value_text(attribute.default), attribute.default)
        places = range(self.default.count())
        self.default.setCurrentIndex(
            next((place for place in places if self.default.itemData(place) == attribute.default), 0)
        )

    def _show_rows(self) -> None:
        kind = self.type.currentData()
        chosen = kind in ("choice", "yes_no")
        for field, shown in (
            (self.values, kind == "choice"),
            (self.minimum, kind == "number"),
            (self.maximum, kind == "number"),
            (self.default, chosen),
            (self.default_line, not chosen),
        ):
            field.setVisible(shown)
            self.form.labelForField(field).setVisible(shown)

    # -- what is typed
    def _typed(self) -> tuple[Attribute, str | None, QWidget]:
        """Return what is typed, what cannot be read of it, and the field that is to blame."""
        kind: AttributeType = self.type.currentData()
        values = [line.strip() for line in str(self.values.toPlainText()).splitlines() if line.strip()]
        attribute = Attribute(str(self.name.text()).strip(), kind, tuple(values) if kind == "choice" else ())
        attribute = replace(attribute, required=bool(self.required.isChecked()))
        if kind == "number":
            for line, field in ((self.minimum, "minimum"), (self.maximum, "maximum")):
                text = str(line.text()).strip()
                try:
                    bound = float(text) if text else None
                except ValueError:
                    return attribute, f"{field.capitalize()}: {text} found, expected a number.", line
                attribute = replace(attribute, **{field: bound})  # type: ignore[arg-type]
        if kind in ("choice", "yes_no"):
            return replace(attribute, default=self.default.currentData()), None, self.default
        text = str(self.default_line.text())
        try:
            default = replace(attribute, required=False).parse(text)
        except EditRefused as error:
            return attribute, f"Default: {error}", self.default_line
        return replace(attribute, default=default), None, self.default_line

    def _complaint(self) -> tuple[str, QWidget] | None:
        attribute, words, field = self._typed()
        if words is not None:
            return words, field
        words = self.check(attribute) if attribute != self._value else None
        if words is None:
            return None
        choice_missing = attribute.type == "choice" and not attribute.values
        return words, self.values if choice_missing else self.name

    def _show(self, *, finished: bool) -> bool:
        found = None if self._value is None else self._complaint()
        for field in (self.name, self.minimum, self.maximum, self.default_line):
            mark_invalid(field, found is not None and found[1] is field)
        hint = " Not applied until it is right." if finished else ""
        self.message.say("" if found is None else found[0] + hint)
        return found is None

    def _on_values_typed(self) -> None:
        if self._value is not None and self.values.hasFocus():
            self._show(finished=False)

    def _on_type(self) -> None:
        kind = self.type.currentData()
        if self._value is not None and kind != self._value.type:
            self.default_line.setText("")
            self._fill_default(Attribute(self._value.name, kind, self._value.values))
        self._show_rows()
        self._on_finished()
        if kind == "choice" and not self._typed()[0].values:
            self.values.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_finished(self) -> None:
        if self._value is None or not self._show(finished=True):
            return
        attribute = self._typed()[0]
        if attribute != self._value:
            self._value = attribute
            self.committed.emit(attribute)
