"""Forms: fields are tied to their help and errors, what was typed stays, and rendering is quick."""

import time
from html.parser import HTMLParser
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from hemicycle.ui.forms import LongSelect, Renderer, error_summary


def countries() -> list[tuple[str, object]]:
    return [("", _("Select")), *((f"C{n}", f"Country & {n}") for n in range(250))]


class Registration(forms.Form):
    default_renderer = Renderer

    name = forms.CharField(label="Name", help_text="As read out")
    email = forms.EmailField(label="E-mail", required=False)
    country = forms.ChoiceField(label="Country", choices=countries, widget=LongSelect)
    language = forms.ChoiceField(choices=[("en", "English")], widget=forms.RadioSelect)
    needs = forms.MultipleChoiceField(
        choices=[("sign", "Sign language")], widget=forms.CheckboxSelectMultiple, required=False
    )
    text = forms.CharField(widget=forms.Textarea, required=False)
    consent = forms.BooleanField(label="Consent")
    key = forms.CharField(widget=forms.HiddenInput, required=False)


class Elements(HTMLParser):
    """The elements of a text, each with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, name: str) -> dict[str, str | None]:
        return next(attrs for _tag, attrs in self.found if attrs.get("name") == name)


def test_field_points_to_its_help_and_its_error() -> None:
    form = Registration({"name": ""})
    page = Elements(str(form))
    ids = {attrs.get("id") for _tag, attrs in page.found}
    assert page.named("name") == {
        "type": "text",
        "name": "name",
        "id": "id_name",
        "required": None,
        "aria-describedby": "id_name_helptext id_name_error",
        "aria-invalid": "true",
    }
    assert {"id_name_helptext", "id_name_error"} <= ids
    assert page.named("email") == {
        "type": "email",
        "name": "email",
        "id": "id_email",
        "maxlength": "320",
    }


def test_required_fields_are_marked_for_assistive_technology() -> None:
    class Quiet(Registration):
        use_required_attribute = False
        day = forms.CharField(widget=forms.TextInput(attrs={"type": "date"}))

    page = Elements(str(Quiet()))
    marked = {
        attrs.get("name") for _tag, attrs in page.found if attrs.get("aria-required") == "true"
    }
    assert marked == {"name", "country", None}
    groups = [attrs for tag, attrs in page.found if tag == "fieldset"]
    assert [(one.get("role"), one.get("aria-required")) for one in groups] == [
        ("radiogroup", "true"),
        (None, None),
    ]
    assert "required" not in page.named("name")
    assert "aria-required" not in Elements(str(Registration())).named("name")


def test_nothing_typed_is_lost_and_all_of_it_is_escaped() -> None:
    typed = {"name": '<b>"Ö&', "email": "x@", "country": "C7", "text": "\n<i>", "key": "k"}
    written = str(Registration(typed))
    page = Elements(written)
    assert [page.named(name).get("value") for name in ("name", "email", "key")] == [
        '<b>"Ö&',
        "x@",
        "k",
    ]
    assert "\n\n&lt;i&gt;</textarea>" in written
    assert '<option value="C7" selected>Country &amp; 7</option>' in written
    assert written.count(" selected") == 1


def test_a_text_goes_its_own_way_and_an_empty_field_that_of_the_page() -> None:
    form = Registration(initial={"name": "#water", "text": "Online, from New York"})
    ways = {
        attrs["name"]: attrs.get("dir")
        for tag, attrs in Elements(str(form)).found
        if tag in {"input", "textarea"}
    }
    assert (ways["name"], ways["text"]) == ("auto", "auto")
    assert (ways["email"], ways["key"]) == (None, None)
    bare = dict(Elements(str(Registration()["name"])).found)
    assert "dir" not in bare["input"]


def test_summary_leads_to_each_field() -> None:
    form = Registration({"name": "A", "country": "C1"})
    form.is_valid()
    form.add_error(None, "The deadline has passed.")
    summary = error_summary(form)
    links = [attrs["href"] for tag, attrs in Elements(summary).found if tag == "a"]
    assert links == ["#id_language_0", "#id_consent"]
    assert "Please correct 3 fields" in summary
    assert "The deadline has passed." in summary
    assert set(links) <= {f"#{attrs.get('id')}" for _t, attrs in Elements(str(form)).found}
    assert error_summary(Registration()) == ""


def test_what_another_answer_may_require_is_not_called_optional() -> None:
    class Speaking(forms.Form):
        conditional = frozenset({"panel"})
        panel = forms.CharField(label="Panel", required=False)
        title = forms.CharField(label="Title", required=False)

    form = Speaking()
    assert "(optional)" not in form["panel"].as_field_group()
    assert "(optional)" in form["title"].as_field_group()


def test_long_list_is_written_in_each_language() -> None:
    written = []
    for language in ("en", "ar", "en"):
        with translation.override(language):
            written.append(str(Registration()["country"]))
    assert '<option value="" selected>Select</option>' in written[0]
    assert '<option value="" selected>تحديد</option>' in written[1]
    assert written[2] == written[0]


def test_field_group_by_hand_is_the_same_as_in_the_form() -> None:
    form = Registration({"name": ""})
    assert form["name"].as_field_group() in str(form)
    assert "(optional)" in form["email"].as_field_group()


def test_a_widget_of_several_parts_goes_to_djangos_templates() -> None:
    class When(forms.Form):
        default_renderer = Renderer
        at = forms.SplitDateTimeField()

    page = Elements(str(When()))
    assert [attrs["name"] for tag, attrs in page.found if tag == "input"] == ["at_0", "at_1"]


@pytest.mark.parametrize("data", [None, {"country": "C9"}])
def test_a_form_of_25_fields_is_twice_as_fast_as_by_templates(
    data: dict[str, Any] | None,
) -> None:
    """The renderer uses code instead of templates only because it is faster."""

    class Long(Registration):
        pass

    for n in range(18):
        Long.base_fields[f"more_{n}"] = forms.CharField(help_text="Help")
    by_code, by_templates = Long(data), Long(data, renderer=DjangoTemplates())
    fastest = [min(_seconds(form) for _n in range(20)) for form in (by_code, by_templates)]
    assert fastest[0] * 2 <= fastest[1]


def _seconds(form: forms.Form) -> float:
    str(form)
    began = time.thread_time()
    str(form)
    return time.thread_time() - began
