"""Models that an administrator has stopped: nothing more is asked of them from the moment this process hears
of it, also for what was allowed a moment before, by a catalogue that did not know yet.

The catalogue says the same, and later: it is read anew first. What stands here is taken back when the model
is on offer again.
"""

from django.utils.translation import gettext_lazy as _

from conversations.errors import ModelUnavailable
from conversations.provider.interface import Model

STOPPED = _("An administrator has stopped this model. Choose another one.")

_models: set[str] = set()


def hear(model: str) -> None:
    _models.add(model)


def forget(model: str) -> None:
    """It is on offer again."""
    _models.discard(model)


def forget_all() -> None:
    """Once the catalogue was read after news were missed: it knows, and one of these may be back."""
    _models.clear()


def refuse(model: Model) -> None:
    """Raises ModelUnavailable."""
    if model.id in _models:
        raise ModelUnavailable(STOPPED)
