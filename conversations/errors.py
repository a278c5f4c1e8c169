"""What we say no with: a code for programs (PROTOCOL.md), a sentence for people.

A sentence is kept in English and said in the language that is active when somebody is told. Django is
imported only then: the process that decodes pictures knows these classes and no Django.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    Words: TypeAlias = _StrOrPromise
else:
    Words = str


def marked(english: str) -> Words:
    """A sentence for the translators. It is said in another language by `spoken`."""
    return english


_ = marked


def spoken(words: Words, names: Mapping[str, object] | None = None) -> str:
    """`words` in the language that is active, with what stands in their braces."""
    from django.utils.formats import number_format
    from django.utils.translation import gettext

    said = gettext(str(words))
    if not names:
        return said
    parts = {
        name: number_format(value, force_grouping=True) if isinstance(value, int) else value
        for name, value in names.items()
    }
    return said.format_map(parts)


class Refusal(Exception):
    """The base: something was asked that will not be done. Nothing was changed."""

    code = "internal"
    http = 500
    sentence: Words = _("Something went wrong on our side. Please try again.")

    def __init__(
        self,
        sentence: Words | None = None,
        *,
        names: Mapping[str, object] | None = None,
        retry_after: int | None = None,
        fields: Mapping[str, Sequence[Words]] | None = None,
    ) -> None:
        super().__init__(self.sentence if sentence is None else sentence)
        self.names = names
        self.retry_after = retry_after
        self._fields = fields or {}

    def __str__(self) -> str:
        return spoken(self.args[0], self.names)

    @property
    def fields(self) -> dict[str, list[str]]:
        """What is wrong with each field, said like the sentence itself."""
        return {
            name: [spoken(words, self.names) for words in said]
            for name, said in self._fields.items()
        }

    def body(self) -> dict[str, object]:
        """The one form of every error of the API (PROTOCOL.md)."""
        error: dict[str, object] = {"code": self.code, "message": str(self)}
        if self.fields:
            error["fields"] = self.fields
        if self.retry_after is not None:
            error["retry_after"] = self.retry_after
        return {"error": error}


class Invalid(Refusal):
    code, http = "invalid", 400
    sentence = _("Something in this request is not as it should be.")


class InvalidFrame(Refusal):
    code, http = "invalid_frame", 400
    sentence = _("This message could not be read.")


class UnknownType(Refusal):
    code, http = "unknown_type", 400
    sentence = _("This kind of message is not known here.")


class NotLoggedIn(Refusal):
    code, http = "not_logged_in", 401
    sentence = _("Please sign in.")


class CsrfFailed(Refusal):
    code, http = "csrf_failed", 403
    sentence = _("The page is out of date. Reload it and try again.")


class NotAllowed(Refusal):
    code, http = "not_allowed", 403
    sentence = _("This is not allowed.")


class NotFound(Refusal):
    code, http = "not_found", 404
    sentence = _("This is not here (any more).")


class Conflict(Refusal):
    code, http = "conflict", 409
    sentence = _("This does not fit with what has happened in the meantime.")


class TooLarge(Refusal):
    code, http = "too_large", 413
    sentence = _("This is too large.")


class UnsupportedImage(Refusal):
    code, http = "unsupported_image", 415
    sentence = _("This picture cannot be read.")


class RateLimited(Refusal):
    code, http = "rate_limited", 429
    sentence = _("That was a lot at once. Please wait a moment.")


class BudgetExceeded(Refusal):
    code, http = "budget_exceeded", 402
    sentence = _("The budget is used up.")


class ModelUnavailable(Refusal):
    code, http = "model_unavailable", 400
    sentence = _("This model is not available. Choose another one.")


class ContextTooLong(Refusal):
    code, http = "context_too_long", 400
    sentence = _("This is longer than the model can read. Begin anew, or choose another model.")
    # Counted before anything was sent: a token is a word or a part of one.
    by_how_much = _(
        "This is {tokens} tokens longer than the model can read at once. Shorten it, send it in parts, or "
        "choose another model."
    )


class Unavailable(Refusal):
    code, http = "unavailable", 503
    sentence = _("The site cannot do this at the moment. Please try again shortly.")


class ContentFiltered(Refusal):
    code, http = "content_filtered", 400
    sentence = _("The provider's content filter stopped this answer. Other words may help.")


class ProviderProblem(Refusal):
    """The provider failed in a way that we cannot name better.

    `reason` is said while we try again by ourselves, and with the `advice` behind it once we gave up.
    `retryable`: what failed may go well the next time, and the request was not to blame.
    """

    code, http = "provider_error", 502
    reason: Words = _("The model's provider reported an error.")
    advice: Words = _("Try again, or choose another model.")
    retryable = False

    def __init__(
        self,
        sentence: Words | None = None,
        *,
        reason: Words | None = None,
        advice: Words | None = None,
        retry_after: int | None = None,
        retryable: bool | None = None,
    ) -> None:
        self.reason = self.reason if reason is None else reason
        self.advice = self.advice if advice is None else advice
        self._whole = sentence is not None
        self.retryable = self.retryable if retryable is None else retryable
        super().__init__(sentence, retry_after=retry_after)

    def __str__(self) -> str:
        return super().__str__() if self._whole else f"{spoken(self.reason)} {spoken(self.advice)}"


class ProviderAuth(ProviderProblem):
    code = "provider_auth"
    reason = _("The provider does not accept this site's key.")
    advice = _("An administrator has to look at it.")


class ProviderRateLimited(ProviderProblem):
    code = "provider_rate_limited"
    reason = _("The provider is getting too many requests.")
    advice = _("Try again in a moment.")
    retryable = True


class ProviderTimeout(ProviderProblem):
    code, http = "provider_timeout", 504
    reason = _("The model did not answer in time.")
    advice = _("Try again.")
    retryable = True


class ProviderUnavailable(ProviderProblem):
    code = "provider_unavailable"
    reason = _("The model cannot be reached.")
    advice = _("Try again in a moment.")
    retryable = True


class ProviderRejected(ProviderProblem):
    code = "provider_rejected"
    reason = _("The provider refused this request.")
    advice = _("Another model or other options may help.")


class Interrupted(ProviderProblem):
    """The stream had begun and broke off. Before its first token another attempt is worth it."""

    code = "interrupted"
    reason = _("The answer broke off.")
    advice = _("What came is kept.")
    retryable = True
