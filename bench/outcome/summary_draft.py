"""The draft of a summary from 150 statements in six languages, as the editor makes it.

A hearing is rehearsed in virtual time in a new SQLite database, with the real extraction of
statements. Then its summary is drafted again without cached embeddings, so that the encoder is read
from disk, as for the first draft of a process.
"""

from time import perf_counter
from typing import Any

from bench.fixtures import fresh
from bench.sizes import size

FIGURES = ("s", "statements", "languages", "sentences")
REGISTRATIONS = size(470, 40)


def run() -> dict[str, Any]:
    """Return the seconds from the press of the button to the stored draft, and its size."""
    with fresh():
        from hemicycle.hearing.setup.models import Hearing
        from hemicycle.outcome.summary import actions, sources
        from hemicycle.outcome.summary.drafting import embeddings
        from hemicycle.outcome.summary.models import Sentence, Summary
        from hemicycle.record.writer import Actor
        from hemicycle.site.rehearsal import play, scenes

        play.through(scenes.read(), seed=1, registrations=REGISTRATIONS)
        hearing = Hearing.objects.get()
        Summary.objects.all().delete()
        embeddings.clear_cache()
        weighed = [
            source for source in sources.statements(hearing) if source.is_citable and source.text
        ]
        begun = perf_counter()
        actions.draft(hearing=hearing, actor=Actor.system("bench"))
        took = perf_counter() - begun
        return {
            "s": round(took, 2),
            "statements": len(weighed),
            "languages": len({source.language for source in weighed}),
            "sentences": Sentence.objects.count(),
        }
