"""The label schema of the demo: every kind of label once, with hotkeys, attributes and guideline texts."""

from __future__ import annotations

from typing import Final

from napari_labeltool.demo.records import Record

COIN, NUCLEUS, GALAXY, FACE, CUP, SPOON, SAUCER = 1, 2, 3, 4, 5, 6, 7
TAG_HISTOLOGY, TAG_ASTRONOMY, TAG_PHOTOGRAPH, TAG_USABLE, TAG_BLURRED, TAG_OVEREXPOSED, TAG_NOISY = range(
    11, 18
)

FACE_KEYPOINTS: Final = [
    "right_eye",
    "left_eye",
    "nose",
    "mouth_right",
    "mouth_left",
    "chin",
    "right_ear",
    "left_ear",
]
FACE_SKELETON: Final = [[7, 1], [1, 3], [3, 2], [2, 8], [3, 4], [3, 5], [4, 5], [4, 6], [5, 6]]

TAG_GROUPS: Final[list[Record]] = [
    {"name": "subject", "type": "multiclass"},
    {"name": "usable", "type": "binary"},
    {"name": "artifacts", "type": "multilabel"},
]


def _attribute(name: str, type_: str, **rest: object) -> Record:
    return {"name": name, "type": type_, **rest}


def _tag(id_: int, name: str, group: str, color: list[int], guideline: str) -> Record:
    facts = {"kinds": ["tag"], "tag_group": group, "guideline": guideline}
    return {"id": id_, "name": name, "supercategory": group, "color": color, "labeltool": facts}


CATEGORIES: Final[list[Record]] = [
    {
        "id": COIN,
        "name": "coin",
        "supercategory": "object",
        "color": [230, 159, 0],
        "labeltool": {
            "hotkey": "1",
            "kinds": ["mask", "polygon", "box"],
            "guideline": "Mark the whole coin up to its rim, with chips left out. One mask for each coin.",
            "attributes": [
                _attribute(
                    "motif", "choice", values=["head", "figure", "unreadable"], required=True, default=None
                ),
                _attribute("chipped", "yes_no", required=False, default=False),
                _attribute("diameter_px", "number", min=0, required=False, default=None),
            ],
        },
    },
    {
        "id": NUCLEUS,
        "name": "nucleus",
        "supercategory": "cell",
        "color": [0, 114, 178],
        "labeltool": {
            "hotkey": "2",
            "kinds": ["polygon", "mask"],
            "guideline": "Outline each nucleus that is in focus. Touching nuclei are separate objects.",
            "attributes": [
                _attribute(
                    "surroundings",
                    "choice",
                    values=["positive", "negative"],
                    required=True,
                    default=None,
                ),
            ],
        },
    },
    {
        "id": GALAXY,
        "name": "galaxy",
        "supercategory": "sky",
        "color": [204, 121, 167],
        "labeltool": {
            "hotkey": "3",
            "kinds": ["box", "rotated_box"],
            "guideline": "A rotated box along the long axis where a galaxy is clearly elongated, else a box.",
            "attributes": [_attribute("note", "text", required=False, default="")],
        },
    },
    {
        "id": FACE,
        "name": "face",
        "supercategory": "animal",
        "color": [0, 158, 115],
        "keypoints": FACE_KEYPOINTS,
        "skeleton": FACE_SKELETON,
        "labeltool": {
            "hotkey": "4",
            "kinds": ["keypoints", "box"],
            "guideline": "Right and left as the person sees it. A point under hair is set, but not visible.",
            "keypoint_colors": [
                "#e69f00",
                "#56b4e9",
                "#009e73",
                "#d55e00",
                "#0072b2",
                "#cc79a7",
                "#f0e442",
                "#999999",
            ],
            "attributes": [_attribute("smiling", "yes_no", required=False, default=False)],
        },
    },
    {
        "id": CUP,
        "name": "cup",
        "supercategory": "tableware",
        "color": [213, 94, 0],
        "labeltool": {
            "hotkey": "5",
            "kinds": ["polygon", "box"],
            "guideline": "The outline of the cup with its handle, without the saucer.",
            "attributes": [
                _attribute("fill_percent", "number", min=0, max=100, required=False, default=None),
            ],
        },
    },
    {
        "id": SPOON,
        "name": "spoon",
        "supercategory": "tableware",
        "color": [86, 180, 233],
        "labeltool": {
            "hotkey": "6",
            "kinds": ["rotated_box"],
            "guideline": "A rotated box, its long side along the handle, the handle's end at the top.",
            "attributes": [],
        },
    },
    {
        "id": SAUCER,
        "name": "saucer",
        "supercategory": "tableware",
        "color": [240, 228, 66],
        "labeltool": {
            "hotkey": "7",
            "kinds": ["box"],
            "guideline": "The visible extent of the saucer.",
            "attributes": [],
        },
    },
    _tag(TAG_HISTOLOGY, "histology", "subject", [170, 110, 40], "A stained section of tissue."),
    _tag(TAG_ASTRONOMY, "astronomy", "subject", [70, 70, 160], "A picture of the sky."),
    _tag(TAG_PHOTOGRAPH, "photograph", "subject", [90, 140, 90], "Taken by an ordinary camera."),
    _tag(TAG_USABLE, "usable", "usable", [0, 158, 115], "Good enough to train with."),
    _tag(TAG_BLURRED, "blurred", "artifacts", [150, 150, 150], "Out of focus or moved."),
    _tag(TAG_OVEREXPOSED, "overexposed", "artifacts", [240, 228, 66], "Bright parts have lost their detail."),
    _tag(TAG_NOISY, "noisy", "artifacts", [120, 120, 120], "Grain hides small objects."),
]
