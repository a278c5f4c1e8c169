"""Models that stand in no row: the one that CHATSITE_DEFAULT_MODEL names, and what the server behind
OPENAI_BASE_URL says that it has (stock.py). Little is known of them: nothing is left out or refused here
that their server would take."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from django.conf import settings

from conversations.models import LanguageModel
from conversations.models.catalogue import ProviderKind
from conversations.provider.customs import instruction_role, limit_parameter
from conversations.provider.interface import Endpoint, Model

if TYPE_CHECKING:
    from conversations.provider.fetch import Found

SEES = frozenset({"vision", "tools", "json_schema", "stream_usage"})
REASONS = SEES | {"reasoning"}
# How OpenAI names the models that reason, but for those that are for chatting alone.
REASONING = re.compile(r"(gpt-5|o\d)(?!.*chat)")
UNKNOWN_WINDOW = 1_048_576
MAX_OUTPUT_TOKENS = 16_384


def models(home: Endpoint | None, have: "Mapping[str, Found]") -> Iterator[Model]:
    """Those of the first provider. Whatever stands in a row is what that says: also withdrawn."""
    if home is None:
        return
    there = {**dict.fromkeys(filter(None, [settings.DEFAULT_MODEL])), **have}
    entered = _entered(there)
    for id, found in there.items():
        if id not in entered:
            yield _model(home, id, found)


def _entered(ids: Iterable[str]) -> set[str]:
    rows = LanguageModel.objects.filter(slug__in=ids).values_list("slug", flat=True)
    sent = LanguageModel.objects.filter(provider__name="openai", sent_as__in=ids)
    return {*rows, *sent.values_list("sent_as", flat=True)}


def _model(home: Endpoint, id: str, found: "Found | None") -> Model:
    reasons = home.kind == ProviderKind.OPENAI and bool(REASONING.match(id))
    able = REASONS if reasons else SEES
    window = (found and found.context_window) or UNKNOWN_WINDOW
    most = (found and found.max_output_tokens) or MAX_OUTPUT_TOKENS
    return Model(
        id=id,
        name=(found and found.name) or id,
        provider=home.name,
        context_window=window,
        max_output_tokens=min(most, window // 2),
        capabilities=able - {"vision"} if found and found.sees is False else able,
        limit_parameter=limit_parameter(home, reasons=reasons),
        endpoint=home,
        sent_as=id,
        instruction_role=instruction_role(home, reasons=reasons),
    )
