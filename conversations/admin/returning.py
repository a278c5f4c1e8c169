"""Where somebody goes back to from a form: nobody is led to another site by an address that names one."""

from django.utils.http import url_has_allowed_host_and_scheme


def on_this_site(wanted: str, otherwise: str) -> str:
    ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours else otherwise
