"""The words that announce hearings, in English and, for the plain facts, French and Spanish."""

import re

TONGUES = ("en", "fr", "es")
"""The languages of this module's words; the tables of `languages` have the others'."""
HEARING = (
    r"hearings?|auditions?(?:\s+publiques?)?|audiences?\s+publiques?"
    r"|audiencias?(?:\s+p[úu]blicas?)?"
    r"|(?:oral\s+)?evidence\s+sessions?|oral\s+evidence|public\s+(?:local\s+)?inquir(?:y|ies)"
    r"|listening\s+sessions?|town[-\s]?hall\s+(?:meetings?|sessions?)|virtual\s+town[-\s]?halls?"
    r"|(?:public|community)\s+(?:meetings?|forums?|sessions?)"
    r"|(?:half-?)?days?\s+of\s+general\s+discussion|half-day\s+(?:of\s+)?general\s+discussions?"
    r"|comparecencias?|réunions?\s+publiques?"
)
"""Nouns that always name a hearing."""

# Nouns that name the note's own event only when its title says so.
_OTHER = (
    r"high[-\s]level\s+(?:plenary\s+)?(?:meetings?|dialogues?|conferences?|segments?|events?"
    r"|weeks?|political\s+forum)"
    r"|summits?|congress(?:es)?|conferences?|general\s+debate|(?:informal\s+)?consultations?|negotiations?|forums?"
    r"|workshops?|training(?:\s+sessions?)?|rehearsals?|technical\s+tests?|test\s+sessions?"
    r"|briefings?|webinars?"
    r"|side\s+events?|press\s+(?:conferences?|briefings?)|receptions?|plenar(?:y|ies)"
    r"|site\s+visits?|elections?"
    r"|votes?|voting|referendum|reports?|adoption|publication|decisions?|deliberations?"
    r"|open\s+days?"
    r"|(?:council|committee|board|commission|working\s+group|preparatory|plenary|assembly"
    r"|ministerial|cabinet)\s+(?:meetings?|sessions?)"
    r"|(?:[\w-]+(?:st|nd|rd|th)|regular|annual)\s+(?:session|meeting|anniversary)"
    r"|exhibitions?|launch"
    r"|réunions?\s+de\s+haut\s+niveau|conférences?|sommets?|reunión\s+de\s+alto\s+nivel"
    r"|cumbres?|conferencias?"
    r"|international\s+day|world\s+day|panel\s+discussions?|round[-\s]?tables?|dialogues?|debates?|seminars?|ateliers?"
    r"|consultations?\s+publiques?|commission\s+paritaire|visites?"
)
_GENERIC = r"meetings?|events?|sessions?|séances?|réunions?|sesión|reunión|sitting"
EVENT = re.compile(
    rf"\b(?:(?P<hearing>{HEARING})|(?P<other>{_OTHER})"
    rf"|(?P<inquiry>inquir(?:y|ies))|(?P<generic>{_GENERIC}))(?![\w’'-]*\w)(?!\s+(?:rooms?|hall|cent(?:re|er)|building"
    r"|chamber|services|call|link|id\b|papers?))",
    re.IGNORECASE,
)
INQUIRY = re.compile(r"\bpublic\s+(?:local\s+)?inquir(?:y|ies)\b", re.IGNORECASE)
"""An inquiry that sits in public, unlike one that a committee merely conducts."""
ROOM = (
    r"Chambers?|Hall|Rooms?|Headquarters|Building|Cent(?:re|er)|Palais|Library|Hotel|Auditorium"
    r"|Theat(?:re|er)|School|Campus|Courtroom|House|Guildhall"
    r"|Salle|Hémicycle|Hemicycle|Sala|Salón|Palacio|Edificio|Parliament|Pavilion|Museum"
    r"|College|University|Plaza|Complex|Gymnasium|Annex|Hôtel|Maison|Mairie|Amphithéâtre"
    r"|Ayuntamiento|Offices|Tower|Club|Church|Square|Institute|Capitol|Floor"
)
"""Words of which most names of meeting places have one."""
TITLE_EVENT = re.compile(
    rf"\b(?:{HEARING}|(?:public\s+|interactive\s+|stakeholder\s+)*(?:consultations?"
    r"|dialogues?|round[-\s]?tables?"
    r"|forums?|debates?|workshops?|panel\s+discussions?)(?:\s+meetings?)?|(?:public|stakeholder"
    r"|civil\s+society)\s+(?:meetings?|sessions?))\b",
    re.IGNORECASE,
)
HEARING_RE = re.compile(rf"\b(?:{HEARING})\b", re.IGNORECASE)
# "hearing" that is no meeting: the sense, hearing aids, a court's hearing.
NOT_A_MEETING = re.compile(
    r"\bhearing\s+(?:aids?|loss|impair\w+|loops?|from\s+(?:you|them|those)|his|her)\b"
    r"|\b(?:hard\s+of|without|after|upon|was|were|am|like|sense\s+of|start(?:ed)?"
    r"|stop(?:ped)?|forward\s+to|interested\s+in|worth)\s+hearing\b"
    r"|\b(?:court|bail|custody|disciplinary|preliminary|sentencing|asylum|divorce)\s+hearings?\b",
    re.IGNORECASE,
)

