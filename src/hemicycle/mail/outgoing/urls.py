"""The outbox, the texts of letters, distribution lists, and letters to lists."""

from django.urls import path

from hemicycle.mail.outgoing import letter_views, list_views, mailing_views, views

app_name = "outgoing"
OFFICE = "office/<slug:slug>"
urlpatterns = [
    path("letters/leave/<str:secret>/", views.unsubscribe, name="unsubscribe"),
    path(f"{OFFICE}/outbox/", views.index, name="office"),
    path(f"{OFFICE}/outbox/table.csv", views.as_csv, name="csv"),
    path(f"{OFFICE}/outbox/table.xlsx", views.as_xlsx, name="xlsx"),
    path(f"{OFFICE}/outbox/<uuid:pk>/", views.detail, name="detail"),
    path(f"{OFFICE}/outbox/<uuid:pk>/act/", views.act, name="act"),
    path(f"{OFFICE}/letters/", letter_views.index, name="letters"),
    path(f"{OFFICE}/letters/calendars/", letter_views.calendars, name="calendars"),
    path(f"{OFFICE}/letters/to-lists/", mailing_views.index, name="mailings"),
    path(f"{OFFICE}/letters/to-lists/<uuid:pk>/", mailing_views.detail, name="mailing"),
    path(f"{OFFICE}/letters/to-lists/<uuid:pk>/drop/", mailing_views.drop, name="drop-mailing"),
    path(
        f"{OFFICE}/letters/papers/<slug:kind>/<slug:language>/", mailing_views.paper, name="paper"
    ),
    path(f"{OFFICE}/letters/lists/", list_views.index, name="lists"),
    path(f"{OFFICE}/letters/lists/<uuid:pk>/", list_views.detail, name="list"),
    path(f"{OFFICE}/letters/lists/<uuid:pk>/table.csv", list_views.as_csv, name="list-csv"),
    path(f"{OFFICE}/letters/lists/<uuid:pk>/strike/", list_views.strike, name="strike"),
    path(f"{OFFICE}/letters/lists/<uuid:pk>/import/", list_views.upload, name="upload"),
    path(
        f"{OFFICE}/letters/lists/<uuid:pk>/import/<uuid:found>/", list_views.imported, name="import"
    ),
    path(f"{OFFICE}/letters/text/<slug:key>/<slug:language>/", letter_views.edit, name="wording"),
]
