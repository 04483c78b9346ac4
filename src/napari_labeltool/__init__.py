"""napari-labeltool: label images for machine learning in napari, with lossless COCO JSON."""

__version__ = "0.1.0"
