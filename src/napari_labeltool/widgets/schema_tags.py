"""The page with the image tags: groups of tags that answer a question about a whole image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from napari_labeltool.core.schema import TAG_GROUP_TYPES, Category, LabelSchema, TagGroup
from napari_labeltool.widgets.schema_changes import (
    complaint,
    moved,
    with_category_moved,
    with_group,
    with_new_group,
    without_group,
)
from napari_labeltool.widgets.schema_class_actions import ClassActions
from napari_labeltool.widgets.schema_class_form import add_row, fields_layout
from napari_labeltool.widgets.schema_dialogs import ask_choice
from napari_labeltool.widgets.schema_fields import CheckedLine, CommittedText, FieldMessage
from napari_labeltool.widgets.schema_model import SchemaModel
from napari_labeltool.widgets.schema_tag_tree import GROUP_WORDS, TagTree
from napari_labeltool.widgets.theme import IconButton


class GroupForm(QWidget):
    """The fields of a group: name, type, guideline.

    Attributes
    ----------
    committed
        Signal: the group (`TagGroup`) as it should be from now on.

    Parameters
    ----------
    parent
        Parent widget.
    """

    committed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = TagGroup("", "multilabel")
        self.check: Callable[[TagGroup], str | None] = lambda group: None
        self.name = CheckedLine(self._check_name, "Name of the group", "What is asked", self)
        self.type = QComboBox(self)
        for kind in TAG_GROUP_TYPES:
            self.type.addItem(GROUP_WORDS[kind], kind)
        self.type_message = FieldMessage(self)
        self.guideline = CommittedText("How to decide", "How to decide, in words", self)
        self.guideline.setMaximumHeight(70)
        form: QFormLayout = fields_layout(self)
        form.setContentsMargins(0, 4, 0, 0)
        add_row(form, "Question", self.name)
        add_row(form, "Answer", self.type)
        form.addRow(self.type_message)
        add_row(form, "Guideline", self.guideline)
        self.name.committed.connect(lambda name: self.committed.emit(replace(self._group, name=name)))
        self.guideline.committed.connect(
            lambda text: self.committed.emit(replace(self._group, guideline=text))
        )
        self.type.activated.connect(self._on_type)

    def load(self, group: TagGroup) -> None:
        """Show a group."""
        self._group = group
        self.name.load(group.name)
        self.type.setCurrentIndex(self.type.findData(group.type))
        self.guideline.load(group.guideline)
        self.type_message.say("")

    def _check_name(self, text: str) -> str | None:
        return self.check(replace(self._group, name=text))

    def _on_type(self) -> None:
        group = replace(self._group, type=self.type.currentData())
        words = self.check(group) if group != self._group else None
        self.type_message.say("" if words is None else f"{words} Not applied until then.")
        if words is None and group != self._group:
            self.committed.emit(group)


class TagsPage(QWidget):
    """The tag groups of a schema and the tags in them.

    Parameters
    ----------
    model
        The schema.
    parent
        Parent widget.

    Attributes
    ----------
    class_wanted
        Signal: key of a tag whose name, colour, key or guideline is to be edited.
    deletion_wanted
        Signal: keys of tags that are to be deleted.
    """

    class_wanted = Signal(int)
    deletion_wanted = Signal(list)

    def __init__(self, model: SchemaModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.ask: Callable[..., int | None] = ask_choice
        self.tree = TagTree(self)
        self.form = GroupForm(self)
        self.form.check = self._check
        self.empty = QLabel(
            "A tag says something about a whole image: the stain, or whether it is blurred. Tags stand in"
            " groups. Add a group, then its tags.",
            self,
        )
        self.empty.setWordWrap(True)
        self.empty.setProperty("quiet", True)
        self.add_group = IconButton("add", "Add a group of tags", self, text="Add group")
        self.add_tag = IconButton("tag", "Add a tag to the chosen group", self, text="Add tag")
        self.edit = IconButton("edit", "Edit the chosen tag: name, colour, key, guideline (F2)", self)
        self.remove = IconButton("delete", "Delete the chosen group or tag (Delete)", self)
        self.up = IconButton("up", "Move up (Alt+Up)", self)
        self.down = IconButton("down", "Move down (Alt+Down)", self)
        self._arrange()

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        buttons.addWidget(self.add_group)
        buttons.addWidget(self.add_tag)
        buttons.addStretch(1)
        for button in (self.edit, self.remove, self.up, self.down):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addLayout(buttons)
        column.addWidget(self.empty)
        column.addWidget(self.tree, 1)
        column.addWidget(self.form)
        column.addStretch(0)
        self.add_group.clicked.connect(self.add_new_group)
        self.add_tag.clicked.connect(self.add_new_tag)
        self.edit.clicked.connect(self.rename)
        self.remove.clicked.connect(self.delete_current)
        self.up.clicked.connect(lambda: self.move_current(-1))
        self.down.clicked.connect(lambda: self.move_current(1))
        self.tree.currentItemChanged.connect(lambda: self._show_current())
        self.tree.itemDoubleClicked.connect(lambda: self.rename())
        self.tree.command.connect(self._on_command)
        self.form.committed.connect(self._on_group)

    # -- from the schema
    def set_model(self, model: SchemaModel) -> None:
        """Show another schema."""
        self.model = model
        self.refresh()

    def refresh(self) -> None:
        """Show the groups and tags as they are now."""
        self.tree.show_groups(self.model)
        self.tree.setVisible(bool(self.tree.topLevelItemCount()))
        self.empty.setVisible(not self.model.schema.tag_groups)
        self._show_current()

    def _show_current(self) -> None:
        index, key = self.tree.group_index, self.tree.tag_key
        self.form.setVisible(index is not None)
        self.add_tag.setEnabled(bool(self.model.schema.tag_groups))
        for button in (self.edit, self.remove, self.up, self.down):
            button.setEnabled(index is not None or key is not None)
        if index is not None and index < len(self.model.schema.tag_groups):
            self.form.load(self.model.schema.tag_groups[index])

    # -- changes
    def _check(self, group: TagGroup) -> str | None:
        index = self.tree.group_index
        schema = self.model.schema
        return None if index is None else complaint(schema, with_group(schema, index, group))

    def _on_group(self, group: TagGroup) -> None:
        index = self.tree.group_index
        if index is not None and not self.model.apply(with_group(self.model.schema, index, group)):
            self._show_current()

    def add_new_group(self) -> None:
        """Add a group and put the cursor into its name."""
        if self.model.apply(with_new_group(self.model.schema)):
            self.tree.choose_group(len(self.model.schema.tag_groups) - 1)
            self.form.name.line.setFocus(Qt.FocusReason.OtherFocusReason)
            self.form.name.line.selectAll()

    def add_new_tag(self) -> None:
        """Add a tag to the chosen group and let its fields be edited."""
        schema = self.model.schema
        index = self.tree.group_index or 0
        if schema.tag_groups:
            key = ClassActions(self.model, self).add(schema.tag_groups[index].name)
            if key is not None:
                self.class_wanted.emit(key)

    def rename(self) -> None:
        """Edit the chosen tag, or put the cursor into the name of the chosen group."""
        key = self.tree.tag_key
        if key is not None:
            self.class_wanted.emit(key)
        elif self.tree.group_index is not None:
            self.form.name.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.form.name.line.selectAll()

    def delete_current(self) -> None:
        """Delete the chosen tag or group, after a question where there is something to decide."""
        key, index = self.tree.tag_key, self.tree.group_index
        if key is not None:
            self.deletion_wanted.emit([key])
        elif index is not None:
            self._delete_group(index)

    def _delete_group(self, index: int) -> None:
        schema = self.model.schema
        name = schema.tag_groups[index].name
        tags = schema.in_group(name)
        used = sum(self.model.count(tag.key) for tag in tags)
        answer: int | None = 0
        if tags:
            many = "1 image is" if used == 1 else f"{used:,} images are"
            choices = ["Keep its tags, without a group"]
            if not used:
                choices.append(f"Delete its {len(tags)} tags too")
            sentence = f"Delete the group {name}? It has {len(tags)} tags; {many} tagged with them."
            answer = self.ask("Delete a group of tags", sentence, choices, self.window())
        if answer is not None:
            self.model.apply(without_group(schema, index, keep_tags=answer == 0))

    def move_current(self, step: int) -> None:
        """Move the chosen group, or the chosen tag within its group, up (-1) or down (1)."""
        key, index = self.tree.tag_key, self.tree.group_index
        schema = self.model.schema
        if key is not None:
            self._move_tag(schema, key, step)
        elif index is not None and 0 <= index + step < len(schema.tag_groups):
            groups = moved(schema.tag_groups, index, index + step)
            if self.model.apply(replace(schema, tag_groups=groups)):
                self.tree.choose_group(index + step)

    def _move_tag(self, schema: LabelSchema, key: int, step: int) -> None:
        places = {c.key: place for place, c in enumerate(schema.categories)}
        tag: Category = schema.categories[places[key]]
        siblings = [c.key for c in schema.categories if c.tag_group == tag.tag_group and "tag" in c.kinds]
        place = siblings.index(key) + step
        if 0 <= place < len(siblings):
            self.model.apply(with_category_moved(schema, places[key], places[siblings[place]]))

    def _on_command(self, command: str) -> None:
        match command:
            case "delete":
                self.delete_current()
            case "rename":
                self.rename()
            case "up":
                self.move_current(-1)
            case "down":
                self.move_current(1)
