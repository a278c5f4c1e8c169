"""Text from the environment and `.env`, turned into values; a wrong one stops the boot with a sentence."""

import json
import os
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}
PORTS = {"http": 80, "https": 443}
# Whose values may lie in a file that `NAME_FILE` names. Others of such names are not ours (SSL_CERT_FILE).
IN_A_FILE = re.compile(r"((?:DJANGO|CHATSITE)_\w+|DATABASE_URL|REDIS_URL|\w+_API_KEY)_FILE")
LOOPBACK_NAMES = {"localhost", "127.0.0.1", "[::1]", "::1"}


class WrongVariable(SystemExit):
    """A variable that cannot be used. As a SystemExit it ends any command with its sentence."""

    def __init__(self, name: str, value: str, wanted: str) -> None:
        shown = "…" if "@" in value else value  # what stands before it may be a password
        super().__init__(f"{name}={shown!r} cannot be used: {wanted}.")


def read_env_file(path: Path) -> dict[str, str]:
    """`NAME=value` lines; blank lines, `#` comments, `export` and matching quotes are allowed."""
    values: dict[str, str] = {}
    if not path.is_file():
        return values
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is no UTF-8"
        raise SystemExit(f"{path} cannot be read: {why}.") from None
    for line in text.splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or name.startswith("#"):
            continue
        values[name.strip()] = _unquoted(value.strip())
    return values


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
        return value[1:-1]
    return value.split(" #", 1)[0].rstrip()


def with_files(values: Mapping[str, str]) -> dict[str, str]:
    """What `NAME_FILE` says becomes NAME, as Docker and systemd hand secrets over; NAME itself wins."""
    read = {}
    for variable, path in values.items():
        found = IN_A_FILE.fullmatch(variable)
        if found and path.strip() and not values.get(found[1], "").strip():
            read[found[1]] = _content(variable, path.strip())
    return {**values, **read}


def _content(variable: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is no text"
        raise WrongVariable(variable, path, f"the file cannot be read ({why})") from None


class Env:
    """The variables of PROTOCOL.md; an empty one counts as unset, the environment wins over `.env`."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = {name: value for name, value in values.items() if value.strip()}

    @classmethod
    def beside(cls, folder: Path) -> "Env":
        return cls(with_files({**read_env_file(folder / ".env"), **os.environ}))

    def text(self, name: str, default: str = "") -> str:
        return self.values.get(name, default).strip()

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if value in TRUE or value in FALSE:
            return value in TRUE
        if value:
            raise WrongVariable(name, value, "say true or false")
        return default

    def whole(self, name: str, default: int, *, least: int = 0, most: int = 2**31) -> int:
        value = self.text(name)
        if not value:
            return default
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise WrongVariable(name, value, f"a whole number from {least} to {most} is needed")
        return int(value)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in choices:
            raise WrongVariable(name, value, "it is one of " + ", ".join(choices))
        return value

    def folder(self, name: str) -> str:
        """The beginning of an address, such as `/stored/`; empty if it is not set."""
        value = self.text(name)
        if value and (not re.fullmatch(r"/[\w./-]+", value, re.ASCII) or ".." in value):
            raise WrongVariable(name, value, "a path such as /stored/ is needed")
        return value.rstrip("/") + "/" if value else ""

    def bucket(self, name: str) -> dict[str, str]:
        """`s3://bucket/folder?endpoint=https://…&region=…`, in the words of django-storages."""
        parts = self.address(name, "s3")
        if parts is None:
            return {}
        given = dict(parse_qsl(parts.query, keep_blank_values=True))
        known = {"endpoint": "endpoint_url", "region": "region_name"}
        if not given.keys() <= known.keys() or parts.username or parts.port:
            raise WrongVariable(
                name, "s3://…", "its form is s3://bucket/folder?endpoint=…&region=…"
            )
        if "endpoint" in given:
            _address(name, given["endpoint"], ("http", "https"))
        named = {known[word]: value for word, value in given.items()}
        return {"bucket_name": parts.netloc, "location": parts.path.strip("/"), **named}

    def words(self, name: str) -> list[str]:
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def object(self, name: str) -> dict[str, Any]:
        """`{"a": 1}`, as JSON writes it."""
        value = self.text(name)
        try:
            found = json.loads(value or "{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise WrongVariable(
                name, value, 'an object in JSON such as {"temperature": 0.5} is needed'
            )
        return found

    def fernet_keys(self, name: str) -> list[str]:
        """Newest first, each 32 bytes in URL-safe base64 (https://github.com/fernet/spec)."""
        for word in self.words(name):
            if not _is_fernet_key(word):
                raise WrongVariable(name, "…", "32 random bytes in URL-safe base64 are needed")
        return self.words(name)

    def address(self, name: str, *schemes: str) -> SplitResult | None:
        """Where something else is; None when unset."""
        value = self.text(name)
        return _address(name, value, schemes) if value else None

    def origin(self, name: str) -> SplitResult | None:
        """An address `http(s)://host[:port]` with nothing behind it, written as browsers write it."""
        value = self.text(name)
        return origin_of(name, value) if value else None

    def origins(self, name: str) -> list[str]:
        return [origin_of(name, word).geturl() for word in self.words(name)]

    def hosts(self, name: str) -> list[str]:
        """`host` or `host:port`, in lower case."""
        for word in self.words(name):
            parts = _address(name, f"//{word}", ("",))
            if word.lower() != parts.netloc.lower() or "@" in word or "*" in word:
                raise WrongVariable(
                    name, word, "hosts such as pictures.example.org:8080 are needed"
                )
        return [word.lower() for word in self.words(name)]

    def networks(self, name: str) -> list[str]:
        for word in self.words(name):
            try:
                ip_network(word, strict=False)
            except ValueError:
                raise WrongVariable(name, word, "addresses or networks are needed") from None
        return self.words(name)


def _is_fernet_key(word: str) -> bool:
    try:
        return len(urlsafe_b64decode(word)) == 32
    except ValueError:
        return False


def origin_of(name: str, value: str) -> SplitResult:
    """`HTTPS://Chat.Example.org:443/` is `https://chat.example.org`: `Origin` headers say it so."""
    parts = _address(name, value, tuple(PORTS))
    if parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment:
        raise WrongVariable(name, value, "an address such as https://chat.example.org is needed")
    port = "" if parts.port in (None, PORTS[parts.scheme]) else f":{parts.port}"
    return SplitResult(parts.scheme, in_brackets(parts.hostname or "") + port, "", "", "")


def _address(name: str, value: str, schemes: tuple[str, ...]) -> SplitResult:
    try:
        parts = urlsplit(value)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise WrongVariable(name, value, "its host or port cannot be read") from None
    if parts.scheme not in schemes or not usable or " " in value:
        wanted = " or ".join(f"{scheme}://" for scheme in schemes)
        raise WrongVariable(name, value, f"{wanted} and a host are needed")
    return parts


def in_brackets(host: str) -> str:
    """A host as it stands in an address: an IPv6 one would else run into the port."""
    return f"[{host}]" if ":" in host else host


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone."""
    if host in LOOPBACK_NAMES or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
