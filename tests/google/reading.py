"""The snapshot that a whole reading of an estate gives: what `egress-audit collect` writes, made without it.

Records are those of `src/snapshot/kinds/google.rs`. What an estate marks as unread is left out, with its gap and its coverage.
"""

import json
import pathlib
import re

import forms

TAKEN = "2026-11-22T06:00:00Z"
AUDITOR = "auditor@example.com"

WORKLOADS = {
    "run:service": "run.services.list", "run:job": "run.jobs.list", "run:worker-pool": "run.workerpools.list",
    "functions:function": "cloudfunctions.functions.list",
}
# Listed beside the workloads, in their projects alone.
BESIDE = {"run:domain-mapping": "run.domainmappings.list"}
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
CALLS = WORKLOADS | BESIDE | NETWORKS | DETAILS | OTHER

# The collection in a resource's name, for each kind that is listed.
COLLECTIONS = {
    "run": {"services": "run:service", "jobs": "run:job", "workerPools": "run:worker-pool", "domainmappings": "run:domain-mapping"},
    "cloudfunctions": {"functions": "functions:function"}, "vpcaccess": {"connectors": "vpcaccess:connector"},
    "networkconnectivity": {"policyBasedRoutes": "networkconnectivity:policy-based-route"},
    "compute": {
        "networks": "compute:network", "subnetworks": "compute:subnetwork", "routes": "compute:route", "routers": "compute:router",
        "addresses": "compute:address", "firewalls": "compute:firewall", "forwardingRules": "compute:forwarding-rule",
        "targetHttpProxies": "compute:target-http-proxy", "targetHttpsProxies": "compute:target-https-proxy", "urlMaps": "compute:url-map",
        "backendServices": "compute:backend-service", "networkEndpointGroups": "compute:network-endpoint-group"},
}
HERE = pathlib.Path(__file__).resolve().parent
# The tables of the tool itself: which roles it knows, and which accounts are Google's own.
ROLES = json.loads((HERE / "../../src/knowledge/roles.json").read_text())
AGENTS = json.loads((HERE / "../../src/knowledge/agents.json").read_text())
KNOWN_ROLES = {f"roles/{it}" for names in (*ROLES["holders"].values(), ROLES["others"]) for it in names}
INVOKING = ("run.routes.invoke", "run.jobs.run", "cloudfunctions.functions.invoke")
MINTING = tuple(f"iam.serviceAccounts.{it}" for it in ("getOpenIdToken", "getAccessToken", "signJwt", "signBlob", "implicitDelegation"))
INVOCATION = ("run:service-policy", "run:job-policy", "functions:policy", "resourcemanager:project-policy", "resourcemanager:folder-policy",
              "resourcemanager:organization-policy")
IMPERSONATION = ("iam:service-account-policy", *INVOCATION[3:])
# Of interest in a workload's own project alone.
BALANCERS = {"compute:forwarding-rule", "compute:target-http-proxy", "compute:target-https-proxy", "compute:url-map", "compute:backend-service",
             "compute:network-endpoint-group"}
ALL_TRAFFIC = {"ALL_TRAFFIC", "VPC_EGRESS_ALL_TRAFFIC", "all-traffic", "all"}
MANAGER = "//cloudresourcemanager.googleapis.com/"


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


def relative(name):
    """The part of a name from `projects/` on; None where it is short."""
    if name.startswith("projects/"):
        return name
    return name[name.index("/projects/") + 1:] if "/projects/" in name else None


def is_agent(address):
    domain = address.rsplit("@", 1)[-1]
    return domain.startswith("gcp-sa-") or domain in AGENTS["platform_domains"]


