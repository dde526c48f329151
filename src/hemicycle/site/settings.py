"""Django's settings. `docs/settings.md` explains every variable that is read here."""

from typing import Any
from urllib.parse import urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from hemicycle import error_reports, logs
from hemicycle.engine.secret import made_once
from hemicycle.hearing.people import institution_config
from hemicycle.mail.incoming import config as mailroom
from hemicycle.meeting.room import turn
from hemicycle.record.key_stores.addresses import check_place
from hemicycle.site import database_connections, env
from hemicycle.site.about import config as operator_config
from hemicycle.site.files import config as files_config
from hemicycle.ui.languages import interface_languages

django_stubs_ext.monkeypatch()  # lets forms and views name their model in brackets

# ── Files and folders ─────────────────────────────────────────────────────────────────────────
SETTINGS_FILE = env.settings_file()
DATA_DIR = env.private_folder("DATA_DIR", "var")
KEYS_DIR = DATA_DIR / "keys"
# `site.backup.stores` reads these without Django, since a backup can also be verified on a machine
# without a site. The stores of files and webcast have their own settings, which `site.files.bucket`
# and `engine.webcast_store` read in the same way.
for _name, _default in (("ENDPOINT", ""), ("KEY", ""), ("REGION", "us-east-1"), ("SECRET", "")):
    env.text(f"BACKUP_S3_{_name}", _default)
    env.text(f"FILES_S3_{_name}", _default)
    env.text(f"WEBCAST_S3_{_name}", _default)
RECORD_KEY = env.parsed("RECORD_KEY", "", lambda raw: raw and check_place(raw))
ERASED_LIST = DATA_DIR / "erased.jsonl"
UPLOADS_DIR = MEDIA_ROOT = DATA_DIR / "uploads"
# Files from people, and files made from them: in a folder, or in a store with the S3 protocol.
FILES = env.parsed("FILES", files_config.FOLDER, files_config.place)

# ── Timestamps of checkpoints (RFC 3161) ──────────────────────────────────────────────────────
TIMESTAMP_URL = env.parsed("TIMESTAMP_URL", "", env.web_address)
TIMESTAMP_CERTIFICATE = env.certificates("TIMESTAMP_CERTIFICATE")
if TIMESTAMP_URL and TIMESTAMP_CERTIFICATE is None:
    raise ImproperlyConfigured(
        "HEMICYCLE_TIMESTAMP_CERTIFICATE is missing: a PEM file with the certificate by which the "
        "answers of the authority at HEMICYCLE_TIMESTAMP_URL are checked."
    )

# ── Addresses, keys and cookies ───────────────────────────────────────────────────────────────
DEBUG = env.flag("DEBUG", default=False)
BASE_URL = env.origin("BASE_URL", "http://localhost:8000")
PUBLIC = BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.words("HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
if (_host := urlsplit(BASE_URL).hostname) and _host not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_host)

SECRET_KEY, *_older = env.lines("SECRET_KEY") or [""]
if PUBLIC and not SECRET_KEY:
    raise ImproperlyConfigured(
        "HEMICYCLE_SECRET_KEY is missing: a site at an https address needs 50 or more random "
        "characters there, the same on each of its machines."
    )
if not SECRET_KEY:
    if (DATA_DIR / "db.sqlite3").exists() and not (KEYS_DIR / "secret").exists():
        raise ImproperlyConfigured(
            f"{DATA_DIR} has a database but no keys/secret: it was restored in part. Restore keys/ "
            "too, or write 50 random characters into that file, and old links stop working."
        )
    SECRET_KEY, *_older = made_once(KEYS_DIR / "secret").split()
# Signatures of earlier keys stay valid: `hemicycle admin rotate-keys` keeps the keys in the file.
SECRET_KEY_FALLBACKS = [*_older, *env.words("SECRET_KEY_FALLBACKS", "")]

SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PUBLIC else 0
# A browser accepts a cookie with this prefix only from this host, over TLS, for all its addresses:
# no other host under the same domain can plant one.
COOKIE_PREFIX = "__Host-" if PUBLIC else ""
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = PUBLIC
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "hemicycle.site.http.message_cookie.MessageStorage"
MESSAGE_COOKIE_NAME = f"{COOKIE_PREFIX}messages"
# Not `no-referrer`: browsers would then send `Origin: null` with our own forms, which are refused.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "manifest-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "media-src": [CSP.SELF, "blob:"],  # hls.js plays the webcast's segments from such addresses
    "worker-src": [CSP.SELF, "blob:"],  # hls.js starts its workers from such addresses
    "connect-src": [CSP.SELF],  # and edges, added below
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}

# ── Apps and middleware ───────────────────────────────────────────────────────────────────────
# In the order in which they may import one another; contracts in pyproject.toml enforce it.
HOUSE_APPS = [
    "hemicycle.record",
    "hemicycle.ui",
    "hemicycle.hearing.people",
    "hemicycle.hearing.jobs",
    "hemicycle.hearing.setup",
    "hemicycle.hearing.exports",
    "hemicycle.mail.outgoing",
    "hemicycle.mail.incoming",
    "hemicycle.before.registration",
    "hemicycle.before.consent",
    "hemicycle.before.readers",
    "hemicycle.before.on_air",
    "hemicycle.before.speakers",
    "hemicycle.before.statements",
    "hemicycle.before.questions",
    "hemicycle.before.training",
    "hemicycle.before.accreditation",
    "hemicycle.before.meeting_documents",
    "hemicycle.meeting.wall",
    "hemicycle.meeting.state",
    "hemicycle.meeting.media_machines",
    "hemicycle.meeting.cutting",
    "hemicycle.meeting.webcast",
    "hemicycle.meeting.captions",
    "hemicycle.meeting.room",
    "hemicycle.meeting.interpretation",
    "hemicycle.outcome.summary",
    "hemicycle.outcome.archive",
    "hemicycle.site.operating",
    "hemicycle.site.security",
    "hemicycle.site.about",
    "hemicycle.site.api",
    "hemicycle.site.rehearsal",
]
INSTALLED_APPS = [
    *HOUSE_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
MIDDLEWARE = [
    "hemicycle.site.security.middleware.name_network",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "hemicycle.site.permissions.middleware",
    "hemicycle.site.http.scripted_uploads.middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hemicycle.site.http.language.LanguageMiddleware",
    "hemicycle.site.http.out_of_reach.spare_who_waited",
    "hemicycle.site.http.known_hosts.middleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "hemicycle.hearing.people.middleware.PeopleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "hemicycle.hearing.people.private_links.PrivateLinks",
    "hemicycle.site.security.brake.Brake",
    "hemicycle.hearing.people.confirmation.ConfirmationMiddleware",
    "hemicycle.site.http.out_of_reach.SomethingAway",
]
ROOT_URLCONF = "hemicycle.site.urls"
NAVIGATION = "hemicycle.site.navigation.AREAS"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
FORM_RENDERER = "hemicycle.ui.forms.Renderer"

# ── Data ──────────────────────────────────────────────────────────────────────────────────────
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
}
# The address of PostgreSQL itself, if `DATABASE_URL` leads to a pooler.
DATABASE_DIRECT = env.parsed("DATABASE_DIRECT_URL", "", env.postgresql_parameters)
_pool_size = env.number("DATABASE_POOL", 8, least=1)
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Outside of a transaction, a server-side cursor would outlive its connection in a pooler.
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = bool(DATABASE_DIRECT)
    # The same statements are repeated often, so the server keeps their plans. The pool spares the
    # threads of pages, and the other threads, a new connection each time.
    DATABASES["default"]["OPTIONS"] = {
        **database_connections.PATIENCE,
        **DATABASES["default"]["OPTIONS"],
        "server_side_binding": True,
        "prepare_threshold": 3,
        "pool": database_connections.pool(_pool_size),
    }
