"""What the dock shows while no project is open: the first step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_labeltool.widgets import commands
from napari_labeltool.widgets.theme import ThemeColors, ThemedWidget, icon

if TYPE_CHECKING:
    from pathlib import Path

    from napari_labeltool.widgets.icons import IconName
    from napari_labeltool.widgets.project import ViewerProject


class EmptyState(ThemedWidget):
    """Explains the first step and offers it.

    Parameters
    ----------
    project
        What opens projects.
    parent
        Parent widget.
    """

    def __init__(self, project: ViewerProject, parent: QWidget | None = None) -> None:
        self._icons: dict[QPushButton, IconName] = {}
        super().__init__(parent)
        self.project = project
        heading = QLabel("Label images", self)
        heading.setProperty("heading", True)
        explanation = QLabel("Drop a folder of images or a COCO file here, or open one.", self)
        explanation.setWordWrap(True)
        self.open_file = self._button("Open COCO file…", "edit", "A COCO JSON file with its images")
        self.open_folder = self._button(
            "Open folder…", "folder", "A folder of images; a COCO file comes into being at the first save"
        )
        self.open_demo = self._button("Demo project", "select", "Small pictures, half of them labelled")
        self.recent_heading = QLabel("Opened before", self)
        self.recent_heading.setProperty("heading", True)
        self._recent: list[QPushButton] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(8, 16, 8, 8)
        self._layout.setSpacing(8)
        for widget in (heading, explanation, self.open_file, self.open_folder, self.open_demo):
            self._layout.addWidget(widget)
        self._layout.addSpacing(12)
        self._layout.addWidget(self.recent_heading)
        self._layout.addStretch(1)
        self.open_file.clicked.connect(lambda: commands.open_document(project))
        self.open_folder.clicked.connect(lambda: commands.open_folder(project))
        self.open_demo.clicked.connect(lambda: commands.open_demo(project))
        self.theme_changed(self.colors)
        self.refresh()

    def _button(self, words: str, icon_name: IconName, tip: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setToolTip(tip)
        button.setMinimumHeight(32)
        self._icons[button] = icon_name
        return button

    def refresh(self) -> None:
        """Show the projects that were opened before."""
        for button in self._recent:
            self._layout.removeWidget(button)
            button.deleteLater()
        paths = self.project.remembered.recent()
        self.recent_heading.setVisible(bool(paths))
        at = self._layout.indexOf(self.recent_heading) + 1
        self._recent = [self._recent_button(path) for path in paths]
        for offset, button in enumerate(self._recent):
            self._layout.insertWidget(at + offset, button)

    def _recent_button(self, path: Path) -> QPushButton:
        button = QPushButton(f"{path.parent.name}/{path.name}".replace("&", "&&"), self)
        button.setToolTip(str(path))
        button.setFlat(True)
        button.setProperty("link", True)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.project.open(path))
        return button

    def theme_changed(self, colors: ThemeColors) -> None:
        """Draw the icons in the colours of the new theme."""
        for button, name in self._icons.items():
            button.setIcon(icon(name, colors.ink))
