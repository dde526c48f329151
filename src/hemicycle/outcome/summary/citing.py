"""Single statements in the reporting voice, for whoever cites one by hand."""

from uuid import UUID

from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import material
from hemicycle.outcome.summary.drafting import voice
from hemicycle.outcome.summary.drafting.sentences import Said, split, worth_citing
from hemicycle.outcome.summary.drafting.themes import alone


def citable(one: material.Weighed) -> list[Said]:
    """The sentences of a statement that say something, numbered as sources are."""
    return worth_citing(one.id, one.veiled)


def reported(hearing: Hearing, statement: UUID, sentence: int) -> str | None:
    """What a statement's sentence says, as the draft would report it; None where it has none."""
    weighed = [one for one in material.statements(hearing) if one.statement.id == statement]
    if not weighed or not weighed[0].may_be_weighed:
        return None
    one = weighed[0]
    said = next((each for each in citable(one) if each.index == sentence), None)
    if said is None:
        whole = split(one.veiled)
        if not 0 <= sentence < len(whole):
            return None
        said = Said(one.id, sentence, whole[sentence])
    return voice.report(alone(said), {one.id: material.drafted_from(one)}).text
