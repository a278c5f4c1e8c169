"""Every way of destruction asks whether a legal hold keeps what it destroys, or says why it need not."""

import ast
import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2] / "conversations"

# How each `delete` in the code stands to a hold. What asks nobody destroys nothing that a hold keeps: counts,
# places in a line, links, names, opinions. Whoever adds one says here which it is.
ASKS = {
    "accounts.erase._conversations",  # these four: take_some
    "accounts.erase._files",
    "accounts.erase._shorten",
    "accounts.erase._take_the_last",
    "attachments.leaving._delete",
    "attachments.leaving.take_away",  # pictures that are nobody's
    "attachments.text_files.forget_unused",
    "chat.pictures.delete",
    "chat.pruning._destroy",
    "chat.redaction._forget_what_was_made_of",
    "chat.redaction._take_attachments",
    "management.seeding.people.remove",  # of who was made up
    "chat.organise.destroy",
    "runs.sent.forget_old",
    "runs.sweep.some_conversations",
}
KEEPS_NOTHING = {
    "accounts.erase._ask",  # imports
    "accounts.erase._claims",
    "accounts.invitations",
    "accounts.second_factor.take_away",
    "accounts.sessions",  # sessions, and the list of them
    "accounts.signals",
    "admin.people._only_this_email",
    "admin.rate_limits",
    "attachments.blocking",
    "attachments.smaller",  # a copy of what is gone
    "attachments.storage",  # files, whose rows went before: take_away asks
    "backup.tables",  # of a restore, which refuses a database with a hold
    "chat.everything",  # imports and folders; conversations are only marked
    "chat.feedback",
    "chat.folders",
    "chat.imports.writing._as_it_was_brought",  # links
    "chat.prompts",
    "chat.set_aside",  # links, and what search had noted
    "chat.sharing",
    "runs.answer_cache",
    "runs.lost.enter_noted",  # the note of a call, which is on the ledger by then
    "runs.finish",  # the journal of what is sealed now
    "runs.reaper",
    "runs.spending",
    "runs.summarising",
    "runs.sweep.some_sessions",  # that have run out, and the list of them
    "usage.budgets",
    "usage.counters",  # of rate limits
    "usage.line",
    "usage.overview",  # counters of budgets, which the ledger makes anew
    "usage.rollups",
    "web.pages.put_away",
}


FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef


def deletions() -> set[str]:
    """Each function in which something is deleted, but for doors, which are only named so; and each
    statement that does it, by its name."""
    found = set()
    for file in sorted(HOUSE.rglob("*.py")):
        module = ".".join(file.relative_to(HOUSE).with_suffix("").parts)
        if "migrations" in module:
            continue
        text = file.read_text()
        if not re.search("delete|DELETE FROM|TRUNCATE", text):
            continue  # taking it apart takes a hundred times as long
        tree = ast.parse(text)
        for function in (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)):
            if any(_destroys(node) for part in function.body for node in ast.walk(part)):
                found.add(f"{module}.{function.name}")
        for named in (node for node in tree.body if isinstance(node, ast.Assign)):
            if any(_destroys(node) for node in ast.walk(named.value)):
                found.add(f"{module}.{ast.unparse(named.targets[0])}")
    return found


def _destroys(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return bool(re.search(r"DELETE FROM|TRUNCATE", node.value))
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr in ("delete", "_raw_delete")


def test_every_way_of_destruction_is_on_the_list() -> None:
    found = deletions()
    unknown = {
        name
        for name in found - ASKS
        if name not in KEEPS_NOTHING and name.rpartition(".")[0] not in KEEPS_NOTHING
    }
    assert not unknown, "does it ask conversations/holds.py? Say so in ASKS or KEEPS_NOTHING"
    assert found >= ASKS, "they are gone"
    known = found | {name.rpartition(".")[0] for name in found}
    assert known >= KEEPS_NOTHING, "they are gone"
