"""Where people meet, watch and write: platform, webcast, hashtag, mailboxes.

`mailboxes` are the addresses to which participants must send something (statements, inscriptions,
questions). An address for *contact* only is that of a person or office, not a mailbox of the
hearing; it is used only if it is the hearing's own ("hearing@...") and the note has no other.
"""

import re

from hemicycle.convening.claims import deadline_mentions
from hemicycle.convening.document import flatten
from hemicycle.convening.languages import fold, search_for
from hemicycle.convening.note import ConceptNote, Finding
from hemicycle.convening.sentences import NoteSentence
from hemicycle.convening.zones import zone_of_place

_PLATFORMS = {
    "Interprefy": r"interprefy",
    "KUDO": r"kudo",
    "Zoom": r"(?-i:Zoom|ZOOM)",
    "Webex": r"(?:cisco\s+)?webex",
    "Interactio": r"interactio",
    # "Teams" alone is a common word and needs further evidence.
    "Microsoft Teams": r"(?:microsoft|ms)\s+teams"
    r"|(?-i:\bTeams)(?=\s+(?:link|meeting|call|platform|live)|[.,)])"
    r"|(?<=via )(?-i:Teams)|(?<=on )(?-i:Teams)",
    "Google Meet": r"google\s+meets?",
    "Jitsi Meet": r"jitsi(?:\s+meet)?",
    "BigBlueButton": r"bigbluebutton",
    "GoToWebinar": r"gotowebinar",
    "GoToMeeting": r"gotomeeting",
    "BlueJeans": r"bluejeans",
    "Hopin": r"(?-i:Hopin)",
    "Whova": r"whova",
    "Livestorm": r"livestorm",
    "Skype": r"skype",
    "Airmeet": r"airmeet",
    "VoiceBoxer": r"voiceboxer",
    "Olyusei": r"olyusei",
    "Lifesize": r"lifesize",
}
_WEBCASTS = {
    "UN Web TV": r"(?:UN|United\s+Nations)\s*Web\s?TV|webtv\.un\.org|ONU\s+Web\s?TV",
    "YouTube": r"you\s?tube(?:\s+(?:channel|live|page))?|youtube\.com|youtu\.be",
    "Facebook Live": r"facebook(?:\s+live)?",
    "Vimeo": r"vimeo",
    "Twitch": r"twitch",
    "LinkedIn Live": r"linkedin\s+live",
    "X": r"(?-i:\bX)\s+\(formerly\s+Twitter\)",
    "parliamentlive.tv": r"parliamentlive\.tv",
    "Parliament TV": r"parliament\s+tv",
}
_WATCH = search_for("watch")
_NOT = re.compile(r"\b(?:not|no|nor|neither|without|ni)\b[^.,;]{0,30}$|\bnot\s+be\b", re.IGNORECASE)
_URL = re.compile(
    r"\bhttps?://[^\s)>\]]+|\bwww\.[^\s)>\]]+|(?<![\w.-])(?:[a-z0-9-]+\.)+(?:example|org|net|com|int"
    r"|eu|gov|tv|uk|fr|ch|edu|ca|au|nz)(?:/[^\s)>\],]*)?",
    re.IGNORECASE,
)
_WATCH_ON = re.compile(
    r"\b(?:on|via|at|through|sur|en(?!\s+direct)|por)\s+(?:the\s+|its\s+|our\s+|la\s+|le\s+|el\s+"
    r"|l['’])?(?P<name>(?:[\w’'&.-]+\s+){0,5}?(?:web\s?site|(?<!\w)site\s+(?:web|internet|d[eu]\s+(?:la\s+|l['’])?(?-i:[A-Z])\w+)|channel"
    r"|web\s?page|web\s?tv|TV|television|chaîne|portal|canal|radio|sitio\s+web"
    r"|station)(?:\s+\d+)?)\b",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"(?:\s+(?:live|directly|in\s+full))?\s+(?:on|via|by|through|over)\s+(?:the\s+|its\s+|our\s+)?"
    r"(?P<name>[A-Z][\w-]*(?:\s+(?:[A-Z][\w-]*|\d+))*)(?![\w’'.@/]*\w|\s+[a-z]*\s?(?:site|page|channel))"
)
_ADDRESS = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_ENQUIRY = re.compile(
    r"(?:for|with|if\s+you\s+have)\s+(?:any\s+)?(?:further\s+|more\s+|additional\s+|other\s+)*"
    r"(?:questions|queries|enquiries|inquiries|information|details)\b(?!\s+(?:for|to)\s+the\s+panel)",
    re.IGNORECASE,
)
_NEEDS = re.compile(r"\b(?:accessibility|accommodations?|assistance)\b", re.IGNORECASE)
_OWN = re.compile(
    r"^(?:[\w.-]*(?:hearing|audition|audience|consult|secretariat|clerk|committee|statement"
    r"|submission|regist|event|speaker|evidence|inquiry|comment|testimon|participa|info"
    r"|public|docket|council|contribution|audiencia|mesa|meeting|forum|cttee|hear|stakeholder"
    r"|ngo|civil)[\w.-]*)@",
    re.IGNORECASE,
)
_TAG = re.compile(r"(?<![\w/&#])#(?P<tag>[^\W\d_]\w{2,60})")


