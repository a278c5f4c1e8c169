"""`manage.py try_prompts [MODEL]`: our own prompts, their cases, and what a model makes of them."""

import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from conversations.errors import ModelUnavailable
from conversations.provider import catalogue, choose
from conversations.provider.interface import Model
from conversations.runs.prompts import names, prompt_named, trial
from conversations.runs.prompts.trial import Tried


class Command(BaseCommand):
    help = (
        "Put the site's own prompts, such as that for titles, to a model of the catalogue and say which "
        "of their cases pass. Without MODEL: the one that new conversations start with. What it costs "
        "is on the ledger as `prompt_test`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("model", nargs="?", default="")
        parser.add_argument("--prompt", choices=names(), help="This one alone.")

    def handle(self, *args: Any, **options: Any) -> None:
        model = self._model(options["model"])
        failed = 0
        for name, results in asyncio.run(_all(options["prompt"], model)).items():
            self.stdout.write(f"{prompt_named(name).tag}, {model.id}")
            self.stdout.write(_lines(results))
            failed += sum(bool(one.wrong) for one in results)
        if failed:
            raise CommandError(f"{failed} did not pass.")
        self.stdout.write("All passed.")

    def _model(self, id: str) -> Model:
        model = catalogue.model_named(id) if id else _usual()
        if model is None:
            entries = catalogue.known().entries.values()
            known = ", ".join(one.model.id for one in entries if not one.model.rules) or "none"
            raise CommandError(f"There is no such model as {id!r}. There are: {known}.")
        return model


def _usual() -> Model:
    try:
        return catalogue.models_behind(catalogue.default_model())[0]
    except ModelUnavailable as problem:
        raise CommandError(str(problem)) from None


async def _all(only: str | None, model: Model) -> dict[str, list[Tried]]:
    try:
        return {name: await trial.tried(name, model) for name in ([only] if only else names())}
    finally:
        await choose.keep_only(set())


def _lines(results: list[Tried]) -> str:
    width = max(len(one.case) for one in results)
    return "\n".join(
        f"  {'failed' if one.wrong else 'passed'}  {one.case:{width}}  {one.said[:80]!r}"
        + "".join(f"\n          {problem}" for problem in one.wrong)
        for one in results
    )
