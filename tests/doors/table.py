"""Who gets what at which door. One line a door; a door without its line fails `test_doors.py`.

Cells: a status, several with `|`; `login` is a redirect to the sign-in page; `away` any other
redirect. Methods that a route does not list must be refused (405) by it, for everybody.
"""

PEOPLE = ("owner", "other", "stranger", "deactivated", "reviewer", "superuser")

# route · method ·                               owner    other    stranger deactivated reviewer superuser
DOORS = """
/                                       GET      200      200      login    login    200      200
"""

# type                          owner       other       stranger deactivated reviewer  superuser
FRAMES = """
conversation.open               ack         not_found   4401     4401     not_found  not_found
conversation.close              ack         ack|not_found 4401   4401     ack|not_found ack|not_found
message.send                    ack         not_found   4401     4401     not_found  not_found
run.stop                        ack         not_found   4401     4401     not_found  not_found
ping                            pong        pong        4401     4401     pong       pong
"""

# Pages of Django admin, by the last word of their name.
#                reviewer  superuser; everybody else is sent to sign in
ADMIN = """
index            200       200
"""

# Pages of the admin that others may see too.
ADMIN_OUTSIDERS: dict[str, str] = {"login": "200|away"}

# Parameters whose value is not something that the owner owns.
EXAMPLES: dict[str, str] = {}

# Routes written as regular expressions, with their parameters in angle brackets.
WRITTEN_OUT: dict[str, str] = {}
