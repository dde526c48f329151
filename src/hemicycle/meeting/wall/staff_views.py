"""The secretariat's pages of the wall: moderation, setup and sources."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hemicycle.hearing.people.access import actor, roles_in
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.wall import actions, cards, gathering, queries
from hemicycle.meeting.wall.forms import ReasonForm, SetUpForm, SourceForm
from hemicycle.meeting.wall.models import Author, Post, Source, WallScreen
from hemicycle.ui import searches

PER_PAGE = 50
State = Post.State
TABS = (State.WAITING, State.SHOWN, State.HIDDEN)
secretariat = for_roles(Role.SECRETARIAT, needs={Duty.MEDIA})


@require_safe
@secretariat
def index(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """List posts by state and search, in a form that approves or hides several at once."""
    return _index(request, hearing, ReasonForm())


def _index(
    request: HttpRequest, hearing: Hearing, form: ReasonForm, status: int = 200
) -> HttpResponse:
    state = request.GET.get("state", State.WAITING)
    state = state if state in TABS else State.WAITING
    words = searches.words(request.GET)
    rows = queries.matching(queries.posts_of(hearing).filter(state=state), words)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    counts = queries.counts(hearing)
    context = {
        "hearing": hearing,
        "wall": actions.wall_of(hearing),
        "screens": cards.switches(hearing),
        "page": page,
        "posts": queries.shown(list(page.object_list)),
        "tabs": [(f"?state={tab}", tab.label, tab == state, counts[tab]) for tab in TABS],
        "waiting": counts[State.WAITING],
        "state": state,
        "sought": words,
        "form": form,
        "blocked": queries.blocked(hearing)[:100],
    }
    return render(request, "wall/office.html", context, status=status)


@require_POST
@secretariat
def many(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Approve or hide the selected posts, or block their authors: all or none."""
    form = ReasonForm(request.POST)
    rows = list(queries.posts_of(hearing).filter(pk__in=_ids(request.POST.getlist("chosen"))))
    if not rows:
        form.add_error(None, _("Select at least one post first."))
    if form.is_valid() and rows and _decide(request, form, rows):
        return redirect("wall:office", slug=hearing.slug)
    return _index(request, hearing, form, status=422)


def _ids(typed: list[str]) -> list[UUID]:
    found = []
    for one in typed[:500]:
        try:
            found.append(UUID(one))
        except ValueError:
            continue
    return found


def _decide(request: HttpRequest, form: ReasonForm, rows: list[Post]) -> bool:
    """Carry out the decision; on refusal, add an error to the form and return False."""
    by, reason = actor(request, Role.SECRETARIAT), form.cleaned_data["reason"]
    try:
        match request.POST.get("do"):
            case "hide":
                number = actions.hide(posts=rows, reason=reason, actor=by)
                said = ngettext("%(n)s post hidden.", "%(n)s posts hidden.", number)
            case "block":
                for author in {row.author for row in rows}:
                    actions.block(author=author, reason=reason, actor=by)
                number = len({row.author_id for row in rows})
                said = ngettext("%(n)s author blocked.", "%(n)s authors blocked.", number)
            case _:
                number = actions.let_through(posts=rows, actor=by)
                said = ngettext("%(n)s post approved.", "%(n)s posts approved.", number)
    except actions.WallRefused as refused:
        form.add_error("reason", refused.sentence)
        return False
    messages.success(request, said % {"n": number})
    return True


