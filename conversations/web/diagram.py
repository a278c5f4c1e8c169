"""Where diagrams are drawn: a frame that cannot reach anything, whatever a diagram says.

Its policy takes its origin away, so it has no cookies, no storage and nobody's rights, and lets it
fetch nothing but the two scripts that it consists of. What it drew it hands to the page around it,
which shows that as a picture (static/js/views/diagram.js).
"""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

POLICY = {
    "sandbox": ["allow-scripts"],
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [UNSAFE_INLINE],  # what Mermaid draws is full of styles; here they reach nobody
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
}


@require_safe
@xframe_options_sameorigin
@csp(POLICY)
@cache_control(private=True, max_age=3600)
def diagram(request: HttpRequest) -> HttpResponse:
    """The same for everybody: a shared conversation is read by strangers, too."""
    return render(request, "diagram.html")
