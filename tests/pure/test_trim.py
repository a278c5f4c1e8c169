"""What is taken out of the installed packages, and what stays."""

from pathlib import Path

import pytest

from chatsite.embedded import trim

STAYS = [
    "ninja/static/ninja/swagger-ui-bundle.js",
    "ninja/static/ninja/swagger-ui.css.map",  # its sheet names it, and collectstatic looks for it
    "django/test/client.py",
    "django/conf/locale/de/LC_MESSAGES/django.mo",
    "some/app.js.map",
    "autobahn/_flatc/__init__.py",
    "openai/types/chat/chat_completion.py",
    "allauth/socialaccount/providers/base/provider.py",
    "allauth/socialaccount/providers/__init__.py",
    "PIL/_avif.cpython-311-x86_64-linux-gnu.so",
    "pillow.libs/libavif-c6062d5f.so.16.4.2",
    "twisted/web/http.py",
    "django/contrib/admin/sites.py",
    "cbor2/__init__.py",
    "fido2/server.py",
]
GOES = [
    "ninja/static/ninja/redoc.standalone.js",
    "ninja/static/ninja/redoc.standalone.js.map",
    "ninja/static/ninja/swagger-ui-bundle.js.map",
    "twisted/test/test_web.py",
    "django/conf/locale/fr/LC_MESSAGES/django.mo",
    "lib/libz.a",
    "autobahn/_flatc/bin/flatc",
    "openai/types/beta/assistant.py",
    "openai/resources/admin/admin.py",
    "openai/types/realtime/realtime_session.py",
    "allauth/socialaccount/providers/github/views.py",
    "twisted/conch/ssh/keys.py",
    "twisted/trial/runner.py",
    "django/contrib/gis/gdal/libgdal.py",
    "allauth/headless/apps.py",
    "fido2/hid/linux.py",
    "msgpack/_cmsgpack.cpython-311-x86_64-linux-gnu.so",
]


def test_what_no_site_reads_goes_and_the_rest_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [*STAYS, *GOES]:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    monkeypatch.setattr("sysconfig.get_path", lambda _name: str(tmp_path))
    trim.main()
    trim.main()  # once more, when there is nothing to take
    assert {name for name in [*STAYS, *GOES] if (tmp_path / name).exists()} == set(STAYS)
