"""The first providers and models: OpenAI's of June 2026 with their prices, and the one that is built in."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.db import migrations

LIST = Path(__file__).parent.parent / "provider" / "lists" / "2026-06.json"


def bring(apps: Any, schema_editor: Any) -> None:
    Provider = apps.get_model("conversations", "Provider")
    LanguageModel = apps.get_model("conversations", "LanguageModel")
    Price = apps.get_model("conversations", "Price")
    if (
        Provider.objects.exists()
    ):  # it was taken back, and comes again: what was decided since stays
        return
    told = json.loads(LIST.read_text(encoding="utf-8"))
    providers = {one["name"]: Provider.objects.create(**one) for one in told["providers"]}
    rows = {}
    for one in told["models"]:
        rows[one["id"]] = LanguageModel.objects.create(
            slug=one["id"],
            name=one["name"],
            provider=providers[one["provider"]],
            context_window=one["context_window"],
            max_output_tokens=one["max_output_tokens"],
            abilities=one["abilities"],
            efforts=one["efforts"],
            tokenizer=one.get("tokenizer", ""),
            picture_tokens=one.get("picture_tokens"),
            parameters=one.get("parameters"),
            is_enabled=one.get("enabled", False),
            is_default=one.get("default", False),
            position=one["position"],
        )
        prices = one["prices"]
        Price.objects.create(
            model=rows[one["id"]], **{**prices, "since": date.fromisoformat(prices["since"])}
        )
    for one in told["models"]:
        if "small" in one:
            rows[one["id"]].small = rows[one["small"]]
            rows[one["id"]].save(update_fields=["small"])


class Migration(migrations.Migration):
    dependencies = [("conversations", "0020_catalogue")]

    operations = [migrations.RunPython(bring, migrations.RunPython.noop)]
