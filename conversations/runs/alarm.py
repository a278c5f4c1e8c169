"""Those who look after the site are told by mail: here, that a provider does not take its key."""

import logging
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _
from django.utils.translation import override

from conversations import site
from conversations.models import User

log = logging.getLogger(__name__)

# A key that comes and goes is no reason for a mail each time.
AT_MOST_EVERY = timedelta(hours=1)
TO_THE_CONSOLE = "django.core.mail.backends.console.EmailBackend"


def recipients() -> list[str]:
    """Without a mail server nobody is told here; the desk says it all the same."""
    if settings.EMAIL_BACKEND == TO_THE_CONSOLE:
        return []
    people = User.objects.filter(is_superuser=True, is_active=True).exclude(email="")
    return list(people.values_list("email", flat=True))


def mail(recipients: list[str], subject: str, text: str) -> None:
    """To each of them alone. Blocks, and asks nothing of Postgres. Where it fails the log says so, and the
    desk shows what it was about all the same."""
    sender = site.as_last_known().mail_from
    try:
        for address in recipients:
            send_mail(subject, text, sender, [address])
    except OSError as problem:  # SMTP's own exceptions are among them
        log.warning("nobody could be told by mail: %s", type(problem).__name__)


def tell(recipients: list[str], provider: str) -> None:
    with override(settings.LANGUAGE_CODE):
        subject = _("The provider {provider} refuses this site's key").format(provider=provider)
        text = _(
            "The provider {provider} does not accept the key of {site}. Its models cannot answer until it "
            "has one that it takes. What it said stands in the administration, under Providers."
        ).format(provider=provider, site=settings.PUBLIC_URL)
    mail(recipients, subject, text)
