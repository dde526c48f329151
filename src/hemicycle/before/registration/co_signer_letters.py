"""Letters about co-signers: the request to join an intervention, and the answer.

The language of a co-signer is unknown, so letters to one are in the language of the person who
named it.
"""

from collections.abc import Callable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hemicycle.before.registration import links
from hemicycle.before.registration.letters import LINK, NAME, page_words
from hemicycle.before.registration.models import CoSigner
from hemicycle.hearing.setup.models import Hearing, Segment
from hemicycle.mail.outgoing.models import Message
from hemicycle.mail.outgoing.texts import (
    BRACES,
    Field,
    Letter,
    Text,
    Values,
    built_in,
    declare,
    send,
)
from hemicycle.ui.languages import listed

Purpose = Message.Purpose


def _request_text() -> Text:
    return built_in(
        _("a request to join an intervention"),
        _(
            "An organization that has asked for the floor in “%(panel)s” has named yours as a "
            "co-signer of its intervention."
        )
        % BRACES,
        _("See who asks, and agree or decline here: %(link)s") % BRACES,
        _("Until you agree, your organization is not mentioned anywhere."),
    )


def _request_values(co_signer: CoSigner, panels: Sequence[Segment]) -> Values:
    return {
        "panel": listed(panel.title for panel in panels),
        "link": links.co_signer_url(co_signer),
    }


def _request_example(hearing: Hearing) -> Values | None:
    asked = CoSigner.objects.filter(registration__hearing=hearing).select_related("registration")
    last = asked.order_by("-registration__arrival").first()
    if last is None:
        return None
    return _request_values(last, _panels(last))


def _panels(co_signer: CoSigner) -> list[Segment]:
    rows = co_signer.registration.inscriptions.select_related("segment")
    return [row.segment for row in rows.order_by("segment__ordinal")]


REQUEST = declare(
    Letter(
        "co-signer",
        Purpose.CO_SIGNER,
        gettext_lazy("Request to a co-signer"),
        _request_text,
        (
            Field("panel", gettext_lazy("panel in which the floor is asked for")),
            Field("link", gettext_lazy("address at which the co-signer answers"), required=True),
        ),
        example=_request_example,
    )
)


def ask(co_signer: CoSigner, panels: Sequence[Segment]) -> None:
    """Ask an organization whether it joins, without any text of the sender of the form."""
    _to(co_signer, REQUEST, lambda: _request_values(co_signer, panels))


def _to(co_signer: CoSigner, letter: Letter, values: Callable[[], Values]) -> None:
    registration = co_signer.registration
    send(
        letter,
        hearing=registration.hearing,
        values=values,
        address=co_signer.email,
        language=registration.person.language,
    )


def _public_name_text() -> Text:
    return built_in(
        _("the public name of your organization"),
        _(
            "From now on the public sees “%(public_name)s” instead of your organization’s "
            "name, in each intervention that it joins."
        )
        % BRACES,
        _(
            "The secretariat and the organization that named you know your organization’s real "
            "name. What was public before may have been read or copied."
        ),
        _("See and change the public name here: %(link)s") % BRACES,
    )


def _public_name_values(co_signer: CoSigner) -> Values:
    return {
        "public_name": co_signer.public_organization,
        "link": links.co_signer_url(co_signer),
    }


def _public_name_example(hearing: Hearing) -> Values | None:
    asked = CoSigner.objects.filter(registration__hearing=hearing)
    last = asked.order_by("-registration__arrival").first()
    return _public_name_values(last) if last else None


PUBLIC_NAME = declare(
    Letter(
        "co-signer-public-name",
        Purpose.CO_SIGNER,
        gettext_lazy("The public name of a co-signer"),
        _public_name_text,
        (
            Field("public_name", gettext_lazy("name that the public sees"), required=True),
            Field("link", gettext_lazy("address at which the co-signer answers"), required=True),
        ),
        example=_public_name_example,
    )
)


def public_name(co_signer: CoSigner) -> None:
    """Tell a co-signer that has been asked to join under which name the public sees it."""
    if co_signer.state == CoSigner.State.NAMED:
        return
    _to(co_signer, PUBLIC_NAME, lambda: _public_name_values(co_signer))


def _removed_text() -> Text:
    return built_in(
        _("you are no longer asked to join an intervention"),
        _(
            "The organization that named yours as a co-signer in “%(panel)s” no longer does. "
            "Your organization is not mentioned, and the link that we sent no longer works."
        )
        % BRACES,
    )


def _removed_example(hearing: Hearing) -> Values | None:
    found = _request_example(hearing)
    return {"panel": found["panel"]} if found else None


REMOVED = declare(
    Letter(
        "co-signer-removed",
        Purpose.CO_SIGNER,
        gettext_lazy("To a co-signer that is no longer named"),
        _removed_text,
        (Field("panel", gettext_lazy("panel in which the floor is asked for")),),
        example=_removed_example,
    )
)


def removed(co_signer: CoSigner) -> None:
    """Tell an organization that was asked that it is no longer named."""
    panels = _panels(co_signer)
    _to(co_signer, REMOVED, lambda: {"panel": listed(panel.title for panel in panels)})


def _joins_text() -> Text:
    return _answered_text(_("%(organization)s has agreed to join your intervention."))


def _declines_text() -> Text:
    return _answered_text(_("%(organization)s has declined to join your intervention."))


def _answered_text(said: str) -> Text:
    return built_in(_("a co-signer has answered"), said % BRACES, page_words())


def _answered_values(co_signer: CoSigner) -> Values:
    return {
        "name": co_signer.registration.person.name,
        "organization": co_signer.organization_name,
        "link": links.personal_url(co_signer.registration),
    }


def _answered_example(state: CoSigner.State) -> Callable[[Hearing], Values | None]:
    def example(hearing: Hearing) -> Values | None:
        rows = CoSigner.objects.filter(
            registration__hearing=hearing, registration__person__erased_at=None, state=state
        )
        last = rows.select_related("registration__person").order_by("-answered_at").first()
        return _answered_values(last) if last else None

    return example


def _answered(
    state: CoSigner.State, key: str, label: str | Promise, text: Callable[[], Text]
) -> Letter:
    organization = Field("organization", gettext_lazy("organization that was asked"), required=True)
    fields = (NAME, organization, LINK)
    example = _answered_example(state)
    return declare(Letter(key, Purpose.CO_SIGNER, label, text, fields, example=example))


ANSWERED = {
    CoSigner.State.CONSENTED: _answered(
        CoSigner.State.CONSENTED,
        "co-signer-joins",
        gettext_lazy("A co-signer has agreed"),
        _joins_text,
    ),
    CoSigner.State.DECLINED: _answered(
        CoSigner.State.DECLINED,
        "co-signer-declines",
        gettext_lazy("A co-signer has declined"),
        _declines_text,
    ),
}


def answered(co_signer: CoSigner) -> None:
    """Tell the registered person a co-signer's answer."""
    registration = co_signer.registration
    send(
        ANSWERED[CoSigner.State(co_signer.state)],
        hearing=registration.hearing,
        values=_answered_values(co_signer),
        person=registration.person,
    )