elif DATABASE_DIRECT:
    raise ImproperlyConfigured(
        "HEMICYCLE_DATABASE_DIRECT_URL is set, and HEMICYCLE_DATABASE_URL names no PostgreSQL: "
        "remove it."
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Long work on files has its own queue (`hearing.jobs`), so that reminders do not wait for it.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# ── People ────────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "people.Person"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS: list[dict[str, str]] = []  # no one has a password
# Sessions are in the database, so that revoking a link ends them at once. A page that does not
# use the session costs no query for it.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}hemicycle"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # a phone's clock may be half a minute off
MFA_ADAPTER = "hemicycle.hearing.people.adapters.MFAAdapter"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PUBLIC  # browsers allow passkeys on http://localhost

# Staff of a public site prove more than a mailbox, and again before dangerous actions.
STAFF_SECOND_FACTOR = PUBLIC and not env.is_loopback(_host or "")
CONFIRM_AFTER_MINUTES = env.number("CONFIRM_AFTER_MINUTES", 15, least=1)
DANGEROUS_ACTS = "hemicycle.site.dangerous_acts.ACTS"
# A console may be watched for a whole day of meetings without a request for a page.
SESSION_IDLE_MINUTES = env.number("SESSION_IDLE_MINUTES", 720, least=1)
SESSION_HOURS = env.number("SESSION_HOURS", 168, least=1)

# ── The operator's information about the site ────────────────────────────────────────────────
OPERATOR_NAME = env.text("OPERATOR_NAME", "")
OPERATOR_ADDRESS = env.text("OPERATOR_ADDRESS", "")
CONTACT_EMAIL = env.address("CONTACT_EMAIL", "")
SECURITY_CONTACT = env.parsed("SECURITY_CONTACT", "", operator_config.contact_uri)
PAGES_DIR = env.parsed("PAGES_DIR", "", operator_config.texts_folder)
# The target of "Help": an address of the operator's, or the handbook in the package.
HANDBOOK_URL = env.parsed("HANDBOOK_URL", "", env.web_address)
HAS_HANDBOOK = (env.PACKAGE_DIR / "site/about/handbook_pages/index.html").exists()

# ── An institution's own accounts ─────────────────────────────────────────────────────────────
INSTITUTION_NAME = env.text("INSTITUTION_NAME", "")
INSTITUTION_DOMAINS = env.parsed("INSTITUTION_DOMAINS", "", institution_config.domains)
OIDC_ISSUER = env.parsed("OIDC_ISSUER", "", institution_config.address)
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET", "")
SAML_ENTITY = env.text("SAML_ENTITY", "")
SAML_SIGN_ON = env.parsed("SAML_SIGN_ON", "", institution_config.address)
SAML_CERTIFICATE = env.parsed("SAML_CERTIFICATE", "", institution_config.certificate)
SAML_EMAIL = env.text("SAML_EMAIL", "")
SOCIALACCOUNT_ADAPTER = "hemicycle.hearing.people.institutions.Adapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # the content security policy lets no form lead to another site
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "institution"
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if OIDC_ISSUER:
    if not OIDC_CLIENT_ID or not INSTITUTION_DOMAINS:
        raise ImproperlyConfigured(
            "HEMICYCLE_OIDC_ISSUER needs HEMICYCLE_OIDC_CLIENT_ID, and "
            "HEMICYCLE_INSTITUTION_DOMAINS with the domains for whose addresses it may speak."
        )
    SOCIALACCOUNT_PROVIDERS |= institution_config.oidc(
        issuer=OIDC_ISSUER,
        client_id=OIDC_CLIENT_ID,
        secret=OIDC_CLIENT_SECRET,
        name=INSTITUTION_NAME or "OpenID Connect",
    )
if SAML_ENTITY:
    if not SAML_SIGN_ON or not SAML_CERTIFICATE or not INSTITUTION_DOMAINS:
        raise ImproperlyConfigured(
            "HEMICYCLE_SAML_ENTITY needs HEMICYCLE_SAML_SIGN_ON, HEMICYCLE_SAML_CERTIFICATE, and "
            "HEMICYCLE_INSTITUTION_DOMAINS with the domains for whose addresses it may speak."
        )
    INSTALLED_APPS.append("allauth.socialaccount.providers.saml")
    SOCIALACCOUNT_PROVIDERS |= institution_config.saml(
        entity=SAML_ENTITY,
        sign_on=SAML_SIGN_ON,
        certificate=SAML_CERTIFICATE,
        name=INSTITUTION_NAME or "SAML",
        email=SAML_EMAIL,
    )

# ── Mail ──────────────────────────────────────────────────────────────────────────────────────
# The worker sends the letters in the outbox (`hemicycle.mail.outgoing`) by a mail server, or by a
# Django mail back end, such as django-anymail's. Without either, they stay in the outbox.
SMTP = env.smtp("SMTP_URL")
MAIL_BACKEND = env.text("MAIL_BACKEND", "")
if SMTP and MAIL_BACKEND:
    raise ImproperlyConfigured(
        "HEMICYCLE_SMTP_URL and HEMICYCLE_MAIL_BACKEND are both given: mail has one way out."
    )
MAIL_FROM = env.address("MAIL_FROM", "") or f"hemicycle@{urlsplit(BASE_URL).hostname}"
MAIL_BOUNCES = env.address("MAIL_BOUNCES", "")
MAIL_HOLD_MINUTES = env.number("MAIL_HOLD_MINUTES", 5)
MAIL_PER_MINUTE = env.number("MAIL_PER_MINUTE", 600)
MAIL_AUTHORITIES = env.certificates("MAIL_AUTHORITIES")
MAILERS = {
    "default": {
        "BACKEND": MAIL_BACKEND or "django.core.mail.backends.dummy.EmailBackend",
        "OPTIONS": env.options("MAIL_OPTIONS"),
    }
}

# Mail to a hearing's addresses is received by `hemicycle mail` (`hemicycle.mail.incoming`).
MAILROOM = {
    "smtp": env.parsed("MAILROOM_SMTP", "127.0.0.1:8025", mailroom.listening),
    "lmtp": env.parsed("MAILROOM_LMTP", "127.0.0.1:8024", mailroom.listening),
    "most_bytes": env.number("MAILROOM_MOST_MB", 40, least=1) * 2**20,
    "connections": env.number("MAILROOM_CONNECTIONS", 100, least=1),
    "certificate": env.parsed("MAILROOM_CERTIFICATE", "", mailroom.file_or_none),
    "trusted": env.parsed("MAILROOM_TRUSTED", "", mailroom.trusted_servers),
    "dns": env.parsed("MAILROOM_DNS", "0", mailroom.checked_here),
    "own_addresses": env.flag("MAILROOM_OWN_ADDRESSES", default=False),
    "imap": env.parsed("MAILROOM_IMAP", "", mailroom.mailboxes),
    "imap_every_s": env.number("MAILROOM_IMAP_EVERY", 30, least=1),
    "clamd": env.parsed("MAILROOM_CLAMD", "", mailroom.clamd_at),
}

# ── Languages and times ───────────────────────────────────────────────────────────────────────
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LOCALE_PATHS = [env.PACKAGE_DIR / "locale"]
LANGUAGES = interface_languages(*LOCALE_PATHS)
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}hemicycle_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"

