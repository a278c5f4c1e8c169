"""Asking, as `message.send` does on the socket."""

from django.http import HttpRequest, HttpResponse
from ninja import Body, Router
from pydantic import StrictBool

from conversations.api.sending import ANSWERS, IdempotencyKey, send
from conversations.chat.questions import Question

router = Router(tags=["messages"])


class Asked(Question):
    """A question; with `wait` the call ends with its answer."""

    wait: StrictBool = False

    def question(self) -> Question:
        """Without `wait`, which is no part of what is asked: the same id holds on every door."""
        return Question.model_validate(self.model_dump(exclude={"wait"}))


@router.post("/messages", response=ANSWERS, summary="Ask")
def ask(
    request: HttpRequest, body: Body[Asked], idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """201 at once, while the answer is being written; with `wait` 200 once its run has ended."""
    return send(request, body.question(), idempotency_key, wait=body.wait)
