"""The errors that this project raises on purpose.

Every message says where, what was found, what was expected and what to do, so that it can be shown to a
person as it is.
"""

from __future__ import annotations


class LabeltoolError(Exception):
    """Base of every error that napari-labeltool raises on purpose."""


class ReadError(LabeltoolError):
    """A file cannot be read: it is damaged, or it is not what it should be. Nothing was opened."""


class WriteError(LabeltoolError):
    """A file cannot be written. What was there before is untouched, and the work in memory too."""


class FileChangedError(WriteError):
    """The file on disk is no longer the one that was read; saving would overwrite another program's work."""


class LockedError(LabeltoolError):
    """Another session holds the file."""


class SchemaError(LabeltoolError):
    """A label schema breaks a rule, for example two classes with one hotkey."""


class EditRefused(LabeltoolError):
    """An edit is not possible in the present state of the dataset. Nothing was changed."""
