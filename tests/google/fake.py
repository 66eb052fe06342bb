#!/usr/bin/env python3
"""Google Cloud as a test server that ends by itself, made of Google's own discovery documents and one estate.

    fake.py STATE [--page N]     prints its port on one line, serves on loopback, and ends when its standard input closes

Every API is below a prefix of its own name (`/run/v2/…`, `/compute/compute/v1/…`), and also where it belongs: by the Host
header, or in absolute form as a proxy is asked. Besides Google's own paths it answers:

    GET  /__stats       {calls: {"<method id>@<version>": n}, requests: […], invalid: […], unknown: […], undeclared: […]}
    POST /__stats       the same, and starts anew
    POST /__faults      [{match, times, status | body | token_loop | unreachable, …}]: from now on, the first that matches
                        "<method id> <verb> <path>" (a regular expression) holds, `times` times or for ever
    POST /__state       another estate
    GET  /__subject     a subject token, as the metadata server of another identity provider gives it

Whatever a client sends that the documents do not declare is refused in Google's words, and remembered; whatever the fake
itself answers is kept to the schema of its method, and remembered where it is not.
"""

import argparse
import collections
import http.server
import json
import os
import re
import socketserver
import sys
import threading
import urllib.parse

from answers import Answers, Refusal, Request
from discovery import document
from world import World

DOCUMENTS = ("artifactregistry.v1", "cloudasset.v1", "cloudfunctions.v1", "cloudfunctions.v2", "cloudkms.v1", "cloudresourcemanager.v1",
             "cloudresourcemanager.v3", "compute.v1", "iam.v1", "iam.v2", "iamcredentials.v1", "iap.v1", "networkconnectivity.v1", "oauth2.v2",
             "orgpolicy.v2", "run.v1", "run.v2", "serviceusage.v1", "sts.v1", "vpcaccess.v1")
# gcloud sends it and Google takes it, though the document of compute lost it in 2026.
BESIDE = {"compute": {"returnPartialSuccess"}}
NO_TOKEN = {"sts.token"}