CONVENE = (
    r"(?:will|shall|is\s+to|are\s+to|(?:is|are)\s+(?:scheduled|due|expected|pleased)\s+to"
    r"|intends?\s+to|plans?\s+to|has\s+decided\s+to"
    r"|have\s+decided\s+to|has\s+agreed\s+to|decided\s+to|agreed\s+to|wishes\s+to"
    r"|am\s+asked\s+to)\s+(?:also\s+|jointly\s+|then\s+)?"
    r"(?:convene|organi[sz]e|hold|host|conduct|chair)"
    r"|(?:is|are)\s+(?:jointly\s+)?(?:convening|organi[sz]ing|holding|hosting|conducting)"
    r"|(?:will|shall)\s+devote|convenes|organi[sz]es|holds|hosts|takes|hears|announces|invites?|"
    r"organise(?:nt|ra|ront)?|tiendra|convoque(?:ra)?|celebrará|organiza(?:rá)?|convoca(?:rá)?"
)
"""Verbs whose subject convenes and whose object is the hearing."""

TAKES_PLACE = (
    r"(?:will|shall|is\s+to|are\s+to)\s+(?:also\s+|now\s+|normally\s+|usually\s+"
    r"|then\s+)?(?:be\s+)?(?:now\s+)?(?:held|convened?|hosted|organi[sz]ed|conducted"
    r"|take\s+place|start|begin|run|meet|open|sit)"
    r"|(?:is|are)\s+(?:scheduled|planned|due|set|being\s+held)|ha(?:s|ve)\s+been\s+(?:scheduled|set|called|fixed|arranged|moved|rescheduled|postponed)|takes?\s+place|opens|begins|starts|aura\s+lieu"
    r"|se\s+tiendra|auront\s+lieu"
    r"|tendrá\s+lugar|se\s+celebrará|se\s+llevará\s+a\s+cabo"
)
"""Finite verbs whose subject is the event."""

TO_BE_HELD = (
    r"to\s+be\s+(?:held|convened|hosted)|to\s+take\s+place|taking\s+place|scheduled(?:\s+for"
    r"|\s+to)?|which\s+(?:will|is)\b[\w\s]{0,30}"
    r"|that\s+will\b[\w\s]{0,30}|held|convened|planned(?:\s+for)?|qui\s+(?:se\s+tiendra"
    r"|aura\s+lieu)"
)
"""Verb forms that depend on the noun just before them."""

STATES = re.compile(
    r"\b(?:member\s+states?|permanent\s+(?:missions?|representatives?)|delegations"
    r"|observer\s+states?|states\s+members|(?<!local )(?<!regional )(?:member\s+)?governments"
    r"|état(?:s)?\s+membres?"
    r"|estados\s+miembros"
    r"|state\s+delegations?|missions|(?-i:(?<!United )(?<!member )States))\b",
    re.IGNORECASE,
)
STAKEHOLDERS = re.compile(
    r"\b(?:stakeholders?|non-governmental|ngos?|civil\s+society|csos?|private\s+sector"
    r"|academi[ac]\w*"
    r"|organi[sz]ations?|residents?|citizens?|public|individuals?|consumers?|companies"
    r"|industry|youth"
    r"|witnesses|experts|associations?|national\s+human\s+rights\s+institutions?"
    r"|parties\s+prenantes|société\s+civile"
    r"|sociedad\s+civil|partes\s+interesadas|organizaciones|organisations)\b",
    re.IGNORECASE,
)
REGISTER = re.compile(
    r"\b(?:(?:pre-?)?regist(?:er|ers|ered|ering|rations?)|inscri(?:be|bed|bing|ption|ptions)"
    r"|sign(?:ing)?[-\s]up|rsvp"
    r"|appl(?:y|ying|ications?)|expressions?\s+of\s+interest|enrol\w*|request(?:s"
    r"|ing)?\s+to\s+(?:speak|be\s+heard|appear|testify|give)"
    r"|notify|notice\s+of\s+(?:intention|intent)|confirm\s+(?:participation|attendance)"
    r"|nominat\w+|put\s+(?:their|your)\s+names?"
    r"|s['’]inscri\w+|inscri(?:re|vent|vez|birse)|inscripci[oó]n(?:es)?|list\s+of\s+speakers"
    r"|speakers['’]?\s+list|indicate\s+(?:their|your)\s+interest|book\w*|reserve)\b",
    re.IGNORECASE,
)
WRITTEN = re.compile(
    r"\b(?:written|submissions?|submit\w*|evidence|comments?|testimon(?:y|ies)|statements?"
    r"|contributions?|observations?"
    r"|position\s+papers?|briefs?|contributions?\s+écrites?|contribuciones|memorand(?:a|um)"
    r"|responses?|slides|presentations|objections?|in\s+writing)\b",
    re.IGNORECASE,
)
QUESTIONS = re.compile(
    r"\b(?:pre-?submi\w+|submi\w+|send|pose)\s+(?:\w+\s+){0,3}questions?\b"
    r"|\bquestions?\s+for\s+(?:the\s+)?(?:panel\w*|speakers|witnesses)",
    re.IGNORECASE,
)
FOLLOWED_BY_US = re.compile(
    r"\b(?:will|shall|is\s+expected\s+to|are\s+expected\s+to|is\s+due\s+to|expects?\s+to"
    r"|hopes?\s+to|aims?\s+to|intends?\s+to|plans?\s+to)\s+(?:then\s+)?(?:be\s+)?"
    r"(?:publish(?:ed)?|circulate[d]?|inform(?:ed)?|notif(?:y|ied)|issued?|finali[sz]ed?"
    r"|contact(?:ed)?|receive|decided?|adopt(?:ed)?"
    r"|report|respond|post(?:ed)?|transmit(?:ted)?|release[d]?|conclude[d]?|available"
    r"|made\s+available|announce[d]?|confirm(?:ed)?|vote|sent|hear|share[d]?)\b",
    re.IGNORECASE,
)
"""What the organizers themselves will do by a date: no deadline for participants."""
