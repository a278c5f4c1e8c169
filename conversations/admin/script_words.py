"""What the admin's own scripts say, in the reader's language also where Django has no words for it yet."""

from typing import Any

from django.utils.translation import gettext
from django.views.i18n import JavaScriptCatalog

from chatsite.languages.theirs import IN_SCRIPTS


class ScriptWords(JavaScriptCatalog):
    packages = ["django.contrib.admin"]

    def get_catalog(self) -> dict[str, Any]:
        """Django's go before ours: should it learn them, its own are nearer to what it means."""
        ours = {english: gettext(english) for english in IN_SCRIPTS}
        return {**ours, **super().get_catalog()}
