"""What the columns of a table mean, by their headings in six languages."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hemicycle.before.registration.names import name_key, search_key
from hemicycle.hearing.people.models import TrackKind
from hemicycle.ui.languages import OFFICIAL, speaking

ORGANIZATION, DELEGATION, COUNTRY, CATEGORY = "organization", "delegation", "country", "category"
NAME, GIVEN_NAME, FAMILY_NAME, TITLE = "name", "given_name", "family_name", "title"
EMAIL, CONTACT_EMAIL, PANEL, LANGUAGE = "email", "contact_email", "panel", "language"
GENDER, RANK, ELIGIBILITY, ACCESS_NEEDS = "gender", "rank", "eligibility", "access_needs"
ON_LIST, RECEIVED = "consents_to_list", "received"

LABELS: Mapping[str, str | Promise] = {
    ORGANIZATION: _("Organization"),
    DELEGATION: _("Delegation"),
    COUNTRY: _("Country"),
    CATEGORY: _("Category"),
    NAME: _("Name"),
    GIVEN_NAME: _("First name"),
    FAMILY_NAME: _("Family name"),
    TITLE: _("Title or function"),
    EMAIL: _("E-mail"),
    CONTACT_EMAIL: _("E-mail address of a contact, if it is another person"),
    PANEL: pgettext_lazy("column", "Panel, if the person asks for the floor"),
    LANGUAGE: _("Language"),
    GENDER: _("Gender"),
    RANK: _("Rank of the speaker"),
    ELIGIBILITY: _("Evidence of eligibility"),
    ACCESS_NEEDS: _("Access needs"),
    ON_LIST: _("On the public list"),
    RECEIVED: pgettext_lazy("column", "Date on which it was received"),
}
"""The fields, in the order in which a page shows them."""

OF_KIND: Mapping[str, frozenset[str]] = {
    TrackKind.STAKEHOLDERS: frozenset(LABELS) - {DELEGATION, RANK},
    TrackKind.MISSIONS: frozenset(LABELS) - {ORGANIZATION, COUNTRY, GENDER, ELIGIBILITY},
}

HEADINGS: Mapping[str, str] = {
    ORGANIZATION: """organization name, name of organization, organisation name, institution,
        company, affiliation, entity, ngo, organisme, nom de l’organisation, structure, association,
        entidad, institución, nombre de la organización, organismo, учреждение,
        название организации, наименование организации, اسم المنظمة, الجهة, المؤسسة, منظمة,
        组织, 组织名称, 机构, 机构名称, 单位""",
    DELEGATION: """country, state, member state, mission, delegation name, organization, pays, État,
        État membre, délégation, organisation, país, Estado, Estado Miembro, misión, delegación,
        organización, страна, государство, государство-член, представительство, организация,
        البلد, الدولة, الدولة العضو, البعثة, الوفد, المنظمة,
        国家, 会员国, 代表团, 常驻代表团, 组织""",
    COUNTRY: """country of organization, country code, nation, state, pays, país, страна,
        государство, البلد, الدولة, 国家, 国别""",
    CATEGORY: """type, kind, catégorie, type d’organisation, categoría, tipo, категория, тип,
        الفئة, النوع, 类别, 类型""",
    NAME: """full name, participant, person, speaker, name of the person, representative,
        nom complet, nom et prénom, prénom et nom, intervenant, nombre completo, nombre y apellidos,
        orador, participante, фио, полное имя, имя и фамилия, участник, الاسم, الاسم الكامل,
        المشارك, المتحدث, 姓名, 全名, 名称, 发言人""",
    GIVEN_NAME: """first name, given name, given names, forename, prénom, prénoms, nombre de pila,
        nombres, имя, الاسم الأول, الاسم الشخصي, 名""",
    FAMILY_NAME: """last name, surname, family name, nom de famille, apellido, apellidos, фамилия,
        اسم العائلة, اللقب, 姓""",
    TITLE: """title, function, position, role, job title, fonction, titre, poste, qualité, cargo,
        función, título, puesto, должность, звание, المنصب, الوظيفة, الصفة, 职务, 职位, 头衔""",
    EMAIL: """email, e-mail address, mail, email address, courriel, adresse électronique,
        adresse e-mail, adresse de courriel, mél, correo, correo electrónico, correo-e, эл. почта,
        электронная почта, почта, адрес электронной почты, البريد الإلكتروني, البريد, عنوان البريد,
        电子邮件, 电子邮箱, 邮箱, 电邮""",
    CONTACT_EMAIL: """contact email, e-mail of the contact, contact address, courriel du contact,
        correo de contacto, контактный адрес, بريد جهة الاتصال, بريد مسؤول الاتصال,
        البريد الإلكتروني لجهة الاتصال، إن كانت شخصاً آخر, 联系人邮箱""",
    PANEL: """panel, panels, session, panels and places, table ronde, groupe, séance, mesa redonda,
        sesión, панель, секция, дискуссия, الجلسة, حلقة النقاش, 专题讨论, 小组, 场次""",
    LANGUAGE: """language of the intervention, speaking language, working language, langue,
        langue d’intervention, idioma, lengua, язык, язык выступления, اللغة, لغة المداخلة, 语言,
        语种, 发言语言""",
    GENDER: """sex, sexe, genre, sexo, género, пол, الجنس, النوع الاجتماعي, 性别""",
    RANK: """rank, protocol rank, rang, rango, ранг, المرتبة, 级别""",
    ELIGIBILITY: """eligibility, evidence, accreditation, justificatif, éligibilité, acreditación,
        подтверждение, الأهلية, 资格""",
    ACCESS_NEEDS: """accessibility, special needs, besoins d’accessibilité, accesibilidad,
        доступность, الاحتياجات الخاصة, 无障碍需求""",
    ON_LIST: """public list, may be published, consent, liste publique, lista pública,
        публичный список, القائمة العامة, في القائمة المنشورة, 公开名单""",
    RECEIVED: """date, received, received on, received (utc), date of receipt, timestamp, submitted,
        submission date, date on which it came, date de réception, reçu le, fecha,
        fecha de recepción, recibido, дата, дата получения, التاريخ, تاريخ الاستلام, تاريخ الوصول,
        日期, 收到日期""",
}
"""What people write above a column, besides the labels themselves in every language."""

_ASIDE = re.compile(r"[(\[（].*?[)\]）]")


def folded(text: str) -> str:
    """Return a heading or a value without case, accents and punctuation, for comparing."""
    return name_key(search_key(text.replace("’", " "))) if text else ""


@cache
def _known(kind: str) -> Mapping[str, str]:
    """Return the field of each heading for a kind of track.

    If several fields have the same heading, a label takes precedence over other headings, and then
    the first field in the order of `LABELS`.
    """
    fields = [field for field in LABELS if field in OF_KIND[kind]]
    said = [(heading, field) for field in fields for heading in HEADINGS[field].split(",")]
    labels = [(label, field) for field in fields for label in in_all_languages(LABELS[field])]
    found: dict[str, str] = {}
    for heading, field in (*labels, *said):
        found.setdefault(folded(heading), field)
    return found


def in_all_languages(label: str | Promise) -> list[str]:
    """Return a label in each of the six languages."""
    found = []
    for tag in OFFICIAL:
        with speaking(tag):
            found.append(str(label))
    return found


def matched(head: Sequence[str], kind: str) -> dict[str, int]:
    """Return the column, from 0, of each field that a heading names; the first column counts."""
    known = _known(kind)
    found: dict[str, int] = {}
    for place, heading in enumerate(head):
        field = known.get(folded(heading)) or known.get(folded(_ASIDE.sub(" ", heading)))
        if field:
            found.setdefault(field, place)
    if NAME in found and found.keys() >= {GIVEN_NAME, FAMILY_NAME}:
        del found[NAME]  # the other two columns have it
    if FAMILY_NAME not in found and GIVEN_NAME in found and NAME in found:
        found[FAMILY_NAME] = found.pop(NAME)  # "Prénom" and "Nom"
    return found
