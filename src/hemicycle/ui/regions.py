"""The regional groups of the Member States of the United Nations, for figures and lists.

Kiribati belongs to no group and is counted by its location. The United States attends the Western
European and other States as an observer and is counted there, as in elections.
"""

from django.utils.translation import gettext_lazy as _

GROUPS = (
    (
        "africa",
        _("African States"),
        """
        DZ AO BJ BW BF BI CV CM CF TD KM CG CD CI DJ EG GQ ER SZ ET GA GM GH GN GW KE LS LR LY MG
        MW ML MR MU MA MZ NA NE NG RW ST SN SC SL SO ZA SS SD TZ TG TN UG ZM ZW""",
    ),
    (
        "asia-pacific",
        _("Asia-Pacific States"),
        """
        AF BH BD BT BN KH CN CY KP FJ IN ID IR IQ JP JO KZ KI KW KG LA LB MY MV MH FM MN MM NR NP OM
        PK PW PG PH QA KR WS SA SG SB LK SY TJ TH TL TO TM TV AE UZ VU VN YE""",
    ),
    (
        "eastern-europe",
        _("Eastern European States"),
        """
        AL AM AZ BY BA BG HR CZ EE GE HU LV LT ME PL MD RO RU RS SK SI MK UA""",
    ),
    (
        "latin-america-caribbean",
        _("Latin American and Caribbean States"),
        """
        AG AR BS BB BZ BO BR CL CO CR CU DM DO EC SV GD GT GY HT HN JM MX NI PA PY PE KN LC VC SR TT
        UY VE""",
    ),
    (
        "western-europe-others",
        _("Western European and other States"),
        """
        AD AU AT BE CA DK FI FR DE GR IS IE IL IT LI LU MT MC NL NZ NO PT SM ES SE CH TR GB US""",
    ),
)
"""Each group: its key, its name, and its members by their codes (ISO 3166-1 alpha-2)."""
OTHERS = "others"
"""The key of countries and territories in no group."""
LABELS = {key: name for key, name, _codes in GROUPS} | {
    OTHERS: _("other countries and territories")
}
_OF = {code: key for key, _name, codes in GROUPS for code in codes.split()}


def key_of(country: str) -> str:
    """Return the key of a country's regional group (ISO 3166-1 alpha-2); "" for no country."""
    return _OF.get(country.upper(), OTHERS) if country else ""


def name_of(country: str) -> str:
    """Return the name of a country's regional group (ISO 3166-1 alpha-2), or of `OTHERS`."""
    return str(LABELS[key_of(country)] if country else _("not stated"))
