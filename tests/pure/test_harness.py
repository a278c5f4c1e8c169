"""The tests' own ground, where nothing else would show that it has given way."""

import gc
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from tests.harness import warm
from tests.harness.plugin import RARELY, ROOT
from tests.harness.ports import PARTS, free_port, part
from tests.harness.server import manage

# Red the first time, and green from then on; or red for ever.
BY_CHANCE = """
from pathlib import Path

def test_chance():
    there = Path("there").exists()
    Path("there").touch()
    assert there

def test_other():
    assert {other}
"""

# Begins processes that end at once, with as many as they were given to do.
PARENT = """
import socket, sys
from tests.harness.warm import Parent
order = Parent(socket.socket(fileno=int(sys.argv[1]))).next_child()
sys.exit(len(order.arguments) if order else 0)
"""


def test_garbage_is_collected_and_what_was_imported_is_not_looked_at() -> None:
    assert gc.isenabled() and gc.get_freeze_count() > 10_000
    assert gc.get_threshold() == RARELY


def test_ports_of_servers_are_given_to_nobody_else_meanwhile() -> None:
    parts = [port for number in range(PARTS) for port in part(number)]
    assert len(parts) == len({*parts}) and {free_port() for _ in range(20)} <= {*parts}
    assert len({free_port() for _ in range(200)}) == 200
    assert max(parts) < 32_768, "from there on the system gives them to anybody"


def test_another_run_on_this_machine_gives_other_ports() -> None:
    mine = {free_port() for _ in range(20)}
    asked = "from tests.harness.ports import free_port; print(*(free_port() for _ in range(600)))"
    others = subprocess.check_output([sys.executable, "-c", asked], cwd=ROOT, text=True)
    assert mine.isdisjoint(map(int, others.split()))


@pytest.mark.skipif(not warm.IS_POSSIBLE, reason="Linux")
def test_processes_under_test_take_nobody_for_dead_who_has_no_turn_for_a_while() -> None:
    asked = "from conversations.runs import reaper; print(reaper.DEAD_SECONDS)"
    usual = manage("shell", "-v0", "-c", asked)
    asked_for = manage("shell", "-v0", "-c", asked, env={warm.DEAD_SECONDS: "4.0"})
    assert (float(usual), float(asked_for)) == (warm.PATIENT_SECONDS, 4.0)


@pytest.mark.skipif(not warm.IS_POSSIBLE, reason="Linux")
def test_who_starts_processes_outlives_whoever_gave_up_waiting_for_one() -> None:
    """It would leave the servers of its worker to nobody, and begin no other."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    gone, report = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    command = [sys.executable, "-c", PARENT, str(theirs.fileno())]
    with subprocess.Popen(command, cwd=ROOT, pass_fds=[theirs.fileno()]) as parent:
        with ours, theirs, gone, report, TemporaryFile() as log:
            order = json.dumps({"arguments": [], "env": {}, "first": ""}).encode()
            gone.close()
            theirs.close()
            socket.send_fds(ours, [order], [report.fileno(), log.fileno()])
            starter = warm.Starter(ours)
            assert starter.start("one", "two", env={}, log=log).wait(60) == 2
        assert parent.wait(60) == 0


@pytest.mark.parametrize(("other", "code"), [(True, 0), (False, 1)])
def test_what_was_red_by_chance_is_told_and_refuses_nobody(
    tmp_path: Path, other: bool, code: int
) -> None:
    (tmp_path / "test_it.py").write_text(BY_CHANCE.format(other=other))
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    options = ["-p", "tests.harness.second_look", "-p", "no:randomly", "--second-look"]
    command = [sys.executable, "-m", "pytest", *options, "test_it.py"]
    found = subprocess.run(command, cwd=tmp_path, env=env, text=True, capture_output=True)
    assert found.returncode == code, found.stdout
    assert ("test_it.py::test_chance: green when" in found.stdout) is other
