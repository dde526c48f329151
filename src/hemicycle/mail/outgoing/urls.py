"""The outbox, the texts of letters, distribution lists, and letters to lists."""

from django.urls import path

from hemicycle.mail.outgoing.views import letterheads, letters, lists, mailings, outbox, plan

app_name = "outgoing"
OFFICE = "office/<slug:slug>"
urlpatterns = [
    path("letters/leave/<secret:secret>/", outbox.unsubscribe, name="unsubscribe"),
    path(f"{OFFICE}/outbox/", outbox.index, name="office"),
    path(f"{OFFICE}/outbox/sending/", outbox.sending_part, name="sending"),
    path(f"{OFFICE}/outbox/cancel/", outbox.cancel, name="cancel-rest"),
    path(f"{OFFICE}/outbox/table.csv", outbox.export, {"kind": "csv"}, name="csv"),
    path(f"{OFFICE}/outbox/table.xlsx", outbox.export, {"kind": "xlsx"}, name="xlsx"),
    path(f"{OFFICE}/outbox/<uuid:pk>/", outbox.detail, name="detail"),
    path(f"{OFFICE}/outbox/<uuid:pk>/act/", outbox.act, name="act"),
    path(f"{OFFICE}/changes/", plan.index, name="plan"),
    path(f"{OFFICE}/letters/", letters.index, name="letters"),
    path(f"{OFFICE}/letters/calendars/", letters.calendars, name="calendars"),
    path(f"{OFFICE}/letters/letterhead/", letterheads.index, name="letterhead"),
    path(f"{OFFICE}/letters/letterhead/picture/", letterheads.picture, name="letterhead-picture"),
    path(f"{OFFICE}/letters/to-lists/", mailings.index, name="mailings"),
    path(f"{OFFICE}/letters/to-lists/<uuid:pk>/", mailings.detail, name="mailing"),
    path(f"{OFFICE}/letters/to-lists/<uuid:pk>/drop/", mailings.drop, name="drop-mailing"),
    path(f"{OFFICE}/letters/to-lists/<uuid:pk>/hold/", mailings.hold, name="hold-mailing"),
    path(f"{OFFICE}/letters/papers/<slug:kind>/<slug:language>/", mailings.paper, name="paper"),
    path(f"{OFFICE}/letters/lists/", lists.index, name="lists"),
    path(f"{OFFICE}/letters/lists/<uuid:pk>/", lists.detail, name="list"),
    path(f"{OFFICE}/letters/lists/<uuid:pk>/table.csv", lists.as_csv, name="list-csv"),
    path(f"{OFFICE}/letters/lists/<uuid:pk>/strike/", lists.strike, name="strike"),
    path(f"{OFFICE}/letters/lists/<uuid:pk>/import/", lists.upload, name="upload"),
    path(f"{OFFICE}/letters/lists/<uuid:pk>/import/<uuid:found>/", lists.imported, name="import"),
    path(f"{OFFICE}/letters/text/<slug:key>/<slug:language>/", letters.edit, name="wording"),
]
