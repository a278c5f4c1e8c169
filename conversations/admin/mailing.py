"""A mail to oneself, and what the mail server said to it: a page of the desk."""

import smtplib
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage, get_connection
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from chatsite.hidden import hidden
from conversations import site
from conversations.admin.site import desk
from conversations.admin.table import reader, record

TITLE = gettext_lazy("Test mail")
SMTP = "django.core.mail.backends.smtp.EmailBackend"
# A server may answer with pages; nobody needs more to see what is wrong.
ANSWER = 1000
REFUSED = 400


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    if not reader(request).is_superuser:
        raise PermissionDenied
    told = _sent(request) if request.method == "POST" and reader(request).email else {}
    context = {
        **desk.each_context(request),
        "title": TITLE,
        "to": reader(request).email,
        "sender": site.now().mail_from,
        "is_smtp": settings.EMAIL_BACKEND == SMTP,
        **told,
    }
    return TemplateResponse(request, "admin/mailing.html", context)


def _sent(request: HttpRequest) -> dict[str, Any]:
    """On record either way. What the server said is shown, and kept by nobody."""
    try:
        code, answer = _handed_over(_message(reader(request).email))
        ok = 0 < code < REFUSED
    except smtplib.SMTPResponseException as refused:
        code, answer, ok = refused.smtp_code, _text(refused.smtp_error), False
    except (smtplib.SMTPException, OSError, UnicodeError) as trouble:
        code, answer, ok = 0, f"{type(trouble).__name__}: {trouble}", False
    record(request, "mail.test", reader(request), ok=ok, code=code)
    return {"tried": True, "ok": ok, "code": code or "", "answer": hidden(answer)[:ANSWER]}


def _message(to: str) -> EmailMessage:
    name, sender = site.now().name, site.now().mail_from
    text = _("This is a test. Who reads it knows that {name} can send mail.").format(name=name)
    return EmailMessage(_("A test of {name}").format(name=name), text, sender, [to])


def _handed_over(message: EmailMessage) -> tuple[int, str]:
    """As Django sends it, but for the last answer of the server, which Django keeps to itself."""
    backend: Any = get_connection()
    if settings.EMAIL_BACKEND != SMTP:
        return (250, "") if backend.send_messages([message]) else (0, "")
    backend.open()  # waits EMAIL_TIMEOUT at most, as each step below does
    try:
        return _spoken(backend.connection, message)
    finally:
        backend.close()


def _spoken(server: smtplib.SMTP, message: EmailMessage) -> tuple[int, str]:
    """The first answer that refuses, or the last."""
    server.ehlo_or_helo_if_needed()
    code, answer = server.mail(parseaddr(message.from_email)[1])
    if code < REFUSED:
        code, answer = server.rcpt(message.to[0])
    if code < REFUSED:
        code, answer = server.data(message.message().as_bytes())  # which mends the ends of lines
    return code, _text(answer)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)


desk.page("mail/", page, "mail")