# ── Static files ──────────────────────────────────────────────────────────────────────────────
# Served by `hemicycle.site.asgi` beside Django: names have a hash, so browsers cache them forever.
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_DIR", str(DATA_DIR / "static"))
STORAGES = {
    "default": files_config.storage(FILES),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "hemicycle.site.http.static_files.HashedStorage"
    },
}

# ── Sound and picture ─────────────────────────────────────────────────────────────────────────
MEDIA_ENGINE = env.media_engine()
# Pages of people who listen at an edge connect to it for sound and picture.
SECURE_CSP["connect-src"] = [CSP.SELF, *(edge.origin for edge in MEDIA_ENGINE.edges)]
WEBCAST_URL = env.place("WEBCAST_URL", "/media/hls")
TURN = turn.TurnServers(env.parsed("TURN_URLS", "", turn.parse_urls), env.text("TURN_SECRET", ""))
if TURN.urls and not TURN.secret:
    raise ImproperlyConfigured(turn.UNSHARED)

# ── Targets of requests that people set up: webhooks, and sources of the wall ─────────────────
REACH_PRIVATE_NETWORKS = env.flag("REACH_PRIVATE_NETWORKS", default=False)

# ── A language model for notes and summaries: off unless an address is given ──────────────────
MODEL_URL = env.text("MODEL_URL", "")
MODEL_NAME = env.text("MODEL_NAME", "default")
MODEL_KEY = env.text("MODEL_KEY", "")
MODEL_TIMEOUT_S = env.number("MODEL_TIMEOUT_S", 60, least=1)
if MODEL_URL and not MODEL_URL.startswith(("http://", "https://")):
    raise ImproperlyConfigured(
        "HEMICYCLE_MODEL_URL must be an address that begins with http:// or https://, such as "
        "http://127.0.0.1:8080/v1."
    )

