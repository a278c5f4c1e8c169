"""What an administrator does about somebody, from the list of people or from their page."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations.accounts import deactivation, second_factor, sessions
from conversations.admin.asking import Question, asked, is_answered, reason_in
from conversations.admin.table import OnRecord, reader, record
from conversations.audit import address_of
from conversations.chat.export import archive, on_record
from conversations.chat.export.stream import HERE, Stream
from conversations.db import in_transaction
from conversations.models import User
from conversations.runs import halt

ONE_ONLY = _("Choose one person: an archive holds what is theirs alone.")
NOBODY = _("Nobody of them may be changed by you.")

STOP = Question(
    "stop_answers",
    _("Stop their answers"),
    (
        _("Every answer that is being written for them ends at once; what came of it is kept."),
        _(
            "They may ask again. To keep somebody from it, deactivate them: that stops their answers, too."
        ),
    ),
)
DEACTIVATE = Question(
    "deactivate",
    _("Deactivate"),
    (
        _("They cannot sign in any more. Every session of theirs ends at once, and so does every answer"
          " that is being written for them."),
        _("Nothing of theirs is deleted. “Active” on their page lets them in again."),
    ),
)  # fmt: skip
SIGN_OUT = Question(
    "sign_out",
    _("Sign them out everywhere"),
    (
        _("Every session of theirs ends at once, on every device; open pages are closed."),
        _("Their password stays as it is. Somebody else who knows it can sign in with it again."),
    ),
)
FACTOR = Question(
    "take_factor_away",
    _("Take their second factor away"),
    (
        _("For who has lost it: they sign in with their password alone, until they set up another one."
          " Their recovery codes are void."),
        _("Make sure that it is they who ask: whoever has their password is let in from now on."),
    ),
)  # fmt: skip
TAKE_ALONG = Question(
    "take_along",
    _("Download all that is theirs"),
    (
        _("A ZIP with every conversation, picture and file, their preferences and what they have used:"
          " the same as they get by “take everything along”."),
        _("It holds all that they wrote. That you took it is on record, with your reason."),
    ),
)  # fmt: skip


class PeopleActions(OnRecord):
    """Each is asked once more, with its reason."""

    # Read page by page, in transactions of its own.
    unhurried = ("take_along",)

    def changeable(self, request: HttpRequest, people: QuerySet[User]) -> Sequence[User]:
        """Those of `people` whom the reader may change."""
        return [one for one in people if self.has_change_permission(request, one)]

    def _each(
        self,
        request: HttpRequest,
        chosen: QuerySet[User],
        question: Question,
        do: Callable[[Sequence[User], str], Any],
    ) -> HttpResponse | None:
        # As people alone: what stands beside them in the list takes a second for a thousand.
        plain = User.objects.filter(pk__in=chosen.order_by().values("pk")).order_by("username")
        people = self.changeable(request, plain)
        if not people:
            self.message_user(request, NOBODY, messages.WARNING)
            return None
        if not is_answered(request):
            return asked(self, request, question, people)
        do(people, reason_in(request))
        told = ngettext("Done, for {count} person.", "Done, for {count} people.", len(people))
        self.message_user(request, told.format(count=len(people)), messages.SUCCESS)
        return None

    @admin.action(description=STOP.title, permissions=["change"])
    def stop_answers(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        def stop(people: Sequence[User], reason: str) -> None:
            ending = halt.of_people(people)
            for one in people:
                record(request, "person.stop", one, reason=reason, answers=ending[one.pk])

        return self._each(request, chosen, STOP, stop)

    @admin.action(description=DEACTIVATE.title, permissions=["change"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        """Nobody does it to themselves."""
        others = chosen.filter(is_active=True).exclude(pk=reader(request).pk)

        def leave(people: Sequence[User], reason: str) -> None:
            by, where = reader(request), address_of(request)
            deactivation.deactivate(people, by, address=where, reason=reason)

        return self._each(request, others, DEACTIVATE, leave)

    @admin.action(description=SIGN_OUT.title, permissions=["change"])
    def sign_out(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        def end(people: Sequence[User], reason: str) -> None:
            sessions.end_all(people, reader(request), address=address_of(request), reason=reason)

        return self._each(request, chosen, SIGN_OUT, end)

    @admin.action(description=FACTOR.title, permissions=["change"])
    def take_factor_away(self, request: HttpRequest, chosen: QuerySet[User]) -> HttpResponse | None:
        def take(people: Sequence[User], reason: str) -> None:
            by, where = reader(request), address_of(request)
            for one in people:
                second_factor.take_away(one, by, address=where, reason=reason)

        return self._each(request, chosen, FACTOR, take)

    def has_take_along_permission(self, request: HttpRequest) -> bool:
        """All the words of somebody in one file: not for who looks at one conversation at a time."""
        return reader(request).is_superuser

    @admin.action(description=TAKE_ALONG.title, permissions=["take_along"])
    def take_along(self, request: HttpRequest, chosen: QuerySet[User]) -> Any:
        people: Sequence[User] = list(chosen[:2])
        if len(people) != 1:
            self.message_user(request, ONE_ONLY, messages.WARNING)
            return None
        if not is_answered(request):
            return asked(self, request, TAKE_ALONG, people)
        return _archive(request, people[0])


def _archive(request: HttpRequest, person: User) -> StreamingHttpResponse:
    by, where = reader(request), address_of(request)
    why = reason_in(request)
    in_transaction(on_record.taken, by, person, "everything", address=where, reason=why)
    made = archive.of_all(person, lambda done, of: None, all_of_it=True)
    made_for = Stream(by, made, HERE & Q(is_staff=True, is_superuser=True))
    response = StreamingHttpResponse(made_for, content_type="application/zip")
    name = f"{person.get_username()}-{timezone.localdate():%Y-%m-%d}.zip"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
