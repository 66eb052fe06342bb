#!/usr/bin/env python3
"""What Google's own Python client reads of a server that plays Google: its port, a project, a region, and a key ring.

Prints {functions, functions_v1, services, knative, revisions, routers, addresses, routes, connectors, keys, versions, policies, deny, assets, …},
each by name: whoever compares it with the estate sees whether the server is understood by those who wrote the protocol.
"""

import json
import sys

from google.oauth2.credentials import Credentials
from googleapiclient import discovery

PORT, PROJECT, REGION, RING = sys.argv[1:]
PARENT, PLACE, EVERYWHERE = f"projects/{PROJECT}", f"projects/{PROJECT}/locations/{REGION}", f"projects/{PROJECT}/locations/-"


def client(api, version):
    path = f"{api}/compute/v1/" if api == "compute" else f"{api}/"
    return discovery.build(api, version, credentials=Credentials(token="ya29.client"), static_discovery=True,
                           client_options={"api_endpoint": f"http://127.0.0.1:{PORT}/{path}"})


def everything(collection, field, **arguments):
    """All pages, the way the client itself turns them."""
    found, request = [], collection.list(**arguments)
    while request is not None:
        answer = request.execute()
        found += answer.get(field, [])
        request = collection.list_next(request, answer)
    return found


def aggregated(collection, field):
    found, request = [], collection.aggregatedList(project=PROJECT, includeAllScopes=True)
    while request is not None:
        answer = request.execute()
        for scope in answer["items"].values():
            found += scope.get(field, [])
        request = collection.aggregatedList_next(request, answer)
    return found


def by(name, bodies):
    return {name(body): body for body in bodies}


def full(body):
    return body["name"]


def policy(collection, resource):
    return collection.getIamPolicy(resource=resource, options_requestedPolicyVersion=3).execute()


def main():
    functions, run, compute, iam = client("cloudfunctions", "v2"), client("run", "v2"), client("compute", "v1"), client("iam", "v1")
    knative, keys, manager = client("run", "v1"), client("cloudkms", "v1"), client("cloudresourcemanager", "v3")
    places = run.projects().locations()
    seen = {
        "functions": by(full, everything(functions.projects().locations().functions(), "functions", parent=EVERYWHERE)),
        "functions_v1": by(full, everything(client("cloudfunctions", "v1").projects().locations().functions(), "functions", parent=EVERYWHERE)),
        "services": by(full, everything(places.services(), "services", parent=PLACE)),
        "revisions": by(full, everything(places.services().revisions(), "revisions", parent=f"{PLACE}/services/-")),
        "knative": by(lambda it: it["metadata"]["name"], knative.projects().locations().services().list(parent=EVERYWHERE).execute()["items"]),
        "jobs": by(full, everything(places.jobs(), "jobs", parent=PLACE)),
        "connectors": by(full, everything(client("vpcaccess", "v1").projects().locations().connectors(), "connectors", parent=EVERYWHERE)),
        "routers": by(full, aggregated(compute.routers(), "routers")),
        "addresses": by(full, aggregated(compute.addresses(), "addresses")),
        "subnetworks": by(full, aggregated(compute.subnetworks(), "subnetworks")),
        "routes": by(full, everything(compute.routes(), "items", project=PROJECT)),
        "keys": by(full, everything(keys.projects().locations().keyRings().cryptoKeys(), "cryptoKeys", parent=f"{PLACE}/keyRings/{RING}")),
        "project": manager.projects().get(name=PARENT).execute(),
    }
    seen["nat_addresses"] = {
        name: compute.routers().getNatIpInfo(project=PROJECT, region=REGION, router=name).execute().get("result", []) for name in seen["routers"]}
    versions = keys.projects().locations().keyRings().cryptoKeys().cryptoKeyVersions()
    seen["versions"] = {name: [it["state"] for it in everything(versions, "cryptoKeyVersions", parent=name)] for name in seen["keys"]}
    ask = {"body": {"options": {"requestedPolicyVersion": 3}}}
    seen["policies"] = {name: policy(places.services(), name) for name in seen["services"]}
    seen["policies"] |= {name: policy(functions.projects().locations().functions(), name) for name in seen["functions"]}
    seen["policies"] |= {name: policy(keys.projects().locations().keyRings().cryptoKeys(), name) for name in seen["keys"]}
    seen["policies"][PARENT] = manager.projects().getIamPolicy(resource=PARENT, **ask).execute()
    accounts = everything(iam.projects().serviceAccounts(), "accounts", name=PARENT)
    seen["accounts"] = {it["email"]: iam.projects().serviceAccounts().getIamPolicy(resource=it["name"], options_requestedPolicyVersion=3).execute() for it in accounts}
    user_managed = iam.projects().serviceAccounts().keys()
    seen["account_keys"] = {it["email"]: user_managed.list(name=it["name"], keyTypes="USER_MANAGED").execute().get("keys", []) for it in accounts}
    inventory = client("cloudasset", "v1").assets()
    for content in ("RESOURCE", "IAM_POLICY"):
        seen[f"assets_{content.lower()}"] = by(full, everything(inventory, "assets", parent=PARENT, contentType=content, pageSize=7))
    print(json.dumps(seen))


main()
