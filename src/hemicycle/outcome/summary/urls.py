"""The summary: its editor in the office, and its public page."""

from django.urls import path

from hemicycle.outcome.summary.views import (
    circulation,
    downloads,
    editor,
    key_messages,
    office,
    public,
    translation,
    versions,
)

app_name = "summary"
urlpatterns = [
    path("h/<slug:slug>/summary/", public.page, name="public"),
    path("h/<slug:slug>/summary.docx", downloads.public_docx, name="public-docx"),
    path("h/<slug:slug>/summary.pdf", downloads.public_pdf, name="public-pdf"),
    path(
        "h/<slug:slug>/recommendations.<slug:kind>",
        downloads.public_recommendations,
        name="public-recommendations",
    ),
    path(
        "h/<slug:slug>/summary.<slug:language>.docx",
        downloads.public_docx,
        name="public-docx-in",
    ),
    path(
        "h/<slug:slug>/summary.<slug:language>.pdf",
        downloads.public_pdf,
        name="public-pdf-in",
    ),
    path(
        "h/<slug:slug>/recommendations.<slug:language>.<slug:kind>",
        downloads.public_recommendations,
        name="public-recommendations-in",
    ),
    path("h/<slug:slug>/key-messages/", key_messages.page, name="messages"),
    path("h/<slug:slug>/key-messages.pdf", key_messages.public_pdf, name="messages-pdf"),
    path(
        "h/<slug:slug>/key-messages.<slug:language>.pdf",
        key_messages.public_pdf,
        name="messages-pdf-in",
    ),
    path("office/<slug:slug>/summary/messages/", key_messages.index, name="office-messages"),
    path(
        "office/<slug:slug>/summary/messages/publish/",
        key_messages.publish,
        name="publish-messages",
    ),
    path(
        "office/<slug:slug>/summary/messages.csv",
        key_messages.as_csv,
        name="messages-csv",
    ),
    path("office/<slug:slug>/summary/", office.index, name="office"),
    path("office/<slug:slug>/summary/draft/", office.draft, name="draft"),
    path("office/<slug:slug>/summary/publish/", office.publish, name="publish"),
    path("office/<slug:slug>/summary/coverage/", office.coverage, name="coverage"),
    path("office/<slug:slug>/summary/source/", office.source, name="source"),
    path("office/<slug:slug>/summary/sentence/<uuid:pk>/", editor.sentence, name="sentence"),
    path("office/<slug:slug>/summary/sentence/<uuid:pk>/move/", editor.move, name="move"),
    path(
        "office/<slug:slug>/summary/sentence/<uuid:pk>/standing/",
        editor.edit_status,
        name="standing",
    ),
    path(
        "office/<slug:slug>/summary/translation/",
        translation.index,
        name="translations",
    ),
    path(
        "office/<slug:slug>/summary/translation/<slug:language>/",
        translation.language,
        name="translation",
    ),
    path(
        "office/<slug:slug>/summary/translation/<slug:language>/publish/",
        translation.publish,
        name="publish-translation",
    ),
    path(
        "office/<slug:slug>/summary/translation/<slug:language>/summary.docx",
        translation.paper,
        {"kind": "docx"},
        name="translation-docx",
    ),
    path(
        "office/<slug:slug>/summary/translation/<slug:language>/summary.pdf",
        translation.paper,
        {"kind": "pdf"},
        name="translation-pdf",
    ),
    path(
        "office/<slug:slug>/summary/translation/<slug:language>/<uuid:pk>/",
        translation.sentence,
        name="translate",
    ),
    path(
        "office/<slug:slug>/summary/translation/<slug:language>/<uuid:pk>/standing/",
        translation.edit_status,
        name="translation-standing",
    ),
    path("office/<slug:slug>/summary/versions/", versions.index, name="versions"),
    path("office/<slug:slug>/summary/versions/compare/", versions.compare, name="compare"),
    path("office/<slug:slug>/summary/circulation/", circulation.index, name="circulation"),
    path(
        "office/<slug:slug>/summary/circulation.csv",
        circulation.as_csv,
        name="circulation-csv",
    ),
    path(
        "office/<slug:slug>/summary/recommendations.<str:kind>",
        downloads.recommendations,
        name="recommendations",
    ),
    path("office/<slug:slug>/summary/section/<uuid:pk>/", editor.add, name="add"),
    path("office/<slug:slug>/summary/section/<uuid:pk>/offer/", editor.suggest, name="suggest"),
    path("office/<slug:slug>/summary/statement/<uuid:pk>/", editor.cite, name="cite"),
    path("office/<slug:slug>/summary/summary.docx", downloads.docx, name="docx"),
    path("office/<slug:slug>/summary/summary.pdf", downloads.pdf, name="pdf"),
]
