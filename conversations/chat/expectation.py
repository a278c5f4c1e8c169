"""What a run will probably take, before anything is counted: for limits that count tokens."""

from functools import partial

from conversations.chat import choosing
from conversations.chat.choosing import CHARACTERS_A_TOKEN, Place
from conversations.models import Message, Run
from conversations.models.conversation import Role
from conversations.provider.interface import Model
from conversations.runs.admission import PICTURE_TOKENS
from conversations.usage.limits import Expected


def of(run: Run, answer: Message, model: Model) -> Expected:
    return Expected(run.pk, partial(_to_read, answer, model), model.max_output_tokens)


def _to_read(answer: Message, model: Model) -> int:
    """A guess, which the ledger puts right; no more than the model reads."""
    question = answer.parent
    if question is None or question.role != Role.USER:
        return 0
    above = choosing.tokens_above(Place(answer.conversation, question.parent_id))
    files = sum(use.file.bytes for use in question.files.all())
    said = len(question.text.encode()) + files + len(answer.text.encode())
    pictures = len(question.pictures.all()) * PICTURE_TOKENS
    return min(above + said // CHARACTERS_A_TOKEN + pictures, model.context_window)
