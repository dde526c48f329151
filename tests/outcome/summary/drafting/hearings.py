"""Invented hearings of any size, which are the same for the same seed."""

import random

from hemicycle.outcome.summary.drafting import (
    SourceIntervention,
    SourceMaterial,
    SourcePanel,
    SourceQuestion,
    SourceStatement,
)

PANELS = (SourcePanel("p1", "Enduring gaps"), SourcePanel("p2", "Emerging issues"))
QUESTIONS = (
    SourceQuestion(1, "What is the role of civil society in protecting and empowering victims?"),
    SourceQuestion(2, "How can responsibility be shared equitably between countries?"),
    SourceQuestion(3, "How can technology and online platforms be used against recruitment?"),
)
WHO = ["survivors", "children", "migrant workers", "women and girls", "domestic workers"]
POINTS = [
    "We call for a trust fund that pays for the legal aid and shelter of {who}.",
    "We recommend that civil society take part in protecting and empowering {who} everywhere.",
    "Responsibility for {who} must be shared equitably between rich and poor countries.",
    "Online platforms should be obliged to report the recruitment of {who} through technology.",
    "Our own work with {who} in twelve provinces shows how little the police are trained.",
    "We urge States to ratify the protocol and to publish figures on {who} every second year.",
    "Nobody who escapes should be prosecuted for what {who} were forced to do.",
    "Labour inspectors rarely reach the farms and ships where {who} are exploited.",
]
CATEGORIES = ["academia", "civil society", "Member States", "the private sector"]


def material(statements: int, seed: int = 1, per_statement: int = 12) -> SourceMaterial:
    chance = random.Random(seed)
    made = tuple(_statement(n, chance, per_statement) for n in range(statements))
    taken = tuple(
        SourceIntervention(
            100 + n, statement.panel, chance.choice(["States", "stakeholders"]), 170_000 + n
        )
        for n, statement in enumerate(made)
        if statement.delivered
    )
    return SourceMaterial(PANELS, QUESTIONS, made, taken)


def _statement(number: int, chance: random.Random, sentences: int) -> SourceStatement:
    said = [chance.choice(POINTS).format(who=chance.choice(WHO)) for _ in range(sentences)]
    delivered = chance.random() < 0.7
    return SourceStatement(
        id=f"s{number}",
        text="Mr. President, I thank you.\n\n" + " ".join(said),
        panel=chance.choice(PANELS).id,
        speaker=f"Organization {number}",
        category=chance.choice(CATEGORIES),
        language="en",
        delivered=delivered,
        not_reached=not delivered,
    )
