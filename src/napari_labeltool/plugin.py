"""The functions that the napari manifest names, and the start of napari with a project."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from napari_labeltool.layers.convert import LayerDataTuple

NAME: Final = "napari-labeltool"
LABELING: Final = "Labeling"

ReaderFunction = Callable[[Any], "list[LayerDataTuple]"]


# -- reading ---------------------------------------------------------------------------------------


def coco_reader(path: str | Sequence[str]) -> ReaderFunction | None:
    """Return a reader for a COCO file; None for any other JSON, so that its own reader gets it."""
    from napari_labeltool.formats.coco import looks_like_coco

    return read_path if isinstance(path, (str, PathLike)) and looks_like_coco(path) else None


def folder_reader(path: str | Sequence[str]) -> ReaderFunction | None:
    """Return a reader for a folder with a COCO file or images; None for any other."""
    from napari_labeltool.core.errors import ReadError
    from napari_labeltool.images import is_picture, scan_folder
    from napari_labeltool.session.finding import documents_in

    if not isinstance(path, (str, PathLike)) or not Path(path).is_dir() or is_picture(path):
        return None
    try:
        return read_path if documents_in(Path(path)) or scan_folder(path) else None
    except ReadError:
        return None


def picture_reader(path: str | Sequence[str]) -> ReaderFunction | None:
    """Return a reader for one picture file or OME-Zarr folder; None for what is none by its content."""
    from napari_labeltool.images import is_picture

    if not isinstance(path, (str, PathLike)):
        return None
    return read_picture if is_picture(path) else None


def read_picture(path: str) -> list[LayerDataTuple]:
    """Return a picture as layers: lazily, with its pyramid, channels and pixel size."""
    from napari.utils.notifications import show_info

    from napari_labeltool.layers.pictures_reading import PICTURE, open_picture

    layers = open_picture(path)
    for note in layers[0][1]["metadata"][PICTURE]["notes"]:
        show_info(note)
    return layers


def read_path(path: str) -> list[LayerDataTuple]:
    """Return a COCO file or a folder as layers; where the Labeling widget is open, it opens it instead.

    Without that widget one image is shown, as plain layers, and a notification says how many there are.
    """
    from napari.utils.notifications import show_info

    from napari_labeltool.layers.reading import open_document, open_folder
    from napari_labeltool.widgets.settings import read_settings

    roots = read_settings().picture_roots
    viewer = _labeling_viewer()
    if viewer is not None:
        from napari_labeltool.widgets.project import project_of

        project_of(viewer).open(Path(path), roots=roots)
        return [(None,)]  # type: ignore[list-item]  # napari's sign for "read, and no layer to add"
    opened = (open_folder if Path(path).is_dir() else open_document)(path, roots)
    for sentence in opened.sentences:
        show_info(sentence)
    return opened.layers or [(None,)]  # type: ignore[list-item]


def _labeling_viewer() -> Any:
    """Return the current viewer when the Labeling widget is open in it, or None."""
    import napari

    viewer = napari.current_viewer()
    window = getattr(viewer, "window", None)
    widgets = () if window is None else tuple(window.dock_widgets)
    return viewer if any(name.startswith(f"{LABELING} (") for name in widgets) else None


# -- writing ---------------------------------------------------------------------------------------


def write_coco(path: str, layers: list[Any]) -> list[str]:
    """Write layers to a COCO file; see `layers.writing.write_layers`.

    Layers of an open session show only part of its document, so the document is written whole.
    """
    from napari.utils.notifications import show_info

    from napari_labeltool.layers.convert import Assumptions
    from napari_labeltool.layers.writing import write_layers

    session = _session_of(layers)
    if session is not None:
        _write_session(path, session)
        show_info(f"The layers show the open document {session.path.name}: all of it was written to {path}.")
        return [path]
    notes = Assumptions()
    write_layers(path, layers, assumptions=notes)
    if len(notes):
        show_info(f"Written to {path}.\n{notes}")
    return [path]


def _session_of(layers: Sequence[Any]) -> Any:
    """Return the open session that all of the layers are bound to, or None."""
    import napari

    from napari_labeltool.layers.names import MARK, ROW
    from napari_labeltool.widgets.active import active_workspace

    workspace = active_workspace(napari.current_viewer())
    if workspace is None:
        return None
    annotations = [layer for layer in layers if layer[2] != "image"]
    bound = [layer for layer in annotations if MARK in layer[1].get("metadata", {})]
    columns = [set(layer[1]["features"]) for layer in bound if layer[1].get("features") is not None]
    return workspace.session if bound == annotations and any(ROW in names for names in columns) else None


def _write_session(path: str, session: Any) -> None:
    from napari_labeltool.core.errors import WriteError
    from napari_labeltool.formats.coco import write_coco

    target = Path(path).absolute()
    if target == session.path:
        session.save()
        return
    if target.exists():
        raise WriteError(
            f"{target}: a file found there; it was not replaced by the open document. Choose another name."
        )
    write_coco(session.dataset, target)


# -- widgets and commands --------------------------------------------------------------------------


def labeling_widget(napari_viewer: Any = None) -> Any:
    """Return the Labeling widget for a viewer, the current one by default."""
    from napari_labeltool._napari_compat import later
    from napari_labeltool.layers.first_use import make_one_of_each
    from napari_labeltool.widgets.labeling_dock import LabelingDock

    later(0, make_one_of_each)  # while the user chooses what to open
    return LabelingDock(_viewer(napari_viewer))


def schema_widget(napari_viewer: Any = None) -> Any:
    """Return the Label schema widget for a viewer, the current one by default."""
    from napari_labeltool.widgets.schema_editor import SchemaEditor

    return SchemaEditor(_viewer(napari_viewer))


def problems_widget(napari_viewer: Any = None) -> Any:
    """Return the Problems widget for a viewer, the current one by default."""
    from napari_labeltool.widgets.problems import ProblemsWidget

    return ProblemsWidget(_viewer(napari_viewer))


def _viewer(given: Any) -> Any:
    import napari

    return napari.current_viewer() if given is None else given


def save_document() -> None:
    """Save the document of the current viewer's Labeling widget."""
    import napari
    from napari.utils.notifications import show_info

    from napari_labeltool.widgets.active import active_workspace

    viewer = napari.current_viewer()
    if active_workspace(viewer) is None:
        show_info(
            "No document is open for labeling. Open one in the Labeling widget, or select layers and use File"
            " > Save Selected Layers to write them as COCO."
        )
        return
    from napari_labeltool.widgets.project import project_of

    project_of(viewer).save()


