"""The moderation endpoint: texts, or one picture, and how sure the provider is of each of its categories.

Several texts are judged each by itself, and of several pictures in one call it says no
(https://developers.openai.com/api/docs/guides/moderation).
"""

import math
from typing import Any

import orjson
from openai import AsyncAPIResponse

from conversations.provider.interface import Model, Report, Said, Scores
from conversations.provider.openai_api.whole import read_body, strange
from conversations.text import clean

# It has a dozen. A server that names more is not kept in Postgres word for word.
MOST_CATEGORIES = 100
CATEGORY_CHARACTERS = 100


def body(model: Model, said: Said) -> dict[str, Any]:
    # As with messages, the SDK is not to look through all of it for keys to rename, on the event loop.
    return {"model": model.sent_as or model.id, "input": "", "extra_body": {"input": said}}


async def read(response: AsyncAPIResponse[Any], report: Report) -> Scores:
    """The highest of each category. Raises ProviderProblem."""
    came = await read_body(response, report)
    try:
        results = orjson.loads(came)["results"]
        found = [result["category_scores"].items() for result in results]
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
        found = []
    if not found:
        raise strange(report, f"HTTP 200, {len(came)} bytes, no scores in it")
    report.began = True
    return _highest([score for scores in found for score in scores])


def _highest(scores: list[tuple[str, Any]]) -> Scores:
    highest: Scores = {}
    for category, score in scores:
        name = clean(category)[:CATEGORY_CHARACTERS]
        if _is_score(score) and (name in highest or len(highest) < MOST_CATEGORIES):
            highest[name] = max(float(score), highest.get(name, 0.0))
    return highest


def _is_score(score: Any) -> bool:
    """Older models leave categories out, as null."""
    is_number = isinstance(score, int | float) and not isinstance(score, bool)
    return is_number and math.isfinite(score)
