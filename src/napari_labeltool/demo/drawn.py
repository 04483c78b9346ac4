"""Objects of the demo that were placed by hand; coordinates are (x, y) in pixels, corner origin."""

from __future__ import annotations

from typing import Final

import numpy as np

from napari_labeltool.demo.records import ImageAnnotations
from napari_labeltool.demo.schema import (
    CUP,
    FACE,
    SAUCER,
    SPOON,
    TAG_ASTRONOMY,
    TAG_BLURRED,
    TAG_HISTOLOGY,
    TAG_NOISY,
    TAG_OVEREXPOSED,
    TAG_PHOTOGRAPH,
    TAG_USABLE,
)

IMAGE_TAGS: Final = {
    "coins.png": (TAG_PHOTOGRAPH, TAG_USABLE, TAG_NOISY),
    "tissue_ihc.png": (TAG_HISTOLOGY, TAG_USABLE),
    "deep_field_16bit.tif": (TAG_ASTRONOMY, TAG_USABLE),
    "portrait.png": (TAG_PHOTOGRAPH, TAG_USABLE),
    "coffee.png": (TAG_PHOTOGRAPH, TAG_USABLE, TAG_OVEREXPOSED),
    "bricks.png": (TAG_PHOTOGRAPH, TAG_USABLE),
    "moving_clock.png": (TAG_PHOTOGRAPH, TAG_BLURRED, TAG_NOISY),
}
"""Tags by the picture's name."""

_FACE_XYV: Final = [
    (203, 100, 2),  # right eye
    (247, 103, 2),  # left eye
    (227, 126, 2),  # nose
    (205, 142, 2),  # right corner of the mouth
    (243, 142, 2),  # left corner of the mouth
    (221, 178, 2),  # chin
    (177, 125, 2),  # right ear
    (272, 131, 1),  # left ear, under the hair
]

_CUP_XY: Final = np.array(
    [
        (173.5, 107.5), (176, 82.5), (187.5, 60), (210, 39), (240, 25), (285, 18.5), (325, 24), (360, 37.5),
        (387.5, 60), (402.5, 82.5), (407, 107.5), (407, 140), (401.5, 170), (392.5, 195), (377.5, 220),
        (360, 235), (332.5, 240), (320, 250), (325, 260), (310, 277.5), (285, 285), (260, 280), (245, 292.5),
        (227.5, 306), (210, 304), (198.5, 295), (196.5, 275), (205, 255), (217.5, 236), (197.5, 215),
        (182.5, 185), (175, 150),
    ]
)  # fmt: skip


def portrait_objects(into: ImageAnnotations) -> None:
    """Add the face of the portrait: a box and eight keypoints."""
    into.keypoints(FACE, (174, 60, 102, 122), _FACE_XYV, {"smiling": True})


def coffee_objects(into: ImageAnnotations) -> None:
    """Add the cup as a polygon, the spoon as a rotated box and the saucer as a box."""
    into.polygon(CUP, _CUP_XY, {"fill_percent": 40})
    into.rotated_box(SPOON, (384.5, 197.0), (80.0, 266.0), 12.7)
    into.box(SAUCER, (76.5, 69, 402.5, 320))
