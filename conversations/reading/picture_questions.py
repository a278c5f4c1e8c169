"""What may be asked about pictures by one click, in the language of whoever is to ask it."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from conversations import access
from conversations.models import PictureQuestion
from conversations.reading.objects import Object

# Those that every site begins with, as its first migration for them wrote them down. What an administrator
# left as it was is said in every language; what they wrote themselves stays as they wrote it.
USUAL = {
    _("Describe"): _("Describe what is to be seen here."),
    _("Read the text"): _(
        "Read all the text here, word for word, and give it as Markdown: headings, lists and tables as "
        "they stand here. Give nothing but that text."
    ),
    _("Table as CSV"): _(
        "Extract the table here as CSV: commas between the values, the header in the first line, quotes "
        "where a value needs them. Give nothing but the CSV, in one block of code."
    ),
    _("Explain the diagram"): _(
        "Explain this diagram: what it shows, how its parts belong together, and what follows from it."
    ),
    _("Compare"): _("Compare these pictures: what they have in common, and how they differ."),
    _("Write alt text"): _(
        "Write alternative text for who cannot see this: what matters in it, in one or two sentences. "
        "Give nothing but these sentences."
    ),
}
SAID = {*USUAL, *USUAL.values()}


def usual() -> list[Object]:
    return [question_object(question) for question in access.picture_questions()]


def question_object(question: PictureQuestion) -> Object:
    return {
        "id": str(question.pk),
        "name": spoken(question.name),
        "text": spoken(question.text),
        "kind": question.kind,
        "least": question.least,
    }


def spoken(words: str) -> str:
    return gettext(words) if words in SAID else words
