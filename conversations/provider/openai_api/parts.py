"""What is said, where a server puts it into parts instead of one text.

Models of Mistral that think send `[{"type": "thinking", "thinking": [{"type": "text", "text": "…"}]}]`, and
the answer as `[{"type": "text", "text": "…"}]` or as a text; other servers send every content in parts.
"""

from typing import Any


def said(content: Any) -> tuple[str, str]:
    """Text and thinking. Of what is neither, such as a reference, nothing."""
    thoughts = [part["thinking"] for part in _parts(content) if "thinking" in part]
    return _text(content), "".join(map(_text, thoughts))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    texts = (part.get("text") or part.get("refusal") for part in _parts(content))
    return "".join(text for text in texts if isinstance(text, str))


def _parts(content: Any) -> list[dict[str, Any]]:
    found = content if isinstance(content, list) else []
    return [part for part in found if isinstance(part, dict)]
