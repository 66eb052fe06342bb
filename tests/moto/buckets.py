"""Buckets on this machine: moto's S3, and Cloud Storage as the XML API that it shares with S3.

    buckets.py      prints its port on one line, serves on loopback, and ends when its standard input closes

Who signs as AWS does is asked for its key; who comes with a bearer token, for one that the service account of `/_key` signed. Who
comes with neither builds: what it puts, gets and deletes is not asked about. Besides buckets it answers:
    /_key                               a key of a service account, of this server alone
    /_token                             what such a key signed becomes another token
    /_seen?bucket=NAME                  ["GET /NAME/x", ...]: what was asked of a bucket by those who sign
    /_fault?bucket=NAME&kind=KIND       from now on everything of this bucket fails so; &of=TEXT where its address holds this;
                                        &method=PUT for one method; &to=URL where a redirect leads; &length=N of what is cut or
                                        silent; without a kind, no more
"""

import base64
import io
import json
import os
import secrets
import sys
import threading
import time
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ACCOUNT = "collector@my-project.iam.gserviceaccount.com"
ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>no</Message>{more}</Error>'
MAX_BYTES = 512 << 20
# What moto takes for the owner of every bucket.
OWNER = "AWS4-HMAC-SHA256 Credential=test-key/20261122/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def is_ours(token):
    """Whether the service account of this server signed a token that is still good."""
    try:
        head, claims, signature = token.split(".")
        KEY.public_key().verify(decoded(signature), f"{head}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
        claims = json.loads(decoded(claims))
        return claims["iss"] == ACCOUNT and claims["exp"] > time.time() and "auth/" in claims["scope"]
    except (ValueError, KeyError, InvalidSignature):
        return False


class Buckets:
    def __init__(self, app):
        self.app = app
        self.lock = threading.Lock()
        self.seen = {}
        self.faults = {}
        self.tokens = set()

    def __call__(self, environ, start):
        path = environ.get("PATH_INFO", "/")
        query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
        if path == "/_token":
            return self.exchange(environ, start)
        if path.startswith("/_"):
            return self.reply(start, "200 OK", json.dumps(self.control(environ, path, query)), "application/json")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        said = environ.get("HTTP_AUTHORIZATION", "")
        if not said:
            environ["HTTP_AUTHORIZATION"] = OWNER
            return self.app(environ, start)
        bucket, method = path.split("/")[1], environ["REQUEST_METHOD"]
        address = urllib.parse.unquote(f"{path}?{environ.get('QUERY_STRING', '')}")
        with self.lock:
            self.seen.setdefault(bucket, []).append(f"{method} {address.rstrip('?')}")
            fault = self.faults.get(bucket)
        if said.startswith("Bearer "):
            token = said.removeprefix("Bearer ")
            if token not in self.tokens and not is_ours(token):
                return self.error(start, "401 Unauthorized", "AuthenticationRequired")
            environ["HTTP_AUTHORIZATION"] = OWNER
            # Cloud Storage takes a path whose every sign is encoded, and moto takes it by the letter.
            said = environ.get("QUERY_STRING", "")
            plain = urllib.parse.quote(path) + "?" * bool(said) + said
            environ["RAW_URI"] = environ["REQUEST_URI"] = plain
        elif not said.startswith("AWS4-HMAC-SHA256 Credential=test-key/"):
            return self.error(start, "403 Forbidden", "InvalidAccessKeyId")
        if fault and fault.get("of", "") in address and fault.get("method", method) == method:
            return self.fail(environ, start, fault)
        return self.app(environ, start)

    def exchange(self, environ, start):
        form = urllib.parse.parse_qs(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode())
        if not is_ours(form["assertion"][0]):
            return self.reply(start, "400 Bad Request", '{"error": "invalid_grant"}', "application/json")
        token = secrets.token_urlsafe()
        self.tokens.add(token)
        answer = {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        return self.reply(start, "200 OK", json.dumps(answer), "application/json")

    def control(self, environ, path, query):
        with self.lock:
            if path == "/_key":
                pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
                return {
                    "type": "service_account",
                    "client_email": ACCOUNT,
                    "private_key_id": "k1",
                    "token_uri": f"http://127.0.0.1:{environ['SERVER_PORT']}/_token",
                    "private_key": KEY.private_bytes(*pem).decode(),
                }
            if path == "/_seen":
                return self.seen.get(query["bucket"], [])
            self.faults[query.pop("bucket")] = query if query.get("kind") else None
            return "done"

    def fail(self, environ, start, fault):
        kind = fault["kind"]
        if kind == "denied":
            return self.error(start, "403 Forbidden", "AccessDenied")
        if kind == "expired":
            return self.error(start, "400 Bad Request", "ExpiredToken")
        if kind == "slow":
            return self.error(start, "503 Slow Down", "SlowDown")
        if kind == "redirect":
            return self.error(start, "307 Temporary Redirect", "TemporaryRedirect", [("Location", fault["to"])])
        if kind == "elsewhere":
            headers = [("x-amz-bucket-region", "eu-west-1")]
            return self.error(start, "301 Moved Permanently", "PermanentRedirect", headers)
        if kind == "malformed":
            more = "<Region>eu-west-1</Region>"
            return self.error(start, "400 Bad Request", "AuthorizationHeaderMalformed", more=more)
        headers = [("ETag", '"e"'), ("Last-Modified", "Sun, 22 Nov 2026 00:00:00 GMT")]
        if kind == "page":
            return self.reply(start, "200 OK", "<html>a portal</html>", "text/html", headers)
        if kind == "short":
            xml = "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"
            return self.reply(start, "200 OK", xml, "application/xml")
        if kind == "endless":
            xml = "".join(
                f"<Contents><Key>run/shard-x{number}</Key><LastModified>2026-11-22T00:00:00.000Z</LastModified>"
                "<ETag>e</ETag><Size>1</Size></Contents>"
                for number in range(1000)
            )
            xml = f"<IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>{xml}"
            return self.reply(start, "200 OK", f"<ListBucketResult>{xml}</ListBucketResult>", "application/xml")
        if kind == "large":
            start("200 OK", [*headers, ("Content-Length", str(MAX_BYTES + 1))])
            return iter(lambda: b" " * (1 << 20), None)
        assert kind in ("cut", "silent"), kind
        # As much as is said to come does not, however often it is asked for: the beginning of a snapshot, as ours are.
        start("200 OK", [*headers, ("Content-Length", fault.get("length", "100000")), ("Connection", "close")])
        return self.begun(silent=kind == "silent")

    @staticmethod
    def begun(silent):
        tool = '"tool":{"name":"egress-audit","version":"0.1.0"},"taken_at":"2026-11-22T00:00:00Z"'
        lists = '"scopes":[],"coverage":[],"gaps":[]'
        yield f'{{"schema":"egress-audit/snapshot/v1",{tool},{lists},\n"records":[\n'.encode()
        for number in range(1000):
            yield b'{"kind":"ec2:vpc","id":"%d","scope":"aws:123456789012:us-west-2","body":{}},\n' % number
        if silent:
            time.sleep(60)

    def error(self, start, status, code, headers=(), more=""):
        return self.reply(start, status, ERROR.format(code=code, more=more), "application/xml", headers)

    def reply(self, start, status, text, kind, headers=()):
        body = text.encode()
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body))), *headers])
        return [body]


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *args):
        pass

    def log(self, *args):
        pass


def main():
    app = Buckets(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    os._exit(0)


main()
