"""What may be asked about pictures by one click."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from conversations.admin.site import desk
from conversations.admin.table import OnRecord
from conversations.models import PictureQuestion
from conversations.text import first_words


@admin.register(PictureQuestion, site=desk)
class QuestionsAboutPictures(OnRecord):
    person = None
    fields = ("name", "text", "kind", "least", "position", "enabled")
    list_display = ("name", "beginning", "kind", "least", "position", "enabled")
    ordering = ("position", "pk")
    search_fields = ("name", "text")
    search_help_text = _("A name, or words of the text.")

    @admin.display(description=_("text"))
    def beginning(self, question: PictureQuestion) -> str:
        return first_words(question.text)
