"""Operations with a token: the secretariat's view of one hearing."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from hemicycle.before.questions import queries as questions
from hemicycle.before.registration import models as registration
from hemicycle.before.registration import review, search
from hemicycle.before.registration.refusals import RegistrationRefused
from hemicycle.before.speakers import panel_rules
from hemicycle.before.speakers import queries as speakers
from hemicycle.before.statements import queries as statements
from hemicycle.before.statements.queries import StatementDetails
from hemicycle.record import clock
from hemicycle.record.models import Entry
from hemicycle.site.api import cursors
from hemicycle.site.api.models import Scope
from hemicycle.site.api.operations import Call, operation
from hemicycle.site.api.problems import ApiProblem
from hemicycle.site.api.resources import office_shapes as shapes
from hemicycle.site.api.resources import request_shapes
from hemicycle.site.api.resources.public import in_order, place_of, title_fields

TAG = "With a token"


@operation(
    "GET",
    "hearings/<slug:slug>/office/registrations",
    name="registrations",
    summary="Registrations in the order of arrival",
    answer=shapes.RegistrationsOut,
    query=request_shapes.RegistrationsIn,
    scope=Scope.REGISTRATIONS_READ,
    tag=TAG,
)
def registrations(call: Call) -> shapes.RegistrationsOut:
    """The registrations that match the query, in pages."""
    query: request_shapes.RegistrationsIn = call.query
    rows = search.find(call.hearing, _search_filter(call, query))
    shown, more = cursors.of_rows(rows, query, "arrival")
    return shapes.RegistrationsOut(
        items=[_registration(registration) for registration in shown], next=more
    )


def _search_filter(call: Call, query: request_shapes.RegistrationsIn) -> search.RegistrationFilters:
    category = ""
    if query.category:
        found = call.hearing.categories.filter(key=query.category).first()
        if found is None:
            says = _("The hearing has no category “%(key)s”.") % {"key": query.category}
            raise ApiProblem("invalid", says, errors=[{"where": "category", "says": says}])
        category = str(found.id)
    return search.RegistrationFilters(
        words=query.q,
        track=query.track,
        status=query.status,
        category=category,
        panel=str(query.panel) if query.panel else "",
    )


def _registration(row: registration.Registration) -> shapes.RegistrationOut:
    live: Any = getattr(row, "on_lists", ())
    organization, person = row.organization, row.person
    return shapes.RegistrationOut(
        id=row.id,
        reference=row.reference,
        arrival=row.arrival,
        arrived_at=row.arrived_at,
        track=row.track,
        category=row.category.key,
        status=row.status,
        organization=shapes.OrganizationOut(
            id=organization.id,
            name=organization.name,
            names=organization.names_by_language,
            country=organization.country,
        ),
        person=shapes.PersonOut(
            id=person.id, name=person.name, title=person.title, email=person.email
        ),
        language=row.language,
        wishes_to_intervene=row.wishes_to_intervene,
        requests=[shapes.FloorRequestOut(segment=one.segment_id, place=one.place) for one in live],
        co_signers=[
            shapes.CoSignerOut(organization=one.organization_name, state=one.state)
            for one in row.co_signers.all()
        ],
        access_needs=row.access_needs,
        eligibility=row.eligibility,
        consents_to_list=row.consents_to_list,
    )


def _one(call: Call) -> registration.Registration:
    wanted: UUID = call.ids["pk"]
    found = search.find(call.hearing, search.RegistrationFilters()).filter(pk=wanted).first()
    if found is None:
        raise Http404
    return found


@operation(
    "GET",
    "hearings/<slug:slug>/office/registrations/<uuid:pk>",
    name="registration",
    summary="One registration",
    answer=shapes.RegistrationOut,
    scope=Scope.REGISTRATIONS_READ,
    tag=TAG,
)
def one_registration(call: Call) -> shapes.RegistrationOut:
    """A registration: its request, and its state."""
    return _registration(_one(call))


@operation(
    "POST",
    "hearings/<slug:slug>/office/registrations/<uuid:pk>/decision",
    name="decision",
    summary="Accept or refuse a registration",
    answer=shapes.RegistrationOut,
    body=request_shapes.DecisionIn,
    scope=Scope.REGISTRATIONS_WRITE,
    tag=TAG,
    problems=(409,),
    notes="The person registered gets a letter. Deciding the same twice is deciding once; a "
    "registration that was withdrawn stays so.",
)
def decide(call: Call) -> shapes.RegistrationOut:
    """Decide on a registration as on the office's page, in the name of the token's owner."""
    decision: request_shapes.DecisionIn = call.body
    found = _one(call)
    if decision.outcome == "refused" and not decision.reason.strip():
        says = _("Give a reason for the refusal. It is included in the letter.")
        raise ApiProblem("invalid", says, errors=[{"where": "reason", "says": says}])
    try:
        review.decide(
            hearing=call.hearing,
            chosen=[found.pk],
            outcome=registration.Registration.Status(decision.outcome),
            reason=decision.reason,
            decided_by=call.caller.owner,
            actor=call.actor,
        )
    except RegistrationRefused as refused:
        raise ApiProblem("refused", refused.sentence) from None
    return _registration(_one(call))


@operation(
    "GET",
    "hearings/<slug:slug>/office/lists",
    name="lists",
    summary="The lists of speakers with forecasts",
    answer=shapes.ListsOut,
    scope=Scope.LISTS_READ,
    tag=TAG,
)
def lists(call: Call) -> shapes.ListsOut:
    """The list of every panel, with withdrawn inscriptions at its end."""
    found = [speakers.listing(panel) for panel in panel_rules.panels(call.hearing)]
    return shapes.ListsOut(
        panels=[
            shapes.ListOut(
                segment=registration.segment.id,
                title=registration.segment.title,
                inscribed=registration.demand.inscribed,
                fits=registration.demand.fits,
                lines=[_line(line) for line in registration.lines],
            )
            for registration in found
        ]
    )


def _line(line: speakers.ListedSpeaker) -> shapes.LineOut:
    row, expected = line.inscription, line.expected
    return shapes.LineOut(
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
        forecast=shapes.ForecastOut(
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
    answer=shapes.AllStatementsOut,
    query=request_shapes.PageIn,
    scope=Scope.STATEMENTS_READ,
    tag=TAG,
    notes="What is `embargoed` is confidential until it is delivered.",
)
def all_statements(call: Call) -> shapes.AllStatementsOut:
    """Every statement with the text of its newest readable version."""
    rows = statements.statements_of(call.hearing)
    found = in_order(statements.details_of(call.hearing, rows))
    shown, more = cursors.of_list(found, call.query, place_of)
    return shapes.AllStatementsOut(items=[_handed(handed) for handed in shown], next=more)


def _handed(handed: StatementDetails) -> shapes.HandedStatementOut:
    statement, latest = handed.statement, handed.latest
    return shapes.HandedStatementOut(
        id=statement.id,
        registration=statement.registration_id,
        inscription=statement.inscription_id,
        organization=statement.registration.organization.name,
        **title_fields(statement.title),
        release=statement.release,
        consents_to_publish=statement.consents_to_publish,
        versions=len(handed.versions),
        handed_in_at=latest.received_at if latest else None,
        is_late=handed.is_late,
        language=latest.language if latest else "",
        words=latest.words if latest else 0,
        text=handed.text,
    )


@operation(
    "GET",
    "hearings/<slug:slug>/office/questions",
    name="questions",
    summary="Questions for panellists",
    answer=shapes.QuestionsOut,
    query=request_shapes.PageIn,
    scope=Scope.QUESTIONS_READ,
    tag=TAG,
)
def all_questions(call: Call) -> shapes.QuestionsOut:
    """Every question, the oldest first."""
    rows = questions.questions_of(call.hearing).order_by("submitted_at", "id")
    shown, more = cursors.of_list(list(rows), call.query, _when)
    return shapes.QuestionsOut(items=[_question(question) for question in shown], next=more)


def _when(question: Any) -> str:
    return f"{clock.to_ms(question.submitted_at):015d} {question.id.hex}"


def _question(question: Any) -> shapes.AskedQuestionOut:
    return shapes.AskedQuestionOut(
        id=question.id,
        registration=question.registration_id,
        organization=question.registration.organization.name,
        segment=question.segment_id,
        guiding_question=question.guiding_question.number if question.guiding_question else None,
        to=question.to.name if question.to else None,
        language=question.language,
        text=question.text,
        state=question.state,
        submitted_at=question.submitted_at,
    )


@operation(
    "GET",
    "hearings/<slug:slug>/office/record",
    name="record",
    summary="The entries of the record",
    answer=shapes.EntriesOut,
    query=request_shapes.EntriesIn,
    scope=Scope.RECORD_READ,
    tag=TAG,
    notes="Entries never change. To follow the record, ask for what comes `after` the last one.",
)
def entries(call: Call) -> shapes.EntriesOut:
    """Each entry as it is in the chain, the oldest first."""
    rows = Entry.objects.filter(hearing=call.hearing.id, seq__gt=call.query.after).order_by("seq")
    if call.query.kind:
        rows = rows.filter(kind=call.query.kind)
    shown, more = cursors.of_rows(rows, call.query, "seq")
    return shapes.EntriesOut(items=[entry_shape(entry) for entry in shown], next=more)


def entry_shape(entry: Entry) -> shapes.EntryOut:
    """Return an entry as the API and its webhooks send it."""
    return shapes.EntryOut(
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
