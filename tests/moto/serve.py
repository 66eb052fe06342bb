"""moto as a test server that ends by itself, with what AWS does and moto does not.

    serve.py        prints its port on one line, serves on loopback, and ends when its standard input closes

Besides AWS's own paths it answers:
    /_count                 {"ListFunctions": 2, ...}: how many requests each operation got; /_count?reset=1 starts anew
    /_deny?op=NAME          from now on NAME is denied, in the form of its service; /_deny?op= denies nothing any more;
                            /_deny?op=NAME&of=TEXT: where the request's body holds TEXT
    /_block?mode=MODE       the region's mode of VPC Block Public Access, `off` until then

What it adds to moto: the options of VPC Block Public Access (moto answers 500), routes to deleted NAT gateways that are
`blackhole` (moto leaves them `active`), the keys of code (moto forgets `SourceKMSKeyArn`), policies: moto keeps one
for all qualifiers of a function, and writes the two conditions of function URLs where no condition belongs; and exports of
REST APIs, of the methods that moto knows: moto exports the same API whatever was made. Of web functions and MicroVMs, which
moto does not know, it says that there are none.

It does not know `GetResourcePolicy`, and answers it with a 404 that is no error of AWS, as it should be: that is how a
region without the call looks, and policies are then read with `GetPolicy`.
"""

import collections
import io
import json
import os
import re
import sys
import threading
import urllib.parse

import botocore.session
from moto.apigateway.models import apigateway_backends
from moto.ec2.models import ec2_backends
from moto.iam.models import get_account_id_from
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

ACCOUNT = "123456789012"
# What moto does not know, and the list by which its answer says that there is nothing.
NOTHING_OF = {"ListWebFunctions": "functions", "ListMicrovms": "items"}


def operations(service):
    """(method, pattern) -> operation, the longest path first, from botocore's own model."""
    model = botocore.session.get_session().get_service_model(service)
    found = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = http["requestUri"].split("?")[0].rstrip("/")
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        found.append((len(path), http["method"], re.compile(pattern + "/?$"), name))
    return sorted(found, key=lambda entry: -entry[0])


