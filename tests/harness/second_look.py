"""`--second-look`: the files of tests that were red are run once more, in a process of their own. What is red
there too is red; what is green was red by chance, and is told by name (docs/decisions/0177).

For the machine that guards the main line: of thousands of tests one that is red once in a thousand runs would
refuse a day's work of somebody else.
"""

import os
import subprocess
import sys

import pytest
from _pytest.terminal import TerminalReporter

# More than these at once are no chance.
MOST = 3


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "run the files of up to three red tests again by themselves: red twice is red"
    parser.addoption("--second-look", action="store_true", help=told)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--second-look") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(SecondLook(), "second-look-taken")


class SecondLook:
    def __init__(self) -> None:
        self.red: list[str] = []
        self.by_chance = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and report.nodeid not in self.red:
            self.red.append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if exitstatus == pytest.ExitCode.TESTS_FAILED and 0 < len(self.red) <= MOST:
            files = {test.partition("::")[0] for test in self.red}
            self.by_chance = run_again(sorted(files))
            if self.by_chance:
                session.exitstatus = pytest.ExitCode.OK

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        if self.by_chance:
            terminalreporter.section("red by chance", yellow=True)
            for test in self.red:
                terminalreporter.line(f"{test}: green when its file was run again. Mend it.")


def run_again(files: list[str]) -> bool:
    """On the same Postgres, with databases of their own. Whether all was green."""
    print(f"\n\nA second look at {', '.join(files)} …", flush=True)
    ours = ("CHATSITE_TEST_RUN", "CHATSITE_DATA_DIR", "PYTEST_ADDOPTS")
    env = {name: value for name, value in os.environ.items() if name not in ours}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", *files]
    return subprocess.run(command, env=env, check=False).returncode == 0
