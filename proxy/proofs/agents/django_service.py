"""An ordinary Django service: POST /WAY/PORT?key=K calls that port by requests or httpx, and answers with what it was told.

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


def call(request, way, port):
    import httpx
    import requests
    from django.http import HttpResponse

    post = {"requests": requests.post, "httpx": httpx.post}[way]
    told = post(f"http://127.0.0.1:{port}/reserve?{request.META['QUERY_STRING']}", json={}, timeout=20)
    return HttpResponse(f"{told.status_code} {told.text}")


def patterns():
    from django.urls import path

    return [path("<str:way>/<int:port>", call)]


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
