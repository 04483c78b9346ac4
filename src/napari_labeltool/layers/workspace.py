"""One session shown in one viewer: the current image, class, tool and selection, and the bindings to layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from psygnal import Signal

from napari_labeltool.core.edits import AddObject, DeleteObjects, Edit, Relabel, Rows, SetImageState, SetTag
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.history import Change
from napari_labeltool.layers.alignment import Alignment
from napari_labeltool.layers.camera import Fitting, frame_bbox
from napari_labeltool.layers.following import Following, travel
from napari_labeltool.layers.keypoints import KeypointsBinding
from napari_labeltool.layers.keys import KeyBindings
from napari_labeltool.layers.masks import MasksBinding
from napari_labeltool.layers.objects import ObjectsBinding
from napari_labeltool.layers.options import Options
from napari_labeltool.layers.picking import Picking
from napari_labeltool.layers.pictures import Pictures
from napari_labeltool.layers.shown import Shown

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset
    from napari_labeltool.layers.binding import Binding
    from napari_labeltool.session import Session

Tool = Literal["pan", "select", "box", "rotated_box", "polygon", "mask", "keypoints"]
TOOLS: tuple[Tool, ...] = get_args(Tool)

Severity = Literal["info", "warning", "error"]


class Workspace:
    """A session in a viewer.

    Widgets and scripts work on this: they choose the image, class, tool and selection here and listen to the
    signals; edits go through `apply`. Rows are rows of the dataset's tables, -1 stands for none.

    Parameters
    ----------
    session
        The open session; closing the workspace does not close it.
    viewer
        A napari viewer, or a ``ViewerModel`` without a window.
    options
        What the user's settings say.
    """

    image_changed = Signal(int)
    """Row of the image that is now shown."""
    selection_changed = Signal(tuple)
    """Rows of the annotations that are now selected."""
    category_changed = Signal(int)
    """Row of the class for new objects."""
    tool_changed = Signal(str)
    visibility_changed = Signal()
    """The set of hidden classes was changed."""
    layers_lost = Signal()
    """Layers of ours were removed from the viewer; `restore_layers` brings them back when that is over."""
    message = Signal(str, str)
    """Severity and a sentence for the user."""

    def __init__(self, session: Session, viewer: Any, options: Options | None = None) -> None:
        self.session = session
        self.viewer = viewer
        self.options = Options() if options is None else options
        self.image = -1
        self.category = -1
        self.tool: Tool = "select"
        self.selection: tuple[int, ...] = ()
        self.shown = Shown(self)
        self.pictures = Pictures(self)
        self.masks = MasksBinding(self)
        self.objects = ObjectsBinding(self)
        self.keypoints = KeypointsBinding(self)
        self.bindings: tuple[Binding, ...] = (self.masks, self.objects, self.keypoints)
        self.keys = KeyBindings(self)
        self.picking = Picking(self)
        self.following = Following(self)
        self.alignment = Alignment(self)
        self.fitting = Fitting(viewer)

    @property
    def dataset(self) -> Dataset:
        """The session's dataset."""
        return self.session.dataset

    # -- image
    def show_image(self, row: int, *, again: bool = False) -> None:
        """Show an image (by row): its picture and its annotations, in the same layers as the image before.

        The image that is shown already is left alone, unless `again` says that its picture may be another.
        """
        if row == self.image and not again:
            return
        self.finish_gesture()
        self.select(())
        self.image = row
        self.shown.show(row)
        with self.picking.following.pause():
            self.pictures.show(row)
            for binding in self.bindings:
                binding.show(row)
        if self.pictures.is_other_size:
            self.fitting.fit()
        self.keys.bind_layers()
        self.set_tool(self.tool)
        self.image_changed.emit(row)

    def step_image(self, step: int, candidates: Sequence[int] | None = None) -> None:
        """Show the image that many places after (or before) this one, among `candidates` or all."""
        rows = self.dataset.images.rows().tolist() if candidates is None else list(candidates)
        if not rows:
            return
        place = rows.index(self.image) if self.image in rows else -step
        target = min(max(place + step, 0), len(rows) - 1)
        self.show_image(rows[target])

    def restore_layers(self) -> None:
        """Bring back layers of ours that were removed from the viewer."""
        lost = [binding for binding in self.bindings if binding.layer is None]
        if self.image >= 0 and lost:
            with self.picking.following.pause():
                for binding in lost:
                    binding.show(self.image)
            self.keys.bind_layers()
            names = " and ".join(binding.kind for binding in lost)
            self.message.emit("info", f"The layer {names} came back: it shows the open document.")

    # -- class
    def set_category(self, row: int, *, relabel: bool = True) -> None:
        """Choose the class for new objects; selected annotations are relabelled to it unless told not to."""
        if relabel and self.selection and row >= 0:
            self.apply(Relabel(Rows(self.selection), Rows([row])))
        if row != self.category:
            self.category = row
            for binding in self.bindings:
                binding.category_chosen()
            self.category_changed.emit(row)

    @property
    def hidden(self) -> frozenset[int]:
        """Classes (by row, -1 for unlabelled) whose annotations are not shown."""
        return self.shown.hidden

    def set_category_visible(self, row: int, visible: bool) -> None:
        """Show or hide the annotations of a class (-1: those without a class)."""
        self.shown.set_hidden(self.hidden - {row} if visible else self.hidden | {row})

    # -- tool
    def set_tool(self, tool: Tool) -> None:
        """Put the napari layer and mode in place that a tool needs."""
        self.finish_gesture()
        changed, self.tool = tool != self.tool, tool
        if self.image >= 0:
            self.picking.activate(tool)
        if changed:
            self.tool_changed.emit(tool)

    # -- selection
    def select(self, rows: Iterable[int], *, zoom: bool = False, origin: Binding | None = None) -> None:
        """Select annotations of the shown image by row, on every layer; `origin` shows them already."""
        if origin is None:
            self.objects.finish_gesture()
        chosen = tuple(dict.fromkeys(map(int, rows)))
        if chosen != self.selection:
            self.selection = chosen
            for binding in self.bindings:
                if binding is not origin:
                    binding.show_selection(chosen)
            self.selection_changed.emit(chosen)
        if zoom:
            self.zoom_to(chosen)

    def zoom_to(self, rows: Iterable[int]) -> None:
        """Move the camera so that annotations fill a good part of the canvas."""
        boxes = self.dataset.annotations.bbox[list(rows)]
        if len(boxes):
            frame_bbox(self.viewer, self.pictures.transform, boxes)

    def delete_selection(self) -> None:
        """Delete the selected annotations."""
        if self.selection:
            self.apply(DeleteObjects(Rows(self.selection)))

    # -- edits
    def apply(self, edit: Edit, origin: object | None = None) -> Change | None:
        """Apply an edit as one step; a refusal is told to the user and returns None."""
        if origin not in self.bindings and not isinstance(edit, SetImageState | SetTag):
            self.objects.finish_gesture()  # napari cannot take away shapes while one is half drawn
        try:
            return self.session.apply(edit, origin)
        except EditRefused as refusal:
            self.message.emit("warning", str(refusal))
            return None

    def new_object(self, **values: Any) -> AddObject:
        """Return the edit that adds an object of the chosen class to the shown image."""
        category = None if self.category < 0 else Rows([self.category])
        status = self.options.default_status
        return AddObject(Rows([self.image]), category, author=self.session.author, status=status, **values)

    def undo(self) -> None:
        """Drop a half drawn shape, or else undo the last step, on whichever image it was; that image is shown."""
        if not self.objects.drop_drawing():
            travel(self, self.session.undo)

    def redo(self) -> None:
        """Do the last undone step again; its image is shown."""
        travel(self, self.session.redo)

    def finish_gesture(self) -> None:
        """End what is half drawn or half painted."""
        for binding in self.bindings:
            binding.finish_gesture()

    def close(self, *, remove_layers: bool = True) -> None:
        """Let go of the viewer; what was labelled stays in the session."""
        self.finish_gesture()
        for part in (self.alignment, self.following, self.fitting, self.keys, self.picking):
            part.close()
        for binding in reversed(self.bindings):
            binding.close(remove=remove_layers)
        self.pictures.close(remove=remove_layers)
