from django.urls import path

from hemicycle.before.registration.views import (
    confirm,
    entry,
    missions,
    personal,
    proof,
    received,
    staff,
)

app_name = "registration"

urlpatterns = [
    path("h/<slug:slug>/take-part/", entry.choose, name="choose"),
    path("h/<slug:slug>/register/", entry.register, name="register"),
    path("h/<slug:slug>/inscribe/", entry.inscribe, name="inscribe"),
    path("my/", personal.ask_again, name="ask-again"),
    path("my/<secret:secret>/", personal.page, name="personal"),
    path("received/<str:key>/", received.page, name="received"),
    path("received/<str:key>/receipt-<int:seq>.json", received.receipt, name="received-receipt"),
    path("confirm/<str:key>/", confirm.page, name="confirm"),
    path("my/<secret:secret>/receipt-<int:seq>.json", personal.receipt, name="receipt"),
    path("my/<secret:secret>/hearing.ics", personal.calendar, name="calendar"),
    path("my/<secret:secret>/details/", personal.details, name="details"),
    path("my/<secret:secret>/replace/", personal.replace, name="replace"),
    path("my/<secret:secret>/public-name/", personal.public_name, name="public-name"),
    path("my/<secret:secret>/withdraw/", personal.withdraw, name="withdraw"),
    path("my/<secret:secret>/erase/", personal.erase, name="erase"),
    path("co-sign/<secret:secret>/", personal.co_sign, name="co-sign"),
    path("receipts/", proof.check, name="check-receipt"),
    path("h/<slug:slug>/chain/", proof.chain, name="chain"),
    path("h/<slug:slug>/chain.json", proof.chain_json, name="chain-json"),
    path("h/<slug:slug>/public-key.pem", proof.public_key, name="public-key"),
    path("h/<slug:slug>/verify.pyz", proof.verifier, name="verifier"),
    path("h/<slug:slug>/verify.html", proof.verify_page, name="verify-page"),
    path("office/<slug:slug>/registrations/", staff.index, name="office"),
    path("office/<slug:slug>/registrations/decide/", staff.decide, name="decide"),
    path("office/<slug:slug>/missions/", missions.page, name="missions"),
    path("office/<slug:slug>/missions/<uuid:pk>/remove/", missions.remove, name="mission-remove"),
    path("office/<slug:slug>/registrations/similar/", staff.similar, name="similar"),
    path("office/<slug:slug>/registrations.csv", staff.as_csv, name="csv"),
    path("office/<slug:slug>/registrations.xlsx", staff.as_xlsx, name="xlsx"),
    path("office/<slug:slug>/registrations/<uuid:pk>/", staff.detail, name="detail"),
    path("office/<slug:slug>/registrations/<uuid:pk>/link/", staff.link, name="link"),
    path("office/<slug:slug>/registrations/<uuid:pk>/alias/", staff.alias, name="alias"),
    path(
        "office/<slug:slug>/co-signers/<uuid:pk>/alias/",
        staff.co_signer_alias,
        name="co-signer-alias",
    ),
]
