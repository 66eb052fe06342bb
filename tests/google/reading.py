"""The snapshot that a whole reading of an estate gives: what `egress-audit collect` writes, made without it.

Records are those of `src/snapshot/kinds/google.rs`. What an estate marks as unread is left out, with its gap and its coverage.
"""

import json
import re

import forms

TAKEN = "2026-11-22T06:00:00Z"
AUDITOR = "auditor@example.com"

WORKLOADS = {
    "run:service": "run.services.list", "run:job": "run.jobs.list", "run:worker-pool": "run.workerpools.list",
    "functions:function": "cloudfunctions.functions.list",
}
NETWORKS = {
    "vpcaccess:connector": "vpcaccess.connectors.list", "compute:network": "compute.networks.list",
    "compute:subnetwork": "compute.subnetworks.list", "compute:route": "compute.routes.list", "compute:router": "compute.routers.list",
    "compute:address": "compute.addresses.list", "compute:firewall": "compute.firewalls.list",
    "networkconnectivity:policy-based-route": "networkconnectivity.policyBasedRoutes.list",
    "compute:forwarding-rule": "compute.forwardingRules.list", "compute:target-http-proxy": "compute.targetHttpProxies.list",
    "compute:target-https-proxy": "compute.targetHttpsProxies.list", "compute:url-map": "compute.urlMaps.list",
    "compute:backend-service": "compute.backendServices.list", "compute:network-endpoint-group": "compute.networkEndpointGroups.list",
}
DETAILS = {
    "run:revision": "run.revisions.get", "compute:effective-firewalls": "compute.networks.getEffectiveFirewalls",
    "compute:regional-effective-firewalls": "compute.networks.getRegionEffectiveFirewalls",
    "compute:router-status": "compute.routers.getRouterStatus", "compute:nat-ip-info": "compute.routers.getNatIpInfo",
    "compute:peering-routes": "compute.networks.listPeeringRoutes", "resourcemanager:project": "resourcemanager.projects.get",
    "resourcemanager:ancestry": "resourcemanager.projects.get", "resourcemanager:project-policy": "resourcemanager.projects.getIamPolicy",
    "resourcemanager:folder-policy": "resourcemanager.folders.getIamPolicy",
    "resourcemanager:organization-policy": "resourcemanager.organizations.getIamPolicy",
    "run:service-policy": "run.services.getIamPolicy", "run:job-policy": "run.jobs.getIamPolicy",
    "functions:policy": "cloudfunctions.functions.getIamPolicy", "iap:policy": "iap.webServices.getIamPolicy",
    "compute:subnetwork-policy": "compute.subnetworks.getIamPolicy", "iam:deny-policies": "iam.denypolicies.list",
    "iam:role": "iam.roles.get", "iam:service-account": "iam.serviceAccounts.get",
    "iam:service-account-policy": "iam.serviceAccounts.getIamPolicy", "iam:service-account-keys": "iam.serviceAccountKeys.list",
    "iam:workload-identity-pool-providers": "iam.workloadIdentityPoolProviders.list", "kms:key": "cloudkms.cryptoKeys.get",
    "kms:key-versions": "cloudkms.cryptoKeyVersions.list", "kms:key-policy": "cloudkms.cryptoKeys.getIamPolicy",
    "kms:key-ring-policy": "cloudkms.keyRings.getIamPolicy", "artifactregistry:repository": "artifactregistry.repositories.get",
}
# Of an asset inventory alone.
OTHER = {"compute:firewall-policy": "compute.firewallPolicies.list"}
CALLS = WORKLOADS | NETWORKS | DETAILS | OTHER

