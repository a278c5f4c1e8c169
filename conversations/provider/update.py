"""Bringing the catalogue up to date from a list: what is new comes in, prices are added, choices stay.

A list is JSON, as `lists/` has them. What an administrator decides (enabled, default, order, names, groups,
who takes over) is never changed by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import orjson
from django.db import transaction
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveInt,
    field_validator,
)

from conversations.models import LanguageModel, Price, Provider
from conversations.models.catalogue import PICTURE_SIDES, Ability, ProviderKind, Tokenizer

LISTS = Path(__file__).parent / "lists"
FACTS = (
    "context_window", "max_output_tokens", "abilities", "efforts", "tokenizer", "picture_tokens",
)  # fmt: skip
Parameter = Literal[
    "temperature", "top_p", "presence_penalty", "frequency_penalty", "stop", "seed",
    "reasoning_effort", "verbosity",
]  # fmt: skip
Dollars = Field(ge=0, lt=1_000_000, decimal_places=6)


# provider/tokens/pictures.py
FORMULAS = ({"base", "tile"}, {"patch", "most"})


@cache
def came_along() -> frozenset[str]:
    """The ids of all models that the lists of this site have ever brought."""
    told = (orjson.loads(path.read_bytes()) for path in LISTS.glob("*.json"))
    return frozenset(model["id"] for one in told for model in one["models"])


@cache
def suggested() -> Mapping[str, str]:
    """Who does small things for whom, as those lists have it: all of them OpenAI's."""
    told = (orjson.loads(path.read_bytes()) for path in LISTS.glob("*.json"))
    models = (model for one in told for model in one["models"])
    return {model["id"]: model["small"] for model in models if "small" in model}


class Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ToldPrices(Told):
    since: date
    input: Decimal = Dollars
    cached_input: Decimal = Dollars
    output: Decimal = Dollars
    source: str = Field("", max_length=300)


class ToldModel(Told):
    id: str = Field(min_length=1, max_length=100)
    name: str = Field(min_length=1, max_length=100)
    provider: str
    context_window: PositiveInt = Field(ge=256, le=2**31 - 1)
    max_output_tokens: PositiveInt = Field(le=2**31 - 1)
    abilities: list[Ability] = []
    efforts: list[Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]] = []
    tokenizer: Tokenizer | Literal[""] = ""
    picture_tokens: dict[Literal["base", "tile", "patch", "most"], float] | None = None
    # None: the list does not know, and what somebody chose stays.
    picture_side: int | None = None
    parameters: list[Parameter] | None = None
    small: str | None = None
    prices: ToldPrices | None = None
    position: NonNegativeInt = Field(100, le=32_767)
    enabled: bool = False
    default: bool = False

    @field_validator("picture_tokens")
    @classmethod
    def _is_a_formula(cls, told: dict[str, float] | None) -> dict[str, float] | None:
        if told is not None and told.keys() not in FORMULAS:
            raise ValueError("either base and tile, or patch and most")
        return told

    @field_validator("picture_side")
    @classmethod
    def _is_one_of_a_few(cls, told: int | None) -> int | None:
        if told is not None and told not in PICTURE_SIDES:
            raise ValueError(f"one of {PICTURE_SIDES}")
        return told

    @property
    def facts(self) -> dict[str, Any]:
        facts = {name: getattr(self, name) for name in FACTS}
        return facts | ({"picture_side": self.picture_side} if self.picture_side else {})


class ToldProvider(Told):
    name: str = Field(pattern=r"^[-\w]{1,40}$")
    kind: ProviderKind
    base_url: str = Field("", max_length=500)
    key_from: Literal["", "environment", "file"] = ""
    key_name: str = Field("", max_length=500)


class ToldList(Told):
    version: str
    source: str = ""
    providers: list[ToldProvider] = []
    models: list[ToldModel] = []


@dataclass(slots=True)
class Changes:
    """What a list brought, for whoever brought it."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    priced: list[str] = field(default_factory=list)

    lines: ClassVar[Mapping[str, str]] = {
        "new": "new", "changed": "changed", "priced": "with a new price",
    }  # fmt: skip

    def __str__(self) -> str:
        parts = ((label, getattr(self, name)) for name, label in self.lines.items())
        told = "; ".join(f"{label}: {', '.join(ids)}" for label, ids in parts if ids)
        return told or "nothing new"


def newest() -> Path:
    """The list that this version of the site came with."""
    return max(LISTS.glob("*.json"))


@transaction.atomic
def bring(text: bytes | str) -> Changes:
    """Raises pydantic.ValidationError for what is no list, KeyError for a provider that nobody knows."""
    told = ToldList.model_validate_json(text)
    for one in told.providers:
        Provider.objects.get_or_create(name=one.name, defaults=one.model_dump(exclude={"name"}))
    providers = {provider.name: provider for provider in Provider.objects.all()}
    changes = Changes()
    for model in told.models:
        _bring(model, providers[model.provider], changes)
    _connect_small_ones(told, changes)
    return changes


def _bring(told: ToldModel, provider: Provider, changes: Changes) -> None:
    row = LanguageModel.objects.filter(slug=told.id).first()
    if row is not None and row.provider_id != provider.pk:
        return None  # the same name, but elsewhere: another window, other prices
    if row is None:
        row = LanguageModel(slug=told.id, name=told.name, provider=provider)
        row.position, row.is_enabled = told.position, told.enabled
        row.parameters = told.parameters
        changes.new.append(told.id)
    elif all(getattr(row, name) == fact for name, fact in told.facts.items()):
        return _price(row, told, changes)
    else:
        changes.changed.append(told.id)
    for name, fact in told.facts.items():
        setattr(row, name, fact)
    row.save()
    _price(row, told, changes)
    return None


def _price(row: LanguageModel, told: ToldModel, changes: Changes) -> None:
    """Another row, unless that day has one: what an administrator corrected stays as it is."""
    if told.prices is None:
        return
    fields = told.prices.model_dump(exclude={"since"})
    _, is_new = Price.objects.get_or_create(model=row, since=told.prices.since, defaults=fields)
    if is_new and told.id not in changes.new:
        changes.priced.append(told.id)


def _connect_small_ones(told: ToldList, changes: Changes) -> None:
    """Who names the conversations of a new model."""
    for model in told.models:
        if model.small and model.id in changes.new:
            small = LanguageModel.objects.filter(slug=model.small).first()
            LanguageModel.objects.filter(slug=model.id).update(small=small)
