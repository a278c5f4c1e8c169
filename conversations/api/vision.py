"""A question about pictures in one call: they are stored, and sent with the prompt."""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import File, Form, Router, UploadedFile
from pydantic import BaseModel, Field

from conversations.api.bodies import only_these
from conversations.api.pictures import of_data_url, taken_in
from conversations.api.sending import ANSWERS, IdempotencyKey, send
from conversations.api.signed_in import caller
from conversations.attachments.accept import TOO_MANY
from conversations.attachments.accept import Upload as Picture
from conversations.chat.questions import IMAGES, Clean, Id, Options, Question
from conversations.errors import Invalid
from conversations.models import Image

router = Router(tags=["vision"])

DEFAULT_PROMPT = "Describe this picture."
NO_PICTURE = _("Add at least one picture: a file, or an image_url.")


class Asked(BaseModel):
    prompt: Clean = ""
    detail: Literal["auto", "low", "high"] | None = None
    conversation: Id | None = None
    model: Annotated[Clean, Field(min_length=1, max_length=100)] | None = None
    wait: bool = False
    image_url: Annotated[list[str], Field(description="A data: URL of a picture in base64.")] = []

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
    urls = [of_data_url(url) for url in form.image_url if url]
    images = taken_in(caller(request), _some([*file, *urls]))
    return send(request, form.question(images), idempotency_key, wait=form.wait)


def _some(pictures: list[Picture]) -> list[Picture]:
    sentence = NO_PICTURE if not pictures else TOO_MANY if len(pictures) > IMAGES else None
    if sentence:
        raise Invalid(sentence, names={"most": IMAGES}, fields={"file": [sentence]})
    return pictures