class Reading:
    """One reading, in the order in which the collector asks."""

    def __init__(self, estate):
        self.e = estate
        self.records, self.tried, self.found = {}, {}, []
        # Numbers of projects that were learnt so far, and roles that were asked for.
        self.learnt, self.asked_roles = {estate.number(it): it for it in estate.scanned}, set()

    def account(self, project):
        return self.learnt.get(project, project)

    def own(self, name):
        project, _, rest = name.removeprefix("projects/").partition("/")
        return f"projects/{self.account(project)}/{rest}"

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

    def lost(self, kind, id, account, region="global", why="denied"):
        """What the estate does not hold, and a scan asks for."""
        line = {"kind": kind, "account": account, "resource": id, "region": region, "why": why}
        if not self.denied(kind, account, id, region) and line not in self.found:
            self.found.append(line)

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
            self.describe(project)
            self.listed(project, WORKLOADS | BESIDE)
            self.listed(project, NETWORKS)
        self.networked = list(e.scanned)
        self.revisions()
        while named := sorted(self.places()["projects"] - set(self.networked)):
            for name in named:
                project = self.describe(name)
                self.networked.append(project)
                self.listed(project, NETWORKS.keys() - BALANCERS)
        nodes = {f"projects/{it}" for it in e.scanned} | {node for it in e.scanned for node in self.ancestry(it)}
        for node in nodes:
            self.node_policy(node)
            account = node.removeprefix("projects/")
            self.put("iam:deny-policies", MANAGER + node, account, "global", {"policies": e.deny.get(node, [])})
        self.above(self.places()["projects"])
        self.workload_policies()
        for subnet, user in sorted(self.places()["subnets"]):
            self.subnet_policy(user, subnet)
        self.roles()
        self.identities()
        self.keys()
        self.roles()
        self.network_details()
        for record in e.more_records:
            self.put(*record)
        return self

    def describe(self, name):
        """Reads a project by the name that refers to it; its id, where that is told."""
        e, id, account = self.e, self.e.id_of(name), self.account(name)
        if id not in e.projects:
            self.lost("resourcemanager:project", f"{MANAGER}projects/{name}", account)
            return name
        body = {"name": f"projects/{e.number(id)}", "projectId": id, "parent": e.projects[id]["parent"], "state": "ACTIVE",
                "displayName": id, "createTime": "2026-01-05T08:00:00Z", "updateTime": "2026-01-05T08:00:00Z", "etag": 'W/"1"'}
        account = name if name not in e.scanned else id
        self.put("resourcemanager:project", f"{MANAGER}projects/{name}", account, "global", body)
        if self.denied("resourcemanager:project", account, f"{MANAGER}projects/{name}"):
            return name
        self.learnt[e.number(id)] = id
        return id

    def ancestry(self, project):
        """Reads what stands above a project."""
        e, id = self.e, f"{MANAGER}projects/{project}"
        own = e.id_of(project)
        if own not in e.projects:
            self.lost("resourcemanager:ancestry", id, project)
            return []
        chain = [{"resourceId": {"type": kind, "id": it}} for kind, it in
                 [("project", own)] + [(it.split("/")[0].removesuffix("s"), it.split("/")[1]) for it in e.ancestors(own)]]
        self.put("resourcemanager:ancestry", id, project, "global", {"ancestor": chain})
        return [] if self.denied("resourcemanager:ancestry", project, id) else e.ancestors(own)

    def node_policy(self, node):
        kind = f"resourcemanager:{node.split('/')[0].removesuffix('s')}-policy"
        policy = self.e.policies.get(f"cloudresourcemanager/{self.canonical(node)}")
        if policy is None:
            self.lost(kind, MANAGER + node, node.removeprefix("projects/"))
        else:
            self.put(kind, MANAGER + node, node.removeprefix("projects/"), "global", policy)

    def canonical(self, name):
        return re.sub(r"(?<=projects/)\d+(?=/|$)", lambda it: self.e.id_of(it[0]), name, count=1)

    def above(self, projects):
        """Reads the policies of these projects and of everything above them."""
        nodes = {node for it in sorted(projects) for node in self.ancestry(it)}
        for node in sorted({f"projects/{it}" for it in projects} | nodes):
            self.node_policy(node)

    # -- workloads ---------------------------------------------------------------------------------------------------

    def workloads(self):
        """(key, project, region, settings in the words of Cloud Run's templates, body) of everything that runs, and of older revisions."""
        for key, body in self.bodies("run:service", "run:worker-pool", "run:job"):
            yield key, *place(key.split("/", 1)[1]), body["template"].get("template", body["template"]), body
        for key, body in self.bodies("run:revision"):
            yield key, *place(key.split("/", 1)[1]), body, body
        for key, body in self.bodies("functions:function"):
            own = body.get("serviceConfig", {})
            vpc = {"connector": own.get("vpcConnector"), "egress": own.get("directVpcEgress") or own.get("vpcConnectorEgressSettings"),
                   "networkInterfaces": own.get("directVpcNetworkInterface", [])}
            yield key, *place(key.split("/", 1)[1]), {"vpcAccess": vpc, "encryptionKey": body.get("kmsKeyName"),
                                                      "serviceAccount": own.get("serviceAccountEmail")}, body

    def places(self):
        """Where traffic enters networks: projects; (subnet, project of who uses it); (network, region) where all of it goes there."""
        found = {"projects": set(), "subnets": set(), "networks": set()}
        for _, user, region, settings, _ in self.workloads():
            vpc = settings.get("vpcAccess") or {}
            attached = [(it.get("network"), it.get("subnetwork"), user, True) for it in vpc.get("networkInterfaces", [])]
            if vpc.get("connector"):
                name = relative(vpc["connector"]) or f"projects/{user}/locations/{region}/connectors/{vpc['connector']}"
                owner = self.account(name.split("/")[1])
                found["projects"].add(owner)
                id = f"//vpcaccess.googleapis.com/{self.own(name)}"
                body = next((it for (kind, at, _), it in self.records.items() if kind == "vpcaccess:connector" and at == id), None)
                if body is not None:
                    subnet = body.get("subnet", {})
                    attached.append((body.get("network"), subnet.get("name"), subnet.get("projectId") or owner, False))
            for network, subnet, owner, direct in attached:
                network = network and (relative(network) or f"projects/{owner}/global/networks/{network}")
                if subnet:
                    subnet = relative(subnet) or f"projects/{owner}/regions/{region}/subnetworks/{subnet}"
                elif network and direct:
                    subnet = f"projects/{network.split('/')[1]}/regions/{region}/subnetworks/{network.rsplit('/', 1)[1]}"
                found["projects"] |= {self.account(it.split("/")[1]) for it in (subnet, network) if it}
                if subnet:
                    found["subnets"].add((self.own(subnet), user))
                    body = next((it for (kind, at, _), it in self.records.items()
                                 if kind == "compute:subnetwork" and at == f"//compute.googleapis.com/{self.own(subnet)}"), {})
                    network = relative(body.get("network", "")) or network
                if network and vpc.get("egress") in ALL_TRAFFIC:
                    found["networks"].add((self.own(network), region))
        return found

    def revisions(self):
        for key, body in self.bodies("run:service", "run:worker-pool"):
            ready, created = (forms.last(body.get(it, "")) for it in ("latestReadyRevision", "latestCreatedRevision"))
            latest = ready if created in ("", ready) else None
            targets = [it for side in ("trafficStatuses", "traffic", "instanceSplitStatuses", "instanceSplits") for it in body.get(side, [])]
            named = {forms.last(it.get("revision") or ready) for it in targets if it.get("percent") or it.get("tag")}
            project, region = place(key.split("/", 1)[1])
            for short in sorted(named - {latest, ""}):
                id = f"//run.googleapis.com/projects/{project}/locations/{region}/revisions/{short}"
                revision = self.e.resources.get(f"{key}/revisions/{short}") or (forms.latest_revision(body) if short == ready else None)
                if revision is None:
                    self.lost("run:revision", id, project, region, "gone-during-scan")
                else:
                    self.put("run:revision", id, project, region, revision)

    def workload_policies(self):
        e = self.e
        kinds = {"run:service": "run:service-policy", "run:job": "run:job-policy", "functions:function": "functions:policy"}
        for kind, of in kinds.items():
            for key, body in self.bodies(kind):
                project, region = place(key.split("/", 1)[1])
                self.put(of, full(key), project, region, e.policies.get(key, {"etag": "ACAB"}))
                if body.get("iapEnabled"):
                    service = key.rsplit("/", 1)[1]
                    policy = e.policies.get(f"iap/projects/{e.number(project)}/iap_web/cloud_run-{region}/services/{service}", {"etag": "ACAB"})
                    self.put("iap:policy", full(key), project, region, policy)

    # -- networks ----------------------------------------------------------------------------------------------------

    def network_details(self):
        e, used = self.e, self.places()["networks"]
        for network, region in sorted(used):
            project, key, id = place(network)[0], f"compute/{network}", f"//compute.googleapis.com/{network}"
            body = next((it for (kind, at, _), it in self.records.items() if kind == "compute:network" and at == id), None)
            if key not in e.resources:
                for kind, at in (("compute:effective-firewalls", "global"), ("compute:regional-effective-firewalls", region)):
                    self.lost(kind, id, project, at, "gone-during-scan" if project in e.projects else "denied")
                continue
            rules = [it for k, it in sorted(e.resources.items()) if "/firewalls/" in k and it["network"].endswith("/" + network)]
            default = {"firewalls": rules} if rules else {}
            self.put("compute:effective-firewalls", id, project, "global", e.resources.get(f"{key}/getEffectiveFirewalls", default))
            self.put("compute:regional-effective-firewalls", id, project, region, e.resources.get(f"{key}/{region}/getEffectiveFirewalls", default))
            for peering in (body or {}).get("peerings", []):
                if peering.get("importCustomRoutes"):
                    routes = e.resources.get(f"{key}/{region}/{peering['name']}/listPeeringRoutes", {"items": []})
                    self.put("compute:peering-routes", f"{id}#{peering['name']}", project, region, {"items": routes["items"]})
        for key, body in self.bodies("compute:router"):
            project, region = place(key.removeprefix("compute/"))
            network = self.own(relative(body["network"]))
            translates = body.get("nats") and (network, region) in used
            learns = body.get("bgpPeers") and any(name == network for name, _ in used)
            if translates or learns:
                self.put("compute:router-status", full(key), project, region, e.resources[f"{key}/getRouterStatus"])
            if translates and any(it.get("natIpAllocateOption") == "AUTO_ONLY" for it in body["nats"]):
                self.put("compute:nat-ip-info", full(key), project, region, e.resources[f"{key}/getNatIpInfo"])

    def subnet_policy(self, user, subnet):
        project, region = place(subnet)
        if project == user:
            return
        id = f"//compute.googleapis.com/{subnet}"
        if f"compute/{subnet}" in self.e.resources:
            self.put("compute:subnetwork-policy", id, project, region, self.e.policies.get(f"compute/{subnet}", {"etag": "ACAB"}))
        else:
            self.lost("compute:subnetwork-policy", id, project, region, "gone-during-scan" if project in self.e.projects else "denied")

    # -- identities --------------------------------------------------------------------------------------------------

    def bindings(self):
        """(kind, role, member) of every policy that was read so far."""
        for (kind, _, _), body in list(self.records.items()):
            if kind.endswith("-policy") or kind in ("functions:policy", "iap:policy"):
                for binding in body.get("bindings", []):
                    yield from ((kind, binding["role"], member) for member in binding["members"])

    def may(self, role, permissions):
        """Whether a role holds one of these; of a role that nobody told, it is not known that it does not."""
        if role in KNOWN_ROLES:
            return any(role.removeprefix("roles/") in ROLES["holders"][it] for it in permissions)
        if role not in self.asked_roles or not any(kind == "iam:role" and id == role for kind, id, _ in self.records):
            return True
        held = (self.e.resources.get(f"iam/{role}") or {}).get("includedPermissions", [])
        return any(it in permissions for it in held)

    def members(self, kinds, permissions):
        found = set()
        for kind, role, member in self.bindings():
            address = member.removeprefix("serviceAccount:").lower()
            if kind in kinds and member.startswith("serviceAccount:") and ".svc.id.goog[" not in address and not is_agent(address):
                found |= {address} if self.may(role, permissions) else set()
        return found

    def runtime(self):
        for key, project, _, settings, body in self.workloads():
            first = key.startswith("cloudfunctions/") and body.get("environment") != "GEN_2"
            default = f"{project}@appspot.gserviceaccount.com" if first else f"{self.e.number(project)}-compute@developer.gserviceaccount.com"
            yield (settings.get("serviceAccount") or default).lower()

    def identities(self):
        accounts, seen = {*self.runtime()} | self.members(INVOCATION, INVOKING), set()
        for _ in range(8):
            new = sorted(accounts - seen)
            if not new:
                break
            seen |= accounts
            for address in new:
                self.service_account(address)
            self.above({home for it in new if (home := self.home(it))})
            accounts |= self.members(IMPERSONATION, MINTING)
        pools = {tuple(it.groups()) for _, _, member in self.bindings()
                 if (it := re.match(r"principal(?:Set)?://iam\.googleapis\.com/projects/(\w+)/locations/global/workloadIdentityPools/([^/]+)", member))}
        for number, pool in sorted(pools):
            name = f"projects/{number}/locations/global/workloadIdentityPools/{pool}"
            providers = [it for key, it in self.e.resources.items() if key.startswith(f"iam/{name}/providers/")]
            if not pool.endswith(".svc.id.goog"):
                self.put("iam:workload-identity-pool-providers", f"//iam.googleapis.com/{name}", self.account(number), "global",
                         {"workloadIdentityPoolProviders": providers})

    def service_account(self, address):
        e = self.e
        key = next((k for k in e.resources if k.startswith("iam/") and k.endswith(f"/serviceAccounts/{address}")), None)
        project = self.home(address) or "-"
        if e.id_of(project) not in e.projects:
            for kind in ("iam:service-account", "iam:service-account-policy", "iam:service-account-keys"):
                self.lost(kind, address, project)
            return
        self.put("iam:service-account", address, project, "global", e.resources.get(key))
        if key:
            self.put("iam:service-account-policy", address, project, "global", e.policies.get(key, {"etag": "ACAB"}))
            held = [it for name, it in e.resources.items() if name.startswith(f"{key}/keys/")]
            self.put("iam:service-account-keys", address, project, "global", {"keys": held})

    def home(self, address):
        name, _, domain = address.partition("@")
        project = name.removesuffix("-compute") if domain.startswith("developer.") else \
            name if domain.startswith("appspot.") else domain.removesuffix(".iam.gserviceaccount.com")
        return self.account(project) if project != domain else None

    def roles(self):
        for role in sorted({role for _, role, _ in self.bindings()} - KNOWN_ROLES - self.asked_roles):
            self.asked_roles.add(role)
            owner = self.account(role.split("/")[1]) if role.startswith("projects/") else role.rsplit("/roles/", 1)[0] if "/roles/" in role else self.e.scanned[0]
            self.put("iam:role", role, owner, "global", self.e.resources.get(f"iam/{role}"))

    # -- keys --------------------------------------------------------------------------------------------------------

    def keys(self):
        e, keys, repositories = self.e, set(), set()
        for _, _, _, settings, body in self.workloads():
            key = relative(settings.get("encryptionKey") or "")
            if key:
                keys.add(self.own("/".join(key.split("/")[:8])))
                repository = body.get("buildConfig", {}).get("dockerRepository")
                repositories |= {self.own(repository)} if repository else set()
        for key in sorted(keys):
            project, region = place(key)
            own, id = f"cloudkms/{self.canonical(key)}", f"//cloudkms.googleapis.com/{key}"
            body, ring = e.resources.get(own), own.split("/cryptoKeys/")[0]
            self.put("kms:key", id, project, region, body)
            if ring in e.resources:
                self.put("kms:key-ring-policy", id.split("/cryptoKeys/")[0], project, region, e.policies.get(ring, {"etag": "ACAB"}))
            else:
                self.lost("kms:key-ring-policy", id.split("/cryptoKeys/")[0], project, region, "gone-during-scan")
            if body:
                versions = [it for name, it in e.resources.items() if name.startswith(f"{own}/cryptoKeyVersions/")]
                self.put("kms:key-versions", id, project, region, {"cryptoKeyVersions": versions})
                self.put("kms:key-policy", id, project, region, e.policies[own])
        self.above({place(key)[0] for key in keys})
        for name in sorted(repositories):
            project, region = place(name)
            id, body = f"//artifactregistry.googleapis.com/{name}", e.resources.get(f"artifactregistry/{self.canonical(name)}")
            if body:
                self.put("artifactregistry:repository", id, project, region, body)
            else:
                self.lost("artifactregistry:repository", id, project, region, "gone-during-scan")

    # -- writing -----------------------------------------------------------------------------------------------------

    def document(self):
        # What is denied and nobody asked for is no gap.
        gaps, of_scan = [], [it for it in self.e.gaps if it["kind"] not in DETAILS or (it["kind"], it["account"]) in self.tried]
        of_scan += self.found
        for gap in of_scan:
            line = {"scope": f"gcp:{gap['account']}:{gap['region']}", "kind": gap["kind"], "call": CALLS[gap["kind"]], "why": gap["why"]}
            gaps.append(line | {key: gap[key] for key in ("resource", "detail") if key in gap})
        gaps.sort(key=lambda it: (it["scope"], it["kind"], it.get("resource", "")))
        lines = [(project, kind) for project in self.e.scanned for kind in WORKLOADS | BESIDE]
        lines += [(project, kind) for project in self.networked for kind in NETWORKS if project in self.e.scanned or kind not in BALANCERS]
        lines += [(account, kind) for kind, account in self.tried]
        lines += [(gap["account"], gap["kind"]) for gap in of_scan]
        coverage = []
        for account, kind in dict.fromkeys(lines):
            count = sum(1 for k, _, scope in self.records if k == kind and scope.split(":")[1] == account)
            own = [it for it in of_scan if it["kind"] == kind and it["account"] == account]
            state = "partial" if own and count else "unread" if own else "read"
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


def read(estate):
    return Reading(estate).run()
