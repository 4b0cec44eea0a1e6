"""Settings. One file: development, tests and production differ by environment variables only."""

from __future__ import annotations

from pathlib import Path

from admin_ext.unfold_settings import UNFOLD as UNFOLD
from config import env

BASE_DIR: Path = env.BASE_DIR
DATA_DIR = env.path("REDRAW_DATA_DIR", BASE_DIR / "var")

DEBUG = env.flag("REDRAW_DEBUG", False)
SECRET_KEY = env.text("REDRAW_SECRET_KEY")
if not SECRET_KEY:
    key_file = DATA_DIR / "secret-key"
    if key_file.exists():
        SECRET_KEY = key_file.read_text().strip()
    else:
        # First start on this machine: a key of its own, readable by its user alone.
        import secrets

        SECRET_KEY = secrets.token_urlsafe(50)
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        key_file.touch(mode=0o600)
        key_file.write_text(SECRET_KEY)

ALLOWED_HOSTS = env.words("REDRAW_HOSTS", ("127.0.0.1", "localhost", "testserver"))
CSRF_TRUSTED_ORIGINS = env.words("REDRAW_TRUSTED_ORIGINS")
SITE_URL = env.text("REDRAW_SITE_URL", "http://127.0.0.1:" + env.text("PORT", "8000"))

INSTALLED_APPS = [
    "processes.catalog",
    "processes.runtime",
    "processes.compiler",
    "processes.comparison",
    "processes.instance_migration",
    "processes.bulk",
    "processes.insight",
    "processes.publication",
    "processes.rehearsal",
    "processes.inbox",
    "crm_core.kernel",
    "crm_core.integration",
    "crm_core.parties",
    "crm_core.activities",
    "crm_core.knowledge",
    "crm_core.sales",
    "crm_core.marketing",
    "crm_core.service",
    "crm_core.demo",
    "admin_ext",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "viewflow.workflow",
    "guardian",
    "import_export",
    "django_q",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "admin_ext.middleware.AddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "admin_ext.middleware.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "crm_core.kernel.middleware.ActingMiddleware",
    "admin_ext.middleware.PersonMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "admin_ext.context_processors.shell",
            ],
        },
    },
]

DATABASES = {"default": env.database(env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'redraw.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if REDIS_URL := env.text("REDIS_URL"):
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

AUTH_USER_MODEL = "crm_kernel.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = True
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "admin_ext.pages.locked_out"
CSRF_FAILURE_VIEW = "admin_ext.pages.broken_form"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
# Each package has a catalogue of its own; config/locale holds what the libraries show without Chinese of theirs.
LOCALE_PATHS = [BASE_DIR / package / "locale" for package in ("processes", "crm_core", "admin_ext", "config")]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = env.text("REDRAW_TIME_ZONE", "Asia/Shanghai")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # empty where files are served from the packages; asked for all the same
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# Nothing is loaded from outside. The admin theme needs inline style attributes; scripts
# and connections stay strict.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
HTTPS = env.flag("REDRAW_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 3600 * env.number("REDRAW_SESSION_HOURS", 12)
if HTTPS:
    # The proxy before us speaks https to the browser and says so; browsers are told to stay with it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
# How many proxies of ours stand before the program: so many addresses at the end of X-Forwarded-For are believed.
PROXIES = env.number("REDRAW_PROXIES", 0)

# Background work: the broker is the database, so that enqueuing joins the transaction and
# a job is delivered at least once. `retry` must be longer than `timeout`.
Q_CLUSTER = {
    "name": "redraw",
    "orm": "default",
    "workers": env.number("REDRAW_WORKERS", 2),
    "timeout": 300,
    "retry": 360,
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "poll": 0.3,
    "bulk": 10,
    "save_limit": 200,
    "scheduler": False,
    "label": "Background work",
}
# "queue": jobs run in the workers; "inline": whoever drains the dispatcher runs them (tests, driven history).
PROCESS_JOBS = env.text("REDRAW_JOBS", "queue")

# Units of the base currency for one unit of another, as the company plans its year.
PLANNING_RATES = {"CNY": "1", "EUR": "7.8", "USD": "7.1", "GBP": "9.1", "JPY": "0.048", "HKD": "0.91"}

IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.text("REDRAW_LOG_LEVEL", "WARNING")},
}
