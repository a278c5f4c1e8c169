"""What is said when no more may be asked: of which of its amounts, and for how long."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations.errors import RateLimited
from conversations.models.limits import Whom
from conversations.text import ngettext_noop, span

# Nobody knows when an answer ends. So soon it is worth another try.
RUN_RETRY_SECONDS = 5

MESSAGES = {
    Whom.PERSON: ngettext_noop(
        "You have sent a message within this minute, as many as you may. Try again in {time}.",
        "You have sent {count} messages within a minute. Try again in {time}.",
    ),
    Whom.TOGETHER: ngettext_noop(
        "Your group has sent a message within this minute, as many as it may. Try again in {time}.",
        "Your group has sent {count} messages within a minute. Try again in {time}.",
    ),
    Whom.ADDRESS: ngettext_noop(
        "From your network a message was sent within this minute, as many as may be. Try again in {time}.",
        "From your network {count} messages were sent within a minute. Try again in {time}.",
    ),
}
RUNS = {
    Whom.PERSON: ngettext_noop(
        "You have an answer under way already. Wait for it or stop it.",
        "You have {count} answers under way already. Wait for one or stop one.",
    ),
    Whom.TOGETHER: ngettext_noop(
        "Your group has an answer under way already. Try again in {time}.",
        "Your group has {count} answers under way already. Try again in {time}.",
    ),
    Whom.ADDRESS: ngettext_noop(
        "An answer for somebody in your network is under way already. Try again in {time}.",
        "{count} answers for people in your network are under way already. Try again in {time}.",
    ),
}
TOKENS = {
    Whom.PERSON: _("You have used up your tokens of this minute. Try again in {time}."),
    Whom.TOGETHER: _("Your group has used up its tokens of this minute. Try again in {time}."),
    Whom.ADDRESS: _("The tokens of this minute are used up in your network. Try again in {time}."),
}


class Wait(NamedTuple):
    """So many seconds until it may be asked again, and what is said of it."""

    seconds: int
    sentence: str


def of_messages(whom: Whom, seconds: float, limit: int) -> Wait:
    return _wait(seconds, ngettext(*MESSAGES[whom], limit), limit)


def of_tokens(whom: Whom, seconds: float) -> Wait:
    return _wait(seconds, str(TOKENS[whom]))


def of_runs(whom: Whom, limit: int) -> Wait:
    return _wait(RUN_RETRY_SECONDS, ngettext(*RUNS[whom], limit), limit)


def refusal(waits: Sequence[Wait]) -> RateLimited:
    """What has to be waited for longest is what is said: to ask again before it is of no use."""
    longest = max(waits)
    return RateLimited(longest.sentence, retry_after=longest.seconds)


def _wait(seconds: float, sentence: str, count: int = 0) -> Wait:
    whole = max(1, math.ceil(seconds))
    return Wait(whole, sentence.format(count=number_format(count), time=span(whole)))
