"""Invitations by mail, in the language of whoever gets them: after the request that made them, one by one.

A mail server may take its time, and there may be fifty. So a row says when its mail is due, and whichever
process comes first sends it; should that die over it, it is due again a little later. The link is made when
it is sent, because only its hash is ever kept.
"""

import asyncio
import logging
import smtplib
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from conversations import site
from conversations.accounts import invitations
from conversations.db import in_db
from conversations.errors import Unavailable
from conversations.models import Invitation
from conversations.runs.alarm import TO_THE_CONSOLE

log = logging.getLogger(__name__)

# Who has just invited somebody looks at the list within a few seconds.
LOOK_SECONDS = 3.0
# Longer than one conversation with a mail server takes: each of its steps gets 15 s (settings.EMAIL_TIMEOUT).
LEASE = timedelta(minutes=5)
# After an attempt that may go better the next time.
PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
PERMANENT = 500


def can_be_sent() -> bool:
    """Without a mail server (CHATSITE_MAIL_URL) mails go to the console, where nobody reads them."""
    return bool(settings.EMAIL_BACKEND != TO_THE_CONSOLE)


def send_soon(ids: list[int]) -> None:
    """In the transaction that makes them, or other links for them."""
    now = timezone.now()
    Invitation.objects.filter(pk__in=ids).update(send_at=now, tries=0, failed_at=None)


async def keep_sending() -> None:
    """For as long as the process lives."""
    while True:
        try:
            while can_be_sent() and await _send_one():
                pass
        except Unavailable:
            log.info("invitations wait: the database is away")
        await asyncio.sleep(LOOK_SECONDS)


async def _send_one() -> bool:
    """Whether there was one to send."""
    prepared = await in_db(take_one)()
    if prepared is None:
        return False
    invitation, mail = prepared
    problem = await asyncio.to_thread(sent, mail)
    await in_db(note)(invitation, problem)
    return True


def take_one() -> tuple[int, EmailMultiAlternatives] | None:
    """The next that is due, as a mail with a link of its own; nobody else takes it for a while."""
    one = _due().select_for_update(skip_locked=True, of=("self",)).order_by("send_at").first()
    link = invitations.again(one) if one else None
    if one is None or link is None:
        return None
    one.refresh_from_db()
    one.send_at, one.tries = timezone.now() + LEASE, one.tries + 1
    one.save(update_fields=["send_at", "tries"])
    return one.pk, _mail(one, link)


def _due() -> QuerySet[Invitation]:
    rows = Invitation.objects.select_related("created_by").filter(send_at__lte=timezone.now())
    return rows.filter(used_at=None, withdrawn_at=None)


def sent(mail: EmailMultiAlternatives) -> OSError | None:
    """What went wrong, if anything did. Blocks, and asks nothing of Postgres."""
    try:
        mail.send()
    except OSError as problem:  # of the network, and smtplib's own: the address is in neither log
        log.warning("an invitation could not be sent (%s)", type(problem).__name__)
        return problem
    return None


def note(id: int, problem: OSError | None) -> None:
    """How it went; where it may go better, it is tried again later."""
    mine, now = Invitation.objects.filter(pk=id), timezone.now()
    if problem is None:
        mine.update(sent_at=now, failed_at=None, send_at=None)
        return
    tries = mine.values_list("tries", flat=True).first() or 0
    is_over = _is_permanent(problem) or tries > len(PAUSES)
    again = None if is_over else now + PAUSES[max(0, tries - 1)]
    mine.update(failed_at=now, send_at=again)


def _is_permanent(problem: OSError) -> bool:
    """A server that says no for good, to whom or to us."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in problem.recipients.values()]
        return bool(codes) and min(codes) >= PERMANENT
    code = problem.smtp_code if isinstance(problem, smtplib.SMTPResponseException) else 0
    return int(code) >= PERMANENT


def _mail(invitation: Invitation, link: str) -> EmailMultiAlternatives:
    with override(invitation.language or settings.LANGUAGE_CODE):
        name = " ".join(site.now().name.split())
        told = {"link": link, "site_name": name, "invitation": invitation}
        subject = _("You are invited to %(site)s") % {"site": name}
        text = render_to_string("emails/invitation.txt", told)
        mail = EmailMultiAlternatives(subject, text, site.now().mail_from, [invitation.email])
        mail.attach_alternative(render_to_string("emails/invitation.html", told), "text/html")
    return mail
