"""What the caller may still spend."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from conversations.api.answers import listed
from conversations.api.own_shapes import BudgetLeft
from conversations.api.shapes import Page
from conversations.api.signed_in import caller
from conversations.db import in_transaction
from conversations.models import User
from conversations.reading.objects import Object
from conversations.usage import budgets
from conversations.usage.budget_object import budget_object

router = Router(tags=["usage"])


@router.get("/budgets", response=Page[BudgetLeft], summary="What you may still spend")
def read(request: HttpRequest) -> HttpResponse:
    """The budgets that count for you, the tightest first. Of one that counts many people together, what
    they all have used."""
    return listed(in_transaction(_left, caller(request)))


def _left(user: User) -> list[Object]:
    return [budget_object(standing) for standing in budgets.standings_for(user.pk)]
