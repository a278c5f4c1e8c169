"""Is the web process of this container ready? For a HEALTHCHECK: ends with 0 or 1, needs no other program.

`/readyz` is for who decides where requests go. A container whose Postgres is away is not ready, but
starting it anew would mend nothing: Docker only shows the state.
"""

import os
import sys
from http.client import HTTPConnection

port = int(os.environ.get("CHATSITE_PORT") or 8000)
try:
    line = HTTPConnection("127.0.0.1", port, timeout=4)
    line.request("GET", "/readyz")
    sys.exit(line.getresponse().status != 200)
except OSError:
    sys.exit(1)
