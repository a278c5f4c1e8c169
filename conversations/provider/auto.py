"""An entry that is no model but a choice between two, made by rules; see `rules`."""

import logging
from collections.abc import Mapping

from pydantic import ValidationError

from conversations.models import LanguageModel
from conversations.provider.interface import PARAMETERS, Model
from conversations.provider.rules import Asked, Rules

log = logging.getLogger(__name__)

# Of its window: a conversation that takes more goes to the other model, if that one has a larger.
FULL = 0.75
# Few texts have more tokens than a third of their characters.
CHARACTERS_A_TOKEN = 3


def auto_model(row: LanguageModel, models: Mapping[str, Model]) -> Model | None:
    """What is said of it before it has chosen; None where neither of its models can be asked."""
    try:
        rules = Rules.model_validate(row.rules)
    except ValidationError:
        log.warning("model %s is left out: its rules are none", row.slug)
        return None
    behind = [models[id] for id in (rules.small, rules.large) if id in models]
    if not behind:
        return None
    return Model(
        id=row.slug,
        name=row.name,
        provider=row.provider.name,
        context_window=min(model.context_window for model in behind),
        max_output_tokens=min(model.max_output_tokens for model in behind),
        capabilities=frozenset().union(*(model.capabilities for model in behind)),
        builtin=all(model.builtin for model in behind),
        description=row.description,
        efforts=tuple(dict.fromkeys(one for model in behind for one in model.efforts)),
        parameters=tuple(name for name in PARAMETERS if any(name in m.accepts for m in behind)),
        rules=rules,
    )


def chosen(rules: Rules, asked: Asked, models: Mapping[str, Model]) -> Model:
    """`models` are those that may be asked; one of the two is among them."""
    small, large = models.get(rules.small), models.get(rules.large)
    if small is None or large is None:
        return small or large or models[rules.small]
    wanted, other = (large, small) if rules.want_large(asked) else (small, large)
    has_pictures = asked.pictures or asked.pictures_before
    if has_pictures and other.vision and not wanted.vision:
        return other
    is_full = other.context_window > wanted.context_window and not _has_room(wanted, asked)
    return other if is_full else wanted


def _has_room(model: Model, asked: Asked) -> bool:
    takes = asked.tokens + asked.characters // CHARACTERS_A_TOKEN
    return takes <= model.context_window * FULL
