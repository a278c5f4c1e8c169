"""Asking, as `message.send` does on the socket; and what one does with a message that is there."""

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from ninja import Body, Router
from pydantic import StrictBool

from conversations.api import shapes
from conversations.api.answers import said
from conversations.api.sending import ANSWERS, IdempotencyKey, edit, send
from conversations.api.signed_in import caller
from conversations.chat import feedback
from conversations.chat.pruning import prune
from conversations.chat.questions import Edit, Question
from conversations.db import in_transaction
from conversations.reading.objects import feedback_object

router = Router(tags=["messages"])


class Asked(Question):
    """A question; with `wait` the call ends with its answer."""

    wait: StrictBool = False

    def question(self) -> Question:
        """Without `wait`, which is no part of what is asked: the same id holds on every door."""
        return Question.model_validate(self.model_dump(exclude={"wait"}))


class Edited(Edit):
    """A question put differently; with `wait` the call ends with its answer."""

    wait: StrictBool = False

    def wish(self) -> Edit:
        return Edit.model_validate(self.model_dump(exclude={"wait"}))


@router.post("/messages", response=ANSWERS, summary="Ask")
def ask(
    request: HttpRequest, body: Body[Asked], idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """201 at once, while the answer is being written; with `wait` 200 once its run has ended."""
    return send(request, body.question(), idempotency_key, wait=body.wait)


@router.post("/edits", response=ANSWERS, summary="Put a question differently")
def ask_differently(
    request: HttpRequest, body: Body[Edited], idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """What `message.edit` does on the socket, for text up to 4 MiB: a version beside that question, with
    a new answer. `images` and `files` left out: those that it had."""
    return edit(request, body.wish(), idempotency_key, wait=body.wait)


@router.delete("/messages/{message}", response={204: None}, summary="Delete a message")
def delete(request: HttpRequest, message: str) -> HttpResponse:
    """With all that follows it, on every branch below. An answer among it that is being written is
    stopped first. The conversation then ends in the version beside it, else in the message above."""
    async_to_sync(prune)(caller(request), message)
    return HttpResponse(status=204)


@router.put(
    "/messages/{message}/feedback", response=shapes.Feedback | None, summary="Rate or report it"
)
def judge(request: HttpRequest, message: str, body: Body[feedback.Opinion]) -> HttpResponse:
    """What you think of an answer, all of it each time: what is absent is taken back."""
    given = in_transaction(feedback.give, caller(request), message, body)
    return said(feedback_object(given))
