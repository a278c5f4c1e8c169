"""Django's error pages for developers (DJANGO_DEBUG), and its reports of errors, without a secret in them.

Django shows everything while debugging. But a screen is shared, and a page is copied into a report of a bug.
"""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from chatsite.hidden import hidden


class Shown:
    """A value as a page writes it, cleansed before it is cut or folded: half a key is one too."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __repr__(self) -> str:
        return hidden(repr(self._value))


class Filter(SafeExceptionReporterFilter):
    """What is called a key, a token or a password is starred out wherever Django writes a name beside it."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return self._cleansed(super().get_post_parameters(request))

    def get_traceback_frame_variables(
        self, request: HttpRequest, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        variables = dict(super().get_traceback_frame_variables(request, tb_frame))
        cleansed = self._cleansed(variables)
        return {name: Shown(value) for name, value in cleansed.items()}.items()

    def _cleansed(self, values: Any) -> dict[str, Any]:
        return {name: self.cleanse_setting(name, value) for name, value in values.items()}


class Reporter(ExceptionReporter):
    """What an exception says of itself, and the settings, stand on the page as well."""

    def get_traceback_html(self) -> SafeString:
        return SafeString(hidden(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return SafeString(hidden(super().get_traceback_text()))
