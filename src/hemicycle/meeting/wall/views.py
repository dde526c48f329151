"""The public's pages of the wall."""

import secrets

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hemicycle.before.registration.views.guard import sized
from hemicycle.hearing.setup.access import public_hearing
from hemicycle.hearing.setup.models import Hearing
from hemicycle.meeting.wall import actions, queries
from hemicycle.meeting.wall.forms import PostForm
from hemicycle.meeting.wall.models import Wall

PER_PAGE = 30
COOKIE, COOKIE_DAYS = f"{settings.COOKIE_PREFIX}hemicycle-wall", 30


def _open_wall(hearing: Hearing) -> Wall:
    wall = actions.wall_of(hearing)
    if not wall.is_public:
        raise Http404
    return wall


@require_http_methods(["GET", "HEAD", "POST"])
@sized
@public_hearing
def page(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Show the wall and a form to write on it."""
    wall = _open_wall(hearing)
    form = PostForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        browser = request.get_signed_cookie(COOKIE, default="") or secrets.token_urlsafe(16)
        if _write(request, hearing, wall, form, browser):
            return _known(redirect("wall:page", slug=hearing.slug), browser)
    context = {
        **_context(request, hearing),
        "wall": wall,
        "form": form if wall.takes_posts else None,
        "longest": actions.LONGEST,
    }
    answer = render(request, "wall/page.html", context, status=422 if form.is_bound else 200)
    return _fresh(answer)


def _known(answer: HttpResponse, browser: str) -> HttpResponse:
    """Set the cookie by which a blocked browser is recognized under another name."""
    answer.set_signed_cookie(
        COOKIE,
        browser,
        max_age=COOKIE_DAYS * 86_400,
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )
    return answer


def _write(
    request: HttpRequest, hearing: Hearing, wall: Wall, form: PostForm, browser: str
) -> bool:
    waits = wall.is_moderated
    # A program fills in the invisible field; it gets the usual answer, and nothing is saved.
    if not request.POST.get("website"):
        try:
            post = actions.write(
                hearing=hearing,
                name=form.cleaned_data["name"],
                text=form.cleaned_data["text"],
                caller=browser,
                network=request.META.get("REMOTE_ADDR", ""),
                language=get_language() or "",
            )
        except actions.WallRefused as refused:
            form.add_error(None, refused.sentence)
            return False
        waits = post.state == post.State.WAITING
    said = _("Thank you. Your post appears here once it has been approved.")
    messages.success(request, said if waits else _("Thank you. Your post is on the wall."))
    return True


def _context(request: HttpRequest, hearing: Hearing) -> dict[str, object]:
    page = Paginator(queries.public(hearing), PER_PAGE).get_page(request.GET.get("page"))
    return {"hearing": hearing, "page": page, "posts": queries.shown(list(page.object_list))}


@require_safe
@public_hearing
def posts(request: HttpRequest, hearing: Hearing) -> HttpResponseBase:
    """Render only the newest posts, for a page that is open."""
    _open_wall(hearing)
    return _fresh(render(request, "wall/_posts.html", _context(request, hearing)))


def _fresh(answer: HttpResponse) -> HttpResponse:
    """Make caches revalidate the answer, because its posts may be hidden later."""
    patch_cache_control(answer, no_cache=True)
    return answer
