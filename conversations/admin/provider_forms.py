"""The forms of a provider: where calls go, with which key, and how much of it may be asked."""

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.admin import catalogue_help
from conversations.admin.seen import AsSeen
from conversations.errors import Invalid, Words
from conversations.models import Provider
from conversations.models.catalogue import FAILURES, KeyFrom, ProviderKind
from conversations.provider import keys
from conversations.provider.endpoints import is_of_the_environment

ADDRESSES = ("http", "https")
# What httpx speaks by itself; for the others it wants a package that few sites have.
PROXIES = ("http", "https", *(("socks5", "socks5h") if find_spec("socksio") else ()))
BROKEN = re.compile(r"[\s\x00-\x1f\x7f\\]")

ADDRESS_NEEDED = _("An address is needed.")
ADDRESS_NOT_TAKEN = _("This kind has no address of its own.")
NOT_AN_ADDRESS = _("An address such as https://models.example.org/v1 is needed.")
ONLY_ITS_BEGINNING = _(
    "Only what stands before /chat/completions, without “?” and what follows it."
)
NO_PASSWORD = _("A key or a password has no place in an address: it has its own field.")
NAME_NEEDED = _("Say which.")
NOT_A_PROXY = _("An address such as http://proxy.example.org:3128 is needed.")
KEY_HELP = _("Left empty, the key that is stored stays. Nobody can read it here again.")

if TYPE_CHECKING:
    ProviderForm = AsSeen[Provider]
else:
    ProviderForm = AsSeen


class LimitsOfProvider(ProviderForm):
    """What anybody may change who may change providers at all."""

    class Meta:
        model = Provider
        fields = "__all__"
        help_texts = catalogue_help.PROVIDER

    def clean_failures_in_a_row(self) -> int:
        said: int | None = self.cleaned_data["failures_in_a_row"]
        return FAILURES if said is None else said


class ForProvider(LimitsOfProvider):
    key = forms.CharField(
        label=_("Key"),
        required=False,
        max_length=4_000,
        help_text=KEY_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def clean_base_url(self) -> str:
        """Names without a dot are good: `http://ollama:11434/v1` is another container."""
        address = _address(self.cleaned_data["base_url"], ADDRESSES, NOT_AN_ADDRESS)
        parts = urlsplit(address)
        if parts.username is not None or parts.password is not None:
            raise forms.ValidationError(NO_PASSWORD)
        if parts.query or parts.fragment or parts.path.rstrip("/").endswith("/completions"):
            raise forms.ValidationError(ONLY_ITS_BEGINNING)
        return address

    def clean_proxy(self) -> str:
        return _address(self.cleaned_data["proxy"], PROXIES, NOT_A_PROXY)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        kind, address = said.get("kind"), said.get("base_url")
        is_needed = kind in (ProviderKind.AZURE, ProviderKind.COMPATIBLE)
        if is_needed and not address and "base_url" not in self.errors:
            self.add_error("base_url", ADDRESS_NEEDED)
        if kind in (ProviderKind.BUILTIN, ProviderKind.AUTO) and address:
            self.add_error("base_url", ADDRESS_NOT_TAKEN)
        if not self.errors:
            self._check_key(said)
        return said

    def _check_key(self, said: dict[str, Any]) -> None:
        """A name that leads nowhere is told now, not with the first question. Who switches a provider off
        may do so because its key is lost."""
        source = str(said.get("key_from", ""))
        if source in (KeyFrom.ENVIRONMENT, KeyFrom.FILE) and not said.get("key_name"):
            return self.add_error("key_name", NAME_NEEDED)
        names = {field: str(said.get(field, "")) for field in ("name", "key_from", "key_name")}
        row = Provider(**names)
        row.key_stored = self.instance.key_stored
        try:
            if source == KeyFrom.STORED and said.get("key"):
                row.key_stored = keys.sealed(said["key"])
            if said.get("is_enabled") and not is_of_the_environment(row):
                keys.key_of(row)
        except Invalid as problem:
            self.add_error("key" if source == KeyFrom.STORED else "key_name", str(problem))
        self.instance.key_stored = row.key_stored if source == KeyFrom.STORED else ""
        return None


def _address(value: str, schemes: tuple[str, ...], sentence: Words) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        usable = usable and not BROKEN.search(value)
    except ValueError:
        usable = False
    if value and not usable:
        raise forms.ValidationError(sentence)
    return value
