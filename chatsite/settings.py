"""Settings, read top to bottom. Tunables stand beside what they tune; here is only the wiring."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from chatsite import oidc
from chatsite.databases import postgres_at
from chatsite.env import Env, WrongVariable, in_brackets, is_loopback, origin_of
from chatsite.hidden import learn
from chatsite.logs import FORMS, logging_as
from chatsite.secret import kept_secret, room_for_uploads
from chatsite.security import content_security_policy

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env.beside(BASE_DIR)

# Where we are, and who may call us by which name -------------------------------------------------

DEBUG = env.flag("DJANGO_DEBUG", False)
DATA_DIR = Path(env.text("CHATSITE_DATA_DIR", str(BASE_DIR / "var"))).expanduser().absolute()
HOST = env.text("CHATSITE_HOST", "127.0.0.1").strip("[]")
PORT = env.whole("CHATSITE_PORT", 8000, least=1, most=65535)

_shown_host = "127.0.0.1" if HOST in ("0.0.0.0", "::") else in_brackets(HOST)  # noqa: S104
_public = env.origin("CHATSITE_PUBLIC_URL") or origin_of(
    "CHATSITE_HOST", f"http://{_shown_host}:{PORT}"
)
PUBLIC_URL = _public.geturl()
_public_host = _public.hostname or ""
HTTPS = _public.scheme == "https"
TRUSTED_PROXIES = env.networks("CHATSITE_TRUSTED_PROXIES")

LOGGING = logging_as(env.choice("CHATSITE_LOGS", "line", tuple(FORMS)))
# Who has it may read /metrics from anywhere; else this machine alone may, and trusted proxies.
METRICS_TOKEN = env.text("CHATSITE_METRICS_TOKEN")
if METRICS_TOKEN and not (len(METRICS_TOKEN) >= 16 and METRICS_TOKEN.isascii()):
    wanted = "16 or more ASCII characters are needed, such as `openssl rand -hex 24` writes"
    raise WrongVariable("CHATSITE_METRICS_TOKEN", "…", wanted)
# Where a worker, which serves no pages, tells its numbers: to whoever reaches it.
WORKER_METRICS = env.address("CHATSITE_WORKER_METRICS", "http")
if WORKER_METRICS and WORKER_METRICS.port is None:
    wanted = "a host and a port such as http://127.0.0.1:9101 are needed"
    raise WrongVariable("CHATSITE_WORKER_METRICS", WORKER_METRICS.geturl(), wanted)

LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
_asked_hosts = env.words("DJANGO_ALLOWED_HOSTS")
ALLOWED_HOSTS = [*(_asked_hosts or [in_brackets(_public_host)]), *LOOPBACK_HOSTS]
CSRF_TRUSTED_ORIGINS = env.origins("DJANGO_CSRF_TRUSTED_ORIGINS") or [PUBLIC_URL]

_all_loopback = all(is_loopback(host) for host in [HOST, _public_host, *_asked_hosts])
SIGNUP = env.choice(
    "CHATSITE_SIGNUP", "open" if _all_loopback else "invite", ("open", "invite", "closed")
)

# The largest export of elsewhere that somebody may bring.
IMPORT_BYTES = env.whole("CHATSITE_IMPORT_MEGABYTES", 512, least=1, most=65_536) * 1024 * 1024
# Who may open the link to a conversation: whoever has it, people of this site, nobody (decision 0067).
SHARING = env.choice("CHATSITE_SHARING", "public", ("public", "signed_in", "off"))
# Pictures that are named by an address: fetched by us, by the model's vendor as well, or not taken; hosts of
# one's own networks from which they may come too (decisions 0112, 0113).
IMAGE_URLS = env.choice("CHATSITE_IMAGE_URLS", "fetch", ("fetch", "pass", "off"))
IMAGE_HOSTS = env.hosts("CHATSITE_IMAGE_HOSTS")

# Limits for one user (PROTOCOL.md); 0 is no limit ------------------------------------------------

USER_REQUESTS_PER_MINUTE = env.whole("CHATSITE_USER_REQUESTS_PER_MINUTE", 30)
USER_SOCKETS = env.whole("CHATSITE_USER_SOCKETS", 20)
USER_RUNS = env.whole("CHATSITE_USER_RUNS", 5)
USER_STORAGE = env.whole("CHATSITE_USER_STORAGE", 1024)  # MB of pictures
DRAIN_SECONDS = env.whole("CHATSITE_DRAIN_SECONDS", 20, most=3600)

# Where a proxy has the pictures, by X-Accel-Redirect; empty: this site reads them itself.
ACCEL = env.folder("CHATSITE_ACCEL")

# The model vendor: the SDK's own names for the first provider ------------------------------------


def _options(given: dict[str, Any]) -> dict[str, Any]:
    if not given:
        return {}
    from conversations.chat.questions import usual_options  # which takes pydantic a moment

    try:
        return usual_options(given)
    except ValueError as problem:
        raise WrongVariable("CHATSITE_OPTIONS", json.dumps(given), str(problem)) from None


OPENAI_API_KEY = env.text("OPENAI_API_KEY")
if not (OPENAI_API_KEY.isascii() and OPENAI_API_KEY.isprintable()):
    raise WrongVariable("OPENAI_API_KEY", "…", "it goes into a header, where only ASCII may stand")
env.address("OPENAI_BASE_URL", "http", "https")
OPENAI_BASE_URL = env.text("OPENAI_BASE_URL")
BUILTIN_MODEL_URL = env.text("CHATSITE_BUILTIN_MODEL_URL")
BUILTIN_MODEL_KEY = env.text("CHATSITE_BUILTIN_MODEL_KEY")  # a loopback port is open to all here
DEFAULT_MODEL = env.text("CHATSITE_DEFAULT_MODEL")
# What every model reads first, in every conversation of everybody.
SYSTEM_PROMPT = env.text("CHATSITE_SYSTEM_PROMPT")
# What models are asked with where neither their row nor a conversation nor a message says it.
OPTIONS = _options(env.object("CHATSITE_OPTIONS"))
# Whether the model names a conversation after its first answer; else its first words stay.
TITLES = env.flag("CHATSITE_TITLES", True)
# For how many seconds an answer at temperature 0 may be given to others who ask the very same.
ANSWER_CACHE = env.whole("CHATSITE_ANSWER_CACHE", 0, most=31_536_000)
# Whether the old part of a long conversation is summarised; else it is left out where there is no room.
SUMMARIES = env.flag("CHATSITE_SUMMARIES", True)
# How long a call may take to connect, until its first token (thinking counts), between two, in all.
CONNECT_SECONDS = env.whole("CHATSITE_CONNECT_SECONDS", 10, least=1, most=3600)
FIRST_TOKEN_SECONDS = env.whole("CHATSITE_FIRST_TOKEN_SECONDS", 60, least=1, most=86_400)
BETWEEN_TOKENS_SECONDS = env.whole("CHATSITE_BETWEEN_TOKENS_SECONDS", 60, least=1, most=86_400)
ANSWER_SECONDS = env.whole("CHATSITE_ANSWER_SECONDS", 900, least=1, most=86_400)
# Before a provider that allows only so much, a question waits for its turn so long at most.
QUEUE_SECONDS = env.whole("CHATSITE_QUEUE_SECONDS", 120, least=1, most=3600)
# Where an administrator may say that another provider's key is: in these variables, in files there,
# or in Postgres, sealed with the first of these keys (provider/keys.py).
API_KEYS = {name: env.text(name) for name in env.values if name.endswith("_API_KEY")}
KEY_FOLDERS = [Path(folder) for folder in env.words("CHATSITE_KEY_FOLDERS") or ["/run/secrets"]]
ENCRYPTION_KEYS = env.fernet_keys("CHATSITE_ENCRYPTION_KEYS")
RUNS = env.choice("CHATSITE_RUNS", "here", ("here", "workers"))

# Parts -------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "conversations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    *(["allauth.socialaccount.providers.openid_connect"] if oidc.INSTALLED else []),
    "allauth.usersessions",
    "csp",
    "ninja",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chatsite.security.PrivatePages",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "conversations.web.compressed.CompressedPages",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "conversations.web.away.DatabaseAway",
    "conversations.web.language.PersonsLanguage",
]
ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "conversations.web.context.site",
            ],
            "libraries": {"model_names": "conversations.web.model_names"},
        },
    }
]

# Postgres ----------------------------------------------------------------------------------------


def _database_url() -> str:
    if given := env.text("DATABASE_URL"):
        return given
    from chatsite.embedded.postgres import database_url

    return database_url(DATA_DIR)


DATABASES = {"default": postgres_at(_database_url())}

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "chatsite_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # 300, Django's own, would forget login limits
    }
}
if env.address("REDIS_URL", "redis", "rediss"):
    if find_spec("redis") is None:
        wanted = "the package redis is not installed. Install it, or do without: Postgres serves"
        raise WrongVariable("REDIS_URL", "…", wanted)
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.text("REDIS_URL"),
    }

# People ------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "conversations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

ACCOUNT_ADAPTER = "conversations.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_USERNAME_VALIDATORS = "conversations.models.accounts.USERNAME_VALIDATORS"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
ACCOUNT_CHANGE_EMAIL = True

# Second factors (decision 0138). What this asks for, an administrator cannot take back in the desk.
STAFF_NEED_MFA = env.flag("CHATSITE_STAFF_NEED_MFA", False)
MFA_ADAPTER = "conversations.accounts.factor_adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "conversations.accounts.factor_forms.SignIn",
    "reauthenticate": "conversations.accounts.factor_forms.SignInAgain",
    "activate_totp": "conversations.accounts.factor_forms.SetUp",
}
MFA_TOTP_TOLERANCE = 1  # a telephone's clock may be half a minute off
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # without a mail server nobody's is verified

# OpenID Connect: one provider beside passwords (decision 0139) ------------------------------------

OIDC_ISSUER = env.text("CHATSITE_OIDC_ISSUER")
if _issuer := env.address("CHATSITE_OIDC_ISSUER", "https", "http"):
    if _issuer.scheme == "http" and not is_loopback(_issuer.hostname or ""):
        raise WrongVariable("CHATSITE_OIDC_ISSUER", OIDC_ISSUER, "https:// is needed")
    if not oidc.INSTALLED:
        raise WrongVariable("CHATSITE_OIDC_ISSUER", OIDC_ISSUER, "run `make oidc` first")
OIDC_NAME = env.text("CHATSITE_OIDC_NAME") or (_issuer.hostname if _issuer else "") or ""
# Who is known there and new here: as the site says of signing up, or let in all the same.
OIDC_SIGNUP = env.choice("CHATSITE_OIDC_SIGNUP", "site", ("site", "all"))
OIDC_GROUPS_CLAIM = env.text("CHATSITE_OIDC_GROUPS_CLAIM", "groups")
OIDC_GROUPS = env.object("CHATSITE_OIDC_GROUPS")
if not all(isinstance(name, str) for name in OIDC_GROUPS.values()):
    wanted = 'names of groups are needed, such as {"staff-9b": "Class 9b"}'
    raise WrongVariable("CHATSITE_OIDC_GROUPS", json.dumps(OIDC_GROUPS), wanted)
_oidc_secret = env.text("CHATSITE_OIDC_CLIENT_SECRET")
SOCIALACCOUNT_ADAPTER = "conversations.accounts.oidc.OidcAdapter"
SOCIALACCOUNT_PROVIDERS = oidc.providers(
    OIDC_ISSUER, env.text("CHATSITE_OIDC_CLIENT_ID"), _oidc_secret, OIDC_NAME
)
# Somebody whose verified e-mail is known here is that person from then on, by whatever name.
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_STORE_TOKENS = False
learn(_oidc_secret)

# Mail: to the console unless a server is named ---------------------------------------------------

DEFAULT_FROM_EMAIL = env.text("CHATSITE_MAIL_FROM", f"chatsite@{_public_host}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
ACCOUNT_EMAIL_VERIFICATION = "none"  # nobody can follow a link that went to the console
_mail_ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
if _server := env.address("CHATSITE_MAIL_URL", *_mail_ports):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _server.hostname
    EMAIL_PORT = _server.port or _mail_ports[_server.scheme]
    EMAIL_HOST_USER = unquote(_server.username or "")
    EMAIL_HOST_PASSWORD = unquote(_server.password or "")
    EMAIL_USE_TLS = _server.scheme == "smtp+tls"
    EMAIL_USE_SSL = _server.scheme == "smtps"
    EMAIL_TIMEOUT = 15
    learn(EMAIL_HOST_PASSWORD)  # a mail server may quote it
    ACCOUNT_EMAIL_VERIFICATION = "optional"

# Locks -------------------------------------------------------------------------------------------

SECRET_KEY = env.text("DJANGO_SECRET_KEY") or kept_secret(DATA_DIR)
# Secure follows the address people use: a Secure cookie never comes back over plain http.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # asgi.py lets only proxies set it
SECURE_SSL_REDIRECT = False  # the proxy's business; /healthz must answer plain http
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = content_security_policy(PUBLIC_URL)
X_FRAME_OPTIONS = "DENY"
FORCE_SCRIPT_NAME = ""  # no header of a stranger may become a prefix of our links
CSRF_FAILURE_VIEW = "conversations.web.errors.csrf_failed"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: the domain's owner decides, not one site on it
    "security.W008",  # see SECURE_SSL_REDIRECT
    "security.W021",  # HSTS preload: the same
    *([] if HTTPS else ["security.W004", "security.W012", "security.W016"]),
]

# Neither a log nor an error page, that of DJANGO_DEBUG included, has any of these.
learn(
    *(SECRET_KEY, METRICS_TOKEN, BUILTIN_MODEL_KEY, OPENAI_API_KEY),
    *API_KEYS.values(),
    *ENCRYPTION_KEYS,
)
DEFAULT_EXCEPTION_REPORTER = "chatsite.error_pages.Reporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "chatsite.error_pages.Filter"

# Bodies: counted by chatsite/bodies.py before they are buffered; these are the second line.
DATA_UPLOAD_MAX_MEMORY_SIZE = 26 * 1024 * 1024  # 4 MiB of text, every character escaped as \\uXXXX
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = room_for_uploads(DATA_DIR)  # /tmp is memory on many machines
FILE_UPLOAD_PERMISSIONS = 0o600
# Who installs is often not who serves: root, and an account of the site's own.
STATIC_PERMISSIONS = {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755}

# Words, time, files ------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_SAMESITE = HTTPS, "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
_bucket = env.bucket("CHATSITE_FILES_URL")
if _bucket and find_spec("storages") is None:
    raise WrongVariable("CHATSITE_FILES_URL", "s3://…", "run `make s3` first")
if _bucket and ACCEL:
    raise WrongVariable("CHATSITE_ACCEL", ACCEL, "it is for files on this machine, not in a bucket")
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "conversations.attachments.bucket.PrivateBucket", "OPTIONS": _bucket}
    if _bucket
    else {"BACKEND": "conversations.attachments.storage.PrivateFiles"},
    "staticfiles": {"BACKEND": "chatsite.static_storage.Storage", "OPTIONS": STATIC_PERMISSIONS},
}
# Pages ask for the names with a hash alone; the plain ones would be ten megabytes more.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
