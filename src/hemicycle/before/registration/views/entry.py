"""The forms of the tracks: empty, as a draft, to correct, submitted, or after the deadline."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from hemicycle.before.registration import co_signer_rows, draft_letters, drafts
from hemicycle.before.registration.actions import submit
from hemicycle.before.registration.choices import ANOTHER, member_states
from hemicycle.before.registration.cleaned import Cleaned
from hemicycle.before.registration.draft_letters import form_address
from hemicycle.before.registration.forms import MissionForm, StakeholderForm, form_for
from hemicycle.before.registration.links import new_key, receipt_secret
from hemicycle.before.registration.models import Registration
from hemicycle.before.registration.names import name_key
from hemicycle.before.registration.refusals import Reason, RegistrationRefused
from hemicycle.before.registration.registration_rules import Facts, facts_by_slug, facts_of
from hemicycle.before.registration.views import kept
from hemicycle.before.registration.views.guard import sized
from hemicycle.hearing.people import private_links
from hemicycle.hearing.people.models import TrackKind
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.hearing.setup.tracks import Track
from hemicycle.mail.outgoing import invited, outbox
from hemicycle.mail.outgoing.lists import organization_of
from hemicycle.record import clock
from hemicycle.ui.languages import listed

type AnyForm = StakeholderForm | MissionForm
TEMPLATES = {
    TrackKind.STAKEHOLDERS: "registration/register.html",
    TrackKind.MISSIONS: "registration/inscribe.html",
}


@public_hearing
def choose(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show the choice between the tracks' forms."""
    facts, now = facts_of(hearing), clock.now()
    ways = [_way(facts, track, now) for track in facts.tracks]
    return render(request, "registration/choose.html", {"hearing": hearing, "ways": ways})


def _way(facts: Facts, track: Track, now: datetime) -> dict[str, Any]:
    labels = [category.label for category in facts.categories_of(track.key)]
    is_open = facts.is_open(track.key, now)
    closed = "" if is_open else _("Registration is closed.")
    return {
        "title": track.label,
        "text": " · ".join(labels),
        "deadline": facts.closes_at(track.key),
        "url": form_address(facts.hearing, track) if is_open else "",
        "action": _("Inscribe a delegation") if track.is_for_missions else _("Register"),
        "primary": True,
        "closed": closed,
    }


