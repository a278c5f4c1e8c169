"""What the tests of pictures share."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from conversations.attachments.accept import decoder
from conversations.models import User
from tests.harness.pictures import png


def person(name: str, **more: Any) -> User:
    return User.objects.create(username=name, email=f"{name}@example.org", **more)


def upload(
    content: bytes, name: str = "picture.png", kind: str = "image/png"
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def fresh() -> bytes:
    """A picture that nobody has sent before."""
    return png(60, 40)


def watched_decoder(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folder of each run of the decoder from now on."""
    runs: list[Path] = []
    real = decoder.run

    def run(source: Any, folder: Path) -> dict[str, Any]:
        runs.append(folder)
        return real(source, folder)

    monkeypatch.setattr(decoder, "run", run)
    return runs
