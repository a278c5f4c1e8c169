"""`python -m tests.pure.misbehaves FOLDER < wish`: a program that does what it should not."""

import json
import os
import signal
import sys
import time
from pathlib import Path

from conversations.attachments.limits import confine

wish = sys.stdin.read()
folder = Path(sys.argv[1])
reply = folder / "reply.json"
if wish == "sleep":
    time.sleep(60)
elif wish == "spin":
    confine(memory=2**30, seconds=1)
    while True:
        pass
elif wish == "doze":
    confine(memory=2**30, seconds=1)
    time.sleep(60)
elif wish == "crash":
    os.kill(os.getpid(), signal.SIGSEGV)
elif wish == "raise":
    raise ValueError("secret words of a person")
elif wish == "full disk":
    sys.exit(os.EX_IOERR)
elif wish == "nonsense":
    reply.write_text("[1, 2")
elif wish == "list":
    reply.write_text("[1, 2]")
elif wish == "look":
    reply.write_text(json.dumps(dict(os.environ)))
elif wish == "go back":
    os.lseek(sys.stdin.fileno(), 0, os.SEEK_SET)
    reply.write_text(json.dumps({"read": wish}))
elif wish == "count":
    now = time.monotonic()
    time.sleep(0.3)
    reply.write_text(json.dumps({"from": now, "to": time.monotonic()}))