class Aws:
    """The middleware."""

    def __init__(self, moto):
        self.moto = moto
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.denied = {}
        self.mode = "off"
        self.source_keys = {}
        self.paths = {name: operations(name) for name in ("lambda", "apigateway", "apigatewayv2", "cloudfront")}
        self.paths["lambda"] += [entry for name in ("lambda-web", "lambda-microvms") for entry in operations(name)]

    def __call__(self, environ, start):
        path = environ.get("PATH_INFO", "/")
        query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
        if path in ("/_count", "/_deny", "/_block"):
            return self.reply(start, "200 OK", "application/json", self.control(path, query))
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        account, service, region, operation = self.operation(environ, path, body)
        with self.lock:
            self.counts[operation] += 1
        if operation in self.denied and self.denied[operation].encode() in body:
            return self.deny(start, service, operation)
        if operation.startswith("DescribeVpcBlockPublicAccess"):
            return self.reply(start, "200 OK", "text/xml", self.block(operation, account, region))
        if operation in NOTHING_OF:
            return self.reply(start, "200 OK", "application/json", json.dumps({NOTHING_OF[operation]: []}))
        return self.pass_on(environ, start, (account, region), operation, body)

    def control(self, path, query):
        with self.lock:
            if path == "/_count":
                counts = dict(self.counts)
                if "reset" in query:
                    self.counts.clear()
                return json.dumps(counts)
            if path == "/_deny":
                self.denied = self.denied | {query["op"]: query.get("of", "")} if query.get("op") else {}
                return json.dumps(sorted(self.denied))
            self.mode = query["mode"]
            return json.dumps(self.mode)

    def operation(self, environ, path, body):
        credential = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
        key, region, service = credential.groups() if credential else ("", "", "")
        account = get_account_id_from(key)
        paths = "apigatewayv2" if path.startswith("/v2/") else service
        if paths in self.paths:
            for _, method, pattern, name in self.paths[paths]:
                if method == environ["REQUEST_METHOD"] and pattern.match(path):
                    return account, service, region, name
            return account, service, region, path
        if "HTTP_X_AMZ_TARGET" in environ:
            return account, service, region, environ["HTTP_X_AMZ_TARGET"].split(".")[-1]
        action = urllib.parse.parse_qs(body.decode("utf-8", "replace")).get("Action", [path])
        return account, service, region, action[0]

    def deny(self, start, service, operation):
        said = f"User: arn:aws:iam::{ACCOUNT}:user/test is not authorized to perform: {service}:{operation}"
        if service == "ec2":
            said = "You are not authorized to perform this operation."
            xml = f"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>{said}</Message></Error></Errors><RequestID>r-1</RequestID></Response>"
            return self.reply(start, "403 Forbidden", "text/xml", xml)
        if service in ("sts", "iam", "elasticloadbalancing", "cloudfront"):
            xml = f'<ErrorResponse xmlns="https://{service}.amazonaws.com/doc/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{said}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>'
            return self.reply(start, "403 Forbidden", "text/xml", xml)
        headers = [("x-amzn-ErrorType", "AccessDeniedException")]
        body = json.dumps({"__type": "AccessDeniedException", "Message": said, "message": said})
        status = "403 Forbidden" if service in ("lambda", "apigateway") else "400 Bad Request"
        return self.reply(start, status, "application/json", body, headers)

    def block(self, operation, account, region):
        inside = "<vpcBlockPublicAccessExclusionSet/>"
        if operation == "DescribeVpcBlockPublicAccessOptions":
            inside = (
                f"<vpcBlockPublicAccessOptions><awsAccountId>{account}</awsAccountId><awsRegion>{region}</awsRegion>"
                f"<state>default-state</state><internetGatewayBlockMode>{self.mode}</internetGatewayBlockMode>"
                "<managedBy>account</managedBy><exclusionsAllowed>allowed</exclusionsAllowed></vpcBlockPublicAccessOptions>"
            )
        return f'<{operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId>{inside}</{operation}Response>'

    def pass_on(self, environ, start, place, operation, body):
        if operation == "CreateFunction":
            function = json.loads(body)
            self.source_keys[place, function["FunctionName"]] = function.get("Code", {}).get("SourceKMSKeyArn")
        held = {}

        def hold(status, headers, info=None):
            held["status"], held["headers"] = status, headers
            return lambda data: None

        answer = self.moto(environ, hold)
        data = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        if operation == "DescribeRouteTables":
            data = self.blackholes(place, data)
        elif operation == "GetFunction" and held["status"].startswith("200"):
            data = self.source_key(place, data)
        elif operation == "GetExport" and held["status"].startswith("200"):
            data = self.export(place, environ["PATH_INFO"].split("/")[2])
        elif operation == "GetPolicy" and held["status"].startswith("200"):
            data = self.policy(environ, data)
            if data is None:
                said = json.dumps({"Type": "User", "Message": "The resource you requested does not exist."})
                kind = [("x-amzn-ErrorType", "ResourceNotFoundException")]
                return self.reply(start, "404 Not Found", "application/json", said, kind)
        headers = [(key, value) for key, value in held["headers"] if key.lower() != "content-length"]
        start(held["status"], [*headers, ("Content-Length", str(len(data)))])
        return [data]

    def blackholes(self, place, data):
        account, region = place
        for nat in list(ec2_backends[account][region].nat_gateways.values()):
            if nat.state == "deleted":
                name = re.escape(f"<natGatewayId>{nat.id}</natGatewayId>").encode()
                data = re.sub(
                    rb"<item>(?:(?!</?item>).)*" + name + rb"(?:(?!</?item>).)*</item>",
                    lambda route: route[0].replace(b"<state>active</state>", b"<state>blackhole</state>"),
                    data,
                    flags=re.S,
                )
        return data

    def source_key(self, place, data):
        answer = json.loads(data)
        key = self.source_keys.get((place, answer["Configuration"]["FunctionName"]))
        if key:
            answer["Code"]["SourceKMSKeyArn"] = key
        return json.dumps(answer).encode()

    @staticmethod
    def export(place, name):
        account, region = place
        api = apigateway_backends[account][region].get_rest_api(name)
        paths = {}
        for resource in api.resources.values():
            path = paths.setdefault(resource.get_path(), {})
            for verb, method in resource.resource_methods.items():
                integration = method.method_integration
                path["x-amazon-apigateway-any-method" if verb == "ANY" else verb.lower()] = {
                    "responses": {},
                    "x-amazon-apigateway-auth": {"type": method.authorization_type},
                    "x-amazon-apigateway-integration": {
                        "type": integration.integration_type.lower(),
                        "httpMethod": "POST",
                        "uri": integration.uri,
                        "passthroughBehavior": "when_no_match",
                    },
                }
        return json.dumps({"openapi": "3.0.1", "info": {"title": name}, "paths": paths}).encode()

    @staticmethod
    def policy(environ, data):
        answer = json.loads(data)
        policy = json.loads(answer["Policy"])
        query = dict(urllib.parse.parse_qsl(environ.get("QUERY_STRING", "")))
        parts = 8 if "Qualifier" in query else 7
        kept = []
        for statement in policy["Statement"]:
            place = statement["Resource"].split(":")
            if len(place) != parts or parts == 8 and place[7] != query["Qualifier"]:
                continue
            if auth := statement.pop("FunctionUrlAuthType", None):
                statement.setdefault("Condition", {})["StringEquals"] = {"lambda:FunctionUrlAuthType": auth}
            if (via := statement.pop("InvokedViaFunctionUrl", None)) is not None:
                statement.setdefault("Condition", {})["Bool"] = {"lambda:InvokedViaFunctionUrl": str(via).lower()}
            kept.append(statement)
        if not kept:
            return None
        answer["Policy"] = json.dumps({**policy, "Statement": kept})
        return json.dumps(answer).encode()

    @staticmethod
    def reply(start, status, kind, body, headers=()):
        data = body.encode()
        start(status, [("Content-Type", kind), ("Content-Length", str(len(data))), *headers])
        return [data]


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *args):
        pass


def main():
    app = Aws(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    os._exit(0)


main()
