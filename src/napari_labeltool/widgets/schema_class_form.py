"""The page with a class's own fields: name, group, colour, key, kinds and guideline."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QFormLayout,
    QGridLayout,
    QLabel,
    QWidget,
)

from napari_labeltool.core.schema import KINDS, Category, LabelKind, effective_hotkeys
from napari_labeltool.widgets.schema_class_list import KIND_ICONS, KIND_WORDS
from napari_labeltool.widgets.schema_class_page import CategoryPage
from napari_labeltool.widgets.schema_fields import CheckedLine, CommittedText, FieldMessage
from napari_labeltool.widgets.schema_hotkey import HotkeyField
from napari_labeltool.widgets.schema_model import SchemaModel
from napari_labeltool.widgets.swatch import ColorButton
from napari_labeltool.widgets.theme import THEME_EVENTS, icon, theme_colors

MASK_CHOICES: Final = (
    ("objects, one by one", False, "Each mask is an object (instance segmentation)."),
    (
        "one area",
        True,
        "The brush paints the class over the picture, below the objects (semantic segmentation). Areas of two classes"
        " never overlap: painting one takes the place from the other.",
    ),
)
"""Words, value and explanation of what the masks of a class are."""


def fields_layout(parent: QWidget) -> QFormLayout:
    """Return the layout that all forms of the editor have."""
    form = QFormLayout(parent)
    form.setContentsMargins(6, 8, 6, 6)
    form.setHorizontalSpacing(8)
    form.setVerticalSpacing(6)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    return form


def add_row(form: QFormLayout, words: str, field: QWidget) -> QLabel:
    """Add a field with its label; return the label, whose mnemonic leads to the field."""
    label = QLabel(words)
    label.setBuddy(field)
    label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    label.setContentsMargins(0, 4, 0, 0)
    form.addRow(label, field)
    return label


class ClassForm(CategoryPage):
    """The fields of one class.

    Parameters
    ----------
    model
        The schema.
    parent
        Parent widget.
    """

    def __init__(self, model: SchemaModel, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self._drafts: dict[int, str] = {}
        self.name = CheckedLine(self._check_name, "Name of the class", "Name", self)
        self.group = CheckedLine(lambda _: None, "Group of classes", "None", self)
        self.group.line.setCompleter(QCompleter([], self))
        self.color = ColorButton(parent=self)
        self.hotkey = HotkeyField(self._check_hotkey, self)
        self.tag_group = QComboBox(self)
        self.masks = QComboBox(self)
        for words, is_area, tip in MASK_CHOICES:
            self.masks.addItem(words, is_area)
            self.masks.setItemData(self.masks.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.guideline = CommittedText(
            "How to label this class", "How to label it, in words for everybody who labels", self
        )
        self.guideline.setMinimumHeight(56)
        self.guideline.setMaximumHeight(160)
        self.kinds: dict[LabelKind, QCheckBox] = {}
        self.kinds_message = FieldMessage(self)
        form = fields_layout(self)
        add_row(form, "&Name", self.name)
        add_row(form, "&Group", self.group)
        add_row(form, "&Colour", self.color)
        add_row(form, "&Key", self.hotkey)
        add_row(form, "&Drawn as", self._kinds_box())
        self._masks_label = add_row(form, "&Masks are", self.masks)
        self._tag_group_label = add_row(form, "&Tag group", self.tag_group)
        add_row(form, "G&uideline", self.guideline)
        self.name.committed.connect(lambda text: self._commit(name=text))
        self.group.committed.connect(lambda text: self._commit(supercategory=text))
        self.color.color_chosen.connect(lambda color: self._commit(color=color))
        self.hotkey.committed.connect(lambda key: self._commit(hotkey=key or None))
        self.guideline.committed.connect(lambda text: self._commit(guideline=text))
        self.tag_group.activated.connect(self._on_tag_group)
        self.masks.activated.connect(lambda _: self._commit(is_area=self.masks.currentData()))

    def _kinds_box(self) -> QWidget:
        box = QWidget(self)
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 3, 0, 0)
        grid.setSpacing(3)
        for place, kind in enumerate(KINDS):
            check = QCheckBox(KIND_WORDS[kind], box)
            check.toggled.connect(partial(self._on_kind, kind))
            self.kinds[kind] = check
            grid.addWidget(check, place // 2, place % 2)
        grid.addWidget(self.kinds_message, 3, 0, 1, 2)
        box.setFocusProxy(self.kinds["box"])
        self._draw_kinds()
        return box

    # -- from the schema
    def show_category(self, key: int | None) -> None:
        """Show a class, by its key; a name that does not hold is kept until the class is shown again."""
        if key != self._key:
            self._keep_draft()
        super().show_category(key)

    def _keep_draft(self) -> None:
        if self._key is not None and self.name.draft is not None and self.category is not None:
            self._drafts[self._key] = self.name.draft
            self.name.load("")

    def set_model(self, model: SchemaModel) -> None:
        """Show no class of another schema."""
        self._key = None
        self._drafts = {}
        self.name.load("")
        super().set_model(model)

    def refresh(self) -> None:
        """Show the class as it is now."""
        category = self.category
        self.setEnabled(category is not None)
        if category is None or self._key is None:
            self._load(Category(""), None)
            return
        index = self.model.index_of(self._key) or 0
        self._load(category, effective_hotkeys(self.model.schema)[index])

    def _load(self, category: Category, suggested: str | None) -> None:
        schema = self.model.schema
        self.name.load(category.name, self._drafts.pop(self._key, None) if self._key is not None else None)
        self.group.load(category.supercategory)
        groups = sorted({c.supercategory for c in schema.categories} - {""})
        self.group.line.completer().model().setStringList(groups)
        self.color.set_color(category.color)
        self.hotkey.load(category.hotkey, suggested)
        for kind, check in self.kinds.items():
            check.blockSignals(True)
            check.setChecked(kind in category.kinds)
            check.blockSignals(False)
        self.kinds_message.say(
            "" if category.kinds or self._key is None else "Nothing may be drawn of this class.", "warning"
        )
        for widget in (self.masks, self._masks_label):
            widget.setVisible("mask" in category.kinds)
        self.masks.setCurrentIndex(self.masks.findData(category.is_area))
        self.masks.setToolTip(MASK_CHOICES[self.masks.currentIndex()][2])
        self._load_tag_group(category)
        self.guideline.load(category.guideline)

    def _load_tag_group(self, category: Category) -> None:
        shown = "tag" in category.kinds
        self.tag_group.setVisible(shown)
        self._tag_group_label.setVisible(shown)
        self.tag_group.clear()
        self.tag_group.addItem("no group", None)
        names = [group.name for group in self.model.schema.tag_groups]
        if category.tag_group is not None and category.tag_group not in names:
            names.append(category.tag_group)
        for name in names:
            self.tag_group.addItem(name, name)
        self.tag_group.setCurrentIndex(max(0, self.tag_group.findData(category.tag_group)))

    # -- to the schema
    def _commit(self, **values: object) -> None:
        category = self.category
        if category is not None and not self.commit(replace(category, **values)):  # type: ignore[arg-type]
            self.refresh()

    def _on_kind(self, kind: LabelKind, checked: bool) -> None:
        category = self.category
        if category is None:
            return
        kinds = category.kinds | {kind} if checked else category.kinds - {kind}
        self._commit(kinds=kinds, tag_group=category.tag_group if "tag" in kinds else None)

    def _on_tag_group(self) -> None:
        category = self.category
        name = self.tag_group.currentData()
        if category is not None and name != category.tag_group:
            self._commit(tag_group=name)

    def _check_name(self, text: str) -> str | None:
        category = self.category
        return None if category is None else self.complaint_about(replace(category, name=text))

    def _check_hotkey(self, key: str) -> str | None:
        category = self.category
        return None if category is None else self.complaint_about(replace(category, hotkey=key))

    def edit_name(self) -> None:
        """Put the cursor into the name, all of it selected."""
        self.name.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.name.line.selectAll()

    # -- theme
    def changeEvent(self, event: object) -> None:
        """Draw the icons in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in THEME_EVENTS and hasattr(self, "kinds"):  # type: ignore[attr-defined]
            self._draw_kinds()

    def _draw_kinds(self) -> None:
        for kind, check in self.kinds.items():
            check.setIcon(icon(KIND_ICONS[kind], theme_colors(self).ink))
