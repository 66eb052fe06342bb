"""Google's own discovery documents as routes and as JSON schemas.

The documents come with `google-api-python-client`. What they cannot say: which fields of an answer are always there, rules
across fields, and whether a name points at something.
"""

import functools
import json
import pathlib
import re

import jsonschema

# A pattern for each format that the documents name.
FORMATS = {
    "google-datetime": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$",
    "date-time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$",
    "google-duration": r"^-?\d+(\.\d{1,9})?s$", "google-fieldmask": r"^[\w.,*]*$", "int64": r"^-?\d+$", "uint64": r"^\d+$",
    "byte": r"^[\w+/-]*={0,2}$", "date": r"^\d{4}-\d\d-\d\d$",
}
RANGES = {"int32": {"minimum": -(2**31), "maximum": 2**31 - 1}, "uint32": {"minimum": 0, "maximum": 2**32 - 1}}


def folder():
    import googleapiclient

    return pathlib.Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"


def as_json_schema(node):
    """A schema of a discovery document, closed: what it does not name must not be there."""
    if "$ref" in node:
        return {"$ref": f"#/$defs/{node['$ref']}"}
    kind = node.get("type", "any")
    if kind == "any":
        return {}
    if kind == "string":
        pattern = FORMATS.get(node.get("format")) or (f"^(?:{node['pattern']})$" if "pattern" in node else None)
        return {"type": "string"} | ({"pattern": pattern} if pattern else {}) | ({"enum": node["enum"]} if "enum" in node else {})
    if kind == "integer":
        return {"type": "integer"} | RANGES.get(node.get("format"), {})
    if kind == "number":
        return {"type": ["number", "string"]}
    if kind == "array":
        return {"type": "array", "items": as_json_schema(node.get("items", {}))}
    if kind == "object":
        schema = {"type": "object"}
        if "properties" in node:
            schema["properties"] = {name: as_json_schema(it) for name, it in node["properties"].items()}
        if "additionalProperties" in node:
            schema["additionalProperties"] = as_json_schema(node["additionalProperties"])
        elif "properties" in node:
            schema["additionalProperties"] = False
        return schema
    return {"type": kind}


class Method:
    """One method: how its requests look, and what it answers."""

    def __init__(self, document, body):
        self.document, self.id, self.verb = document, body["id"], body["httpMethod"]
        self.action = self.id.rsplit(".", 1)[-1]
        self.path = "/" + document.prefix + body["path"]
        self.literal = len(re.sub(r"\{[^}]*\}", "", self.path))
        # `{+name}` holds slashes, and the document says of which form the whole is.
        forms = {name: it.get("pattern", ".+").removeprefix("^").removesuffix("$") for name, it in body.get("parameters", {}).items()}
        parts = re.split(r"(\{\+?[^}]+\})", self.path)
        self.source = "".join(self.segment(it, forms) for it in parts)
        self.query = {name: it for name, it in body.get("parameters", {}).items() if it["location"] == "query"}
        self.request, self.response = body.get("request", {}).get("$ref"), body.get("response", {}).get("$ref")

    @functools.cached_property
    def pattern(self):
        return re.compile(self.source + "$")

    @staticmethod
    def segment(part, forms):
        if not part.startswith("{"):
            return re.escape(part)
        return f"(?:{forms[part[2:-1]]})" if part.startswith("{+") else "[^/]+?"


class Document:
    """One API in one version."""

    def __init__(self, name):
        self.name = name
        self.api, self.version = name.split(".")
        self.body = json.loads((folder() / f"{name}.json").read_text())
        self.prefix = self.body["servicePath"]
        self.parameters = self.body.get("parameters", {})
        self.methods = [Method(self, it) for it in self.walk(self.body)]

    def walk(self, node):
        yield from node.get("methods", {}).values()
        for resource in node.get("resources", {}).values():
            yield from self.walk(resource)

    @functools.cached_property
    def definitions(self):
        return {name: as_json_schema(it) for name, it in self.body["schemas"].items()}

    @functools.cache
    def validator(self, schema):
        return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{schema}", "$defs": self.definitions})

    def faults(self, schema, body):
        """What is wrong with a body, one line each."""
        found = self.validator(schema).iter_errors(body)
        return [f"{'/'.join(map(str, it.absolute_path)) or '.'}: {it.message[:200]}" for it in found]

    def properties(self, schema):
        return self.body["schemas"].get(schema, {}).get("properties", {})


@functools.cache
def document(name):
    return Document(name)
