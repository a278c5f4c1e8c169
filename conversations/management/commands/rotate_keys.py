"""`manage.py rotate_keys`: seal the stored keys with the first of CHATSITE_ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from conversations.errors import Invalid
from conversations.models import Provider
from conversations.models.catalogue import KeyFrom
from conversations.provider import keys


class Command(BaseCommand):
    help = "Seal the stored keys of providers anew, with the first of CHATSITE_ENCRYPTION_KEYS."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        rows = list(Provider.objects.select_for_update().filter(key_from=KeyFrom.STORED))
        for row in rows:
            try:
                row.key_stored = keys.sealed_again(row.key_stored)
            except Invalid as problem:
                raise CommandError(f"{row.name}: {problem} No key was changed.") from None
            row.save(update_fields=["key_stored"])
        self.stdout.write(f"Keys sealed anew: {len(rows)}.")
