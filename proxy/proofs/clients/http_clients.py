"""Requests by Python's clients: http_clients.py VERSION URL [ca.pem client.pem client.key]."""
import http.client
import ssl
import sys
import urllib.parse
import urllib.request

import httpx
import requests

version, url = sys.argv[1], sys.argv[2]
tls = sys.argv[3:]
body = b"0123456789abcdef" * 65536
context = None
if tls:
    context = ssl.create_default_context(cafile=tls[0])
    context.load_cert_chain(tls[1], tls[2])


def same(name, status, back, sent=body):
    assert status == 200 and back == sent, f"{name}: {status}, {len(back)} bytes"


def chunks():
    for at in range(0, len(body), 100_000):
        yield body[at : at + 100_000]


if version == "1":
    at = urllib.parse.urlsplit(url)
    make = http.client.HTTPSConnection if tls else http.client.HTTPConnection
    arguments = {"context": context} if tls else {}
    connection = make(at.hostname, at.port, timeout=20, **arguments)
    for sent in (body, chunks()):  # with a length, and chunked; on one connection
        connection.request("POST", "/echo", sent)
        answer = connection.getresponse()
        same("http.client", answer.status, answer.read())
    connection.request("HEAD", "/echo")
    answer = connection.getresponse()
    same("http.client HEAD", answer.status, answer.read(), b"")
    with urllib.request.urlopen(url, data=body, timeout=20, context=context) as answer:
        same("urllib", answer.status, answer.read())
    session = requests.Session()
    session.trust_env = False  # or a variable for another authority would win
    if tls:
        session.verify, session.cert = tls[0], (tls[1], tls[2])
    for sent in (body, chunks()):
        answer = session.post(url, data=sent, timeout=20)
        same("requests", answer.status_code, answer.content)

with httpx.Client(
    http1=version == "1", http2=version == "2", verify=context or True, timeout=20
) as client:
    for sent in (body, chunks()):
        answer = client.post(url, content=sent)
        same("httpx", answer.status_code, answer.content)
        assert answer.http_version == ("HTTP/2" if version == "2" else "HTTP/1.1"), answer.http_version
print("ok")
