"""The files in `deploy/` and `compose.yaml` speak of this site: its variables, its doors, its times."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chatsite.env import Env, WrongVariable, with_files

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'env\.\w+\(\s*"([A-Z_]+)"')
SITE = ("migrate", "web-1", "web-2", "worker-1", "worker-2")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return read


@pytest.fixture(scope="module")
def known() -> set[str]:
    return set(READ.findall((ROOT / "chatsite" / "settings.py").read_text()))


def test_every_variable_of_the_containers_is_read(compose: dict[str, Any], known: set[str]) -> None:
    for name in SITE:
        named = set(compose["services"][name]["environment"])
        assert {variable.removesuffix("_FILE") for variable in named} <= known


def test_every_secret_is_declared_and_made(compose: dict[str, Any]) -> None:
    script = (ROOT / "deploy" / "secrets.sh").read_text()
    named = {one for service in compose["services"].values() for one in service.get("secrets", [])}
    assert named == set(compose["secrets"])
    assert all(f"secrets/{one}" in script or f"once {one}" in script for one in named)
    for service in SITE:
        files = compose["services"][service]["environment"]
        paths = {path for name, path in files.items() if name.endswith("_FILE")}
        assert paths == {f"/run/secrets/{one}" for one in compose["services"][service]["secrets"]}


def test_nothing_of_the_site_runs_as_root_or_writes_elsewhere(compose: dict[str, Any]) -> None:
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text()
    for name in (*SITE, "nginx"):
        service = compose["services"][name]
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert compose["networks"]["inside"] == {"internal": True}
    assert "inside" not in compose["services"]["nginx"]["networks"]


def test_the_proxy_waits_longer_than_the_site_and_names_its_parts(compose: dict[str, Any]) -> None:
    conf = (ROOT / "deploy" / "nginx" / "chat.conf").read_text()
    settings = (ROOT / "chatsite" / "settings.py").read_text()
    longest = sum(
        int(re.findall(rf'"CHATSITE_{name}_SECONDS", (\d+)', settings)[0])
        for name in ("ANSWER", "QUEUE")
    )
    waits = int(re.findall(r"\n    proxy_read_timeout (\d+)s", conf)[0])
    assert waits > longest
    assert re.findall(r"server (web-\d):8000", conf) == ["web-1", "web-2"]
    accel = compose["services"]["web-1"]["environment"]["CHATSITE_ACCEL"]
    assert f"location {accel} {{\n        internal;" in conf
    assert "data:/srv/chat/var:ro" in compose["services"]["nginx"]["volumes"]


def test_the_proxy_keeps_nothing_but_static_files() -> None:
    """nginx undoes `%2f..%2f` before it looks for a location, and passes the address on as it came."""
    conf = (ROOT / "deploy" / "nginx" / "chat.conf").read_text()
    [kept] = re.findall(r"location (\S+) \{([^{}]*(?:\{[^{}]*\}[^{}]*)*proxy_cache [^{}]*)\}", conf)
    assert kept[0] == "/static/"
    assert "if ($request_uri !~ ^/static/) {\n            return 404;" in kept[1]


@pytest.mark.parametrize("name", ["compose.yaml", "chat@.service", "chat-worker@.service"])
def test_whoever_ends_it_waits_longer_than_it_drains(name: str) -> None:
    if name == "compose.yaml":
        text = (ROOT / name).read_text()
        drain = int(re.findall(r'DRAIN_SECONDS: "(\d+)"', text)[0])
        patience = int(re.findall(r"stop_grace_period: (\d+)s", text)[0])
    else:
        text = (ROOT / "deploy" / "systemd" / name).read_text()
        drain = Env({}).whole("CHATSITE_DRAIN_SECONDS", 20)
        patience = int(re.findall(r"TimeoutStopSec=(\d+)", text)[0])
    assert patience > drain


def test_a_value_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://a/b\n")
    told = with_files({"DATABASE_URL_FILE": str(file), "OTHER_API_KEY_FILE": str(file)})
    assert Env(told).text("DATABASE_URL") == told["OTHER_API_KEY"] == "postgresql://a/b"
    both = with_files({"DATABASE_URL_FILE": str(file), "DATABASE_URL": "mine"})
    assert both["DATABASE_URL"] == "mine"
    assert "SSL_CERT" not in with_files({"SSL_CERT_FILE": str(file)})
    with pytest.raises(WrongVariable, match="cannot be read"):
        with_files({"DJANGO_SECRET_KEY_FILE": str(tmp_path / "nothing")})
