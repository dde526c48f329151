"""The summary: its editor in the office, and its public page."""

from django.urls import path

from hemicycle.outcome.summary.views import (
    circulation,
    downloads,
    editor,
    office,
    public,
    versions,
)

app_name = "summary"
urlpatterns = [
    path("h/<slug:slug>/summary/", public.page, name="public"),
    path("h/<slug:slug>/summary.docx", downloads.public_docx, name="public-docx"),
    path("h/<slug:slug>/summary.pdf", downloads.public_pdf, name="public-pdf"),
    path(
        "h/<slug:slug>/recommendations.<str:kind>",
        downloads.public_recommendations,
        name="public-recommendations",
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