class Google:
    """Routes, faults and counts around the answers."""

    def __init__(self, state, page_size):
        self.lock = threading.Lock()
        self.page_size = page_size
        self.routes = collections.defaultdict(list)
        for name in DOCUMENTS:
            own = document(name)
            for method in own.methods:
                self.routes[own.api, method.verb].append(method)
        for methods in self.routes.values():
            methods.sort(key=lambda it: -it.literal)
        self.valid = set()
        self.faults = []
        self.load(state)
        self.clear()

    def load(self, state):
        self.answers = Answers(World(state), self.page_size)
        self.faults = list(state.get("faults", []))
        self.valid.clear()

    def clear(self):
        self.stats = {"calls": collections.Counter(), "requests": [], "invalid": [], "unknown": [], "undeclared": []}

    # -- one request -------------------------------------------------------------------------------------------------

    def handle(self, verb, host, target, headers, raw):
        """(status, headers, body as bytes)."""
        url = urllib.parse.urlsplit(target)
        if url.path.startswith("/__"):
            return self.control(verb, url, raw)
        api, path, region = self.api(url.netloc or host, url.path)
        query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        line = {"verb": verb, "api": api, "path": path, "query": url.query, "method": None, "user_project": headers.get("x-goog-user-project")}
        with self.lock:
            self.stats["requests"].append(line)
        try:
            method = self.route(api, verb, path)
            line["method"] = f"{method.id}@{method.document.version}"
            with self.lock:
                self.stats["calls"][line["method"]] += 1
            if method.id not in NO_TOKEN and not headers.get("authorization", "").lower().startswith("bearer "):
                raise Refusal(401, "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.")
            fault = self.fault(f"{method.id} {verb} {path}")
            body = self.request(method, query, headers, raw)
            if fault and "status" in fault:
                raise Refusal(fault["status"], fault.get("message", "injected by the test"), fault.get("details"), fault.get("headers"))
            request = Request(method, path, query, body, region)
            answer = self.answers.answer(request, [fault["unreachable"]] if fault and "unreachable" in fault else ())
            self.check(method, answer, path)
            return self.spoil(fault, answer)
        except Refusal as refusal:
            line["status"] = refusal.code
            return refusal.code, refusal.headers, json.dumps(refusal.body(api == "compute")).encode()

    def api(self, host, path):
        """(api, path, region that the host names)."""
        found = re.fullmatch(r"(?:([a-z]+-[a-z]+\d+)-)?([a-z\d]+)\.googleapis\.com", host.split(":")[0])
        if found and found[2] == "www":
            return ("compute" if path.startswith("/compute/") else "oauth2"), path, None
        if found:
            return found[2], path, found[1]
        _, api, *rest = path.split("/", 2)
        return api, "/" + "".join(rest), None

    def route(self, api, verb, path):
        for method in self.routes[api, verb]:
            if method.pattern.match(path):
                return method
        # Google's clients write `%2F` in names where the documents have a slash.
        if "%2F" in path and "/policies/" not in path:
            return self.route(api, verb, path.replace("%2F", "/"))
        with self.lock:
            self.stats["unknown"].append(f"{verb} {api} {path}")
        raise Refusal(404, f"The requested URL {path} was not found on this server.")

    def request(self, method, query, headers, raw):
        """The body of a request that keeps to its document."""
        for name, values in query.items():
            parameter = method.query.get(name) or method.document.parameters.get(name)
            if parameter is None:
                if name not in BESIDE.get(method.document.api, ()) and not name.startswith("$"):
                    self.undeclared(method, f'Unknown name "{name}": Cannot bind query parameter. Field \'{name}\' could not be found in request message.')
                continue
            if len(values) > 1 and not parameter.get("repeated"):
                self.undeclared(method, f"Proto field is not repeating, cannot start list: {name}")
            for index, value in enumerate(values):
                words = parameter.get("enum", [])
                # The newer clients send numbers for the words of an enum.
                if words and value.isdigit() and int(value) < len(words):
                    values[index] = words[int(value)]
                elif words and value not in words:
                    self.undeclared(method, f"Invalid value at '{name}': \"{value}\"")
                elif parameter["type"] == "integer" and not re.fullmatch(r"-?\d+", value):
                    self.undeclared(method, f"Invalid value at '{name}' (TYPE_INT32), \"{value}\"")
                elif parameter["type"] == "boolean" and value.lower() not in ("true", "false"):
                    self.undeclared(method, f"Invalid value at '{name}' (TYPE_BOOL), \"{value}\"")
        if not method.request:
            # An empty object names nothing that could be undeclared.
            if raw.strip() not in (b"", b"{}"):
                self.undeclared(method, "Request body is not supported by this method.")
            return None
        if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            pairs = urllib.parse.parse_qsl(raw.decode())
            body = {re.sub("_([a-z])", lambda it: it[1].upper(), name): value for name, value in pairs}
        else:
            try:
                body = json.loads(raw or b"{}")
            except ValueError:
                self.undeclared(method, "Invalid JSON payload received. Unexpected token.")
        for fault in method.document.faults(method.request, body):
            self.undeclared(method, f"Unknown or invalid: {fault}")
        return body

    def undeclared(self, method, said):
        with self.lock:
            self.stats["undeclared"].append(f"{method.id}: {said}")
        raise Refusal(400, f"Invalid JSON payload received. {said}", [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"description": said}]}])

    # -- the fake's own faults ---------------------------------------------------------------------------------------

    def fault(self, what):
        with self.lock:
            for fault in self.faults:
                if fault.get("times", 1) and re.search(fault["match"], what):
                    if "times" in fault:
                        fault["times"] -= 1
                    return fault
        return None

    @staticmethod
    def spoil(fault, answer):
        body = json.dumps(answer).encode()
        if fault and fault.get("token_loop"):
            place = answer.get("metadata") if "items" in answer and "metadata" in answer else answer
            place["continue" if place is not answer else "nextPageToken"] = "the-same-again"
            body = json.dumps(answer).encode()
        if fault and fault.get("body") == "truncated":
            body = body[: max(1, len(body) // 2)]
        if fault and fault.get("body") == "html":
            return 200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html><title>Sign in</title></html>"
        if fault and fault.get("body") == "empty":
            body = b"{}"
        return 200, {}, body

    def check(self, method, answer, path):
        """Keeps an answer to its schema. A body that was found valid once is not looked at again."""
        bare = self.bare(method, answer)
        faults = method.document.faults(method.response, bare) if method.response else []
        if faults:
            with self.lock:
                self.stats["invalid"].append({"method": method.id, "path": path, "faults": faults[:5]})

    def bare(self, method, answer):
        """The answer with only those items in its lists that were not yet seen."""
        if not isinstance(answer, dict):
            return answer
        bare = {}
        for name, value in answer.items():
            if isinstance(value, list) and len(value) > 3 and all(isinstance(it, dict) for it in value):
                fresh = [it for it in value if (method.id, id(it)) not in self.valid]
                # Of a whole organisation, whose bodies are all made alike, a part is looked at.
                fresh = fresh[::50] if len(self.valid) > 5_000 else fresh
                self.valid.update((method.id, id(it)) for it in fresh)
                bare[name] = fresh
            else:
                bare[name] = value
        return bare

    # -- for tests ---------------------------------------------------------------------------------------------------

    def control(self, verb, url, raw):
        with self.lock:
            if url.path == "/__stats":
                body = json.dumps(self.stats).encode()
                if verb == "POST":
                    self.clear()
                return 200, {}, body
            if url.path == "/__faults":
                self.faults = json.loads(raw)
                return 200, {}, b"{}"
            if url.path == "/__state":
                self.load(json.loads(raw))
                return 200, {}, b"{}"
            if url.path == "/__subject":
                form = urllib.parse.parse_qs(url.query).get("field", [None])[0]
                return 200, {}, (json.dumps({form: "subject-token"}) if form else "subject-token").encode()
        return 404, {}, b"{}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer is two writes, and the second must not wait for the first to be acknowledged.
    disable_nagle_algorithm = True

    def answer(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {key.lower(): value for key, value in self.headers.items()}
        try:
            status, more, body = self.server.google.handle(self.command, headers.get("host", ""), self.path, headers, raw)
        except Exception as fault:  # noqa: BLE001: the test must see it, not wait for it
            self.server.google.stats["invalid"].append({"method": self.path, "path": self.path, "faults": [f"the fake failed: {fault!r}"]})
            status, more, body = 500, {}, json.dumps({"error": {"code": 500, "message": f"the fake failed: {fault!r}", "status": "INTERNAL"}}).encode()
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json; charset=UTF-8"} | more).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("state")
    parser.add_argument("--page", type=int, help="the largest page of every list")
    arguments = parser.parse_args()
    with open(arguments.state, encoding="utf-8") as file:
        state = json.load(file)
    server = Server(("127.0.0.1", 0), Handler)
    server.google = Google(state, arguments.page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
