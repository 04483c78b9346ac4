"""What tests of several folders share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def corpus_dir() -> Path:
    """The folder of COCO files from the wild; tests that need it are skipped where it is not."""
    named = os.environ.get("LABELTOOL_CORPUS")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "corpus"
    if not (folder / "INDEX.tsv").is_file():
        pytest.skip(f"no corpus of COCO files at {folder} (LABELTOOL_CORPUS names another place)")
    return folder
