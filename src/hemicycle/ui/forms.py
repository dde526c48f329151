"""Render Django's forms: accessible, translated, and without a template per field.

Set as `FORM_RENDERER`, so `{{ form }}` and `{{ form.name.as_field_group }}` need nothing else.
Django's own renderer runs one template for every field, label, error list and option; at some 250
options that is several milliseconds a form. Here each part is a join of strings. Templates that are
not in the table below are rendered by Django's engine.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from hemicycle.ui.icons import icon
from hemicycle.ui.languages import labelled
from hemicycle.ui.words import Words, plain

type Context = Mapping[str, Any]


def esc(value: Any) -> str:
    """Return the value as HTML text; text marked safe, such as a help text with a link, stays."""
    return conditional_escape(value)


class LongSelect(forms.Select):
    """A select for a long list that stays the same while the process lives (countries).

    The options are rendered once per language and cached; only `selected` is inserted. Give the
    field its choices as a function, so that a form need not copy the list either:
    `ChoiceField(choices=countries, widget=LongSelect)`.
    """

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__(attrs, choices)
        self._written: dict[tuple[str | None, object], str] = {}  # shared by the form's copies

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        options, chosen = self._options(), esc("" if value is None else value)
        mark = f'<option value="{chosen}"'
        options = options.replace(mark + ">", mark + " selected>", 1)
        final = {"name": name, **self.build_attrs(self.attrs, attrs)}
        return mark_safe(f"<select{flatatt(final)}>{options}</select>")  # noqa: S308 - escaped

    def _options(self) -> str:
        # A function is identified by itself, a list by its content.
        key = (get_language(), getattr(self.choices, "func", None) or tuple(self.choices))
        if key not in self._written:
            self._written[key] = "".join(
                f'<option value="{esc("" if value is None else value)}">{esc(label)}</option>'
                for value, label in self.choices
            )
        return self._written[key]


_TYPED = frozenset({"text", "email", "url", "tel", "number", "search", "password"})
"""Types of input that have a role to which `aria-required` belongs."""


class MarkedBoundField(forms.BoundField):
    """A field that tells assistive technology whether it is required.

    Our forms omit the attribute `required`, with which a browser would show error messages of its
    own. A group of radio buttons is marked as a whole.
    """

    def build_widget_attrs(self, attrs: Any, widget: forms.Widget | None = None) -> dict[str, Any]:
        """Return Django's attributes; a required field without `required` gets `aria-required`."""
        found: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        is_silent = self.field.required and "required" not in found
        if is_silent and _is_typed(widget or self.field.widget):
            found["aria-required"] = "true"
        return found


def _is_typed(widget: forms.Widget) -> bool:
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return False
    kind = widget.attrs.get("type") or getattr(widget, "input_type", "")
    return isinstance(widget, forms.Textarea | forms.Select) or kind in _TYPED


# ── Widgets ───────────────────────────────────────────────────────────────────────────────────
def _attrs(widget: Context) -> str:
    return flatatt(widget["attrs"])


def _direction(widget: Context) -> str:
    """Return `dir="auto"` for a field with text, which may be in another script than the page.

    An empty field keeps the direction of the page, which it would lose with `dir="auto"`.
    """
    return ' dir="auto"' if widget["value"] and "dir" not in widget["attrs"] else ""


def _input(context: Context) -> str:
    widget = context["widget"]
    value = widget["value"]
    shown = "" if value is None else f' value="{esc(value)}"'
    way = _direction(widget) if widget["type"] in {"text", "search"} else ""
    return (
        f'<input type="{widget["type"]}" name="{esc(widget["name"])}"{shown}{way}{_attrs(widget)}>'
    )


def _textarea(context: Context) -> str:
    widget = context["widget"]
    # The text begins after a newline, since HTML ignores the first one.
    return (
        f'<textarea name="{esc(widget["name"])}"{_direction(widget)}{_attrs(widget)}>\n'
        f"{esc(widget['value'] or '')}</textarea>"
    )


def _option(option: Context) -> str:
    # An option holds no elements, so its own attribute names the language of its text.
    label = option["label"]
    is_foreign = isinstance(label, Words) and label.is_foreign
    lang = f' lang="{esc(label.language)}"' if is_foreign else ""
    text = esc(plain(label) if is_foreign else label)
    return f'<option value="{esc(option["value"])}"{lang}{_attrs(option)}>{text}</option>'


def _select(context: Context) -> str:
    widget = context["widget"]
    out = [f'<select name="{esc(widget["name"])}"{_attrs(widget)}>']
    for group, options, _index in widget["optgroups"]:
        written = "".join(_option(option) for option in options)
        out.append(
            f'<optgroup label="{esc(plain(group))}">{written}</optgroup>' if group else written
        )
    return "".join((*out, "</select>"))


def _choice(option: Context) -> str:
    value = f' value="{esc(option["value"])}"'
    return (
        f'<label class="choice"><input type="{option["type"]}" name="{esc(option["name"])}"{value}'
        f'{_attrs(option)}><span class="choice__label" dir="auto">{esc(option["label"])}</span>'
        "</label>"
    )


