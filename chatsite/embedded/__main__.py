"""`python -m chatsite.embedded`: what `make run` ends in."""

import sys

from chatsite.embedded.serve import main

sys.exit(main())
