"""`/v1/moderations` as OpenAI answers it: objects, and what it says no to
(https://developers.openai.com/api/docs/api-reference/moderations)."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from tests.stub_provider.record import Request
from tests.stub_provider.script import Reply, fails
from tests.stub_provider.wire import as_json, new_id

# Which of them are judged in pictures, too.
CATEGORIES = {
    "harassment": False,
    "harassment/threatening": False,
    "hate": False,
    "hate/threatening": False,
    "illicit": False,
    "illicit/violent": False,
    "self-harm": True,
    "self-harm/instructions": True,
    "self-harm/intent": True,
    "sexual": True,
    "sexual/minors": False,
    "violence": True,
    "violence/graphic": True,
}
HARMLESS = 0.00001
FLAGGED_FROM = 0.5

Verdict = Mapping[str, float]


class Judge:
    """Of one test: the first request gets the first verdict, the last one serves all that follow."""

    def __init__(self, verdicts: Sequence[Verdict | Reply] = ()) -> None:
        self.verdicts = verdicts or ({},)
        self.requests: list[Request] = []

    def reply(self, request: Request) -> Reply:
        refused = objection(request)
        if refused is not None:
            return refused
        verdict = self.verdicts[min(len(self.requests), len(self.verdicts) - 1)]
        self.requests.append(request)
        return verdict if isinstance(verdict, Reply) else judges(request, verdict)

    @property
    def inputs(self) -> list[Any]:
        return [request.json["input"] for request in self.requests]


def judges(request: Request, verdict: Verdict) -> Reply:
    """Of several texts the last one earns the verdict, of a picture with words both."""
    said = request.json["input"]
    texts = said if isinstance(said, list) and isinstance(said[0], str) else [said]
    results = [_result(text, verdict if text is texts[-1] else {}) for text in texts]
    model = request.json.get("model", "omni-moderation-latest")
    return Reply(body=as_json({"id": new_id("modr-"), "model": model, "results": results}))


def _result(said: Any, verdict: Verdict) -> dict[str, Any]:
    kinds = {part["type"] for part in said} if isinstance(said, list) else {"text"}
    scores: dict[str, float] = {}
    applied: dict[str, list[str]] = {}
    for name, in_pictures in CATEGORIES.items():
        looked_at = ["text"] * ("text" in kinds) + ["image"] * (
            "image_url" in kinds and in_pictures
        )
        scores[name] = verdict.get(name, HARMLESS) if looked_at else 0
        applied[name] = looked_at
    flags = {name: score >= FLAGGED_FROM for name, score in scores.items()}
    return {
        "flagged": any(flags.values()),
        "categories": flags,
        "category_scores": scores,
        "category_applied_input_types": applied,
    }


def objection(request: Request) -> Reply | None:
    """The 400 or 401 that OpenAI would give, or None."""
    if not request.headers.get("authorization", "").startswith("Bearer "):
        return fails(401, "You didn't provide an API key.", code=None)
    body = request.json
    unknown = sorted(set(body) - {"model", "input"})
    if unknown:
        return fails(400, f"Unrecognized request argument supplied: {unknown[0]}")
    said = body.get("input")
    if isinstance(said, str) or (isinstance(said, list) and said and _are_texts(said)):
        return None if said else fails(400, "Input cannot be an empty string.", param="input")
    if not isinstance(said, list) or not said:
        return fails(400, "Invalid type for 'input'.", param="input")
    return _about_parts(said)


def _are_texts(said: list[Any]) -> bool:
    return all(isinstance(text, str) and text for text in said)


def _about_parts(parts: list[Any]) -> Reply | None:
    if not all(isinstance(part, dict) for part in parts):
        return fails(400, "Invalid type for 'input'.", param="input")
    pictures = [part for part in parts if part.get("type") == "image_url"]
    if len(pictures) > 1:
        words = f"Number of images ({len(pictures)}) exceeds maximum of 1"
        return fails(400, words, param="input", code="too_many_images")
    if not all(_is_image(part) for part in pictures):
        return fails(400, "Invalid base64 image_url.", param="input", code="invalid_base64")
    known = all(part.get("type") in ("text", "image_url") for part in parts)
    return None if known else fails(400, "Invalid value: 'input[0].type'.", param="input")


def _is_image(part: dict[str, Any]) -> bool:
    head, _, data = str(part.get("image_url", {}).get("url", "")).partition(";base64,")
    if part["image_url"].keys() != {"url"} or not head.startswith("data:image/"):
        return False
    try:
        return bool(base64.b64decode(data, validate=True))
    except binascii.Error:
        return False