def _choices(context: Context) -> str:
    widget = context["widget"]
    out = []
    for group, options, _index in widget["optgroups"]:
        if group:
            out.append(f'<p class="field__label">{esc(group)}</p>')
        out += [_choice(option) for option in options]
    ident = widget["attrs"].get("id")
    return f'<div class="choices"{flatatt({"id": ident} if ident else {})}>{"".join(out)}</div>'


# ── Fields ────────────────────────────────────────────────────────────────────────────────────
def _errors(errors: Iterable[Any], ident: str) -> str:
    word = gettext("Error:")
    return "".join(
        f'<p class="field__error"{f" id={chr(34)}{ident}{chr(34)}" if ident and not i else ""}>'
        f'{icon("stop")}<span><span class="visually-hidden">{word} </span>{esc(error)}</span></p>'
        for i, error in enumerate(errors)
    )


def _error_list(context: Context) -> str:
    field_id = context.get("field_id")
    return _errors(context["errors"], f"{field_id}_error" if field_id else "")


def _label_text(field: forms.BoundField) -> str:
    label = esc(field.label)
    if field.field.required or isinstance(field.field, forms.BooleanField):
        return label  # a checkbox that may stay empty is still not an optional field
    if field.name in getattr(field.form, "conditional", ()):
        return label  # another answer may require it, so it must not be called optional
    return f'{label} <span class="field__optional">{gettext("(optional)")}</span>'


def _help(field: forms.BoundField) -> str:
    if not field.help_text:
        return ""
    ident = f' id="{field.auto_id}_helptext"' if field.auto_id else ""
    return f'<p class="field__help"{ident}>{esc(field.help_text)}</p>'


def _group(context: Context) -> str:
    field: forms.BoundField = context["field"]
    errors = _errors(field.errors, f"{field.auto_id}_error" if field.errors else "")
    classes = f"field{' field--error' * bool(errors)} {field.css_classes()}".strip()
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return (
            f'<div class="{classes}">{errors}<label class="choice choice--bold">{field}'
            f'<span class="choice__label">{_label_text(field)}</span></label>{_help(field)}</div>'
        )
    if field.use_fieldset:
        described = field.aria_describedby
        by = f' aria-describedby="{described}"' if described else ""
        if field.field.required and isinstance(widget, forms.RadioSelect):
            by += ' role="radiogroup" aria-required="true"'
        return (
            f'<fieldset class="{classes}"{by}><legend class="field__label">{_label_text(field)}'
            f"</legend>{_help(field)}{errors}{field}</fieldset>"
        )
    return (
        f'<div class="{classes}"><label class="field__label" for="{esc(field.id_for_label)}">'
        f"{_label_text(field)}</label>{_help(field)}{errors}{field}</div>"
    )


def error_summary(form: forms.BaseForm) -> SafeString:
    """Return a box with all errors of a form, each with a link to its field; "" without errors."""
    if not form.errors:
        return SafeString("")
    lines = [f"<li>{esc(error)}</li>" for error in form.non_field_errors()]
    for field in form:
        lines += [
            f'<li><a href="#{_target(field)}">{esc(labelled(field.label, error))}</a></li>'
            for error in field.errors
        ]
    title = ngettext("Please correct %(n)s field", "Please correct %(n)s fields", len(lines)) % {
        "n": len(lines)
    }
    return mark_safe(  # noqa: S308 - every part escaped above
        f'<div class="summary-errors" role="alert" tabindex="-1" autofocus><h2>{icon("stop")}'
        f"<span>{esc(title)}</span></h2><ul>{''.join(lines)}</ul></div>"
    )


def _target(field: forms.BoundField) -> str:
    if field.use_fieldset and field.subwidgets:
        return str(field.subwidgets[0].id_for_label)
    return str(field.id_for_label or field.auto_id)


def _form(context: Context) -> str:
    form: forms.BaseForm = context["form"]
    visible = "".join(_group({"field": field}) for field, _errors in context["fields"])
    hidden = "".join(str(field) for field in context["hidden_fields"])
    return f"{error_summary(form)}{visible}{hidden}"


_WIDGETS = "django/forms/widgets/"
_WRITERS: dict[str, Callable[[Context], str]] = {
    "django/forms/div.html": _form,
    "django/forms/field.html": _group,
    "django/forms/errors/list/default.html": _error_list,
    "django/forms/errors/list/ul.html": _error_list,
    f"{_WIDGETS}textarea.html": _textarea,
    f"{_WIDGETS}select.html": _select,
    f"{_WIDGETS}radio.html": _choices,
    f"{_WIDGETS}checkbox_select.html": _choices,
    **{
        f"{_WIDGETS}{kind}.html": _input
        for kind in (
            *("input", "text", "number", "email", "url", "tel", "search", "color", "password"),
            *("hidden", "file", "date", "time", "datetime", "checkbox"),
        )
    },
}


class Renderer(DjangoTemplates):
    """A renderer that writes the parts in the table itself and leaves any other to Django."""

    bound_field_class = MarkedBoundField

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> SafeString:
        writer = _WRITERS.get(template_name)
        if writer is None:
            return mark_safe(super().render(template_name, context, request))  # noqa: S308
        return mark_safe(writer(context))  # noqa: S308 - the writers escape what they are given
