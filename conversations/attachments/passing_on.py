"""Pictures of the web that the model's vendor may fetch itself, where the administrator says so (0113)."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from conversations import site
from conversations.models import Blob, Image
from conversations.models.catalogue import ProviderKind
from conversations.models.images import SOURCE_CHARACTERS
from conversations.provider.interface import Model

# Other servers that speak as OpenAI does mostly take bytes alone.
VENDORS: set[str] = {ProviderKind.OPENAI, ProviderKind.AZURE}
# What is older may be signed for a time that is over, or show something else by now.
RECENT = timedelta(hours=1)


def is_done_for(model: Model) -> bool:
    kind = model.endpoint.kind if model.endpoint else ""
    return site.as_last_known().image_urls == "pass" and kind in VENDORS


def addresses(owner: UUID, pictures: Iterable[Blob]) -> dict[UUID, str]:
    """Of those that were fetched just now, from where a vendor can fetch them too."""
    known = [blob.pk for blob in pictures]
    mine = Image.objects.filter(owner=owner, blob__in=known, blob__blocked=False)
    recent = mine.filter(created_at__gt=timezone.now() - RECENT, source__startswith="https://")
    found = recent.values_list("blob_id", "source")
    return {blob: source for blob, source in found if _is_for_others(source)}


def _is_for_others(source: str) -> bool:
    """Whole, and not on a host of our own networks."""
    from conversations.attachments.fetching.address import read
    from conversations.attachments.fetching.network import Guard

    address = read(source)
    is_ours = Guard(settings.IMAGE_HOSTS).names(address.host, address.port)
    return len(source) < SOURCE_CHARACTERS and not is_ours
