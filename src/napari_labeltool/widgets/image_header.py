"""The image that is shown: its name and place, its state, and how far the work is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from napari_labeltool.core.edits import Rows, SetImageState
from napari_labeltool.widgets.after_drawing import AfterDrawing
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.elided import ElidedButton
from napari_labeltool.widgets.image_list import STATE_ICONS
from napari_labeltool.widgets.image_steps import go_to_unlabelled
from napari_labeltool.widgets.key_help import UNLABELLED_KEY
from napari_labeltool.widgets.section import Section
from napari_labeltool.widgets.texts import (
    STATE_WORDS,
    position_words,
    progress_tip,
    progress_words,
)
from napari_labeltool.widgets.theme import IconButton, ThemeColors, icon

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.session import ChangeEvent


class ProgressBar(QProgressBar):
    """A bar whose tooltip is made when it is asked for: the counts behind it take long in a large document.

    Parameters
    ----------
    tip
        Makes the tooltip.
    parent
        Parent widget.
    """

    def __init__(self, tip: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tip = tip

    def event(self, event: QEvent) -> bool:
        """Make the tooltip."""
        if event.type() == QEvent.Type.ToolTip:
            self.setToolTip(self._tip())
        return bool(super().event(event))


class ImageHeader(Section):
    """Steps from image to image, says which one is shown, and sets its state.

    Attributes
    ----------
    list_wanted
        Signal: the user wants to see the list of images, or not any more.
    """

    list_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._soon = AfterDrawing(self, self._show_image)
        self.before = IconButton("left", "Image before (PageUp)", self)
        self.after = IconButton("right", "Next image (PageDown)", self)
        self.name = ElidedButton(Qt.TextElideMode.ElideMiddle, self)
        self.name.setProperty("strong", True)
        self.place = QLabel(self)
        self.state = QComboBox(self)
        self.state.setAccessibleName("State of the image")
        self.state.setToolTip("State of the image")
        for state, words in STATE_WORDS.items():
            self.state.addItem(words, state)
        self.verified = QCheckBox("Nothing to label here", self)
        self.progress = ProgressBar(self._progress_tip, self)
        self.progress.setTextVisible(True)
        self.progress.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.progress.setAccessibleName("Progress")
        self.unlabelled = IconButton(
            "next_open", f"Next image without objects ({UNLABELLED_KEY})", self, text="Unlabelled"
        )
        self._lay_out()
        self.before.clicked.connect(lambda: self._step(-1))
        self.after.clicked.connect(lambda: self._step(1))
        self.name.clicked.connect(self.list_wanted)
        self.state.activated.connect(self._set_state)
        self.verified.clicked.connect(self._set_verified)
        self.unlabelled.clicked.connect(self._go_to_unlabelled)
        self._draw_states()

    def _lay_out(self) -> None:
        top, middle, bottom = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for widget, stretch in ((self.before, 0), (self.name, 1), (self.place, 0), (self.after, 0)):
            top.addWidget(widget, stretch)
        middle.addWidget(self.state, 1)
        middle.addWidget(self.verified)
        bottom.addWidget(self.progress, 1)
        bottom.addWidget(self.unlabelled)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for row in (top, middle, bottom):
            row.setSpacing(6)
            layout.addLayout(row)

    # -- the workspace
    def connect_workspace(self, workspace: Workspace, connections: Connections) -> None:
        """Listen to the image and the progress."""
        connections.add(workspace.image_changed, self._on_image)
        connections.add(workspace.session.changed, self._on_changed)
        connections.add(workspace.session.reset, self.workspace_exchanged)

    def workspace_exchanged(self) -> None:
        """Show the image and the progress of the workspace."""
        self._show_image()
        self._show_progress()

    def _on_image(self, row: int) -> None:
        self._show_image()

    def _on_changed(self, event: ChangeEvent) -> None:
        self._soon.ask()
        if len(event.touched.images):
            self._show_progress()

    def _show_image(self) -> None:
        workspace = self.workspace
        if workspace is None:
            return
        rows = workspace.dataset.images.rows()
        row = workspace.image
        shown = workspace.dataset.images.exists(row)
        for widget in (self.before, self.after, self.state, self.verified):
            widget.setEnabled(shown)
        if not shown:
            self.name.set_words("No images")
            self.place.setText("")
            return
        record = workspace.dataset.images.at(row)
        place = int(rows.searchsorted(row))
        self.name.set_words(record.file_name)
        self.name.setToolTip(f"{record.file_name}\nOpens the list of images (Ctrl+F)")
        is_new = workspace.dataset.images.is_offered(row)
        self.place.setText("new plane" if is_new else position_words(place, len(rows)))
        self.before.setEnabled(place > 0)
        self.after.setEnabled(place < len(rows) - 1)
        self.state.setCurrentIndex(list(STATE_WORDS).index(record.state))
        count = 0 if is_new else int(workspace.session.progress.object_counts()[row])
        self._show_verified(record.verified_empty, count)
        read_only = workspace.session.read_only
        self.state.setEnabled(not read_only)
        if read_only:
            self.verified.setEnabled(False)

    def _show_verified(self, verified: bool, count: int) -> None:
        self.verified.setChecked(verified)
        self.verified.setEnabled(verified or count == 0)
        self.verified.setToolTip(
            "Somebody looked: the image stays empty on purpose"
            if self.verified.isEnabled()
            else "The image has objects. Delete them before you say that there is nothing to label."
        )

    def _show_progress(self) -> None:
        if self.workspace is None:
            return
        statistics = self.workspace.session.statistics()
        self.progress.setRange(0, max(statistics.images, 1))
        self.progress.setValue(statistics.images_by_state["done"])
        self.progress.setFormat(progress_words(statistics))

    def _progress_tip(self) -> str:
        return "" if self.workspace is None else progress_tip(self.workspace.session.statistics())

    # -- what the user does
    def _step(self, step: int) -> None:
        if self.workspace is not None:
            self.workspace.step_image(step)

    def _go_to_unlabelled(self) -> None:
        if self.workspace is not None:
            go_to_unlabelled(self.workspace)

    def _set_state(self, index: int) -> None:
        if self.workspace is not None:
            self.apply(SetImageState(Rows([self.workspace.image]), self.state.itemData(index)))
            self._show_image()

    def _set_verified(self, verified: bool) -> None:
        if self.workspace is not None:
            self.apply(SetImageState(Rows([self.workspace.image]), verified_empty=verified))
            self._show_image()

    # -- theme
    def theme_changed(self, colors: ThemeColors) -> None:
        """Draw the icons of the states in the colours of the new theme."""
        if hasattr(self, "state"):
            self._draw_states()

    def _draw_states(self) -> None:
        for index, state in enumerate(STATE_WORDS):
            self.state.setItemIcon(index, icon(STATE_ICONS[state], self.colors.ink))
