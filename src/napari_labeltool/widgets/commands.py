"""What buttons, menus and keys do with the open project, with the questions that belong to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.widgets.cheat_sheet import CheatSheet
from napari_labeltool.widgets.opening import ask_recovery
from napari_labeltool.widgets.saving import export_schema_asking
from napari_labeltool.widgets.texts import tool_refusal

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Tool
    from napari_labeltool.widgets.project import ViewerProject


# -- opening
def open_document(project: ViewerProject) -> bool:
    """Ask for a COCO file and open it; tell whether it was opened."""
    path = project.questions.document_to_open(_folder(project))
    return path is not None and project.open(path)


def open_folder(project: ViewerProject) -> bool:
    """Ask for a folder of images and open it; tell whether it was opened."""
    path = project.questions.folder_to_open(_folder(project))
    return path is not None and project.open(path)


def open_demo(project: ViewerProject) -> bool:
    """Open the demo project, which is kept in the user's data folder; tell whether it was opened."""
    from napari_labeltool.demo import make_demo_project  # and with it scikit-image, which nothing else needs

    folder = Path(platformdirs.user_data_dir("napari-labeltool", appauthor=False)) / "demo"
    try:
        document = make_demo_project(folder)
    except LabeltoolError as error:
        project.questions.failed("No demo", str(error))
        return False
    return project.open(document)


def _folder(project: ViewerProject) -> Path:
    recent = project.remembered.recent(1)
    return recent[0].parent if recent else Path.home()


def close_project(project: ViewerProject) -> None:
    """Close the project, after asking about unsaved edits."""
    if project.leave():
        project.close()


# -- files
def export_schema(project: ViewerProject) -> None:
    """Write the label schema to a file that the user chooses."""
    if project.workspace is not None:
        path, complaint = export_schema_asking(project.workspace.session, project.questions)
        if complaint:
            project.say("error", complaint)
        elif path is not None:
            project.say("info", f"Label schema written to {path}")


def choose_picture_folder(project: ViewerProject) -> None:
    """Ask for a folder in which the pictures are, and remember it for the document."""
    workspace = project.workspace
    if workspace is None:
        return
    session = workspace.session
    folder = project.questions.folder_to_open(session.path.parent, "Choose picture folder")
    if folder is None:
        return
    session.imagery.add_root(folder)
    project.remembered.note_document(session.path, root=folder)
    project.pictures_moved.emit()
    if workspace.image >= 0:
        workspace.show_image(workspace.image, again=True)
    if project.look_for_pictures() is None:
        project.say("info", "All pictures were found.")


def decide_recovery(project: ViewerProject) -> None:
    """Ask again what to do with the edits that a crash left behind."""
    if project.workspace is not None:
        ask_recovery(project.workspace.session, project.questions)


# -- tools and keys
def choose_tool(project: ViewerProject, tool: Tool) -> None:
    """Put a tool in place, or say why it cannot be used now."""
    workspace = project.workspace
    if workspace is None:
        return
    category = workspace.session.schema.by_key(workspace.category)
    refusal = tool_refusal(tool, category, workspace.session.read_only_reason)
    if refusal is None:
        workspace.set_tool(tool)
    else:
        project.say("warning", refusal)


def show_keys(project: ViewerProject) -> None:
    """Show the list of keys."""
    if project.sheet is not None:
        project.sheet.close()
    project.sheet = CheatSheet(project.workspace, project.questions.parent)
    project.sheet.show()
