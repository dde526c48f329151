"""Sample papers for the tests of the formats."""

import datetime as dt

from hemicycle.documents.writing import (
    BulletList,
    Heading,
    NumberedList,
    PageBreak,
    Paper,
    Paragraph,
    Run,
    SourceNote,
    SourceNotes,
    Table,
)

ENGLISH = Paper(
    title="President’s summary of the multi-stakeholder hearing",
    subtitle="Appraisal of the Global Plan of Action",
    language="en",
    author="Office of the President",
    date=dt.date(2021, 7, 20),
    facts=(
        ("Date", "Tuesday, 13 July 2021"),
        ("Mandate", "Resolutions 74/176 and 75/283"),
        ("Participants", "412 registered, 38 delivered a statement"),
    ),
    blocks=(
        Heading(1, "Introduction"),
        Paragraph(
            (
                Run("The hearing heard "),
                Run("thirty-eight", strong=True),
                Run(" speakers in two panels.", sources=(1, 2)),
                Run(" It closed at 5 p.m.", emphasis=True),
            )
        ),
        Heading(1, "Panel 1"),
        Heading(2, "Roles of civil society"),
        BulletList(((Run("A fund for legal aid.", sources=(2,)),), (Run("Shelters first."),))),
        Heading(2, "Shared responsibility"),
        NumberedList(((Run("First act."),), (Run("Second act."),))),
        NumberedList(((Run("First again."),),)),
        Table(
            ("Category", "Inscribed", "Delivered"), (("States", "20", "18"), ("NGOs", "30", "20"))
        ),
        PageBreak(),
        Heading(1, "Sources", numbered=False),
        SourceNotes(
            (
                SourceNote(1, "Example Coalition, statement, paragraph 3"),
                SourceNote(2, "Record, entry 118"),
            )
        ),
    ),
)
ARABIC = Paper(
    title="موجز الرئيس لجلسة الاستماع",
    subtitle="تقييم خطة العمل العالمية",
    language="ar",
    facts=(("التاريخ", "13 تموز/يوليه 2021"),),
    blocks=(
        Heading(1, "مقدمة"),
        Paragraph(
            (Run("استمعت الجلسة إلى 38 متكلماً (القرار 75/283) عبر Interprefy.", sources=(1,)),)
        ),
        Paragraph((Run("Quoted in English."),), language="en"),
        BulletList(((Run("صندوق للمساعدة القانونية."),),)),
        Table(("الفئة", "العدد"), (("الدول الأعضاء", "18"),)),
        SourceNotes((SourceNote(1, "بيان التحالف، الفقرة 3"),)),
    ),
)
CHINESE = Paper(
    title="主席关于听证会的摘要",
    language="zh",
    facts=(("日期", "2021年7月13日"),),
    blocks=(
        Heading(1, "导言"),
        Paragraph((Run("听证会听取了三十八位发言者的意见。", strong=True),)),
    ),
)
