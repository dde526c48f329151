"""Sample data for the style guide: a hearing, people and states."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hemicycle.record import clock
from hemicycle.ui.forms import LongSelect


@dataclass(frozen=True)
class SampleHearing:
    """The attributes of a hearing that the page frames use."""

    slug: str = "sample"
    title: str = "Hearing on clean rivers and shared water"
    convener: str = "Assembly of the River States"
    time_zone: str = "America/New_York"
    mandate: list[str] = field(default_factory=lambda: ["12/345"])

    def __str__(self) -> str:
        return self.title


def countries() -> list[tuple[str, object]]:
    """Return a list of made-up countries, as long as the real one."""
    return [("", "—"), *((f"C{n:03}", f"Country {n}") for n in range(1, 251))]


class SampleForm(forms.Form):
    """A form with one field of each kind; submitted empty, it shows the errors."""

    name = forms.CharField(label=_("Name"), help_text=_("As it should be read out."))
    email = forms.EmailField(label=_("E-mail address"))
    country = forms.ChoiceField(label=_("Country"), choices=countries, widget=LongSelect)
    language = forms.ChoiceField(
        label=_("Language you will speak"),
        choices=[("en", "English"), ("fr", "Français"), ("ar", "العربية")],
        widget=forms.RadioSelect,
    )
    needs = forms.MultipleChoiceField(
        label=_("Access needs"),
        choices=[("captions", _("Captions")), ("sign", _("Sign language"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    statement = forms.CharField(
        label=_("Statement"),
        widget=forms.Textarea(
            attrs={"rows": 5, "data-words": 120, "data-limit-s": 180, "data-words-say": "words"}
        ),
        help_text=_("At 120 words a minute three minutes are 360 words."),
    )
    file = forms.FileField(label=_("File"), required=False, help_text="PDF, DOCX, ODT")
    consent = forms.BooleanField(label=_("Publish my statement"))


def programme(now: datetime) -> list[dict[str, Any]]:
    """Return four items around `now`, which show each state of a timeline."""
    now = now.replace(second=0, microsecond=0)
    rows = [
        (_("Opening"), "done", -70, -45),
        (_("Panel 1: Keeping rivers clean"), "now", -45, 50),
        (_("Panel 2: Sharing water"), "upcoming", 230, 345),
        (_("Closing"), "upcoming", 345, 350),
    ]
    return [
        {
            "title": title,
            "state": state,
            "starts_at": now + timedelta(minutes=start),
            "ends_at": now + timedelta(minutes=end),
            "description": _("Presentations, then interventions from the floor."),
        }
        for title, state, start, end in rows
    ]


def clocks(now_ms: int) -> list[tuple[object, dict[str, Any]]]:
    """Return the states of a clock in each of its phases, with a label."""
    base: dict[str, Any] = {
        "running": True,
        "limit_ms": 180_000,
        "used_before_ms": 0,
        "running_since_ms": now_ms,
        "warning_ms": 30_000,
        "at_limit": "signal",
        "grace_ms": 0,
    }
    still = base | {"running": False, "running_since_ms": None}
    return [
        (_("not started"), still),
        (_("speaking"), base | {"running_since_ms": now_ms - 46_000}),
        (_("warning"), base | {"running_since_ms": now_ms - 152_000}),
        (_("over the limit"), base | {"running_since_ms": now_ms - 192_000}),
        (_("cut at the limit"), base | {"running_since_ms": now_ms - 192_000, "at_limit": "cut"}),
        (_("suspended"), still | {"used_before_ms": 75_000}),
    ]


def moments() -> dict[str, datetime]:
    """Return a distant, a near and a past deadline."""
    now = clock.now().replace(second=0, microsecond=0)
    return {
        "far": now + timedelta(days=9),
        "near": now + timedelta(hours=20),
        "past": now - timedelta(days=3),
        "reference": datetime(2021, 7, 5, 21, tzinfo=UTC),
    }


PEOPLE: list[tuple[str, str, str, str]] = [
    ("Amara Okonkwo", "River Keepers Network", "delivered", "likely"),
    ("Lê Thị Hương", "Delta Institute", "speaking", "likely"),
    ("سلمى بن يوسف", "جمعية المياه النظيفة", "ready", "likely"),
    ("Ståle Bjørnsen", "Permanent Mission of the Northern Isles", "in_room", "likely"),
    ("Mercedes Iturralde de la Vega y Montes", "Federación de Cuencas", "absent", "at_risk"),
    ("Şule Çınar", "Open Water Fund", "waiting", "at_risk"),
    ("Пётр Щукин", "Институт рек", "waiting", "unreachable"),
]