# -- sample data and start -------------------------------------------------------------------------


def demo_folder() -> Path:
    """Return the folder of the demo project, in the user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir(NAME, appauthor=False)) / "demo"


def demo_layers() -> list[LayerDataTuple]:
    """Return the picture of the demo project that has most kinds of annotations, as layers."""
    from napari.utils.notifications import show_info

    from napari_labeltool.demo import make_demo_project
    from napari_labeltool.layers.reading import open_richest

    coco = make_demo_project(demo_folder())
    show_info(f"The demo project lies in {coco.parent}. Open that folder in the Labeling widget to label it.")
    return open_richest(coco).layers


@contextmanager
def uncollected(for_good: bool) -> Iterator[None]:
    """Keep the garbage collector away from what the start of a program makes, while it is made.

    That is hundreds of thousands of objects, which nearly all live as long as the program does. To look through them
    takes 0.1 to 0.2 s, half a dozen times during a start, and later in the middle of a gesture.

    Parameters
    ----------
    for_good
        And ever after: for a program whose only work this is. What is made would never be freed, nor what it refers
        to, such as the layers of a window that is closed.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if for_good:
            gc.freeze()
        if was_enabled:
            gc.enable()


def launch(
    path: str | PathLike[str] | None = None,
    roots: Sequence[str | PathLike[str]] = (),
    read_only: bool = False,
    block: bool = True,
) -> Any:
    """Start napari with the Labeling widget.

    Parameters
    ----------
    path
        A COCO file or a folder to open; None for an empty widget.
    roots
        Further folders in which pictures may lie.
    read_only
        Open to look at only.
    block
        Run napari until its window is closed.

    Returns
    -------
    napari.Viewer
    """
    with uncollected(for_good=block):
        import napari

        from napari_labeltool.layers.first_use import make_one_of_each
        from napari_labeltool.widgets.project import project_of

        viewer = napari.Viewer()
        viewer.window.add_plugin_dock_widget(NAME, LABELING)
        make_one_of_each()
    if path is not None:
        project_of(viewer).open(Path(path), roots=[Path(root) for root in roots], read_only=read_only)
    if block:
        napari.run()
    return viewer
