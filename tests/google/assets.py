#!/usr/bin/env python3
"""The asset inventory of an estate, derived from its resources and policies.

    assets.py STATE SCOPE RESOURCE|IAM_POLICY       an export as Google writes it to a bucket: one asset a line, in snake_case
"""

import json
import re
import sys

from world import World

TIME = "2026-11-21T22:00:00Z"
COMPUTE = {
    "networks": "Network", "subnetworks": "Subnetwork", "routes": "Route", "routers": "Router", "firewalls": "Firewall", "urlMaps": "UrlMap",
    "addresses": ("Address", "GlobalAddress"), "forwardingRules": ("ForwardingRule", "GlobalForwardingRule"),
    "backendServices": ("RegionBackendService", "BackendService"), "targetHttpProxies": "TargetHttpProxy", "targetHttpsProxies": "TargetHttpsProxy",
    "networkEndpointGroups": "NetworkEndpointGroup", "firewallPolicies": "FirewallPolicy",
}
OTHERS = {
    ("run", "services"): "Service", ("run", "jobs"): "Job", ("run", "workerPools"): "WorkerPool", ("run", "revisions"): "Revision", ("run", "domainmappings"): "DomainMapping",
    ("cloudfunctions", "functions"): "Function", ("vpcaccess", "connectors"): "Connector", ("networkconnectivity", "policyBasedRoutes"): "PolicyBasedRoute",
    ("cloudkms", "keyRings"): "KeyRing", ("cloudkms", "cryptoKeys"): "CryptoKey", ("cloudkms", "cryptoKeyVersions"): "CryptoKeyVersion",
    ("artifactregistry", "repositories"): "Repository", ("iam", "serviceAccounts"): "ServiceAccount", ("iam", "keys"): "ServiceAccountKey",
    ("iam", "roles"): "Role", ("iam", "workloadIdentityPools"): "WorkloadIdentityPool", ("iam", "providers"): "WorkloadIdentityPoolProvider",
    ("iap", "services"): "WebService",
}
VERSIONS = {"cloudfunctions": "v2", "run": "v2"}


def kind_of(api, name):
    """`Address` of `compute/…/addresses/x`; None for what is no asset (such as an answer about a router)."""
    parts = name.split("/")
    if api == "compute":
        word = COMPUTE.get(parts[-2])
        return word if isinstance(word, str) or word is None else word["/global/" in name]
    return OTHERS.get((api, parts[-2]))


