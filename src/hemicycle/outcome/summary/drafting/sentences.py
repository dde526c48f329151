"""Sentences of a statement, numbered from zero in reading order."""

import re
from dataclasses import dataclass
from itertools import pairwise

_ABBREVIATED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nos|Art|para|paras|cf|vs|etc|M|Mme|Sr|Sra|Dra|H\.E"
    r"|e\.g|i\.e)|(?:^|[\s.(])[A-ZА-Я])\.$"
)
_LONGEST_ABBREVIATION = 8
_END = re.compile(
    r"""(?<=[.!?…؟])(["'”’»)\]]*)\s+(?=["'“‘«(\[]?[^\W_a-zа-я])|(?<=[。！？])\s*(?=\S)"""
)
_OPENING = re.compile(
    r"^(?:(?:Mr|Madam|Ms|Mrs)\.? (?:President|Chair|Moderator|Chairperson)|Excellenc(?:y|ies)"
    r"|Distinguished [\w ]+|Ladies and gentlemen|(?:Dear )?Colleagues)[,;:]\s*",
    re.IGNORECASE,
)
_JOINING = re.compile(
    r"^(?:Therefore|Thus|Moreover|Furthermore|Finally|In addition|However|First|Second|Secondly"
    r"|Third|Thirdly|Firstly|Lastly|In conclusion|To conclude|Accordingly|Hence), ",
)
_COURTESY = re.compile(
    r"\bthank(?:s| you)?\b|\b(?:have|has) the honou?r\b|\bit is (?:an|my|our) (?:honou?r|pleasure)"
    r"|\bgrateful\b|\bfull text (?:has been|was) handed in\b"
    r"|\bI (?:speak|am speaking|deliver) \b|\bcongratulat"
    r"|\bmerci\b|\bremerci|\bgracias\b|\bagradec|شكرا|[أنو]شكر|谢谢|感谢|спасибо|\bблагодар"
    r"|\btexte (?:complet|intégral)|\btexto (?:completo|íntegro)|\bполный текст|النص الكامل|全文",
    re.IGNORECASE,
)
_SHORTEST, _LONGEST = 6, 60
_IDEOGRAPH = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """One sentence of a statement.

    `index` is its number in the statement, `core` its text without the opening address and
    connecting words, `heading` the heading above it.
    """

    statement: str
    index: int
    core: str
    heading: str = ""


def split(text: str) -> list[str]:
    """Split `text` into sentences; the end of a line always ends one."""
    found: list[str] = []
    for line in text.splitlines():
        found.extend(_joined_at_abbreviations(_pieces(line.strip())))
    return [sentence for sentence in found if sentence]


def _pieces(line: str) -> list[str]:
    # A closing quotation mark belongs to the sentence before it.
    ends = [match.end(1) if match[1] else match.start() for match in _END.finditer(line)]
    return [line[begin:end].strip() for begin, end in pairwise([0, *ends, len(line)])]


def _joined_at_abbreviations(pieces: list[str]) -> list[str]:
    whole: list[list[str]] = []
    for piece in pieces:
        if whole and _ABBREVIATED.search(whole[-1][-1][-_LONGEST_ABBREVIATION:]):
            whole[-1].append(piece)
        else:
            whole.append([piece])
    return [" ".join(sentence) for sentence in whole]


def citable_sentences(statement: str, text: str) -> list[SourceSentence]:
    """Return the sentences worth citing: not too short, too long or mere courtesy."""
    found, heading = [], ""
    headings = {line.strip() for line in text.splitlines() if _is_heading(line.strip())}
    for index, sentence in enumerate(split(text)):
        core = _core(sentence)
        if sentence in headings:
            heading = sentence
        elif _SHORTEST <= _length(core) <= _LONGEST and not _COURTESY.search(core):
            found.append(SourceSentence(statement, index, core, heading))
    return found


def quotable(text: str) -> list[tuple[str, ...]]:
    """Return for each sentence of a statement the forms in which it can be quoted.

    They are the whole sentence and its core, also with single spaces, as an editor may leave them.
    """
    return [
        tuple(dict.fromkeys((whole, _core(whole), *map(_single, (whole, _core(whole))))))
        for whole in split(text)
    ]


def _single(text: str) -> str:
    return " ".join(text.split())


def _is_heading(line: str) -> bool:
    """Whether a line looks like a heading: short, and without a full stop, or a question."""
    return bool(line) and (line[-1] in "?？؟:" or line[-1].isalnum()) and _length(line) <= _LONGEST


def _core(sentence: str) -> str:
    addressed = _OPENING.sub("", sentence)
    core = _JOINING.sub("", addressed)
    return core[:1].upper() + core[1:] if core != sentence else sentence


def _length(sentence: str) -> int:
    return len(sentence.split()) + len(_IDEOGRAPH.findall(sentence)) // 2
