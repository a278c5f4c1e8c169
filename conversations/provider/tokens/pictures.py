"""How many tokens a picture is for a model, from its pixels and the detail that is asked for.

OpenAI's formulas (https://platform.openai.com/docs/guides/images-vision#calculating-costs). Which of them
holds for a model, and with which numbers, stands in the catalogue.
"""

import math
from collections.abc import Mapping

from conversations.provider.interface import Model

# "detail: low … a low-resolution 512px x 512px version of the image", OpenAI's guide "Images and vision".
LOW_SIDE = 512
TILE = 512
FITS = 2048
SHORT_SIDE = 768
PATCH = 32
# Of a model that nobody here knows: what GPT-4o takes.
USUAL: Mapping[str, float] = {"base": 85, "tile": 170}


def side_for(model: Model, detail: str) -> int | None:
    """The longest side with which a picture is sent to `model`; None: as it is stored."""
    return LOW_SIDE if detail == "low" else model.picture_side


def tokens_for(model: Model, width: int, height: int, detail: str) -> int:
    """Of what `model` is sent."""
    longest = max(width, height)
    scale = min(1.0, (side_for(model, detail) or longest) / longest)
    sent = max(1, round(width * scale)), max(1, round(height * scale))
    return picture_tokens(model.picture_tokens, *sent, detail)


def picture_tokens(
    formula: Mapping[str, float] | None, width: int, height: int, detail: str
) -> int:
    """`formula` {"base", "tile"} counts squares of 512 pixels, {"patch", "most"} those of 32. `auto` is
    reckoned as `high`, which is never less."""
    known = formula or USUAL
    if "patch" in known:
        return _patches(known["patch"], int(known["most"]), width, height)
    base, tile = int(known["base"]), int(known["tile"])
    return base if detail == "low" else base + tile * _tiles(width, height)


def _tiles(width: int, height: int) -> int:
    """Made to fit a square of 2,048 pixels, then the shorter side to 768; never larger than it is."""
    scale = min(1.0, FITS / max(width, height))
    scale *= min(1.0, SHORT_SIDE / (min(width, height) * scale))
    return math.ceil(_whole(width * scale) / TILE) * math.ceil(_whole(height * scale) / TILE)


def _patches(each: float, most: int, width: int, height: int) -> int:
    """A picture of more than `most` patches is made smaller until it has no more than that, its last
    column and row whole."""
    count = math.ceil(width / PATCH) * math.ceil(height / PATCH)
    if count > most:
        shrink = math.sqrt(PATCH * PATCH * most / (width * height))
        across, down = width * shrink / PATCH, height * shrink / PATCH
        shrink *= min(math.floor(across) / across or 1, math.floor(down) / down or 1)
        count = max(1, math.ceil(_whole(width * shrink) / PATCH)) * max(
            1, math.ceil(_whole(height * shrink) / PATCH)
        )
    return math.ceil(min(count, most) * each)


def _whole(pixels: float) -> int:
    """What rounding errors made a hair more than a whole number of pixels is that number."""
    return max(1, math.ceil(pixels - 1e-6))
