"""The languages of the meeting: spoken or interpreted, not those of the form or the documents."""

import re

from hemicycle.convening.note import ConceptNote, Finding

_TAGS = {
    "arabic": "ar", "chinese": "zh", "mandarin": "zh", "english": "en", "french": "fr",
    "russian": "ru", "spanish": "es", "portuguese": "pt", "german": "de", "italian": "it",
    "dutch": "nl", "swahili": "sw", "kiswahili": "sw", "polish": "pl", "welsh": "cy",
    "irish": "ga", "japanese": "ja", "korean": "ko", "hindi": "hi", "bengali": "bn", "urdu": "ur",
    "turkish": "tr", "greek": "el", "ukrainian": "uk", "romanian": "ro", "vietnamese": "vi",
    "somali": "so", "amharic": "am", "hausa": "ha", "tagalog": "tl", "filipino": "fil",
    "maori": "mi", "māori": "mi", "te reo māori": "mi", "te reo": "mi", "catalan": "ca",
    "basque": "eu", "galician": "gl", "swedish": "sv", "finnish": "fi", "danish": "da",
    "norwegian": "no", "czech": "cs", "hungarian": "hu", "persian": "fa", "farsi": "fa",
    "hebrew": "he", "thai": "th", "indonesian": "id", "malay": "ms", "tamil": "ta", "zulu": "zu",
    "xhosa": "xh", "afrikaans": "af", "inuktitut": "iu", "haitian creole": "ht",
    "cantonese": "yue", "scottish gaelic": "gd", "serbian": "sr", "croatian": "hr",
    "bulgarian": "bg", "quechua": "qu", "guarani": "gn", "luxembourgish": "lb", "estonian": "et",
    "latvian": "lv", "lithuanian": "lt", "slovak": "sk", "slovenian": "sl", "slovene": "sl",
    "maltese": "mt", "icelandic": "is", "georgian": "ka", "armenian": "hy", "azerbaijani": "az",
    "kazakh": "kk", "uzbek": "uz", "mongolian": "mn", "nepali": "ne", "sinhala": "si",
    "khmer": "km", "lao": "lo", "burmese": "my", "pashto": "ps", "dari": "prs", "kurdish": "ku",
    "albanian": "sq", "macedonian": "mk", "bosnian": "bs", "belarusian": "be", "yoruba": "yo",
    "igbo": "ig", "kinyarwanda": "rw", "wolof": "wo", "samoan": "sm", "tongan": "to",
    "fijian": "fj", "tok pisin": "tpi", "aymara": "ay", "international sign": "ils",
    "american sign language": "ase", "british sign language": "bfi", "anglais": "en",
    "français": "fr", "espagnol": "es", "arabe": "ar", "chinois": "zh", "russe": "ru",
    "portugais": "pt", "allemand": "de", "inglés": "en", "francés": "fr", "español": "es",
    "árabe": "ar", "chino": "zh", "ruso": "ru", "portugués": "pt",
}  # fmt: skip
_NAMES = re.compile(
    rf"\b(?:{'|'.join(sorted(map(re.escape, _TAGS), key=len, reverse=True))})\b", re.IGNORECASE
)
_SIX = re.compile(
    r"\b(?:six|all|UN|United\s+Nations|the)\s+(?:(?:six|UN"
    r"|U\.N\.)\s+)*official\s+(?:UN\s+)?languages|\bsix\s+UN\s+languages"
    r"|six\s+langues\s+officielles|seis\s+idiomas\s+oficiales",
    re.IGNORECASE,
)
_UNITED_NATIONS = re.compile(
    r"\bUN\b|United\s+Nations|\bsix\b|Nations\s+Unies|Naciones\s+Unidas|\bseis\b"
)
_SPOKEN = re.compile(
    r"\b(?:interpret(?:ation|ed|ing|ers?)|working\s+languages?"
    r"|languages?\s+of\s+the\s+(?:hearing|meeting|event)|conducted\s+(?:only\s+"
    r"|entirely\s+)?in|held\s+in|speak\s+in|in\s+any\s+of|delivered\s+in|proceedings\s+(?:are"
    r"|will\s+be)\s+in|statements?\s+(?:may|can)\s+be\s+(?:made|given|delivered)"
    r"|interprétation|langues?\s+(?:de\s+travail|de\s+l['’]|officielles)|se\s+déroulera\s+en"
    r"|interpretación|idiomas?|languages?|bilingual|(?:given|made)\s+in|will\s+be\s+in|followed\s+in"
    r"|take\s+place\s+in|run\s+in)\b",
    re.IGNORECASE,
)
_HEADED = r"\W*(?:\d+\W+)?(?:working\s+)?(?:languages?|interpretation|langues?|idiomas?)\W*"
_WRITTEN = re.compile(
    r"\b(?:documents?|forms?|translated|translations?\s+of|available\s+in|report|website|page"
    r"|leaflet|submissions?|written|note)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:no|not|without)\b[^,;.]*$", re.IGNORECASE)
