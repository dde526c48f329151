"""Single statements in the reporting voice, for whoever cites one by hand."""

from uuid import UUID

from hemicycle.hearing.setup.models import Hearing
from hemicycle.outcome.summary import material
from hemicycle.outcome.summary.drafting import voice
from hemicycle.outcome.summary.drafting.sentences import Said, split, worth_citing
from hemicycle.outcome.summary.drafting.themes import alone


def citable(source: material.Weighed) -> list[Said]:
    """The sentences of a statement that say something, numbered as sources are."""
    return worth_citing(source.id, source.veiled)


def reported(hearing: Hearing, statement: UUID, sentence: int) -> str | None:
    """What a statement's sentence says, as the draft would report it; None where it has none."""
    weighed = [
        source for source in material.statements(hearing) if source.statement.id == statement
    ]
    if not weighed or not weighed[0].may_be_weighed:
        return None
    source = weighed[0]
    said = next((found for found in citable(source) if found.index == sentence), None)
    if said is None:
        whole = split(source.veiled)
        if not 0 <= sentence < len(whole):
            return None
        said = Said(source.id, sentence, whole[sentence])
    return voice.report(alone(said), {source.id: material.drafted_from(source)}).text