# The collection in a resource's name, for each kind that is listed.
COLLECTIONS = {
    "run": {"services": "run:service", "jobs": "run:job", "workerPools": "run:worker-pool"},
    "cloudfunctions": {"functions": "functions:function"}, "vpcaccess": {"connectors": "vpcaccess:connector"},
    "networkconnectivity": {"policyBasedRoutes": "networkconnectivity:policy-based-route"},
    "compute": {
        "networks": "compute:network", "subnetworks": "compute:subnetwork", "routes": "compute:route", "routers": "compute:router",
        "addresses": "compute:address", "firewalls": "compute:firewall", "forwardingRules": "compute:forwarding-rule",
        "targetHttpProxies": "compute:target-http-proxy", "targetHttpsProxies": "compute:target-https-proxy", "urlMaps": "compute:url-map",
        "backendServices": "compute:backend-service", "networkEndpointGroups": "compute:network-endpoint-group"},
}
# Roles by which an account of a policy may call a workload, or mint the tokens of one that may.
INVOKING = {f"roles/{it}" for it in (
    "run.invoker", "run.servicesInvoker", "run.admin", "run.developer", "run.editor", "run.jobsExecutor", "cloudfunctions.invoker",
    "cloudfunctions.admin", "cloudfunctions.developer", "editor", "owner")}
MINTING = {f"roles/{it}" for it in (
    "iam.serviceAccountTokenCreator", "iam.serviceAccountOpenIdTokenCreator", "iam.serviceAccountUser", "iam.workloadIdentityUser")}
AGENTS = re.compile(r"@(?:gcp-sa-[\w-]+|serverless-robot-prod|gcf-admin-robot|gs-project-accounts)\.iam|@cloudservices\.")


def place(name):
    """(project, region) of a resource's name."""
    project = name.split("/")[1]
    for word in ("/locations/", "/regions/"):
        if word in name:
            return project, name.split(word)[1].split("/")[0]
    return project, "global"


def full(key):
    api, name = key.split("/", 1)
    return f"//{api}.googleapis.com/{name}"


