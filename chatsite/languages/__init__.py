"""The languages of the site beside English, in which it is written.

`locale/<language>/LC_MESSAGES/*.po` is what translators write. `make words` gathers into them what
the code says (`gather.py`, for developers); `make assets` makes of them what gettext reads
(`compile.py`, which needs nothing but Python).
"""
