"""Static files can be read by the account that serves them, whoever made them."""

import os
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages


def test_what_root_collects_everybody_reads(tmp_path: Path) -> None:
    how = settings.STORAGES["staticfiles"]
    options = {**how["OPTIONS"], "location": tmp_path}
    storage = storages.create_storage({**how, "OPTIONS": options})
    was = os.umask(0o077)
    try:
        storage.save("js/main.js", ContentFile(b"1"))
    finally:
        os.umask(was)
    assert (tmp_path / "js").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "js" / "main.js").stat().st_mode & 0o777 == 0o644
