"""Keeps the manifests of a folder to what their platforms accept, by the schemas of others, and prints how many there are."""

import json
import pathlib
import sys

import botocore.session
import botocore.validate
import googleapiclient
import jsonschema
import kubernetes_validate
import yaml

folder = pathlib.Path(sys.argv[1])


def read(name):
    return yaml.safe_load((folder / name).read_text())


def closed(node):
    """A schema of a discovery document as a JSON schema: what it does not name must not be there."""
    if isinstance(node, list):
        return [closed(it) for it in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": f"#/$defs/{node['$ref']}"}
    schema = {key: closed(node[key]) for key in ("items", "additionalProperties") if key in node}
    if "properties" in node:
        schema["properties"] = {name: closed(it) for name, it in node["properties"].items()}
        schema["additionalProperties"] = False
    # A number of 64 bits is a text in their JSON, and gcloud takes both.
    kind = node.get("type")
    if kind in ("object", "array", "boolean", "integer"):
        schema["type"] = kind
    elif kind == "string":
        schema["type"] = ["string", "integer"] if node.get("format") == "int64" else "string"
    return schema


kubernetes_validate.validate(read("kubernetes.yaml"), "1.33", strict=True)

documents = pathlib.Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
schemas = json.loads((documents / "run.v1.json").read_text())["schemas"]
job = {"$ref": "#/$defs/Job", "$defs": {name: closed(it) for name, it in schemas.items()}}
jsonschema.Draft202012Validator(job).validate(read("cloud-run-job.yaml"))

batch = botocore.session.get_session().get_service_model("batch")
for name, operation in [("aws-batch-definition.json", "RegisterJobDefinition"), ("aws-batch-job.json", "SubmitJob")]:
    shape = batch.operation_model(operation).input_shape
    report = botocore.validate.ParamValidator().validate(json.loads((folder / name).read_text()), shape)
    assert not report.has_errors(), report.generate_report()

print(len([it for it in folder.iterdir() if it.suffix in (".yaml", ".json")]))
