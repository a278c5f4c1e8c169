"""Pages are compressed; nothing else is: pictures are already, and a stream would have to wait."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPages(GZipMiddleware):
    """Django's own hides the length of what it compresses from who would guess a secret by it (BREACH),
    and the token of a form is masked anew for each page."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
