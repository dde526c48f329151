"""A minimal Django application that serves the requests of a surge, the baseline `bare_per_s`.

It has a form with a CSRF token, one insert and one commit; a page that shows the row; and a page
with a button that confirms it, with one update and one commit. It runs on the same database,
server, handler and number of workers as Hemicycle, with no other middleware, and caches nothing.
`python -m bench.before.bare_site` creates its table.
"""

import django
from django import forms
from django.conf import settings
from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template import engines
from django.urls import path

from hemicycle.site.http.threaded_handler import ThreadedHandler
from hemicycle.site.settings import DATABASES, LIMIT_PREFIXES

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["localhost"],
        DATABASES=DATABASES,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LIMIT_PREFIXES=LIMIT_PREFIXES,
        MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
        ROOT_URLCONF=__name__,
        SECRET_KEY="for a benchmark alone",  # noqa: S106 - protects nothing
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        USE_TZ=True,
    )
    django.setup()


class Sent(models.Model):
    """A form that was sent."""

    organization = models.CharField(max_length=400)
    name = models.CharField(max_length=400)
    email = models.EmailField()
    confirmed = models.BooleanField(default=False)

    class Meta:
        app_label = "bare"


class SentForm(forms.ModelForm[Sent]):
    """The form of a registration."""

    class Meta:
        model = Sent
        fields = ("organization", "name", "email")


PAGE = engines["django"].from_string(
    "<!doctype html><title>Register</title>"
    '<form method="post">{% csrf_token %}{{ form }}<button>Send</button></form>'
)
RECEIPT = engines["django"].from_string(
    "<!doctype html><title>Received</title><h1>{{ sent.name }}</h1><p>{{ sent.organization }}</p>"
    '<p>HC-{{ reference }}</p><p class="receipt__place"><b>{{ sent.pk }}</b></p>'
    '<p><a href="/confirm/{{ sent.pk }}/">Confirm</a></p>'
)
CONFIRM = engines["django"].from_string(
    "<!doctype html><title>Confirm</title><h1>{{ sent.name }}</h1>"
    '<form method="post">{% csrf_token %}<button>Confirm</button></form>'
)


def register(request: HttpRequest) -> HttpResponseBase:
    """Show the form, or save it and redirect to the receipt."""
    form = SentForm(request.POST or None)
    if form.is_valid():
        with transaction.atomic():
            sent = form.save()
        return HttpResponseRedirect(f"/received/{sent.pk}/?new=1")
    return HttpResponse(PAGE.render({"form": form}, request))


def received(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the page with the receipt."""
    number = f"{pk:06d}"
    context = {"sent": Sent.objects.get(pk=pk), "reference": f"{number[:3]}-{number[3:]}"}
    return HttpResponse(RECEIPT.render(context, request))


def confirm(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show the page with the confirm button, or confirm the registration."""
    if request.method == "POST":
        with transaction.atomic():
            Sent.objects.filter(pk=pk).update(confirmed=True)
        return HttpResponseRedirect(f"/received/{pk}/?confirmed=1")
    return HttpResponse(CONFIRM.render({"sent": Sent.objects.get(pk=pk)}, request))


urlpatterns = [
    path("register/", register),
    path("received/<int:pk>/", received),
    path("confirm/<int:pk>/", confirm),
]
application = ThreadedHandler(8)

if __name__ == "__main__":
    with connection.schema_editor() as editor:
        editor.create_model(Sent)
