"""Answers of about 100 kB, each the worst case of one shape, in tokens of four characters."""

CHARACTERS = 100_000
TOKEN = 4

PROSE = """### Part {n}

The **rim** is straight and only `two` spokes have lost their tension, as [a list](https://a.example/{n})
of all {n} shows. Turn each nipple a *quarter*, and look at the gap.

1. Begin at the valve
2. Go round once
   - and write down what moved

| Spoke | Turns |
|---|--:|
| left {n} | 0.25 |

```python
def tension(pitch):
    return {n} * pitch ** 2
```

"""
SHAPES = {
    "as models write": PROSE,
    "one paragraph": "the **rim** is straight and `spoke {n}` has lost its tension, *so* it is turned. ",
    "one list": "- spoke **{n}** is turned by a `quarter`, then looked at again\n",
    "one table": "| spoke {n} | **0.25** | `left` | looked at again |\n",
    "one block of code": "    spokes[{n}] = tension(pitch={n}, length=0.29)  # a quarter\n",
}
OPENINGS = {
    "one table": "| Spoke | Turns | Side | Then |\n|---|--:|---|---|\n",
    "one block of code": "```python\n",
}


def answer(shape: str) -> str:
    text = OPENINGS.get(shape, "")
    number = 0
    parts = [text]
    length = len(text)
    while length < CHARACTERS:
        number += 1
        parts.append(SHAPES[shape].replace("{n}", str(number)))
        length += len(parts[-1])
    return "".join(parts)[:CHARACTERS]


def tokens(text: str) -> list[str]:
    return [text[at : at + TOKEN] for at in range(0, len(text), TOKEN)]
