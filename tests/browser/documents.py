"""Markdown to read: what the installed packages say of themselves, hard cases, and made up ones."""

import random
import sysconfig
from collections.abc import Iterator
from pathlib import Path

HARD = [
    "a **b *c* d** e _f_ ~~g~~ `h``i` ``j ` k`` <br> H<sub>2</sub>O <b>x</b> &copy; &#65; \\* \\\n l  \nm",
    "Text\n-\n- a\n-\n- b\n\n  c\n1. d\n3. e\n\n7) f\n* * *\n- - x\n  - y\n      code",
    "> a\nlazy\n> - b\nlazy\n>\n> c\n\n> ```\n> d\n\n```\ne",
    "| a | b |\n|---|:-:|\n| `c\\|d` | **e** |\n| f\n| | g | h |\nnot a | table\n\nx\n| y |\n|---|\n| z |",
    "[a] [b][c] [d](e) ![f](https://g.example) [^1] [^2] [h]: no\n\n[a]: https://a.example 'A'\n"
    "[c]:\nhttps://c.example\n[^1]: one\n    two\n\n    - three\n[^2]: four\n\n[^1] [A]",
    "$a$ $5 and $6 \\(b\\) $$c$$ \\[d\\]"
    "\n\\[\ne\n\\]\n$$ f $$\n$$\ng\n$$ h\n$$\ni\n\nj\n- $$\n  k\n  $$\n- \\[l",
    "<div>\n*a*\n\n*b*\n<!-- c\n\nd --> e\n<pre>\n\nf</pre>\n<x-y z='1'>\n<x\ny>\nt <x>",
    "Title\n===\na\nb\n---\n# c #\n#d\n####### e\n## \n#\n   # f\n    # g",
    "```py\na\n```\n~~~\nb\n```\n~~~~\n````\nc\n```\n````\n```x`\nd\n```\n\t```\n  ```\n  e\n f\n```",
    "\ta\n\n\n\tb\n  \n- \tc\n\n\td\n>\te\n1.\tf\n\t- g\n",
    "- [ ] a\n- [x] b\n  - [X] c\n- [ ]\n- [y] d\n1. [ ] e",
    "a\r\nb\r\n\r\n- c\r\n\r\n- d\r\n```\r\ne\r\n```",
    "https://a.example/b_c_d www.e.example f@g.example <https://h.example> <i@j.example> http://k",
    "# \U0001f600 ״עברית״ \u202e x y \ufeff z\n\u2028- a\u00a0b\n\u00a0\nc",
    "***a** b* **c*d** _e_f_ __g__ *h\n\n* i* ** j ** `\nk` [l\nm](https://n.example)",
    "word " * 1700 + "**" + "bold " * 30 + "** [" + "x" * 5000 + "\n" + "more " * 900,
]
PIECES = [
    *"*_~`[]()<>#-+|$\\!:&^\n\n\n   \t1.xyz",
    *[
        "**",
        "```",
        "\n\n",
        "\n- ",
        "\n  - ",
        "\n1. ",
        "\n> ",
        "\n| a | b |\n|--|--|\n| ",
        "\n\n    ",
        "[^1]",
    ],
    *[
        "\n[^1]: ",
        "](https://a.example)",
        "\n[x]: /y\n",
        "$$",
        "\\[",
        "\\]",
        "\n---\n",
        "\n===\n",
        "<sub>",
    ],
    *["<div>", "</sub>", "word ", "two words ", "- [ ] ", "\n```js\n", "\n# "],
]


def installed() -> Iterator[str]:
    """The descriptions of the packages that are installed here, and what Markdown they carry."""
    for file in sorted(_files(Path(sysconfig.get_path("purelib")))):
        text = file.read_text(encoding="utf-8", errors="replace")
        if file.name == "METADATA":
            text = text.partition("\n\n")[2]
        if text.strip():
            yield text


def _files(packages: Path) -> Iterator[Path]:
    yield from packages.glob("*.dist-info/METADATA")
    yield from packages.rglob("*.md")


def made_up(seed: int) -> str:
    chance = random.Random(seed)
    return "".join(chance.choices(PIECES, k=chance.randrange(10, 90)))
