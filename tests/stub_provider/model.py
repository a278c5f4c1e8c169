"""The provider as a test sees it: what will the model say?"""

from typing import Any

from tests.stub_provider.judge import Judge, Verdict
from tests.stub_provider.record import Request
from tests.stub_provider.script import Reply, Script, answers_html, fails, says
from tests.stub_provider.server import Stub
from tests.stub_provider.steps import Step


class Model:
    """Scripts of one test. Each method gives back a script whose `question` is to be asked.

    The question ends in a marker such as `[#1f3c…]`, by which the stub knows it again; so tests
    that share a server do not hear each other's answers.
    """

    def __init__(self, stub: Stub) -> None:
        self.stub = stub
        self.scripts: list[Script] = []
        self.judges: list[str] = []

    def will_say(
        self, *steps: Step | str | list[Step], asked: str = "Tell me.", **how: Any
    ) -> Script:
        return self.will_answer(says(*steps, **how), asked=asked)

    def will_fail(self, status: int, *, asked: str = "Tell me.", **error: Any) -> Script:
        return self.will_answer(fails(status, **error), asked=asked)

    def will_answer_html(self, status: int = 502, *, asked: str = "Tell me.") -> Script:
        return self.will_answer(answers_html(status), asked=asked)

    def will_answer(
        self, *replies: Reply, asked: str = "Tell me.", exactly: bool = False
    ) -> Script:
        """One reply a request, the last one for all further ones; `exactly`: no marker."""
        script = self.stub.add(Script(asked, replies, exactly))
        self.scripts.append(script)
        return script

    def will_judge(self, word: str, *verdicts: Verdict | Reply) -> Judge:
        """What its moderation endpoint says to all that has `word` in it, or is asked of a model of that
        name; the last verdict for all further ones."""
        judge = self.stub.judges[word] = Judge(verdicts)
        self.judges.append(word)
        return judge

    @property
    def requests(self) -> list[Request]:
        return sorted(
            (request for script in self.scripts for request in script.requests),
            key=lambda request: request.arrived_at,
        )

    def forget(self) -> None:
        """Let every answer that still waits run to its end, and take the scripts away."""
        for script in self.scripts:
            script.resume(1000)
            self.stub.scripts.pop(script.key, None)
        for word in self.judges:
            self.stub.judges.pop(word, None)