@sized
@never_cache
def register(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Show the form for stakeholders, or submit it."""
    return _form(request, slug, TrackKind.STAKEHOLDERS)


@sized
@never_cache
def inscribe(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Show the form for missions, or submit it."""
    return _form(request, slug, TrackKind.MISSIONS)


def asked_track(request: HttpRequest, facts: Facts, kind: TrackKind) -> Track | None:
    """Return the track that a request names, or the only one; None if one must be chosen."""
    key = request.POST.get("track") or request.GET.get("track", "")
    track = facts.track_for(kind, key)
    return track if track.key == key or len(facts.of_kind(kind)) < 2 else None


def to_choice(facts: Facts) -> HttpResponseRedirect:
    """Redirect to the page on which visitors choose a track."""
    return HttpResponseRedirect(reverse("registration:choose", args=(facts.hearing.slug,)))


def _form(request: HttpRequest, slug: str, kind: TrackKind) -> HttpResponseBase:
    received_at = clock.now()  # the whole form is here; a later wait for the lock does not count
    facts = facts_by_slug(slug)
    if facts is None or facts.hearing.status == Hearing.Status.DRAFT:
        raise Http404
    track = asked_track(request, facts, kind)
    if request.method == "POST":
        return _posted(request, facts, track or facts.track_for(kind), received_at)
    if track is None:
        return to_choice(facts)
    if not facts.is_open(track.key, received_at):
        return closed(request, facts, track)
    return _begin(request, facts, track)


def _posted(
    request: HttpRequest, facts: Facts, track: Track, received_at: datetime
) -> HttpResponseBase:
    if request.headers.get("X-Requested-With") == "autosave":
        return _autosave(request, facts, track)
    if "discard_draft" in request.POST:
        drafts.discard(facts.hearing, track.key, request.POST.get("draft_key", ""))
        return HttpResponseRedirect(form_address(facts.hearing, track))
    if "save_draft" in request.POST:
        return _save_draft(request, facts, track, received_at)
    if (typed := co_signer_rows.changed(request.POST)) is not None:
        form = form_for(track.kind)(facts, track=track.key, initial=as_initial(track, typed))
        return _again(request, facts, track, form, 200)
    return _send(request, facts, track, received_at)


def _begin(request: HttpRequest, facts: Facts, track: Track) -> HttpResponseBase:
    """Show the form of a track: with a draft, for the mission of an invitation, or empty."""
    if "draft" in request.GET:
        return _continue(request, facts, track)
    if "invited" in request.GET and track.is_for_missions:
        return _invited(request, facts, track)
    if key := drafts.newest(facts.hearing, track.key, private_links.kept(request)):
        private_links.keep(request, key)
        return HttpResponseRedirect(
            draft_letters.path(facts.hearing, track, private_links.shown(key))
        )
    return HttpResponse(
        kept.page(
            request,
            (track.key, facts.fingerprint),
            lambda: _write_empty(request, facts, track),
            form_key=new_key(),
            draft_key=new_key(),
        )
    )


def _write_empty(request: HttpRequest, facts: Facts, track: Track) -> str:
    keys = {name: kept.place(name) for name in ("form_key", "draft_key")}
    form = form_for(track.kind)(facts, track=track.key, initial=keys)
    return render_to_string(TEMPLATES[track.kind], _context(facts, track, form), request)


def _context(facts: Facts, track: Track, form: AnyForm, **more: Any) -> dict[str, Any]:
    return {
        "hearing": facts.hearing,
        "facts": facts,
        "form": form,
        "track": track,
        "is_one_of_several": len(facts.of_kind(track.kind)) > 1,
        "closes_at": facts.closes_at(track.key),
        "address": form_address(facts.hearing, track),
        "several": form_address(facts.hearing, track, "registration:register-several"),
        **more,
    }


def closed(request: HttpRequest, facts: Facts, track: Track) -> HttpResponseBase:
    """Say that a track does not accept registrations now."""
    context = {
        "hearing": facts.hearing,
        "takes_track": bool(facts.categories_of(track.key)),
        "closes_at": facts.closes_at(track.key),
    }
    return render(request, "registration/closed.html", context)


def _send(
    request: HttpRequest, facts: Facts, track: Track, received_at: datetime
) -> HttpResponseBase:
    form = form_for(track.kind)(facts, request.POST, track=track.key)
    if not form.is_valid():
        return _again(request, facts, track, form, 422)
    try:
        cleaned = form.cleaned()
        vouch = _vouch(request, facts, cleaned)
        done = submit(facts=facts, cleaned=cleaned, received_at=received_at, vouch=vouch)
    except RegistrationRefused as refused:
        if refused.reason in {Reason.TOO_LATE, Reason.NOT_OPEN}:
            return late(request, facts, [form], refused)
        form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        return _again(request, facts, track, form, 409)
    url = reverse("registration:received", args=(receipt_secret(done.registration),))
    return HttpResponseRedirect(f"{url}?{'again' if done.repeated else 'new'}=1")


# ── A mission by its invitation ───────────────────────────────────────────────────────────────
def _invited(request: HttpRequest, facts: Facts, track: Track) -> HttpResponseBase:
    """Show the form to the mission that an invitation was sent to, with its State chosen."""
    token = request.GET["invited"]
    line = invited.mission(facts.hearing, token)
    if line is None:
        return render(
            request, "registration/not_invited.html", {"hearing": facts.hearing}, status=410
        )
    initial: dict[str, Any] = {"form_key": new_key(), "draft_key": new_key(), "email": line.address}
    if line.country in dict(member_states()):
        own = facts.categories_of(track.key)
        initial |= {"state": line.country, "category": str(own[0].id) if own else ""}
    else:
        initial |= {"state": ANOTHER, "delegation": organization_of(line)}
    form = form_for(track.kind)(facts, track=track.key, initial=initial)
    context = _context(facts, track, form, invited=token)
    return render(request, TEMPLATES[track.kind], context)


def _vouch(request: HttpRequest, facts: Facts, cleaned: Cleaned) -> Registration.Vouch:
    """Return `INVITATION` if the form came by an invitation to the mission that it names.

    Return `NONE` otherwise.
    """
    token = request.POST.get("invited", "")
    line = invited.mission(facts.hearing, token) if token else None
    if line is None:
        return Registration.Vouch.NONE
    is_state = bool(cleaned.country) and cleaned.country == line.country
    is_other = not cleaned.country and name_key(cleaned.organization) == name_key(
        organization_of(line)
    )
    track = facts.hearing.track(cleaned.track)
    is_own = bool(track and track.is_for_missions) and (is_state or is_other)
    return Registration.Vouch.INVITATION if is_own else Registration.Vouch.NONE


def _again(
    request: HttpRequest, facts: Facts, track: Track, form: AnyForm, status: int
) -> HttpResponseBase:
    context = _context(facts, track, form, invited=request.POST.get("invited", ""))
    return render(request, TEMPLATES[track.kind], context, status=status)


def late(
    request: HttpRequest, facts: Facts, forms: Sequence[AnyForm], refused: RegistrationRefused
) -> HttpResponseBase:
    """Show what was typed, so that it can be printed or copied; nothing was accepted."""
    typed = [pair for form in forms for pair in _typed(form)]
    context = {"hearing": facts.hearing, "sentence": refused.sentence, "typed": typed}
    return render(request, "registration/late.html", context, status=409)


def _typed(form: AnyForm) -> list[tuple[str, str]]:
    pairs = []
    for field in form.visible_fields():
        value = field.value()
        values = value if isinstance(value, list) else [value]
        shown = listed(_shown(field.field, part) for part in values if part not in ("", None))
        if shown:
            pairs.append((str(field.label), shown))
    return pairs


def _shown(field: Any, value: object) -> str:
    if value is True:
        return _("yes")
    labels = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    # The second line of a category's label says who belongs to it.
    return labels.get(str(value), str(value)).split("<br>")[0] if value else ""


# ── Drafts ────────────────────────────────────────────────────────────────────────────────────
def _autosave(request: HttpRequest, facts: Facts, track: Track) -> HttpResponseBase:
    """Store the draft, which the same browser gets back when it opens the form again."""
    key = drafts.save(facts.hearing, track.key, request.POST)
    if not key:
        return HttpResponse(status=400)
    private_links.keep(request, key)
    return HttpResponse(status=204)


def _save_draft(
    request: HttpRequest, facts: Facts, track: Track, received_at: datetime
) -> HttpResponseBase:
    """Store the draft here, and send its link to the address in the form."""
    form = form_for(track.kind)(facts, request.POST, track=track.key)
    try:
        facts.check_open(track.key, received_at)
    except RegistrationRefused as refused:
        return late(request, facts, [form], refused)
    for name in [name for name in form.errors if name != "email"]:
        del form.errors[name]  # a draft needs only an address
    if form.errors:
        return _again(request, facts, track, form, 422)
    key = drafts.save(facts.hearing, track.key, request.POST)
    if not key:
        form.add_error(None, _("We could not save this draft. Your text is still on this page."))
        return _again(request, facts, track, form, 422)
    private_links.keep(request, key)  # the browser that typed it may continue it
    address = form.cleaned_data["email"]
    message = drafts.mail(facts.hearing, track, request.POST, address)
    context = {
        "hearing": facts.hearing,
        "address": address,
        "letter": message if outbox.is_trial_at(request.get_host()) else None,
        "is_sent": message is not None,
        "link": draft_letters.path(facts.hearing, track, private_links.shown(key)),
        "closes_at": facts.closes_at(track.key),
        "days": drafts.DAYS,
    }
    return render(request, "registration/draft_saved.html", context)


def _continue(request: HttpRequest, facts: Facts, track: Track) -> HttpResponseBase:
    key = request.GET["draft"]
    draft = drafts.find(facts.hearing, track.key, key)
    initial: dict[str, Any] = {"form_key": new_key(), "draft_key": key if draft else new_key()}
    if draft:
        initial |= {**as_initial(track, draft.data), "drafted": "1"}
    form = form_for(track.kind)(facts, track=track.key, initial=initial)
    context = _context(facts, track, form, draft_found=bool(draft), draft_asked=True)
    return render(request, TEMPLATES[track.kind], context, status=200 if draft else 404)


def as_initial(track: Track, data: dict[str, list[str]]) -> dict[str, Any]:
    """Return what was typed into a form of a track, to show it again without validation."""
    several = {"segments"} if track.is_for_missions else set()
    return {name: values if name in several else values[-1] for name, values in data.items()}
