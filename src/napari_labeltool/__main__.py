"""``python -m napari_labeltool``: the same as the command ``napari-labeltool``."""

from napari_labeltool.cli import app

if __name__ == "__main__":
    app(prog_name="napari-labeltool")
