"""Headings and dates as people write them in six languages; these tests need no database."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from hemicycle.before.registration.importing import columns, values
from hemicycle.before.registration.importing.values import DAY, MONTH

UTC = ZoneInfo("UTC")


@pytest.mark.parametrize(
    "head",
    [
        "Organization,Country,Name,Title or function,E-mail,Panel,Language,Received (UTC)",
        "Organisation Name,COUNTRY,Full name,Position,Email,Session,language,Date",
        "Organisation,Pays,Nom et prénom,Fonction,Courriel,Table ronde,Langue,Date de réception",
        "Organización,País,Nombre completo,Cargo,Correo electrónico,Sesión,Idioma,Fecha",
        "Организация,Страна,ФИО,Должность,Электронная почта,Панель,Язык,Дата",
        "المنظمة,البلد,الاسم,المنصب,البريد الإلكتروني,الجلسة,اللغة,التاريخ",
        "机构,国家,姓名,职务,电子邮件,小组,语言,日期",
        "Organization *,Country (ISO),Name,Function,E-MAIL,Panel,Language,Timestamp",
    ],
)
def test_columns_are_known_by_their_headings(head: str) -> None:
    found = columns.matched(head.split(","), "stakeholders")
    assert found == {
        name: place
        for place, name in enumerate(
            ("organization", "country", "name", "title", "email", "panel", "language", "received")
        )
    }


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("Prénom;Nom", {"given_name": 0, "family_name": 1}),
        ("Name;First name;Last name", {"given_name": 1, "family_name": 2}),
        ("Name;Name", {"name": 0}),
        ("Colour;;?", {}),
    ],
)
def test_names_in_parts_and_headings_that_say_nothing(head: str, found: dict[str, int]) -> None:
    assert columns.matched(head.split(";"), "stakeholders") == found


def test_a_mission_is_known_by_its_state() -> None:
    found = columns.matched(["État", "Nom", "Rang"], "member-states")
    assert found == {"delegation": 0, "name": 1, "rank": 2}


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["03/04/2026", "14/04/2026"], DAY),
        (["03/04/2026", "04/14/2026"], MONTH),
        (["03/04/2026"], ""),
        (["13/04/2026", "04/13/2026"], ""),
        (["2026-04-13", ""], ""),
    ],
)
def test_the_order_of_dates_is_that_which_all_can_have(dates: list[str], order: str) -> None:
    assert values.order_of(dates) == order


@pytest.mark.parametrize(
    ("text", "order", "at"),
    [
        ("2026-04-03", "", (2026, 4, 3, 0, 0)),
        ("20260403", "", (2026, 4, 3, 0, 0)),
        ("03/04/2026", DAY, (2026, 4, 3, 0, 0)),
        ("03/04/2026", MONTH, (2026, 3, 4, 0, 0)),
        ("3.4.26 14:05", DAY, (2026, 4, 3, 14, 5)),
        ("4/3/2026 2:05 PM", MONTH, (2026, 4, 3, 14, 5)),
        ("2026年4月3日", "", (2026, 4, 3, 0, 0)),
        ("٣/٤/٢٠٢٦", DAY, (2026, 4, 3, 0, 0)),
        ("2026-04-03T09:30:15Z", "", (2026, 4, 3, 9, 30)),
        ("31/02/2026", DAY, None),
        ("14/04/2026", MONTH, None),
        ("soon", "", None),
    ],
)
def test_dates_are_read_in_their_order(
    text: str, order: str, at: tuple[int, int, int, int, int] | None
) -> None:
    assert values.moment(text, order, UTC) == (datetime(*at, tzinfo=UTC) if at else None)
