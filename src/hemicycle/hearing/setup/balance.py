"""The rule by which a hearing balances its lists: its sentences, and whether it can be kept.

A hearing publishes the rule before people register: one attribute of the speakers, the shares that
its groups should have, and the bound, by how many places a speaker may at most be moved. By default
the bound is 0, and speakers keep the order of arrival.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from babel.numbers import format_percent
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from hemicycle.record import clock
from hemicycle.ui import regions
from hemicycle.ui.languages import labelled, language_name, listed, locale_of

if TYPE_CHECKING:
    from datetime import datetime

    from hemicycle.hearing.setup.models import Hearing
    from hemicycle.hearing.setup.schema import Document, Path

CATEGORY, REGION, GENDER, LANGUAGE, NEWCOMERS = (
    *("category", "region", "gender", "language", "newcomers"),
)
ATTRIBUTES: Mapping[str, str | Promise] = {
    CATEGORY: gettext_lazy("category"),
    REGION: gettext_lazy("region"),
    GENDER: gettext_lazy("gender, where given"),
    LANGUAGE: gettext_lazy("language"),
    NEWCOMERS: gettext_lazy("first-time organizations"),
}
LARGEST_BOUND = 100
GENDERS: Mapping[str, str | Promise] = {
    "woman": gettext_lazy("women"),
    "man": gettext_lazy("men"),
    "other": gettext_lazy("another gender"),
}
NEW, KNOWN = "new", "known"
_NEWNESS: Mapping[str, str | Promise] = {
    NEW: gettext_lazy("first-time organizations"),
    KNOWN: gettext_lazy("organizations that have taken part before"),
}
OTHERS: str | Promise = pgettext_lazy("groups of speakers", "all others")
GENDER_ASKED = gettext_lazy(
    "Participants gave their gender for statistics only. To balance the lists by gender, choose "
    "this rule before you publish the hearing."
)


@dataclass(frozen=True, slots=True)
class BalanceRule:
    """A published rule; `shares` are in per cent, or empty to use the shares of the requests."""

    attribute: str
    bound: int
    shares: Mapping[str, int]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "BalanceRule":
        """Return the rule from `data`, the form in which a hearing or a document stores it."""
        return cls(data["attribute"], data["bound"], data["shares"])

    @property
    def is_on(self) -> bool:
        """Whether lists may be balanced at all."""
        return bool(self.bound and self.attribute)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """An earlier published rule, and when it was replaced."""

    until: "datetime"
    sentences: list[str]


def rule_of(hearing: "Hearing") -> BalanceRule:
    """Return the hearing's rule."""
    return BalanceRule.of(hearing.balance)


def problems(document: "Document") -> Iterator[tuple["Path", str]]:
    """Yield the problems of a document's rule: the path, and a sentence."""
    rule = BalanceRule.of(document["balance"])
    if rule.bound and not rule.attribute:
        yield (
            ("attribute",),
            _(
                "Choose what to balance the lists by, or enter 0 for the most places that a "
                "speaker may be moved."
            ),
        )
    if sum(rule.shares.values()) > 100:
        yield ("shares",), _("The shares come to more than 100 per cent.")
    known = _keys(rule.attribute, document)
    for group in rule.shares if known else ():
        if group not in known:
            sentence = _("“%(group)s” is not one of the groups. The groups are: %(groups)s.")
            yield ("shares",), sentence % {"group": group, "groups": ", ".join(known)}


def _keys(attribute: str, document: "Document") -> list[str]:
    """Return the keys of an attribute's groups; none if any key may occur."""
    found: Mapping[str, list[str]] = {
        CATEGORY: [category["key"] for category in document["categories"]],
        REGION: list(regions.LABELS),
        GENDER: list(GENDERS),
        NEWCOMERS: list(_NEWNESS),
    }
    return found.get(attribute, [])


def group_labels(hearing: "Hearing", attribute: str, groups: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of the keys of `groups`, in the reader's language; at most one query."""
    if attribute == CATEGORY:
        names = {category.key: category.label for category in hearing.categories.all()}
        return {group: str(names.get(group, group)) for group in groups}
    if attribute == LANGUAGE:
        return {group: language_name(group) for group in groups}
    by_key: Mapping[str, Mapping[str, str | Promise]] = {
        REGION: regions.LABELS,
        GENDER: GENDERS,
        NEWCOMERS: _NEWNESS,
    }
    return {group: str(by_key[attribute].get(group, group)) for group in groups}


def per_cent(share: float) -> str:
    """Return a share in per cent as the reader's language writes it."""
    return format_percent(share / 100, locale=locale_of(get_language() or "en"))


def in_words(hearing: "Hearing", rule: BalanceRule) -> list[str]:
    """Return the rule as sentences for the public."""
    if not rule.is_on:
        return [_("The order of the lists is not balanced.")]
    label = labelled(_("The lists are balanced by"), ATTRIBUTES[rule.attribute])
    names = group_labels(hearing, rule.attribute, rule.shares)
    shares = [f"{names[group]} {per_cent(share)}" for group, share in sorted(rule.shares.items())]
    return [
        f"{label}.",
        labelled(_("Shares"), f"{listed(shares)}.")
        if shares
        else _("Among the speakers called so far, each group has its share of the requests."),
        ngettext(
            "A person decides, and moves nobody by more than %(n)s place from the order of "
            "arrival. Each move is published, with the place of arrival.",
            "A person decides, and moves nobody by more than %(n)s places from the order of "
            "arrival. Each move is published, with the place of arrival.",
            rule.bound,
        )
        % {"n": rule.bound},
    ]


def changes(hearing: "Hearing") -> list[RuleChange]:
    """Return the rules that were published before the present one, newest first."""
    return [
        RuleChange(clock.from_ms(change["at"]), in_words(hearing, BalanceRule.of(change["before"])))
        for change in reversed(hearing.balance_changes)
    ]
