"""An ordinary Django service: POST /WAY/PORT?key=K calls that port by requests or httpx, and answers with what it was told;
POST /WAY/PORT/NAME/PEER adds one to account 1 of that database in one of the ways that programs have, and calls the port PEER.

It knows nothing of traces and transactions. Its settings are this module.
"""

import os
import socketserver
import sys
import wsgiref.simple_server

SECRET_KEY = "none"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = __name__
MIDDLEWARE = []
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": "127.0.0.1", "USER": "postgres"}}
ADD = "UPDATE account SET balance = balance + %s WHERE id = %s"


def call(request, way, port):
    import httpx
    import requests
    from django.http import HttpResponse

    post = {"requests": requests.post, "httpx": httpx.post}[way]
    told = post(f"http://127.0.0.1:{port}/reserve?{request.META['QUERY_STRING']}", json={}, timeout=20)
    return HttpResponse(f"{told.status_code} {told.text}")


def write(request, way, port, name, peer):
    import psycopg
    import requests
    from django.db import Error, connection
    from django.http import HttpResponse

    connection.settings_dict.update(PORT=port, NAME=name)
    try:
        {"block": block, "autocommit": autocommit, "pipeline": pipeline}[way](port, name)
    except (Error, psycopg.Error) as e:
        return HttpResponse(str(e), status=500)
    told = requests.post(f"http://127.0.0.1:{peer}/work", json={}, timeout=20)
    return HttpResponse(f"{told.status_code} {told.text}")


def block(port, name):
    from django.db import transaction

    with transaction.atomic():
        autocommit(port, name)


def autocommit(port, name):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(ADD, [1, 1])


def pipeline(port, name):
    import psycopg

    with psycopg.connect(host="127.0.0.1", port=port, dbname=name, user="postgres") as connection:
        with connection.pipeline(), connection.transaction():
            connection.execute(ADD, [1, 1])
            connection.execute(ADD, [0, 2])


def patterns():
    from django.urls import path

    return [path("<str:way>/<int:port>", call), path("<str:way>/<int:port>/<str:name>/<int:peer>", write)]


class Server(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "django_service")
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    server = wsgiref.simple_server.make_server("127.0.0.1", 0, application, server_class=Server)
    print("port", server.server_port, flush=True)
    server.serve_forever()
else:
    urlpatterns = patterns()
