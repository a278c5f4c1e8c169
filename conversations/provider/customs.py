"""What servers of a kind usually call things; a row of the catalogue may say otherwise."""

from conversations.models.catalogue import LimitParameter, ProviderKind
from conversations.provider.interface import Endpoint

VENDORS = (ProviderKind.OPENAI, ProviderKind.AZURE)


def limit_parameter(endpoint: Endpoint, *, reasons: bool) -> str:
    """Compatible servers may know the old name alone (Ollama, DeepSeek); a model of OpenAI's that
    reasons never does, also not behind another address."""
    is_old = endpoint.kind not in VENDORS and not reasons
    return LimitParameter.OLD if is_old else LimitParameter.NEW


def instruction_role(endpoint: Endpoint, *, reasons: bool) -> str:
    """Models that reason take instructions from a `developer`
    (https://platform.openai.com/docs/guides/text); other servers may not know that role."""
    return "developer" if reasons and endpoint.kind in VENDORS else "system"
