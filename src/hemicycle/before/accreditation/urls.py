"""Addresses of accreditation: of the office, the applicant, the focal point, a mission."""

from django.urls import path

from hemicycle.before.accreditation.views import (
    circulation,
    editions,
    focal_points,
    own,
    public,
    review,
)

app_name = "accreditation"
urlpatterns = [
    path("office/<slug:slug>/review/", review.index, name="office"),
    path("office/<slug:slug>/review/ask/", review.ask_all, name="ask-all"),
    path("office/<slug:slug>/review/<uuid:pk>/ask/", review.ask, name="ask"),
    path("office/<slug:slug>/review/approvals/<uuid:pk>/revoke/", review.revoke, name="revoke"),
    path("office/<slug:slug>/review/evidence/<uuid:pk>/", review.file, name="evidence-file"),
    path("office/<slug:slug>/review/focal-points/", focal_points.index, name="focal-points"),
    path(
        "office/<slug:slug>/review/focal-points/<uuid:pk>/dismiss/",
        focal_points.dismiss,
        name="dismiss",
    ),
    path("office/<slug:slug>/review/no-objection/", editions.index, name="editions"),
    path("office/<slug:slug>/review/no-objection/<int:number>/", editions.detail, name="edition"),
    path(
        "office/<slug:slug>/review/no-objection/<int:number>/circulate/",
        circulation.circulate,
        name="circulate",
    ),
    *(
        path(
            f"office/<slug:slug>/review/no-objection/<int:number>/{name}/",
            getattr(circulation, name.replace("-", "_")),
            name=f"list-{name}",
        )
        for name in ("leave-out", "discard", "correct", "withdraw", "hold")
    ),
    path(
        "office/<slug:slug>/review/no-objection/<int:number>/close/", editions.close, name="close"
    ),
    path(
        "office/<slug:slug>/review/no-objection/<int:number>/list.<str:kind>",
        editions.file,
        name="edition-file",
    ),
    path("office/<slug:slug>/review/objections/<uuid:pk>/settle/", editions.settle, name="settle"),
    path("my/<secret:secret>/evidence/", own.add, name="evidence"),
    path("my/<secret:secret>/evidence/<uuid:pk>/", own.file, name="own-evidence"),
    path("my/<secret:secret>/evidence/<uuid:pk>/remove/", own.remove, name="evidence-remove"),
    path("approve/<secret:secret>/", public.approve, name="approve"),
    path("approve/<secret:secret>/evidence/<uuid:pk>/", public.evidence, name="approve-evidence"),
    path("no-objection/<secret:secret>/", public.circulated, name="circulated"),
    path("no-objection/<secret:secret>/list.<str:kind>", public.file, name="circulated-file"),
]
