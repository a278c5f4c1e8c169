"""The tests' own ground, where nothing else would show that it has given way."""

import gc


def test_garbage_is_collected_and_what_was_imported_is_not_looked_at() -> None:
    assert gc.isenabled() and gc.get_freeze_count() > 10_000
