"""Measurements in processes of their own, so that memory peaks are honest and one that fails leaves the others alone.

A child prints one JSON object a line, ``{"key": ..., "value": ...}``, as soon as it has a figure; so what was
measured before it failed or ran out of time counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).resolve().parent
FAILURE: Final = "failure"
"""Key under which `run` says why a child did not come to its end."""


def emit(key: str, value: Any) -> None:
    """Tell the parent a figure."""
    print(json.dumps({"key": key, "value": value}), flush=True)


def run(script: str, arguments: Sequence[str], *, limit: float = 900.0) -> dict[str, Any]:
    """Run a script of this folder and return its figures.

    Parameters
    ----------
    script
        File name in this folder.
    arguments
        Of its command line.
    limit
        Seconds after which it is ended.
    """
    words = " ".join([script, *arguments])
    print(f"  {words}", file=sys.stderr, flush=True)
    process = subprocess.Popen(
        [sys.executable, str(FOLDER / script), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ.copy(),
    )
    failure = ""
    try:
        out, complaints = process.communicate(timeout=limit)
        if process.returncode:
            failure = f"ended with {process.returncode}: " + "\n".join(complaints.strip().splitlines()[-12:])
    except subprocess.TimeoutExpired:
        process.kill()
        out, complaints = process.communicate()
        failure = f"was ended after {limit:.0f} s"
    figures: dict[str, Any] = {}
    for line in out.splitlines():
        if line.startswith('{"key":'):
            figure = json.loads(line)
            figures[figure["key"]] = figure["value"]
    if failure:
        figures[FAILURE] = f"{words} {failure}"
        print(f"  {figures[FAILURE]}", file=sys.stderr, flush=True)
    return figures


def end() -> None:
    """End a child at once: what a window takes down with it is not measured."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


@contextlib.contextmanager
def own_folders() -> Iterator[Path]:
    """Let napari and the program keep settings, journals and recent files in a folder that is removed at the end.

    napari reads where they are when it is imported, so this comes before.
    """
    folder = Path(tempfile.mkdtemp(prefix="napari-labeltool-benchmark-"))
    os.environ["NAPARI_CONFIG"] = str(folder / "napari.yaml")
    for name in ("DATA", "STATE", "CONFIG", "CACHE"):
        os.environ[f"XDG_{name}_HOME"] = str(folder / name.lower())
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def driver_cache() -> Iterator[None]:
    """Give the children that run meanwhile a cache for what the OpenGL driver compiles, empty at first.

    The first child is thus the first start of the program on a machine, and those after it are every later start.
    Where no child runs in such a cache, each is a first start. Mesa knows the variable; other drivers have a cache of
    their own, which stays as it is.
    """
    name = "MESA_SHADER_CACHE_DIR"
    before = os.environ.get(name)
    with tempfile.TemporaryDirectory(prefix="napari-labeltool-driver-") as folder:
        os.environ[name] = folder
        try:
            yield
        finally:
            os.environ.pop(name)
            if before is not None:
                os.environ[name] = before