# ── Rate limits, and the security log ─────────────────────────────────────────────────────────
# Clients in one network share a limit: one IPv4 address or up to 256 of them, and the IPv6 prefix
# of one household or office.
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "127.0.0.1,::1")
LIMIT_PREFIXES = {
    4: env.number("LIMIT_IPV4_PREFIX", 32, least=24, most=32),
    6: env.number("LIMIT_IPV6_PREFIX", 64, least=48, most=64),
}
LIMIT_FREE_NETWORKS = env.networks("LIMIT_FREE_NETWORKS", "")
STORAGE_PER_REGISTRATION = env.number("STORAGE_PER_REGISTRATION_MB", 300, least=1) * 2**20
SECURITY_LOG_DIR = DATA_DIR / "security"
_SECURITY_LOG = env.choices("SECURITY_LOG", "file", {"file", "stderr"})
_SECURITY_LOG_DAYS = env.number("SECURITY_LOG_DAYS", 180, least=1)

# ── Logging ───────────────────────────────────────────────────────────────────────────────────
LOG_FORMAT = env.parsed("LOG_FORMAT", "text", logs.parse_format)
_SENTRY_DSN = env.parsed("SENTRY_DSN", "", error_reports.parse_dsn)
_ERROR_REPORTS = (
    {"error_reports": {"class": "hemicycle.error_reports.ErrorReports", "dsn": _SENTRY_DSN}}
    if _SENTRY_DSN
    else {}
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "chosen": {"()": "hemicycle.logs.formatter", "format_": LOG_FORMAT},
        "security": {"()": "hemicycle.site.security.log_files.JsonLine"},
    },
    "filters": {
        "refusals_briefly": {"()": "hemicycle.site.http.refusals.RefusalsBriefly"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "chosen",
            "filters": ["refusals_briefly"],
        },
        "security_file": {
            "class": "hemicycle.site.security.log_files.DayFiles",
            "folder": SECURITY_LOG_DIR,
            "days": _SECURITY_LOG_DAYS,
        },
        "security_stderr": {"class": "logging.StreamHandler", "formatter": "security"},
        **_ERROR_REPORTS,
    },
    "root": {"handlers": ["stderr", *_ERROR_REPORTS], "level": env.text("LOG_LEVEL", "WARNING")},
    "loggers": {
        "hemicycle.security": {
            "level": "INFO",
            "propagate": False,
            "handlers": [f"security_{place}" for place in sorted(_SECURITY_LOG)],
        },
    },
}

env.no_strangers()
