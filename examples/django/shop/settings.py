"""An ordinary project: one application, each request one database transaction."""

import os

SECRET_KEY = os.environ.get("SHOP_SECRET_KEY", "for an example")
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
INSTALLED_APPS = ["rest_framework", "orders"]
MIDDLEWARE = []
REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "127.0.0.1",
        "PORT": os.environ.get("SHOP_DATABASE_PORT", "5432"),
        "NAME": "shop",
        "USER": "shop",
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

# The bank, which takes the money.
BANK_URL = os.environ.get("SHOP_BANK_URL", "http://127.0.0.1:8080")
