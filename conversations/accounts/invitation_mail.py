"""An invitation by mail, in the language of whoever gets it; and what became of sending it."""

import logging
from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from conversations import site
from conversations.models import Invitation
from conversations.runs.alarm import TO_THE_CONSOLE

log = logging.getLogger(__name__)


def can_be_sent() -> bool:
    """Without a mail server (CHATSITE_MAIL_URL) mails go to the console, where nobody reads them."""
    return bool(settings.EMAIL_BACKEND != TO_THE_CONSOLE)


def send(invited: Iterable[tuple[Invitation, str]]) -> int:
    """To each the link; how many were sent. After the commit: what was sent cannot be taken back.

    A server that refuses one address may take the others. Each row remembers how it went.
    """
    line, sent = get_connection(), 0
    for invitation, link in invited:
        went = _sent(_mail(invitation, link, line))
        moment = {"sent_at" if went else "failed_at": timezone.now()}
        none = {"failed_at": None} if went else {}
        Invitation.objects.filter(pk=invitation.pk).update(**moment, **none)
        sent += went
    return sent


def _mail(invitation: Invitation, link: str, line: object) -> EmailMultiAlternatives:
    with override(invitation.language or settings.LANGUAGE_CODE):
        name = " ".join(site.now().name.split())
        told = {"link": link, "site_name": name, "invitation": invitation}
        subject = _("You are invited to %(site)s") % {"site": name}
        text = render_to_string("emails/invitation.txt", told)
        mail = EmailMultiAlternatives(subject, text, to=[invitation.email], connection=line)
        mail.attach_alternative(render_to_string("emails/invitation.html", told), "text/html")
    return mail


def _sent(mail: EmailMultiAlternatives) -> bool:
    try:
        return bool(mail.send())
    except OSError as problem:  # of the network, and smtplib's own: the address is in neither log
        log.warning("an invitation could not be sent (%s)", type(problem).__name__)
        return False