OFFICIAL = ["ar", "zh", "en", "fr", "ru", "es"]
"""The official languages of the United Nations, in their usual order."""


def languages_of(note: ConceptNote) -> Finding[list[str]]:
    """BCP 47 tags in the order of the note."""
    for label in note.labelled(
        r"(?:working\s+)?languages?|interpretation|langues?|idiomas?|interprétation"
        r"|language\s+of\s+the\s+hearing"
    ):
        tags = _tags(label.value) or _codes(label.value)
        if tags:
            return Finding(tags, (label.value.replace("\n", " "),))
    found: dict[str, str] = {}
    for sentence in note.sentences:
        under = re.fullmatch(_HEADED, sentence.heading, re.IGNORECASE)
        if (under or _SPOKEN.search(sentence.text)) and not _of_papers(sentence.text):
            for tag in _tags(sentence.text) or _listed(sentence.text):
                found.setdefault(tag, sentence.text)
    return Finding(list(found), tuple(dict.fromkeys(found.values())))


def _codes(text: str) -> list[str]:
    """The tags of "EN, FR, DE"."""
    return [
        code.lower() for code in re.findall(r"\b[A-Z]{2}\b", text) if code.lower() in _TAGS.values()
    ]


def _listed(text: str) -> list[str]:
    """The tags of "Interpretation: EN, FR, DE." within a sentence; one code alone is a word."""
    runs = re.findall(r"\b[A-Z]{2}(?:\s*[,/]\s*[A-Z]{2}\b)+(?:\s*(?:,|and|&)\s*[A-Z]{2}\b)*", text)
    return [code for run in runs for code in _codes(run)]


def _of_papers(text: str) -> bool:
    spoken = re.search(
        r"\binterpret\w+|conducted|held\s+in|speak|given\s+in|made\s+in|followed|proceedings|working\s+lang"
        r"|deliver|interprétation|interpretación|déroulera",
        text,
        re.I,
    )
    return bool(_WRITTEN.search(text)) and not spoken


def _tags(text: str) -> list[str]:
    names = [
        match
        for match in _NAMES.finditer(text)
        if not _NEGATED.search(text[: match.start()]) and _is_language(match, text)
    ]
    official = OFFICIAL if _SIX.search(text) and _UNITED_NATIONS.search(text) else []
    return list(dict.fromkeys([*official, *(_TAGS[match.group().lower()] for match in names)]))


def _is_language(match: re.Match[str], text: str) -> bool:
    """Not an adjective of a place: "the French delegation", "Spanish Ministry"."""
    after = text[match.end() :]
    if re.match(
        r"\s+(?!and\b|or\b|only\b|with\b|on\b|to\b|will\b|in\b|is\b|are\b|from\b|by\b"
        r"|throughout\b|at\b|for\b|sign\b|language|interpret|avec|et\b|y\b|como"
        r"|simultan)[a-zA-Z]",
        after,
    ):
        return bool(re.match(r"\s+(?:languages?|interpretation|channels?|booths?)", after))
    return match.group()[0].isupper() or bool(
        re.search(
            r"(?:\b(?:en|vers|au)\s+|l['’]|le\s+|et\s+|y\s+|,\s*|el\s+|al\s+)$",
            text[: match.start()],
        )
    )