@require_safe
@secretariat
def following(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Redirect to the oldest post that waits for a decision."""
    first = queries.waiting(hearing).first()
    if first is None:
        messages.info(request, _("All posts have been reviewed."))
        return redirect("wall:office", slug=hearing.slug)
    return redirect("wall:post", slug=hearing.slug, pk=first.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def post(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Decide on one post: approve it, hide it or block its author; then show the next."""
    found = get_object_or_404(queries.posts_of(hearing), pk=pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _decide(request, form, [found]):
        return redirect("wall:next", slug=hearing.slug)
    (shown,) = queries.shown([found])
    context = {
        "hearing": hearing,
        "one": shown,
        "form": form,
        "waiting": queries.counts(hearing)[State.WAITING],
        "others": found.author.posts.exclude(pk=pk).count(),
    }
    return render(request, "wall/post.html", context, status=422 if form.is_bound else 200)


@require_POST
@secretariat
def author(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Unblock an author, or erase them and all their posts."""
    found = get_object_or_404(Author, pk=pk, hearing_id=hearing.id)
    by = actor(request, Role.SECRETARIAT)
    if request.POST.get("do") == "erase":
        actions.erase(author=found, actor=by)
        messages.success(request, _("The author and all their posts have been erased."))
    elif request.POST.get("do") == "unblock":
        actions.unblock(author=found, actor=by)
        messages.success(request, _("Posts from this author are accepted again."))
    return redirect("wall:office", slug=hearing.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def setup(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Set up the wall: open or closed, moderated or not, and its sources."""
    sent = request.POST if request.method == "POST" else None
    form = SetUpForm(sent, instance=actions.wall_of(hearing))
    if sent is not None and form.is_valid():
        by = actor(request, Role.SECRETARIAT)
        actions.set_up(hearing=hearing, **form.cleaned_data, actor=by)
        messages.success(request, _("The wall has been set up."))
        return redirect("wall:setup", slug=hearing.slug)
    return _setup(request, hearing, form, SourceForm(initial={"hashtag": hearing.hashtag}))


def _setup(
    request: HttpRequest, hearing: Hearing, form: SetUpForm, source: SourceForm, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "hearing": hearing,
        "form": form,
        "source": source,
        "sources": _with_trouble(queries.sources(hearing)),
    }
    return render(request, "wall/office_setup.html", context, status=status)


def _with_trouble(sources: Iterable[Source]) -> list[Source]:
    """Return the sources, each with its problem in words as `trouble`."""
    found = list(sources)
    for source in found:
        source.trouble = gathering.PROBLEMS.get(source.problem, "")  # type: ignore[attr-defined]
    return found


@require_POST
@for_roles(Role.SECRETARIAT, Role.TECHNICIAN, needs={Duty.MEDIA})
def screen(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Switch the newest posts beside the meeting on or off, and return to the page."""
    where = request.POST.get("screen", "")
    if where in WallScreen.values:
        _switch(request, hearing, WallScreen(where), on=request.POST.get("on") == "1")
    back = "room:technician" if request.POST.get("back") == "technician" else "wall:office"
    return redirect(back, slug=hearing.slug)


def _switch(request: HttpRequest, hearing: Hearing, where: WallScreen, *, on: bool) -> None:
    held = roles_in(request.user, hearing.id, needs={Duty.MEDIA})
    by = actor(request, Role.SECRETARIAT if Role.SECRETARIAT in held else Role.TECHNICIAN)
    try:
        actions.switch(hearing=hearing, screen=where, on=on, actor=by)
    except actions.WallRefused as refused:
        messages.error(request, refused.sentence)


@require_POST
@secretariat
def add_source(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Add a source."""
    form = SourceForm(request.POST)
    if form.is_valid():
        add: Callable[..., Source] = actions.add_source
        try:
            add(hearing=hearing, **form.cleaned_data, actor=actor(request, Role.SECRETARIAT))
        except actions.WallRefused as refused:
            form.add_error(None, refused.sentence)
        else:
            gathering.schedule()
            messages.success(request, _("The source has been added. Its posts are now collected."))
            return redirect("wall:setup", slug=hearing.slug)
    own = SetUpForm(instance=actions.wall_of(hearing))
    return _setup(request, hearing, own, form, status=422)


@require_POST
@secretariat
def remove_source(request: HttpRequest, hearing: Hearing, pk: UUID) -> HttpResponseBase:
    """Remove a source."""
    found = get_object_or_404(Source, pk=pk, hearing_id=hearing.id)
    actions.remove_source(source=found, actor=actor(request, Role.SECRETARIAT))
    messages.success(request, _("The source has been removed. Posts already collected stay."))
    return redirect("wall:setup", slug=hearing.slug)
