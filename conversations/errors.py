"""What we say no with: a code for programs (PROTOCOL.md), a sentence for people."""


class Refusal(Exception):
    """The base: something was asked that will not be done. Nothing was changed."""

    code = "internal"
    http = 500
    sentence = "Something went wrong on our side. Please try again."

    def __init__(
        self,
        sentence: str | None = None,
        *,
        retry_after: int | None = None,
        fields: dict[str, list[str]] | None = None,
    ) -> None:
        super().__init__(sentence or self.sentence)
        self.retry_after = retry_after
        self.fields = fields

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
    sentence = "Something in this request is not as it should be."


class InvalidFrame(Refusal):
    code, http = "invalid_frame", 400
    sentence = "This message could not be read."


class UnknownType(Refusal):
    code, http = "unknown_type", 400
    sentence = "This kind of message is not known here."


class NotLoggedIn(Refusal):
    code, http = "not_logged_in", 401
    sentence = "Please sign in."


class CsrfFailed(Refusal):
    code, http = "csrf_failed", 403
    sentence = "The page is out of date. Reload it and try again."


class NotAllowed(Refusal):
    code, http = "not_allowed", 403
    sentence = "This is not allowed."


class NotFound(Refusal):
    code, http = "not_found", 404
    sentence = "This is not here (any more)."


class Conflict(Refusal):
    code, http = "conflict", 409
    sentence = "This does not fit with what has happened in the meantime."


class TooLarge(Refusal):
    code, http = "too_large", 413
    sentence = "This is too large."


class UnsupportedImage(Refusal):
    code, http = "unsupported_image", 415
    sentence = "This picture cannot be read."


class RateLimited(Refusal):
    code, http = "rate_limited", 429
    sentence = "That was a lot at once. Please wait a moment."


class BudgetExceeded(Refusal):
    code, http = "budget_exceeded", 402
    sentence = "The budget is used up."


class ModelUnavailable(Refusal):
    code, http = "model_unavailable", 400
    sentence = "This model is not available. Choose another one."


class ContextTooLong(Refusal):
    code, http = "context_too_long", 400
    sentence = "This is longer than the model can read. Begin anew, or choose another model."


class Unavailable(Refusal):
    code, http = "unavailable", 503
    sentence = "The site cannot do this at the moment. Please try again shortly."


class ContentFiltered(Refusal):
    code, http = "content_filtered", 400
    sentence = "The provider's content filter stopped this answer. Other words may help."


class ProviderProblem(Refusal):
    """The provider failed in a way that we cannot name better.

    `reason` is said while we try again by ourselves, and with the `advice` behind it once we gave up.
    `retryable`: what failed may go well the next time, and the request was not to blame.
    """

    code, http = "provider_error", 502
    reason = "The model's provider reported an error."
    advice = "Try again, or choose another model."
    sentence = f"{reason} {advice}"
    retryable = False

    def __init__(
        self,
        sentence: str | None = None,
        *,
        reason: str | None = None,
        advice: str | None = None,
        retry_after: int | None = None,
        retryable: bool | None = None,
    ) -> None:
        self.reason = reason or self.reason
        self.retryable = self.retryable if retryable is None else retryable
        whole = sentence or f"{self.reason} {advice or self.advice}"
        super().__init__(whole, retry_after=retry_after)


class ProviderAuth(ProviderProblem):
    code = "provider_auth"
    reason = "The provider does not accept this site's key."
    advice = "An administrator has to look at it."
    sentence = f"{reason} {advice}"


class ProviderRateLimited(ProviderProblem):
    code = "provider_rate_limited"
    reason = "The provider is getting too many requests."
    advice = "Try again in a moment."
    sentence = f"{reason} {advice}"
    retryable = True


class ProviderTimeout(ProviderProblem):
    code, http = "provider_timeout", 504
    reason = "The model did not answer in time."
    advice = "Try again."
    sentence = f"{reason} {advice}"
    retryable = True


class ProviderUnavailable(ProviderProblem):
    code = "provider_unavailable"
    reason = "The model cannot be reached."
    advice = "Try again in a moment."
    sentence = f"{reason} {advice}"
    retryable = True


class ProviderRejected(ProviderProblem):
    code = "provider_rejected"
    reason = "The provider refused this request."
    advice = "Another model or other options may help."
    sentence = f"{reason} {advice}"


class Interrupted(ProviderProblem):
    """The stream had begun and broke off. Before its first token another attempt is worth it."""

    code = "interrupted"
    reason = "The answer broke off."
    advice = "What came is kept."
    sentence = f"{reason} {advice}"
    retryable = True