class Inventory:
    """All assets of a world, made once, in the order of their names."""

    def __init__(self, world):
        self.world = world
        self.resources = sorted(self.all_resources(), key=lambda it: (it["assetType"], it["name"]))
        self.policies = sorted(self.all_policies(), key=lambda it: (it["assetType"], it["name"]))
        self.scopes = (self.by_scope(self.resources), self.by_scope(self.policies))

    @staticmethod
    def by_scope(assets):
        found = {}
        for asset in assets:
            for scope in asset["ancestors"]:
                found.setdefault(scope, []).append(asset)
        return found

    def scope(self, scope, content):
        """What a scope holds of a content type."""
        kind, id = scope.split("/")
        scope = f"projects/{self.world.number(id)}" if kind == "projects" and id in self.world.projects else scope
        return self.scopes[content == "IAM_POLICY"].get(scope, [])

    def known(self, scope):
        kind, id = scope.split("/")
        return id in {"projects": {*self.world.projects, *self.world.numbers}, "folders": self.world.folders, "organizations": self.world.organizations}[kind]

    def name(self, key):
        api, name = key.split("/", 1)
        if api == "iam" and "/serviceAccounts/" in name:
            # By the number that never changes, not by the e-mail.
            head, account = name.split("/serviceAccounts/")
            email, _, rest = account.partition("/")
            unique = self.world.resources[f"iam/{head}/serviceAccounts/{email}"]["uniqueId"]
            name = f"{head}/serviceAccounts/{unique}{'/' + rest if rest else ''}"
        return f"//{api}.googleapis.com/{name}"

    def asset(self, name, kind, ancestors, **more):
        return {"name": name, "assetType": kind, "ancestors": ancestors, "updateTime": TIME, **more}

    def resource(self, name, kind, project, data, location, version="v1"):
        api, word = kind.split(".googleapis.com/")
        ancestors = self.world.ancestors(project)
        parent = "//cloudresourcemanager.googleapis.com/" + ancestors[0]
        body = {"version": version, "discoveryDocumentUri": f"https://{api}.googleapis.com/$discovery/rest", "discoveryName": word, "parent": parent,
                "data": data, "location": location}
        return self.asset(name, kind, ancestors, resource=body)

    def all_resources(self):
        world = self.world
        knative = world.state.get("assets_of_run", "v1") == "v1"
        for key, body in world.resources.items():
            api, name = key.split("/", 1)
            word, parts = kind_of(api, name), name.split("/")
            if word is None or parts[0] != "projects":
                continue
            place = re.search(r"/(?:locations|regions)/([^/]+)/", name)
            location, version, data, kind = place[1] if place else "global", VERSIONS.get(api, "v1"), body, f"{api}.googleapis.com/{word}"
            if api == "run" and knative:
                version, data = "v1", world.knative(name)
            if word == "Revision":
                yield self.resource(f"//run.googleapis.com/projects/{parts[1]}/locations/{parts[3]}/revisions/{parts[-1]}", kind, parts[1], data, location, version)
                continue
            yield self.resource(self.name(key), kind, parts[1], data, location, version)
            if api == "run" and word in ("Service", "WorkerPool"):
                latest = world.knative_latest(name) if knative else world.latest_revision(name)
                short = body["latestReadyRevision"].rsplit("/", 1)[1]
                yield self.resource(f"//run.googleapis.com/projects/{parts[1]}/locations/{parts[3]}/revisions/{short}", "run.googleapis.com/Revision", parts[1],
                                    latest, location, version)
            if body.get("environment") == "GEN_1":
                yield self.resource(self.name(key), "cloudfunctions.googleapis.com/CloudFunction", parts[1], world.function_v1(name), location, "v1")
        manager = "//cloudresourcemanager.googleapis.com/"
        for id in world.projects:
            number = world.number(id)
            yield self.resource(f"{manager}projects/{number}", "cloudresourcemanager.googleapis.com/Project", id, world.project_v1(id), "global")
            for api in world.services(id):
                body = world.service(id, api)
                yield self.resource(f"//serviceusage.googleapis.com/{body['name']}", "serviceusage.googleapis.com/Service", id, body, "global")
        for id in world.folders:
            yield self.node(f"folders/{id}", "Folder", world.folder_v3(id))
        for id in world.organizations:
            yield self.node(f"organizations/{id}", "Organization", world.organization_v3(id))
        for node, policies in world.state.get("deny", {}).items():
            for policy in policies:
                yield self.asset(f"//iam.googleapis.com/{policy['name'].replace('%2F', '/')}", "iam.googleapis.com/PolicyV2", self.above(node), resource={
                    "version": "v2", "discoveryDocumentUri": "https://iam.googleapis.com/$discovery/rest", "discoveryName": "Policy", "data": policy,
                    "parent": f"//cloudresourcemanager.googleapis.com/{self.above(node)[0]}", "location": "global"})

    def above(self, node):
        """The ancestors of a node, itself among them, by number."""
        kind, id = node.split("/")
        if kind == "projects":
            return self.world.ancestors(id)
        found = [node]
        while kind == "folders":
            found.append(self.world.folders[id]["parent"])
            kind, id = found[-1].split("/")
        return found

    def node(self, node, word, data):
        above = self.above(node)
        parent = {"parent": "//cloudresourcemanager.googleapis.com/" + above[1]} if above[1:] else {}
        return self.asset(f"//cloudresourcemanager.googleapis.com/{node}", f"cloudresourcemanager.googleapis.com/{word}", above, resource={
            "version": "v3", "discoveryDocumentUri": "https://cloudresourcemanager.googleapis.com/$discovery/rest", "discoveryName": word, "data": data,
            "location": "global", **parent})

    def all_policies(self):
        """Only what has a policy at all: Google lists nothing for the others."""
        for key, policy in self.world.policies.items():
            if not policy.get("bindings"):
                continue
            api, name = key.split("/", 1)
            if api == "cloudresourcemanager":
                above = self.above(name)
                word = {"projects": "Project", "folders": "Folder", "organizations": "Organization"}[name.split("/")[0]]
                yield self.asset(f"//{api}.googleapis.com/{above[0]}", f"{api}.googleapis.com/{word}", above, iamPolicy=policy)
            elif kind_of(api, name):
                own = self.name(key)
                ancestors = self.world.ancestors(name.split("/")[1])
                yield self.asset(own, f"{api}.googleapis.com/{kind_of(api, name)}", ancestors, iamPolicy=policy)


def snake(word):
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda it: "_" + it[1].lower(), word)


def exported(asset):
    """An asset as an export writes it: its own fields in snake_case, the data of resources and the policies as they are."""
    line = {snake(key): value for key, value in asset.items()}
    if "resource" in line:
        line["resource"] = {snake(key): value for key, value in line["resource"].items()}
    return line


if __name__ == "__main__":
    state, scope, content = sys.argv[1:]
    with open(state, encoding="utf-8") as file:
        inventory = Inventory(World(json.load(file)))
    for asset in inventory.scope(scope, content):
        print(json.dumps(exported(asset)))
