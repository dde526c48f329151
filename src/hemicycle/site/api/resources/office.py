"""What a token opens: the secretariat's own view of one hearing."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from hemicycle.before.questions import queries as questions
from hemicycle.before.registration import models as registration
from hemicycle.before.registration import review, search
from hemicycle.before.registration.refusals import Refused
from hemicycle.before.speakers import capacity
from hemicycle.before.speakers import queries as speakers
from hemicycle.before.statements import queries as statements
from hemicycle.before.statements.queries import Handed
from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.site.api import cursors
from hemicycle.site.api.models import Scope
from hemicycle.site.api.operations import Call, operation
from hemicycle.site.api.problems import Problem
from hemicycle.site.api.resources import asked
from hemicycle.site.api.resources import office_shapes as shapes
from hemicycle.site.api.resources.public import in_order, place_of

TAG = "With a token"


@operation(
    "GET",
    "hearings/<slug:slug>/office/registrations",
    name="registrations",
    summary="Registrations in the order of arrival",
    answer=shapes.Registrations,
    query=asked.Registrations,
    scope=Scope.REGISTRATIONS_READ,
    tag=TAG,
)
def registrations(call: Call) -> shapes.Registrations:
    """Those asked for, page by page."""
    query: asked.Registrations = call.query
    rows = search.find(call.hearing, _asked(call, query))
    shown, more = cursors.of_rows(rows, query, "arrival")
    return shapes.Registrations(items=[_registration(each) for each in shown], next=more)


def _asked(call: Call, query: asked.Registrations) -> search.Asked:
    category = ""
    if query.category:
        found = call.hearing.categories.filter(key=query.category).first()
        if found is None:
            says = _("The hearing has no category “%(key)s”.") % {"key": query.category}
            raise Problem("invalid", says, errors=[{"where": "category", "says": says}])
        category = str(found.id)
    return search.Asked(
        words=query.q,
        track=query.track,
        status=query.status,
        category=category,
        panel=str(query.panel) if query.panel else "",
    )


def _registration(each: registration.Registration) -> shapes.Registration:
    live: Any = getattr(each, "on_lists", ())
    organization, person = each.organization, each.person
    return shapes.Registration(
        id=each.id,
        reference=each.reference,
        arrival=each.arrival,
        arrived_at=each.arrived_at,
        track=each.track,
        category=each.category.key,
        status=each.status,
        organization=shapes.Organization(
            id=organization.id, name=organization.name, country=organization.country
        ),
        person=shapes.Person(
            id=person.id, name=person.name, title=person.title, email=person.email
        ),
        language=each.language,
        wishes_to_intervene=each.wishes_to_intervene,
        requests=[shapes.FloorRequest(segment=one.segment_id, place=one.place) for one in live],
        co_signers=[
            shapes.CoSigner(organization=one.organization_name, state=one.state)
            for one in each.co_signers.all()
        ],
        access_needs=each.access_needs,
        eligibility=each.eligibility,
        consents_to_list=each.consents_to_list,
    )


def _one(call: Call) -> registration.Registration:
    wanted: UUID = call.ids["pk"]
    found = search.find(call.hearing, search.Asked()).filter(pk=wanted).first()
    if found is None:
        raise Http404
    return found


@operation(
    "GET",
    "hearings/<slug:slug>/office/registrations/<uuid:pk>",
    name="registration",
    summary="One registration",
    answer=shapes.Registration,
    scope=Scope.REGISTRATIONS_READ,
    tag=TAG,
)
def one_registration(call: Call) -> shapes.Registration:
    """What was asked for, and how it stands."""
    return _registration(_one(call))


@operation(
    "POST",
    "hearings/<slug:slug>/office/registrations/<uuid:pk>/decision",
    name="decision",
    summary="Accept or refuse a registration",
    answer=shapes.Registration,
    body=asked.Decision,
    scope=Scope.REGISTRATIONS_WRITE,
    tag=TAG,
    problems=(409,),
    notes="Whoever registered is written to. Deciding the same twice is deciding once; a "
    "registration that was withdrawn stays so.",
)
def decide(call: Call) -> shapes.Registration:
    """Decide as the office's page does, in the name of the token's owner."""
    decision: asked.Decision = call.body
    found = _one(call)
    if decision.outcome == "refused" and not decision.reason.strip():
        says = _("A refusal needs a reason; it goes into the letter.")
        raise Problem("invalid", says, errors=[{"where": "reason", "says": says}])
    try:
        review.decide(
            hearing=call.hearing,
            chosen=[found.pk],
            outcome=registration.Registration.Status(decision.outcome),
            reason=decision.reason,
            decided_by=call.caller.owner,
            actor=call.actor,
        )
    except Refused as refused:
        raise Problem("refused", refused.sentence) from None
    return _registration(_one(call))


@operation(
    "GET",
    "hearings/<slug:slug>/office/lists",
    name="lists",
    summary="The lists of speakers with forecasts",
    answer=shapes.Lists,
    scope=Scope.LISTS_READ,
    tag=TAG,
)
def lists(call: Call) -> shapes.Lists:
    """Every panel's list, those who have left it at its end."""
    found = [speakers.listing(panel) for panel in capacity.panels(call.hearing)]
    return shapes.Lists(
        panels=[
            shapes.List(
                segment=each.segment.id,
                title=each.segment.title,
                inscribed=each.demand.inscribed,
                fits=each.demand.fits,
                lines=[_line(line) for line in each.lines],
            )
            for each in found
        ]
    )


