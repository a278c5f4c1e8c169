"""What a provider says that a call took. Servers say it in odd ways; an answer is never lost for that."""

from typing import Any

from conversations.provider.interface import MOST_TOKENS, Usage


def usage(reported: Any) -> Usage | None:
    """None: nothing is said, or nothing that can be true.

    One part that is missing is what the other leaves of the total, if there is one. A few vendors (xAI,
    Gemini) count what a model thought beside its answer instead of in it: the total tells.
    """
    if not isinstance(reported, dict):
        return None
    read, wrote, total = (
        _count(reported, f"{name}_tokens") for name in ("prompt", "completion", "total")
    )
    if read is None and wrote is None:
        return None
    thought = _count(reported.get("completion_tokens_details"), "reasoning_tokens") or 0
    asked = reported.get("prompt_tokens_details")
    read = max(0, (total or 0) - (wrote or 0)) if read is None else read
    wrote = max(0, (total or 0) - read) if wrote is None else wrote
    if thought and total == read + wrote + thought:
        wrote += thought
    images = _count(asked, "image_tokens")
    return Usage(
        input=read,
        cached_input=min(read, _count(asked, "cached_tokens") or 0),
        output=min(wrote, MOST_TOKENS),
        reasoning=min(wrote, thought),
        images=None if images is None else min(read, images),
    )


def _count(fields: Any, name: str) -> int | None:
    """None: it is no number of tokens. Some servers write numbers as text."""
    value = fields.get(name) if isinstance(fields, dict) else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return min(value, MOST_TOKENS) if type(value) is int and value >= 0 else None
