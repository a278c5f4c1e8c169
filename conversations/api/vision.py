"""A question about pictures in one call: they are stored, and sent with the prompt."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, UploadedFile
from pydantic import Field

from conversations import access
from conversations.api.bodies import only_these
from conversations.api.pictures import Named, all_of
from conversations.api.sending import ANSWERS, IdempotencyKey, send
from conversations.api.signed_in import caller
from conversations.audit import address_of
from conversations.chat import claims
from conversations.chat.questions import Clean, Id, Options, Question
from conversations.db import in_transaction
from conversations.errors import NotFound
from conversations.models import Image, User

router = Router(tags=["vision"])

DEFAULT_PROMPT = "Describe this picture."


class Asked(Named):
    prompt: Clean = ""
    detail: Literal["auto", "low", "high"] | None = None
    conversation: Id | None = None
    model: Annotated[Clean, Field(min_length=1, max_length=100)] | None = None
    wait: bool = False

    def question(self, images: list[Image]) -> Question:
        return Question(
            conversation=self.conversation,
            text=self.prompt if self.prompt.strip() else DEFAULT_PROMPT,
            images=[str(image.pk) for image in images],
            options=Options(model=self.model, detail=self.detail),
        )


@router.post("/vision", response=ANSWERS, summary="Ask about pictures")
def ask(
    request: HttpRequest,
    form: Form[Asked],
    file: File[list[UploadedFile]] = [],  # noqa: B006 ninja copies defaults
    idempotency_key: IdempotencyKey = None,
) -> HttpResponse:
    """One to ten pictures. 201 at once; with `wait` 200 once the run has ended, failed or not."""
    only_these(request, "file", *Asked.model_fields)
    user = caller(request)
    known = in_transaction(_fetched_before, user, idempotency_key) if idempotency_key else {}
    images = all_of(user, file, form.image_url, known, address=address_of(request))
    return send(request, form.question(images), idempotency_key, wait=form.wait)


def _fetched_before(user: User, key: str) -> dict[str, Image]:
    """The pictures of the first question under this key, by their addresses. What was there then is what
    was asked about; by now there may be another picture, or none."""
    ack = claims.ack_of(user, key) or {}
    shown = [image for image in ack.get("user_message", {}).get("images", []) if image["source"]]
    try:
        images = access.images_for(user, [image["id"] for image in shown])
    except NotFound:
        return {}
    return {told["source"]: image for told, image in zip(shown, images, strict=True)}
