"""Writing to disk on the user's wish, with the questions that come up on the way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_labeltool.core.errors import FileChangedError, LockedError, SchemaError, WriteError
from napari_labeltool.core.schema import write_schema
from napari_labeltool.widgets.questions import SCHEMAS, Questions

if TYPE_CHECKING:
    from napari_labeltool.session import Session


def save_asking(session: Session, questions: Questions) -> str | None:
    """Save the document; ask when another program wrote the file meanwhile.

    Returns
    -------
    str or None
        What the user should know when it was not saved; empty when he knows already; None when it was saved.
    """
    try:
        session.save()
    except FileChangedError as error:
        answer = questions.changed_on_disk(str(error))
        if answer == "overwrite":
            return _overwrite(session)
        return save_as_asking(session, questions) if answer == "save_as" else ""
    except WriteError as error:
        return str(error)
    return None


def _overwrite(session: Session) -> str | None:
    try:
        session.save(overwrite=True)
    except WriteError as error:
        return str(error)
    return None


def save_as_asking(session: Session, questions: Questions) -> str | None:
    """Ask for a name and save under it; returns what `save_asking` does."""
    path = questions.document_to_write(session.path)
    if path is None:
        return ""
    path = path if path.suffix else path.with_suffix(".json")
    try:
        session.save_as(path, overwrite=True)
    except (WriteError, LockedError) as error:
        return str(error)
    return None


def export_schema_asking(session: Session, questions: Questions) -> tuple[Path | None, str]:
    """Ask for a name and write the label schema under it; return the file, and what went wrong."""
    suggested = session.path.with_name(f"{session.path.stem}_schema.yaml")
    path = questions.document_to_write(suggested, "Export label schema", SCHEMAS)
    if path is None:
        return None, ""
    path = path if path.suffix else path.with_suffix(".yaml")
    try:
        write_schema(session.schema, path)
    except (WriteError, SchemaError) as error:
        return None, str(error)
    return path, ""