class Reading:
    """One reading; `records` grows in the order in which a collector would ask."""

    def __init__(self, estate):
        self.e = estate
        self.records, self.tried = {}, {}
        self.refused = {(g["kind"], g["account"]) for g in estate.gaps if "resource" not in g and g["region"] == "global"}

    def denied(self, kind, account, resource=None, region="global"):
        for gap in self.e.gaps:
            if gap["kind"] == kind and gap["account"] == account and gap.get("resource") in (None, resource):
                if gap["region"] in ("global", region):
                    return True
        return False

    def put(self, kind, id, account, region, body):
        if kind in self.e.unasked:
            return
        if kind in DETAILS or kind in OTHER:
            self.tried.setdefault((kind, account), True)
        if not self.denied(kind, account, id, region):
            self.records[kind, id, f"gcp:{account}:{region}"] = body

    # -- lists -------------------------------------------------------------------------------------------------------

    def listed(self, project, kinds):
        for key, body in self.e.resources.items():
            api, name = key.split("/", 1)
            parts = name.split("/")
            kind = COLLECTIONS.get(api, {}).get(parts[-2])
            if kind not in kinds or len(parts) > 6 or self.e.id_of(parts[1]) != project:
                continue
            if kind == "run:service" and name in self.e.knative:
                body = forms.knative_service(body, self.e.number(project))
            if kind == "run:job" and name in self.e.knative:
                body = forms.knative_job(body, self.e.number(project))
            if kind == "functions:function" and name in self.e.functions_v1:
                body = forms.function_v1(body)
            self.put(kind, full(key), project, place(name)[1], body)

    def bodies(self, *kinds):
        """What was listed, in its newest form whatever the record's."""
        for (kind, id, _), body in list(self.records.items()):
            if kind in kinds:
                key = id.removeprefix("//").replace(".googleapis.com", "", 1)
                yield key, self.e.resources.get(key, body)

    # -- the whole ---------------------------------------------------------------------------------------------------

    def run(self):
        e = self.e
        for project in e.scanned:
            self.listed(project, WORKLOADS)
        self.networked = list(e.scanned)
        attachments = list(self.attachments())
        for project in [p for place in attachments for p in place["projects"]]:
            if e.id_of(project) not in self.networked:
                self.networked.append(e.id_of(project))
        for project in self.networked:
            self.listed(project, NETWORKS)
        for project in self.further_networks():
            self.networked.append(project)
            self.listed(project, NETWORKS)
        self.network_details()
        self.revisions()
        accounts = self.workload_policies()
        self.keys()
        self.identities(accounts)
        self.hierarchy()
        self.roles_and_pools()
        for record in e.more_records:
            self.put(*record)
        return self

    def templates(self):
        for key, body in self.bodies("run:service", "run:worker-pool", "run:job"):
            task = body["template"].get("template", body["template"])
            yield key, task
            for name, revision in self.e.resources.items():
                if name.startswith(f"{key}/revisions/"):
                    yield key, revision

    def attachments(self):
        found = [(key, it.get("vpcAccess", {})) for key, it in self.templates()]
        for key, body in self.bodies("functions:function"):
            for settings in (body.get("serviceConfig", {}), body.get("upgradeInfo", {}).get("serviceConfig", {})):
                found.append((key, clean_access(settings)))
        for key, vpc in found:
            names = [vpc.get("connector", "")] + [it.get(side, "") for it in vpc.get("networkInterfaces", []) for side in ("network", "subnetwork")]
            projects = [name.split("projects/")[1].split("/")[0] for name in names if "projects/" in name]
            yield {"key": key, "projects": projects, "names": names}

    def further_networks(self):
        found = []
        for _, body in self.bodies("vpcaccess:connector"):
            project = self.e.id_of(body.get("subnet", {}).get("projectId", ""))
            if project and project not in self.networked + found:
                found.append(project)
        return found

    def network_details(self):
        e = self.e
        for key, body in self.bodies("compute:network"):
            name = key.removeprefix("compute/")
            project = place(name)[0]
            rules = [it for k, it in e.resources.items() if "/firewalls/" in k and it["network"].endswith("/" + name)]
            default = {"firewalls": rules} if rules else {}
            self.put("compute:effective-firewalls", full(key), project, "global", e.resources.get(f"{key}/getEffectiveFirewalls", default))
            for region in sorted(self.regions_of(project, name)):
                body_of = e.resources.get(f"{key}/{region}/getEffectiveFirewalls", default)
                self.put("compute:regional-effective-firewalls", full(key), project, region, body_of)
                for peering in body.get("peerings", []):
                    if peering.get("importCustomRoutes"):
                        routes = e.resources.get(f"{key}/{region}/{peering['name']}/listPeeringRoutes", {"kind": "compute#exchangedPeeringRoutesList", "items": []})
                        self.put("compute:peering-routes", f"{full(key)}#{peering['name']}", project, region, routes)
        for key, body in self.bodies("compute:router"):
            project, region = place(key.removeprefix("compute/"))
            if body.get("nats") or body.get("bgpPeers"):
                self.put("compute:router-status", full(key), project, region, e.resources[f"{key}/getRouterStatus"])
            if body.get("nats"):
                self.put("compute:nat-ip-info", full(key), project, region, e.resources[f"{key}/getNatIpInfo"])
        for attachment in self.attachments():
            for name in attachment["names"]:
                if "/subnetworks/" in name:
                    project, region = place("projects/" + name.split("projects/")[1])
                    subnet = f"projects/{e.id_of(project)}/regions/{region}/subnetworks/{name.rsplit('/', 1)[1]}"
                    self.subnet_policy(attachment["key"].split("/")[2], subnet)
        for key, body in self.bodies("vpcaccess:connector"):
            if "subnet" in body:
                owner, region = place(key.split("/", 1)[1])
                subnet = body["subnet"]
                self.subnet_policy(owner, f"projects/{e.id_of(subnet.get('projectId', owner))}/regions/{region}/subnetworks/{subnet['name']}")

    def subnet_policy(self, user, subnet):
        project, region = place(subnet)
        if project != self.e.id_of(user) and project in self.e.projects:
            self.put("compute:subnetwork-policy", f"//compute.googleapis.com/{subnet}", project, region,
                     self.e.policies.get(f"compute/{subnet}", {"etag": "ACAB"}))

    def regions_of(self, project, network):
        """The regions in which this network's subnets, connectors or routers are."""
        found = set()
        for key, body in self.bodies("compute:subnetwork", "compute:router", "vpcaccess:connector"):
            api, name = key.split("/", 1)
            inside = body.get("network", "").endswith("/" + network) or api == "vpcaccess" and body.get("network") == network.rsplit("/", 1)[1]
            if inside and place(name)[0] == project:
                found.add(place(name)[1])
        return found

    def revisions(self):
        for key, body in self.bodies("run:service", "run:worker-pool"):
            for name, revision in self.e.resources.items():
                if name.startswith(f"{key}/revisions/") and self.serves(body, name.rsplit("/", 1)[1]):
                    project, region = place(key.split("/", 1)[1])
                    short = name.rsplit("/", 1)[1]
                    self.put("run:revision", f"//run.googleapis.com/projects/{project}/locations/{region}/revisions/{short}", project, region, revision)

    @staticmethod
    def serves(body, revision):
        statuses = body.get("trafficStatuses", body.get("instanceSplitStatuses", []))
        return any(forms.last(it.get("revision", "")) == revision and (it.get("percent") or it.get("tag")) for it in statuses)

    def workload_policies(self):
        e, accounts = self.e, set()
        kinds = {"run:service": "run:service-policy", "run:job": "run:job-policy", "functions:function": "functions:policy"}
        for kind, of in kinds.items():
            for key, body in self.bodies(kind):
                project, region = place(key.split("/", 1)[1])
                self.put(of, full(key), project, region, e.policies.get(key, {"etag": "ACAB"}))
                accounts |= self.members(e.policies.get(key, {}), INVOKING)
                if body.get("iapEnabled"):
                    service = key.rsplit("/", 1)[1]
                    policy = e.policies.get(f"iap/projects/{e.number(project)}/iap_web/cloud_run-{region}/services/{service}", {"etag": "ACAB"})
                    self.put("iap:policy", full(key), project, region, policy)
                settings = [body.get("serviceConfig", {}), body.get("upgradeInfo", {}).get("serviceConfig", {})]
                accounts |= {it["serviceAccountEmail"] for it in settings if "serviceAccountEmail" in it}
        accounts |= {task["serviceAccount"] for _, task in self.templates() if "serviceAccount" in task}
        for project in e.scanned:
            for node in (f"projects/{project}", *e.ancestors(project)):
                accounts |= self.members(e.policies.get(f"cloudresourcemanager/{node}", {}), INVOKING)
        return accounts

    def members(self, policy, roles):
        found = set()
        for binding in policy.get("bindings", []):
            custom = self.e.resources.get(f"iam/{binding['role']}", {}).get("includedPermissions", [])
            if binding["role"] in roles or any(it.endswith(".invoke") for it in custom):
                found |= {it.removeprefix("serviceAccount:") for it in binding["members"]
                          if it.startswith("serviceAccount:") and "[" not in it and not AGENTS.search(it)}
        return found

    def keys(self):
        e, keys, repositories = self.e, set(), set()
        for _, task in self.templates():
            keys |= {task["encryptionKey"]} if "encryptionKey" in task else set()
        for _, body in self.bodies("functions:function"):
            if "kmsKeyName" in body:
                keys.add(body["kmsKeyName"])
                repositories |= {body["buildConfig"]["dockerRepository"]} if "dockerRepository" in body["buildConfig"] else set()
        for _, task in self.templates():
            if "encryptionKey" in task:
                image = re.match(r"([\w-]+)-docker\.pkg\.dev/([^/]+)/([^/]+)/", task["containers"][0]["image"])
                repositories |= {"projects/{1}/locations/{0}/repositories/{2}".format(*image.groups())} if image else set()
        for key in sorted(keys):
            project, region = place(key)
            project, id = e.id_of(project), f"//cloudkms.googleapis.com/{key}"
            own = f"cloudkms/projects/{project}/" + key.split("/", 2)[2]
            body = e.resources.get(own)
            self.put("kms:key", id, project, region, body)
            ring = own.split("/cryptoKeys/")[0]
            self.put("kms:key-ring-policy", id.split("/cryptoKeys/")[0], project, region, e.policies.get(ring, {"etag": "ACAB"}))
            if body:
                versions = [it for name, it in e.resources.items() if name.startswith(f"{own}/cryptoKeyVersions/")]
                self.put("kms:key-versions", id, project, region, {"cryptoKeyVersions": versions})
                self.put("kms:key-policy", id, project, region, e.policies[own])
        for name in sorted(repositories):
            project, region = place(name)
            self.put("artifactregistry:repository", f"//artifactregistry.googleapis.com/{name}", project, region, e.resources.get(f"artifactregistry/{name}"))
        self.key_projects = {e.id_of(place(key)[0]) for key in keys}

    def identities(self, accounts):
        e, seen = self.e, set()
        self.account_projects = set()
        while accounts - seen:
            for address in sorted(accounts - seen):
                seen.add(address)
                key = next((k for k in e.resources if k.startswith("iam/") and k.endswith(f"/serviceAccounts/{address}")), None)
                project = key.split("/")[2] if key else self.project_of(address)
                if project in e.projects:
                    self.account_projects.add(project)
                self.put("iam:service-account", address, project, "global", e.resources.get(key))
                if not key or self.denied("iam:service-account", project, address):
                    continue
                policy = e.policies.get(key, {"etag": "ACAB"})
                self.put("iam:service-account-policy", address, project, "global", policy)
                held = [it for name, it in e.resources.items() if name.startswith(f"{key}/keys/")]
                self.put("iam:service-account-keys", address, project, "global", {"keys": held})
                if not self.denied("iam:service-account-policy", project, address):
                    accounts |= self.members(policy, MINTING)

    def project_of(self, address):
        name, _, domain = address.partition("@")
        project = name.removesuffix("-compute") if domain.startswith("developer.") else \
            name if domain.startswith("appspot.") else domain.removesuffix(".iam.gserviceaccount.com")
        return self.e.id_of(project)

    def hierarchy(self):
        e = self.e
        resource_manager = "//cloudresourcemanager.googleapis.com/"
        projects = [*dict.fromkeys([*self.networked, *sorted(self.key_projects), *sorted(self.account_projects)])]
        text = json.dumps([body for (kind, _, _), body in self.records.items() if kind in WORKLOADS or "policy" in kind])
        for project in projects:
            if project not in e.projects:
                continue
            number, ancestors = e.number(project), e.ancestors(project)
            body = {"name": f"projects/{number}", "projectId": project, "parent": e.projects[project]["parent"], "state": "ACTIVE",
                    "displayName": project, "createTime": "2026-01-05T08:00:00Z", "updateTime": "2026-01-05T08:00:00Z", "etag": 'W/"1"'}
            self.put("resourcemanager:project", f"{resource_manager}projects/{project}", project, "global", body)
            if f"projects/{number}/" in text:
                self.put("resourcemanager:project", f"{resource_manager}projects/{number}", project, "global", body)
            chain = [{"resourceId": {"type": kind, "id": id}} for kind, id in
                     [("project", project)] + [(it.split("/")[0].removesuffix("s"), it.split("/")[1]) for it in ancestors]]
            self.put("resourcemanager:ancestry", f"{resource_manager}projects/{project}", project, "global", {"ancestor": chain})
            for node in (f"projects/{project}", *ancestors):
                scope = project if node.startswith("projects/") else node
                kind = f"resourcemanager:{node.split('/')[0].removesuffix('s')}-policy"
                self.put(kind, resource_manager + node, scope, "global", e.policies[f"cloudresourcemanager/{node}"])
                self.put("iam:deny-policies", resource_manager + node, scope, "global", {"policies": e.deny.get(node, [])})

    def roles_and_pools(self):
        e = self.e
        text = json.dumps([body for (kind, _, _), body in self.records.items() if kind.endswith("policy")])
        for role in sorted(set(re.findall(r'"((?:projects|organizations)/[^/"]+/roles/[^"]+|roles/(?:admin|writer|reader|cloudfunctions\.standardServiceAgent))"', text))):
            account = role.split("/")[1] if role.startswith("projects/") else role.rsplit("/roles/", 1)[0] if "/roles/" in role else e.scanned[0]
            self.put("iam:role", role, account, "global", e.resources.get(f"iam/{role}"))
        for number, pool in sorted(set(re.findall(r"projects/(\d+)/locations/global/workloadIdentityPools/([^/\"]+)", text))):
            name = f"projects/{number}/locations/global/workloadIdentityPools/{pool}"
            providers = [it for key, it in e.resources.items() if key.startswith(f"iam/{name}/providers/")]
            if pool.endswith(".svc.id.goog"):
                continue
            self.put("iam:workload-identity-pool-providers", f"//iam.googleapis.com/{name}", e.id_of(number), "global",
                     {"workloadIdentityPoolProviders": providers})

    # -- writing -----------------------------------------------------------------------------------------------------

    def document(self):
        gaps = []
        for gap in self.e.gaps:
            line = {"scope": f"gcp:{gap['account']}:{gap['region']}", "kind": gap["kind"], "call": CALLS[gap["kind"]], "why": gap["why"]}
            gaps.append(line | {key: gap[key] for key in ("resource", "detail") if key in gap})
        gaps.sort(key=lambda it: (it["scope"], it["kind"], it.get("resource", "")))
        lines = [(project, kind) for project in self.e.scanned for kind in WORKLOADS]
        lines += [(project, kind) for project in self.networked for kind in NETWORKS]
        lines += [(account, kind) for kind, account in self.tried]
        lines += [(gap["account"], gap["kind"]) for gap in self.e.gaps]
        coverage = []
        for account, kind in dict.fromkeys(lines):
            count = sum(1 for k, _, scope in self.records if k == kind and scope.split(":")[1] == account)
            own = [it for it in self.e.gaps if it["kind"] == kind and it["account"] == account]
            whole = any("resource" not in it and it["region"] == "global" for it in own)
            state = "read" if not own else "unread" if whole and not count else "partial"
            coverage.append({"scope": f"gcp:{account}:global", "kind": kind, "call": CALLS[kind], "state": state, "count": count})
        coverage.sort(key=lambda it: (it["scope"], it["kind"], it["call"]))
        records = [{"kind": kind, "id": id, "scope": scope, "body": body} for (kind, id, scope), body in sorted(self.records.items())]
        scopes = [{"id": f"gcp:{project}:global", "principal": AUDITOR} | ({"as_of": self.e.as_of} if self.e.as_of else {})
                  for project in sorted(self.networked)]
        return {"schema": "egress-audit/snapshot/v1", "tool": {"name": "egress-audit", "version": "0.1.0"}, "taken_at": TAKEN,
                "scopes": scopes, "coverage": coverage, "gaps": gaps, "records": records}

    def text(self):
        document = self.document()
        lists = ("scopes", "coverage", "gaps", "records")
        parts = [json.dumps({key: document[key] for key in document if key not in lists}, separators=(",", ":"))[:-1]]
        for name in lists:
            lines = ",\n".join(json.dumps(it, separators=(",", ":")) for it in document[name])
            parts.append(f',\n"{name}":[\n{lines}]' if lines else f',\n"{name}":[]')
        return "".join(parts) + "\n}\n"


def clean_access(settings):
    """The attachment of a function's settings, in the words of Cloud Run."""
    return {"connector": settings.get("vpcConnector", ""), "networkInterfaces": settings.get("directVpcNetworkInterface", [])}


def read(estate):
    return Reading(estate).run()
