"""Plants that never were, told by their events: a dairy with farms, tanks, lorries, shops. 演示

Pure: no clock, no disk, no network; the seed is the only chance. The story that the dairy
tells, with the codes to try, is in docs/guide/demo-dairy.md.
"""

from suyuan.demo._dairy import DAYS_DEFAULT, DEFAULT_END, DairyPlant
from suyuan.demo._story import STORY_FILE, StoryCode
from suyuan.demo._truth import AffectedLot, Truth

__all__ = [
    "DAYS_DEFAULT",
    "DEFAULT_END",
    "STORY_FILE",
    "AffectedLot",
    "DairyPlant",
    "StoryCode",
    "Truth",
]