def _line(line: speakers.Line) -> shapes.Line:
    row, expected = line.inscription, line.expected
    return shapes.Line(
        inscription=row.id,
        registration=row.registration_id,
        position=line.position,
        track=row.track,
        place=row.place,
        organization=line.organization,
        joined_by=line.joined_by,
        speaker=row.speaker.name,
        language=row.language,
        rank=row.rank,
        state=line.state,
        moved=len(line.moves),
        forecast=shapes.Forecast(
            earliest=expected.earliest,
            expected=expected.expected,
            latest=expected.latest,
            chance=expected.chance,
            status=expected.status,
        )
        if expected
        else None,
    )


@operation(
    "GET",
    "hearings/<slug:slug>/office/statements",
    name="all-statements",
    summary="All statements, confidential ones too",
    answer=shapes.AllStatements,
    query=asked.Page,
    scope=Scope.STATEMENTS_READ,
    tag=TAG,
    notes="What is `embargoed` is confidential until it is delivered.",
)
def all_statements(call: Call) -> shapes.AllStatements:
    """Every statement with the text of its newest readable version."""
    rows = statements.statements_of(call.hearing)
    found = in_order(statements.handed(call.hearing, rows))
    shown, more = cursors.of_list(found, call.query, place_of)
    return shapes.AllStatements(items=[_handed(each) for each in shown], next=more)


def _handed(each: Handed) -> shapes.HandedIn:
    statement, latest = each.statement, each.latest
    return shapes.HandedIn(
        id=statement.id,
        registration=statement.registration_id,
        inscription=statement.inscription_id,
        organization=statement.registration.organization.name,
        release=statement.release,
        consents_to_publish=statement.consents_to_publish,
        versions=len(each.versions),
        handed_in_at=latest.handed_in_at if latest else None,
        language=latest.language if latest else "",
        words=latest.words if latest else 0,
        text=each.text,
    )


@operation(
    "GET",
    "hearings/<slug:slug>/office/questions",
    name="questions",
    summary="Questions for panellists",
    answer=shapes.Questions,
    query=asked.Page,
    scope=Scope.QUESTIONS_READ,
    tag=TAG,
)
def all_questions(call: Call) -> shapes.Questions:
    """Every question, the oldest first."""
    rows = questions.questions_of(call.hearing).order_by("submitted_at", "id")
    shown, more = cursors.of_list(list(rows), call.query, _when)
    return shapes.Questions(items=[_question(each) for each in shown], next=more)


def _when(each: Any) -> str:
    return f"{clock.to_ms(each.submitted_at):015d} {each.id.hex}"


def _question(each: Any) -> shapes.AskedQuestion:
    return shapes.AskedQuestion(
        id=each.id,
        registration=each.registration_id,
        organization=each.registration.organization.name,
        segment=each.segment_id,
        guiding_question=each.guiding_question.number if each.guiding_question else None,
        to=each.to.name if each.to else None,
        language=each.language,
        text=each.text,
        state=each.state,
        submitted_at=each.submitted_at,
    )


@operation(
    "GET",
    "hearings/<slug:slug>/office/record",
    name="record",
    summary="The entries of the record",
    answer=shapes.Entries,
    query=asked.Entries,
    scope=Scope.RECORD_READ,
    tag=TAG,
    notes="Entries never change. To follow the record, ask for what comes `after` the last one.",
)
def entries(call: Call) -> shapes.Entries:
    """Each entry as it is chained, the oldest first."""
    rows = Entry.objects.filter(hearing=call.hearing.id, seq__gt=call.query.after).order_by("seq")
    if call.query.kind:
        rows = rows.filter(kind=call.query.kind)
    shown, more = cursors.of_rows(rows, call.query, "seq")
    return shapes.Entries(items=[entry_shape(each) for each in shown], next=more)


def entry_shape(entry: Entry) -> shapes.Entry:
    """An entry as the API and its webhooks tell it."""
    return shapes.Entry(
        seq=entry.seq,
        kind=entry.kind,
        version=entry.version,
        at=clock.from_ms(entry.at),
        actor=entry.actor,
        role=entry.role,
        meeting=entry.meeting,
        body=entry.fields(),
        digest=entry.digest,
        hash=entry.hash,
    )
