"""Django's ORM with a comment on each statement, savepoints included, as OpenTelemetry's middleware writes it.

Arguments: port, the comment that names a branch. Prints "ok".
"""
import sys

import django
from django.conf import settings

port, comment = sys.argv[1:]
settings.configure(
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": "127.0.0.1",
            "PORT": port,
            "NAME": "postgres",
            "USER": "postgres",
            "OPTIONS": {"sslmode": "disable"},
        }
    },
    USE_TZ=True,
)
django.setup()

from django.db import connection, models, transaction  # noqa: E402


class Account(models.Model):
    balance = models.BigIntegerField()

    class Meta:
        app_label = "bank"
        db_table = "accounts"
        managed = False


def commented(execute, sql, params, many, context):
    return execute(sql + " " + (comment.replace("%", "%%") if params is not None else comment), params, many, context)


with connection.execute_wrapper(commented):
    with transaction.atomic():
        account = Account.objects.select_for_update().get(id=1)
        account.balance += 1
        account.save()
        with transaction.atomic():  # a savepoint, with a comment of its own
            Account.objects.filter(id=1).update(balance=models.F("balance") + 1)
    try:
        with transaction.atomic():
            Account.objects.filter(id=1).update(balance=0)
            raise KeyError
    except KeyError:
        pass
    list(Account.objects.all())
connection.close()
print("ok")
