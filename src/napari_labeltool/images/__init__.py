"""Images: finding their files, opening them lazily, pyramids, sizes and thumbnails. No napari, no Qt."""

from napari_labeltool.images.folder import natural_key, scan_folder
from napari_labeltool.images.lazy import DecodedArray, LazyArray
from napari_labeltool.images.model import ImageSource
from napari_labeltool.images.probe import IMAGE_SUFFIXES
from napari_labeltool.images.resolve import ImageResolver, Resolved
from napari_labeltool.images.size import read_size, size_problem
from napari_labeltool.images.source import is_picture, open_image
from napari_labeltool.images.thumbnail import thumbnail
from napari_labeltool.images.thumbnail_cache import ThumbnailCache

__all__ = [
    "IMAGE_SUFFIXES",
    "DecodedArray",
    "ImageResolver",
    "ImageSource",
    "LazyArray",
    "Resolved",
    "ThumbnailCache",
    "is_picture",
    "natural_key",
    "open_image",
    "read_size",
    "scan_folder",
    "size_problem",
    "thumbnail",
]