def platform_of(note: ConceptNote) -> Finding[str | None]:
    """Return the usual name of the videoconference platform."""
    for name, pattern in _PLATFORMS.items():
        for sentence in note.sentences:
            match = re.search(rf"\b(?:{pattern})(?!\w)", sentence.text, re.IGNORECASE)
            if match and not _NOT.search(sentence.text[: match.start()]):
                return Finding(name, (sentence.text,))
    return Finding(None)


def webcast_of(note: ConceptNote) -> Finding[str | None]:
    """Return where the hearing can be watched: a known service, else a named site or address."""
    for label in note.labelled("webcast"):
        return Finding(_service(label.value) or flatten(label.value), (flatten(label.value),))
    texts = [sentence.text for sentence in note.sentences]
    cues = [(text, cue.start()) for text in texts if (cue := _WATCH.search(text))]
    for finder in (_service, _called, _address, _site):
        for text, start in cues:
            name = finder(text[max(0, start - 60) :])
            if name and not _NOT.search(text[:start]):
                return Finding(name, (text,))
    return Finding(None)


def _service(text: str) -> str | None:
    names = [
        name
        for name, pattern in _WEBCASTS.items()
        if re.search(pattern, text, 0 if name == "X" else re.IGNORECASE)
    ]
    return " and ".join(names) or None


def _address(text: str) -> str | None:
    match = _URL.search(_ADDRESS.sub(" ", text))
    return match.group().rstrip(".,;:") if match else None


def _site(text: str) -> str | None:
    match = _WATCH_ON.search(text)
    if not match or re.search(
        r"\b(?:register|registration|available|published|posted)\b", match["name"], re.I
    ):
        return None
    return match["name"]


def _called(text: str) -> str | None:
    """Return a name right after the verb: "web-streamed on the Multimedia Centre"."""
    match = _WATCH.search(text)
    named = _CALLED.match(text[match.end() :]) if match else None
    return named["name"] if named and not zone_of_place(named["name"]) else None


def hashtag_of(note: ConceptNote) -> Finding[str | None]:
    """Return the first hashtag, with its sign; one that the text calls a hashtag has priority."""
    tagged = [
        (sentence, match)
        for sentence in note.sentences
        for match in _TAG.finditer(_URL.sub(" ", sentence.text))
    ]
    tagged.sort(key=lambda pair: not re.search(r"hash-?tag|mot-dièse|etiqueta", pair[0].text, re.I))
    for sentence, match in tagged:
        return Finding(f"#{match['tag']}", (sentence.text,))
    return Finding(None)


def mailboxes_of(note: ConceptNote) -> Finding[list[str]]:
    """Return the addresses to which participants send something, in order.

    Contacts count only under the conditions in the module's docstring.
    """
    sent: dict[str, str] = {}
    asked: dict[str, NoteSentence] = {}
    due = {place for place, *_ in deadline_mentions(note)}
    for place, sentence in enumerate(note.sentences):
        for match in _ADDRESS.finditer(sentence.text):
            address = match.group().rstrip(".").lower()
            sends = _is_for_sending(note, place, match.start(), due=place in due)
            if sends:
                sent.setdefault(address, sentence.text)
            else:
                asked.setdefault(address, sentence)
    for own in [address for address in asked if address in sent]:
        asked.pop(own)
    if not sent:
        registers = note.language.pattern("register")
        alone = len(asked) == 1
        sent = {
            address: line.text
            for address, line in asked.items()
            if _OWN.match(address)
            or (alone and (registers.search(fold(line.text)) or (due and _is_bare(note, line))))
        }
    return Finding(list(sent), tuple(dict.fromkeys(sent.values())))


def _is_bare(note: ConceptNote, sentence: NoteSentence) -> bool:
    """Whether a line names an address without its purpose: "E-mail: ..."."""
    named = sentence.kind == "row" or ":" in fold(sentence.text)[:_NAME]
    return named and not note.language.pattern("contact").search(fold(sentence.text))


_NAME = 30
"""The number of characters in which a colon ends the name of a line."""


def _is_for_sending(note: ConceptNote, place: int, at: int, *, due: bool) -> bool:
    """Whether the nearest verb before the address (or after it) asks to send, not to contact.

    In a sentence with a deadline (`due`), no such verb is needed.
    """
    sentence = note.sentences[place]
    before = sentence.text[:at]
    if _ENQUIRY.match(sentence.text) or _NEEDS.search(before):
        return False
    context = before if len(before) > 12 else f"{sentence.heading} {before}"
    sends, contacts = _ends(note, context, "send"), _ends(note, context, "contact")
    if not sends and not contacts:
        if due:
            return True
        after = sentence.text[at:]
        return bool(_ends(note, after, "send")) and not _ends(note, after, "contact")
    return bool(sends) and (
        not contacts or (sends[-1] > contacts[-1] and not _asks_after(context, contacts[-1]))
    )


def _ends(note: ConceptNote, text: str, name: str) -> list[int]:
    """Return where the matches of a list of words end, from left to right."""
    return [match.end() for match in note.language.pattern(name).finditer(fold(text))]


def _asks_after(context: str, contact: int) -> bool:
    """Whether the words after a word of contact still ask to send.

    "For further information on registration" is a contact.
    """
    return (
        not re.search(r"[.;,]|\b(?:please|should|must)\b", context[contact:])
        and len(context) - contact < 60
    )
