"""What the site is told in the admin: providers, prices, budgets, people."""

from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connections
from django.db.models import Q
from django.utils import timezone

from chatsite.env import is_loopback
from conversations import site
from conversations.attachments import orphans
from conversations.doctor.finding import Finding, mind, ok, wrong
from conversations.errors import Refusal, spoken
from conversations.models import Circuit, Provider, User
from conversations.models.catalogue import ProviderKind
from conversations.provider import catalogue, fetch
from conversations.provider.fetch import Unreachable
from conversations.usage import overview

AT_ONCE = 8
# Of models whose calls cost nothing.
FREE = (ProviderKind.BUILTIN, ProviderKind.AUTO)
# More than that are counted no further: a look is no sweep.
MOST_FILES = 20_000


def models() -> Iterator[Finding]:
    usual = catalogue.usual_model()
    if usual is None:
        why = "Nobody can ask anything."
        do = "Enable a model and connect its provider in the admin, or set OPENAI_API_KEY."
        yield wrong("models", "No model is on offer.", why=why, do=do)
    elif usual.builtin:
        do = "Set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own."
        said = "The model that is built in answers."
        yield mind("models", said, why="It is for trying out, and often wrong.", do=do)
    else:
        count = len(catalogue.known().entries)
        yield ok("models", f"{count} models are on offer; conversations begin with {usual.id}.")
    yield from _without_helpers()


def _without_helpers() -> Iterator[Finding]:
    """A line for each that is missed, however many miss it."""
    missed: dict[str, list[str]] = defaultdict(list)
    for entry in catalogue.known().entries.values():
        for helper in catalogue.helpers_away(entry.model):
            missed[helper].append(entry.model.id)
    for helper, models in missed.items():
        said = f"{helper} is not on offer, and was chosen to help {', '.join(models[:20])}."
        why = "Titles and summaries then cost what the model itself costs, and nobody answers in its place."
        do = "Enable it and connect its provider, or choose another one in the admin, under Models."
        yield mind("models", said, why=why, do=do)


def providers() -> Iterator[Finding]:
    """Each is asked for its models, all at once, with the time-outs of provider/openai_api/offer.py."""
    rows = list(Provider.objects.filter(is_enabled=True).exclude(kind__in=FREE))
    used = {entry.model.provider for entry in catalogue.known().entries.values()}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        yield from threads.map(_in_a_thread, [row for row in rows if row.name in used])


def _in_a_thread(row: Provider) -> Finding:
    try:
        return _provider(row)
    finally:
        connections.close_all()


def _provider(row: Provider) -> Finding:
    name = f"provider {row.name}"
    do = "Look at its address and key in the admin, under Providers."
    why = "Its models cannot answer."
    try:
        answered = fetch.test(row)
    except Unreachable as trouble:
        return wrong(name, f"{row.name}: {trouble} {trouble.detail}".strip(), why=why, do=do)
    except Refusal as trouble:
        return wrong(name, f"{row.name}: {_said(trouble)}", why=why, do=do)
    return ok(
        name,
        f"{row.name} takes our key and names {answered.models} models.",
    )


def _said(trouble: Refusal) -> str:
    return spoken(str(trouble), trouble.names)


def left_alone() -> Iterator[Finding]:
    """By what the processes of the site have written down, whether or not it is asked now."""
    for row in Circuit.objects.exclude(key_refused_at=None, left_until=None).select_related(
        "provider"
    ):
        name = row.provider.name
        if row.key_refused_at:
            why = "Nobody gets an answer from its models."
            do = "Enter a key that it takes in the admin, under Providers."
            yield wrong("keys", f"{name} refuses this site's key.", why=why, do=do)
        elif row.left_until and row.left_until > timezone.now():
            why = "Its models are answered for by their fall-backs, or not at all."
            do = "The list of providers in the admin has what it said."
            yield mind("keys", f"{name} fails, and is left alone for a while.", why=why, do=do)


def prices() -> Iterator[Finding]:
    entries = catalogue.known().entries.values()
    kinds = {row.name: row.kind for row in Provider.objects.all()}
    costly = [entry.model for entry in entries if kinds.get(entry.model.provider) not in FREE]
    missing = sorted(model.id for model in costly if not model.builtin and model.prices is None)
    if missing:
        why = "Their calls cost nothing on the ledger, and budgets of money do not see them."
        do = "Enter prices in the admin, or run `manage.py update_models`; 0 where a model is free."
        yield mind("prices", f"Without a price: {', '.join(missing[:20])}.", why=why, do=do)
    else:
        yield ok("prices", "Every model that costs something has a price.")


def budgets() -> Iterator[Finding]:
    warned = overview.warned()
    for standing in warned:
        said = f"The budget “{standing.name}” is {round(standing.share * 100)} % used."
        why = "Whom it counts for gets no answer once it is full."
        yield mind("budgets", said, why=why, do="Raise it in the admin, or wait until it renews.")
    if not warned:
        yield ok("budgets", "No budget that is shared is near its end.")


def sign_up() -> Iterator[Finding]:
    is_local = is_loopback(settings.HOST) and is_loopback(
        urlsplit(settings.PUBLIC_URL).hostname or ""
    )
    how = site.now().signup
    if how == "open" and not is_local:
        why = "Whoever finds the address may make an account and ask your models at your cost."
        do = "Set sign-up to “who was invited” in the settings of the site, or be sure that limits hold."
        yield mind("sign-up", "Whoever reaches the site may sign up.", why=why, do=do)
    else:
        yield ok("sign-up", f"Sign-up is {how}.")


def staff() -> Iterator[Finding]:
    people = User.objects.filter(Q(is_staff=True) | Q(is_superuser=True), is_active=True)
    if not people.filter(is_superuser=True).exists():
        why = "Nobody can look after the site."
        do = "Start with `manage.py serve --prepare`, which prints a link for the first one."
        yield wrong("staff", "There is no active administrator.", why=why, do=do)
        return
    # Codes for a lost telephone are none by themselves (accounts/second_factor.py).
    factors = Authenticator.objects.filter(type=Authenticator.Type.TOTP)
    bare = sorted(people.exclude(pk__in=factors.values("user")).values_list("username", flat=True))
    if bare:
        why = "Who learns one password reads everybody's conversations."
        do = "Have them add one, and let the settings of the site require it of staff."
        said = f"Staff without a second factor: {', '.join(bare[:20])}."
        yield mind("second factor", said, why=why, do=do)
    else:
        yield ok("second factor", "Everybody of the staff has a second factor.")


def files() -> Iterator[Finding]:
    """How many would go with `sweep_files`, of the first so many."""
    looked = gone = 0
    before = timezone.now() - timedelta(days=2)
    for names in orphans.files():
        looked += len(names)
        gone += len(orphans.due(names, before))
        if looked >= MOST_FILES:
            break
    said = f"Of {looked} files of pictures {gone} belong to no row, and are from before yesterday."
    if gone:
        why = "The site takes them away once a day; if it does not, its processes are not running."
        yield mind("files", said, why=why, do="`manage.py sweep_files --dry-run` names them.")
    else:
        yield ok("files", said)
