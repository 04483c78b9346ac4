"""The tools, and what the next click on the picture does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_labeltool.widgets.after_drawing import AfterDrawing
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.section import Section
from napari_labeltool.widgets.texts import TOOL_WORDS, tool_changed_words, tool_hint, tool_refusal, tool_tip
from napari_labeltool.widgets.theme import IconButton

if TYPE_CHECKING:
    from napari_labeltool.core.schema import Category
    from napari_labeltool.layers.workspace import Tool, Workspace
    from napari_labeltool.session import ChangeEvent

_COLUMNS: Final = 4
_LEAST_WIDTH: Final = 44
"""Of a button, in pixels; a narrow dock cuts the words rather than its other parts."""
_DRAWING: Final[tuple[Tool, ...]] = ("box", "polygon", "mask", "keypoints", "rotated_box")
"""Tools in the order in which another one is looked for when a class does not allow the present one."""


class ToolBar(Section):
    """Buttons of the tools with the hint beneath."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._soon = AfterDrawing(self, self._show_tools)
        self.buttons: dict[Tool, IconButton] = {}
        self._group = QButtonGroup(self)
        grid = QGridLayout()
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(2)
        for place, (tool, words) in enumerate(TOOL_WORDS.items()):
            button = IconButton(tool, tool_tip(tool, None), self, text=words)
            button.setCheckable(True)
            button.setProperty("tool", True)
            button.setMinimumWidth(_LEAST_WIDTH)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _=False, tool=tool: self._choose(tool))
            self.buttons[tool] = button
            self._group.addButton(button)
            grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)
        self.hint = QLabel(self)
        self.hint.setWordWrap(True)
        self.hint.setProperty("quiet", True)
        self.hint.setMinimumHeight(2 * self.hint.fontMetrics().lineSpacing())
        self.hint.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.points = PointButtons(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(grid)
        layout.addWidget(self.hint)
        layout.addWidget(self.points)
        self._keypoint = ""

    # -- the workspace
    def connect_workspace(self, workspace: Workspace, connections: Connections) -> None:
        """Listen to what changes the tools and the hint."""
        connections.add(workspace.tool_changed, self._on_tool)
        connections.add(workspace.category_changed, self._on_category)
        connections.add(workspace.selection_changed, self._soon.ask)
        connections.add(workspace.image_changed, self._on_image)
        connections.add(workspace.session.changed, self._on_changed)
        connections.add(workspace.session.history_changed, self._soon.ask)
        connections.add(workspace.keypoints.placing.aimed, self._on_aimed)

    def workspace_exchanged(self) -> None:
        """Show the tool of the workspace."""
        self.points.workspace = self.workspace
        self._keypoint = "" if self.workspace is None else self.workspace.keypoints.placing.words()
        self._show_tools()

    def _on_tool(self, tool: str) -> None:
        self._show_tools()

    def _on_image(self, row: int) -> None:
        self._show_hint()

    def _on_changed(self, event: ChangeEvent) -> None:
        if len(event.touched.categories) or event.touched.document:
            self._show_tools()
        else:
            self._soon.ask()

    def _on_aimed(self, words: str) -> None:
        self._keypoint = words
        self._show_hint()

    def _on_category(self, category: int) -> None:
        workspace = self.workspace
        chosen = self._category()
        if workspace is not None and tool_refusal(workspace.tool, chosen) is not None:
            self._take_allowed(workspace, chosen)
        self._show_tools()

    def _take_allowed(self, workspace: Workspace, chosen: Category | None) -> None:
        """Put a tool in place that the chosen class allows, and say so."""
        allowed: list[Tool] = [tool for tool in _DRAWING if tool_refusal(tool, chosen) is None]
        tool: Tool = allowed[0] if allowed else "select"
        before = workspace.tool
        workspace.set_tool(tool)
        name = "unlabelled" if chosen is None else chosen.name
        workspace.message.emit("info", tool_changed_words(before, tool, name))

    def _category(self) -> Category | None:
        workspace = self.workspace
        return None if workspace is None else workspace.session.schema.by_key(workspace.category)

    def _show_tools(self) -> None:
        workspace = self.workspace
        if workspace is None:
            return
        chosen = self._category()
        for tool, button in self.buttons.items():
            refusal = tool_refusal(tool, chosen, workspace.session.read_only_reason)
            button.setEnabled(refusal is None)
            button.setToolTip(tool_tip(tool, refusal))
        self.buttons[workspace.tool].setChecked(True)
        self._show_hint()

    def _show_hint(self) -> None:
        workspace = self.workspace
        if workspace is None:
            return
        self.hint.setText(tool_hint(workspace, self._keypoint))
        self.points.setVisible(workspace.tool == "keypoints" or self._points_active(workspace))
        self.points.skip.setEnabled(workspace.tool == "keypoints" and workspace.keypoints.placing.row >= 0)

    @staticmethod
    def _points_active(workspace: Workspace) -> bool:
        layer = workspace.keypoints.layer
        return layer is not None and bool(layer.selected_data)

    def _choose(self, tool: Tool) -> None:
        if self.workspace is not None:
            self.workspace.set_tool(tool)


class PointButtons(QWidget):
    """What can be said of the selected keypoints, and leaving out the next one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace: Workspace | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.visibility: dict[int, QPushButton] = {}
        for value, words, tip in (
            (2, "Visible", "The selected points can be seen in the picture"),
            (1, "Hidden", "The selected points are there, but something is in front of them"),
            (0, "Not labelled", "The selected points are not labelled"),
        ):
            button = QPushButton(words, self)
            button.setToolTip(tip)
            button.clicked.connect(lambda _=False, value=value: self._set(value))
            self.visibility[value] = button
            layout.addWidget(button)
        self.skip = QPushButton("Skip", self)
        self.skip.setToolTip("Leave the next keypoint out and go on with the one after it")
        self.skip.clicked.connect(self._skip)
        layout.addWidget(self.skip)
        layout.addStretch(1)

    def _set(self, visibility: int) -> None:
        workspace = self.workspace
        if workspace is None or workspace.keypoints.layer is None:
            return
        if not workspace.keypoints.layer.selected_data:
            workspace.message.emit(
                "info", "No point is selected. Choose the tool Select and click a point first."
            )
            return
        workspace.keypoints.set_visibility(visibility)

    def _skip(self) -> None:
        if self.workspace is not None:
            self.workspace.keypoints.placing.skip()
