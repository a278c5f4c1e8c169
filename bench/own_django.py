"""Django in this process, on the database that DATABASE_URL names."""

import atexit
import os
import secrets
import shutil
import tempfile


def set_up() -> None:
    """With a key and a data directory that are nobody's, where none are named."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "chatsite.settings"
    os.environ.setdefault("DJANGO_SECRET_KEY", secrets.token_hex(32))
    if "CHATSITE_DATA_DIR" not in os.environ:
        os.environ["CHATSITE_DATA_DIR"] = tempfile.mkdtemp(prefix="bench-")
        atexit.register(shutil.rmtree, os.environ["CHATSITE_DATA_DIR"], ignore_errors=True)
    import django

    django.setup()
