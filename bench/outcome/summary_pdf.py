"""The PDF of a summary of 30 pages: tagged (PDF/UA-1), with a cover letter, a table and sources.

The paper has enough paragraphs, table rows and sources for 30 pages. `s` is the median of five runs
in one process; the first of them, which reads the fonts, is also reported separately.
"""

from io import BytesIO
from statistics import median
from time import perf_counter
from typing import Any

from pypdf import PdfReader

from bench.sizes import size
from hemicycle.documents import writing as paper

FIGURES = ("s", "first_s", "pages", "kb", "standard")
PAGES = size(30, 6)
TIMES = size(5, 1)
_WORDS = (
    "Twelve participants from civil society and academia, among them the Open Threshold Network, "
    "made much the same point. One called for comparable figures, published every year by one "
    "independent office in each country, so that progress can be told from a better year."
)


def run() -> dict[str, Any]:
    """Return the seconds for the PDF (median and first run), and the length of the paper."""
    made = _sized()
    took = []
    for _ in range(TIMES):
        begun = perf_counter()
        pdf = paper.to_pdf(made)
        took.append(perf_counter() - begun)
    pages = len(PdfReader(BytesIO(pdf.content)).pages)
    return {
        "s": round(median(took), 2),
        "first_s": round(took[0], 2),
        "pages": pages,
        "kb": len(pdf.content) // 1024,
        "standard": pdf.standard,
    }


def _sized() -> paper.Paper:
    """Return a paper of 30 pages or a few more."""
    count = 2 * PAGES
    while True:
        made = _paper(count)
        if len(PdfReader(BytesIO(paper.to_pdf(made).content)).pages) >= PAGES:
            return made
        count += 20


def _paper(count: int) -> paper.Paper:
    blocks: list[paper.Block] = []
    for number in range(1, count + 1):
        if number % 10 == 1:
            blocks.append(paper.Heading(1, f"Guiding question {number // 10 + 1}"))
        run = paper.Run(_WORDS, sources=(number,))
        blocks.append(paper.Paragraph((run,), number=number))
    rows = tuple(
        (f"{n}.", (paper.Run(_WORDS, sources=(n,)),), "States", "12") for n in range(1, count)
    )
    blocks.append(paper.Table(("", "Recommendation", "Addressed to", "By"), rows, (1, 13, 5, 3)))
    notes = tuple(
        paper.SourceNote(n, f"Participant {n}, statement delivered.") for n in range(1, count + 1)
    )
    blocks.append(paper.SourceNotes(notes))
    letter = paper.CoverLetter(
        "The convener", "13 July 2021", ("Excellency,", _WORDS), "The convener"
    )
    return paper.Paper("Summary of a hearing", blocks=tuple(blocks), letter=letter)
