"""Pages about the texts of letters: the list of letters, and one letter in one language."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from hemicycle.hearing.people.access import actor
from hemicycle.hearing.people.models import Duty, Role
from hemicycle.hearing.setup.access import for_roles, sees_names
from hemicycle.hearing.setup.aliases import hidden_in
from hemicycle.hearing.setup.models import Hearing
from hemicycle.mail.outgoing import calendar_entries, wording
from hemicycle.mail.outgoing.forms import WordingForm
from hemicycle.mail.outgoing.models import LetterAudience
from hemicycle.mail.outgoing.texts import known_letters, text_of
from hemicycle.ui.languages import language_name

secretariat = for_roles(Role.SECRETARIAT, needs={Duty.LETTERS})
_RESTORED = gettext_lazy("The built-in text has been restored.")


@require_safe
@secretariat
def index(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """List the letters, and in which languages the hearing has its own texts."""
    own, languages = wording.reworded(hearing), wording.languages_of(hearing)
    rows = [
        (letter, [(code, code in own.get(letter.key, ())) for code in languages])
        for letter in known_letters().values()
    ]
    context = {
        "hearing": hearing,
        "rows": rows,
        "languages": [(code, language_name(code)) for code in languages],
        "calendars": calendar_entries.is_on(hearing),
    }
    return render(request, "outgoing/letters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@secretariat
def edit(request: HttpRequest, hearing: Hearing, key: str, language: str) -> HttpResponseBase:
    """Change the text of a letter in one language, with a preview on real data."""
    letter = wording.letter_of(key)
    if letter is None or language not in wording.languages_of(hearing):
        raise Http404
    audience = request.GET.get("for", "")
    if audience not in ("", *LetterAudience.values):
        raise Http404
    if request.POST.get("act") == "restore":
        by = actor(request, Role.SECRETARIAT)
        wording.restore(
            hearing=hearing, letter=letter, language=language, actor=by, audience=audience
        )
        said = _("The text for everyone is used again.") if audience else _RESTORED
        messages.success(request, said)
        return redirect(request.get_full_path())
    now = text_of(letter, hearing.id, language, audience)
    sent = request.POST if request.method == "POST" else None
    form = WordingForm(letter, sent, initial={"subject": now.subject, "body": now.body})
    if form.is_valid() and request.POST.get("act") != "preview":
        wording.change(
            hearing=hearing,
            letter=letter,
            language=language,
            text=form.text(),
            actor=actor(request, Role.SECRETARIAT),
            audience=audience,
        )
        messages.success(request, _("The text has been saved. New letters will use it."))
        return redirect(request.get_full_path())
    # The latest case may be that of a person with an alias.
    is_real = sees_names(request) or not hidden_in(hearing.id)
    shown = form.text() if form.is_bound and form.is_valid() else None
    context = {
        "hearing": hearing,
        "letter": letter,
        "language": language,
        "language_name": language_name(language),
        "form": form,
        "preview": wording.preview(hearing, letter, language, shown, is_real=is_real),
        "is_own": audience in wording.own_audiences(hearing, letter, language),
        "audience": audience,
        "audiences": wording.by_audience(hearing, letter, language),
        "spoken": now.language,
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "outgoing/wording.html", context, status=status)


@require_http_methods(["POST"])
@secretariat
def calendars(request: HttpRequest, hearing: Hearing) -> HttpResponse:
    """Switch the calendar entries by mail on or off."""
    on = request.POST.get("on") == "1"
    calendar_entries.switch(hearing=hearing, on=on, actor=actor(request, Role.SECRETARIAT))
    said = (
        _("Participants now get calendar entries for the meetings by e-mail.")
        if on
        else _("Calendar entries are no longer sent. Entries already sent stay as they are.")
    )
    messages.success(request, said)
    return redirect("outgoing:letters", slug=hearing.slug)
