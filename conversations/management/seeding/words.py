"""What made-up people say: sentences in two languages, as long as real questions and answers are."""

from random import Random

SUBJECTS = (
    "budget",
    "garden",
    "database",
    "poem",
    "invoice",
    "lesson",
    "recipe",
    "contract",
    "map",
    "engine",
)
QUESTIONS = {
    "en": (
        "How do I plan the {x} for next year?",
        "Explain the {x} to somebody who has never seen one.",
        "What is wrong with this {x}, and what would you change?",
        "Write a short letter about the {x}.",
        "Compare two ways to keep the {x} in order.",
    ),
    "de": (
        "Wie plane ich „{x}“ für das nächste Jahr?",
        "Erkläre „{x}“ jemandem, der davon noch nie gehört hat.",
        "Was stimmt mit „{x}“ nicht, und was würdest du ändern?",
        "Schreibe einen kurzen Brief über „{x}“.",
        "Vergleiche zwei Wege, „{x}“ in Ordnung zu halten.",
    ),
}
ANSWERS = {
    "en": (
        "Begin with what you know about the {x}, and write it down in one list.",
        "Most people look at the {x} too late, when little can be changed.",
        "There are three things to decide: who, until when, and at what cost.",
        "A table helps, because numbers that stand beside each other can be compared.",
        "If the {x} is large, split it, and finish one part before the next.",
        "Ask somebody else to read it: they see what you have become used to.",
    ),
    "de": (
        "Beginne mit dem, was du über „{x}“ weißt, und schreibe es in eine Liste.",
        "Die meisten sehen zu spät hin, wenn sich wenig ändern lässt.",
        "Drei Dinge sind zu entscheiden: wer, bis wann und zu welchem Preis.",
        "Eine Tabelle hilft, weil Zahlen nebeneinander vergleichbar sind.",
        "Ist es groß, so teile es, und beende einen Teil vor dem nächsten.",
        "Lass es jemanden lesen: Er sieht, woran du dich gewöhnt hast.",
    ),
}
FIRST = (
    "ada",
    "ben",
    "cleo",
    "dora",
    "emil",
    "frida",
    "gus",
    "hana",
    "ivo",
    "jule",
    "karl",
    "lena",
)
LAST = ("berg", "stone", "keller", "moor", "hill", "lang", "winter", "brook", "falk", "reed")
# Sentences in an answer: most are short, some are long.
MEDIAN_SENTENCES, SPREAD, MOST_SENTENCES = 6.0, 0.8, 80


def question(chance: Random, language: str, subject: str) -> str:
    return chance.choice(QUESTIONS[language]).format(x=subject)


def answer(chance: Random, language: str, subject: str) -> str:
    many = min(MOST_SENTENCES, 1 + int(chance.lognormvariate(0, SPREAD) * MEDIAN_SENTENCES))
    said = [sentence.format(x=subject) for sentence in chance.choices(ANSWERS[language], k=many)]
    return "\n\n".join(" ".join(said[at : at + 4]) for at in range(0, many, 4))
