"""Estates of Google Cloud, built in a few words: what a scenario, the fake server and the tests of third parties share.

An estate is one description of the world, in the newest form of every resource:

    projects       {id: {number, parent, disabled: [apis], unconfirmed: [apis]}}, folders, organizations
    resources      {"<api>/<resource name without a version>": the REST body}
    policies       {"<api>/<resource name>": the allow policy}
    deny           {"projects/P" | "folders/F" | "organizations/O": [deny policies of iam v2]}

Every other view (Knative, functions v1, aggregated lists, the asset inventory, a snapshot) is derived from it.
"""

import copy
import json

REGION = "us-central1"
PROJECT, CLIENT, HOST = "shop-prod", "client-project", "net-host"
NUMBERS = {PROJECT: "618033988749", CLIENT: "271828182845", HOST: "314159265358"}
FOLDER, ORGANIZATION = "200300400500", "100200300400"
TIME = "2026-11-01T10:00:00.123456Z"
COMPUTE_TIME = "2026-11-01T02:00:00.000-08:00"
COMPUTE = "https://www.googleapis.com/compute/v1/"
STATIC_IP = "34.72.171.164"


def number_of(text):
    """A number as the id of a resource of compute: the same for the same name, whatever was made before."""
    value = 7
    for letter in text:
        value = (value * 131 + ord(letter)) % 9_000_000_000_000_000_000
    return str(value + 1_000_000_000)


def email(name, project=PROJECT):
    return f"{name}@{project}.iam.gserviceaccount.com"


def account(name, project=PROJECT):
    return f"serviceAccount:{email(name, project)}"


def agent(service, project=PROJECT):
    """The service agent of a Google service for a project."""
    number = NUMBERS.get(project, project)
    if service == "cloudservices":
        return f"serviceAccount:{number}@cloudservices.gserviceaccount.com"
    return f"serviceAccount:service-{number}@{service}.iam.gserviceaccount.com"


def grant(role, *members, condition=None):
    binding = {"role": role if "/" in role.removeprefix("roles/") or role.startswith("roles/") else f"roles/{role}",
               "members": list(members)}
    return binding | ({"condition": condition} if condition else {})


def clean(body):
    return {key: value for key, value in body.items() if value is not None}


class Estate:
    """One world. Builders put resources; a scenario then edits them in place."""

    def __init__(self):
        self.projects, self.folders, self.organizations = {}, {}, {}
        self.resources, self.policies, self.deny, self.regions = {}, {}, {}, [REGION, "europe-west1"]
        # For snapshots alone: what is scanned, in which old form services are written, and what was not read.
        self.scanned, self.knative, self.functions_v1, self.gaps = [PROJECT], set(), set(), []
        # And what an asset inventory gives beside the APIs, does not give, and how old it is.
        self.more_records, self.unasked, self.as_of = [], set(), None

    def state(self):
        """What the fake server takes."""
        keep = ("projects", "folders", "organizations", "resources", "policies", "deny", "regions")
        return {name: copy.deepcopy(getattr(self, name)) for name in keep}

    # -- the hierarchy -----------------------------------------------------------------------------------------------

    def organization(self, id=ORGANIZATION, domain="example.com", bindings=()):
        self.organizations[id] = {"displayName": domain, "directoryCustomerId": "C0abc1234"}
        self.policy(f"cloudresourcemanager/organizations/{id}", *bindings)

    def folder(self, id=FOLDER, name="production", parent=f"organizations/{ORGANIZATION}", bindings=()):
        self.folders[id] = {"displayName": name, "parent": parent}
        self.policy(f"cloudresourcemanager/folders/{id}", *bindings)

    def project(self, id=PROJECT, number=None, parent=f"folders/{FOLDER}", bindings=None):
        number = number or NUMBERS.get(id) or number_of(id)[:12]
        self.projects[id] = {"number": number, "parent": parent}
        usual = [
            grant("run.serviceAgent", f"serviceAccount:service-{number}@serverless-robot-prod.iam.gserviceaccount.com"),
            grant("cloudfunctions.serviceAgent", f"serviceAccount:service-{number}@gcf-admin-robot.iam.gserviceaccount.com"),
            grant("vpcaccess.serviceAgent", f"serviceAccount:service-{number}@gcp-sa-vpcaccess.iam.gserviceaccount.com"),
            grant("iam.securityReviewer", "group:auditors@example.com"),
        ]
        self.policy(f"cloudresourcemanager/projects/{id}", *(usual if bindings is None else bindings))

    def number(self, project):
        return self.projects[project]["number"]

    def id_of(self, project):
        """A project's id, from its id or its number; what nobody knows stays as it is."""
        return next((id for id, it in self.projects.items() if it["number"] == project), project)

    def ancestors(self, project):
        """`folders/F`, …, `organizations/O`, from the nearest one up."""
        at, found = self.projects.get(project, {}).get("parent"), []
        while at:
            found.append(at)
            kind, id = at.split("/")
            at = self.folders[id]["parent"] if kind == "folders" else None
        return found

    # -- anything ----------------------------------------------------------------------------------------------------

    def put(self, key, body):
        self.resources[key] = clean(body)
        return self.resources[key]

    def get(self, key):
        return self.resources[key]

    def drop(self, key):
        del self.resources[key]

    def policy(self, key, *bindings):
        """The allow policy of a resource; without bindings, the policy that Google gives where there is none."""
        conditional = any("condition" in binding for binding in bindings)
        self.policies[key] = {"version": 3 if conditional else 1, "etag": "BwYHl0s3sDE=", "bindings": list(bindings)} if bindings else {"etag": "ACAB"}

    def bind(self, key, *bindings):
        self.policy(key, *self.policies.get(key, {}).get("bindings", []), *bindings)

    def compute(self, kind, path, **body):
        """A resource of compute: `path` is all behind `projects/`."""
        name = path.rsplit("/", 1)[-1]
        region = next(iter([path.split("/regions/")[1].split("/")[0]] if "/regions/" in path else []), None)
        project = path.split("/")[0]
        head = {"kind": f"compute#{kind}", "id": number_of(path), "creationTimestamp": COMPUTE_TIME, "name": name,
                "selfLink": f"{COMPUTE}projects/{path}"}
        if region:
            head["region"] = f"{COMPUTE}projects/{project}/regions/{region}"
        return self.put(f"compute/projects/{path}", head | body)

    # -- the network -------------------------------------------------------------------------------------------------

    def network(self, name="main-vpc", project=PROJECT, **more):
        base = {"autoCreateSubnetworks": False, "routingConfig": {"routingMode": "REGIONAL"}, "mtu": 1460,
                "networkFirewallPolicyEnforcementOrder": "AFTER_CLASSIC_FIREWALL"}
        return self.compute("network", f"{project}/global/networks/{name}", **(base | more))

    def subnet(self, name="apps", cidr="10.10.0.0/24", network="main-vpc", project=PROJECT, region=REGION, **more):
        link = f"{COMPUTE}projects/{project}/global/networks/{network}"
        base = {"network": link, "ipCidrRange": cidr, "gatewayAddress": cidr.rsplit(".", 1)[0] + ".1",
                "privateIpGoogleAccess": False, "purpose": "PRIVATE", "stackType": "IPV4_ONLY",
                "privateIpv6GoogleAccess": "DISABLE_GOOGLE_ACCESS", "fingerprint": "TLBEdk0s5Ns="}
        self.route(f"default-route-{number_of(name + region)[-12:]}", cidr, network, project, priority=0,
                   nextHopNetwork=link, description="Default local route to the subnetwork.")
        return self.compute("subnetwork", f"{project}/regions/{region}/subnetworks/{name}", **(base | more))

    def route(self, name, to, network="main-vpc", project=PROJECT, priority=1000, **hop):
        link = f"{COMPUTE}projects/{project}/global/networks/{network}"
        if not any(key.startswith("nextHop") for key in hop):
            hop["nextHopGateway"] = f"{COMPUTE}projects/{project}/global/gateways/default-internet-gateway"
        return self.compute("route", f"{project}/global/routes/{name}", network=link, destRange=to, priority=priority, **hop)

    def address(self, name="egress-a", ip=STATIC_IP, router="egress", project=PROJECT, region=REGION, **more):
        users = {"status": "IN_USE", "users": [f"{COMPUTE}projects/{project}/regions/{region}/routers/{router}"]}
        base = {"address": ip, "addressType": "EXTERNAL", "networkTier": "PREMIUM", "labelFingerprint": "42WmSpB8rSM="}
        return self.compute("address", f"{project}/regions/{region}/addresses/{name}",
                            **(base | (users if router else {"status": "RESERVED"}) | more))

    def router(self, name="egress", network="main-vpc", project=PROJECT, region=REGION, **more):
        link = f"{COMPUTE}projects/{project}/global/networks/{network}"
        body = self.compute("router", f"{project}/regions/{region}/routers/{name}", network=link,
                            encryptedInterconnectRouter=False, **more)
        self.status(name, project, region)
        return body

    def nat(self, name="egress", addresses=("egress-a",), router="egress", project=PROJECT, region=REGION, **more):
        """A NAT: manual with these addresses, or automatic where there are none. In place of one of the same name."""
        base = {"name": name, "type": "PUBLIC", "endpointTypes": ["ENDPOINT_TYPE_VM"],
                "natIpAllocateOption": "MANUAL_ONLY" if addresses else "AUTO_ONLY",
                "natIps": [f"{COMPUTE}projects/{project}/regions/{region}/addresses/{it}" for it in addresses] or None,
                "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES", "enableEndpointIndependentMapping": False,
                "minPortsPerVm": 64, "logConfig": {"enable": True, "filter": "ERRORS_ONLY"}}
        body = self.get(f"compute/projects/{project}/regions/{region}/routers/{router}")
        nats = [it for it in body.get("nats", []) if it["name"] != name]
        body["nats"] = [*nats, clean(base | more)]
        self.status(router, project, region)
        return body["nats"][-1]

    def status(self, router="egress", project=PROJECT, region=REGION, needed=0, automatic=("35.224.10.20",), **more):
        """What the router says of itself while it runs, made from what it is told to do."""
        key = f"compute/projects/{project}/regions/{region}/routers/{router}"
        body, nats, info = self.get(key), [], []
        for nat in body.get("nats", []):
            manual = nat.get("natIpAllocateOption") == "MANUAL_ONLY"
            links = nat.get("natIps", []) + nat.get("drainNatIps", [])
            ips = {link: self.resources.get("compute/" + link.removeprefix(COMPUTE), {}).get("address") for link in links}
            own = [ips[link] for link in nat.get("natIps", []) if ips[link]] if manual else list(automatic)
            drain = [ips[link] for link in nat.get("drainNatIps", []) if ips[link]]
            nats.append(clean({"name": nat["name"], "minExtraNatIpsNeeded": needed, "numVmEndpointsWithNatMappings": 2,
                               "userAllocatedNatIps": own or None if manual else None,
                               "userAllocatedNatIpResources": nat.get("natIps") if manual else None,
                               "drainUserAllocatedNatIps": drain or None,
                               "autoAllocatedNatIps": None if manual else own}))
            mode = "MANUAL" if manual else "AUTO"
            info.append({"natName": nat["name"], "natIpInfoMappings": [
                {"natIp": ip, "mode": mode, "usage": "IN_USE"} for ip in own + drain]})
        result = {"network": body["network"]} | ({"natStatus": nats} if nats else {}) | more
        self.put(f"{key}/getRouterStatus", {"kind": "compute#routerStatusResponse", "result": result})
        self.put(f"{key}/getNatIpInfo", {"result": info})

    def firewall(self, name, network="main-vpc", project=PROJECT, direction="EGRESS", priority=1000, **more):
        link = f"{COMPUTE}projects/{project}/global/networks/{network}"
        return self.compute("firewall", f"{project}/global/firewalls/{name}", network=link, direction=direction,
                            priority=priority, disabled=False, logConfig={"enable": False}, **more)

    def connector(self, name="serverless", project=PROJECT, region=REGION, network="main-vpc", cidr="10.8.0.0/28", **more):
        """With a range (and a subnet that nobody sees), or with `subnet=` of its own."""
        path = f"projects/{project}/locations/{region}/connectors/{name}"
        base = {"name": path, "network": network, "ipCidrRange": cidr, "state": "READY", "machineType": "e2-micro",
                "minInstances": 2, "maxInstances": 3, "minThroughput": 200, "maxThroughput": 300}
        self.put(f"vpcaccess/{path}", base | more)
        return path

    # -- workloads ---------------------------------------------------------------------------------------------------

    def service(self, name="orders", project=PROJECT, region=REGION, vpc=None, invokers=(), runs_as=None, key=None,
                template=None, **more):
        path = f"projects/{project}/locations/{region}/services/{name}"
        revision = f"{path}/revisions/{name}-00002-kiw"
        latest = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
        uri = f"https://{name}-{self.number(project)}.{region}.run.app"
        condition = {"type": "Ready", "state": "CONDITION_SUCCEEDED", "lastTransitionTime": TIME}
        base = {
            "name": path, "uid": f"uid-{name}", "generation": "2", "observedGeneration": "2", "createTime": TIME, "updateTime": TIME,
            "creator": "deployer@example.com", "lastModifier": "deployer@example.com", "launchStage": "GA", "etag": '"CKc"',
            "ingress": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "uri": uri, "urls": [uri],
            "template": clean({
                "serviceAccount": runs_as or email(f"{name}-run", project), "maxInstanceRequestConcurrency": 80, "timeout": "300s",
                "containers": [{"image": f"{region}-docker.pkg.dev/{project}/apps/{name}@sha256:{'0' * 64}"}],
                "scaling": {"maxInstanceCount": 10}, "vpcAccess": vpc, "encryptionKey": key, **(template or {})}),
            "traffic": [{"type": latest, "percent": 100}], "trafficStatuses": [{"type": latest, "percent": 100}],
            "latestReadyRevision": revision, "latestCreatedRevision": revision,
            "terminalCondition": condition, "conditions": [condition]}
        body = self.put(f"run/{path}", base | more)
        self.policy(f"run/{path}", *([grant("run.servicesInvoker", *invokers)] if invokers else []))
        self.account(body["template"]["serviceAccount"])
        return body

    def domain(self, name="shop.example.com", service="orders", project=PROJECT, region=REGION):
        """A domain of the customer's that leads to a service: Cloud Run has it in the form of Knative alone."""
        ready = [{"type": it, "status": "True", "lastTransitionTime": TIME} for it in ("Ready", "CertificateProvisioned", "DomainRoutable")]
        records = [{"type": "A", "rrdata": "216.239.32.21"}, {"type": "AAAA", "rrdata": "2001:4860:4802:32::15"}]
        return self.put(f"run/projects/{project}/locations/{region}/domainmappings/{name}", {
            "apiVersion": "domains.cloudrun.com/v1", "kind": "DomainMapping",
            "metadata": {"name": name, "namespace": self.number(project), "uid": f"uid-{name}", "generation": 1, "resourceVersion": "AAYM",
                         "creationTimestamp": TIME, "labels": {"cloud.googleapis.com/location": region}},
            "spec": {"routeName": service, "certificateMode": "AUTOMATIC"},
            "status": {"observedGeneration": 1, "mappedRouteName": service, "url": f"https://{name}", "conditions": ready, "resourceRecords": records}})

    def revision(self, name, service="orders", percent=None, tag=None, project=PROJECT, region=REGION, **template):
        """An older revision that still serves: the latest one gets the rest."""
        path = f"projects/{project}/locations/{region}/services/{service}"
        body = self.get(f"run/{path}")
        latest = copy.deepcopy(body["template"]) | template
        condition = {"type": "Ready", "state": "CONDITION_SUCCEEDED", "lastTransitionTime": TIME}
        self.put(f"run/{path}/revisions/{name}", latest | {
            "name": f"{path}/revisions/{name}", "uid": f"uid-{name}", "generation": "1", "observedGeneration": "1",
            "createTime": TIME, "updateTime": TIME, "service": path, "conditions": [condition], "etag": '"CKb"'})
        target = clean({"type": "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", "revision": name, "percent": percent, "tag": tag})
        for side in ("traffic", "trafficStatuses"):
            body[side] = [it | {"percent": it["percent"] - (percent or 0)} for it in body[side]] + [dict(target)]
        if tag:
            body["trafficStatuses"][-1]["uri"] = f"https://{tag}---{service}-abcdefghij-uc.a.run.app"

    def function(self, name="orders", project=PROJECT, region=REGION, vpc=None, ingress=None, key=None, repository=None,
                 config=None, **service):
        """A function of the second generation and the Run service behind it."""
        path = f"projects/{project}/locations/{region}/functions/{name}"
        behind = self.service(name, project, region, vpc=vpc, key=key, ingress=ingress or "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", **service)
        behind["labels"] = {"goog-managed-by": "cloudfunctions"}
        words = {"INGRESS_TRAFFIC_ALL": "ALLOW_ALL", "INGRESS_TRAFFIC_INTERNAL_ONLY": "ALLOW_INTERNAL_ONLY"}
        settings = {
            "service": behind["name"], "uri": behind["uri"], "revision": behind["latestReadyRevision"].rsplit("/", 1)[-1],
            "ingressSettings": words.get(behind["ingress"], "ALLOW_INTERNAL_AND_GCLB"), "timeoutSeconds": 60,
            "serviceAccountEmail": behind["template"]["serviceAccount"], "availableMemory": "256M", "availableCpu": "0.1666",
            "maxInstanceCount": 10, "maxInstanceRequestConcurrency": 1, "allTrafficOnLatestRevision": True}
        if vpc and "connector" in vpc:
            settings |= {"vpcConnector": vpc["connector"], "vpcConnectorEgressSettings": vpc.get("egress", "PRIVATE_RANGES_ONLY")}
        elif vpc and "networkInterfaces" in vpc:
            settings |= {"directVpcNetworkInterface": vpc["networkInterfaces"],
                         "directVpcEgress": f"VPC_EGRESS_{vpc.get('egress', 'PRIVATE_RANGES_ONLY')}"}
        repository = repository or f"projects/{project}/locations/{region}/repositories/gcf-artifacts"
        body = self.put(f"cloudfunctions/{path}", {
            "name": path, "environment": "GEN_2", "state": "ACTIVE", "createTime": TIME, "updateTime": TIME,
            "url": f"https://{region}-{project}.cloudfunctions.net/{name}", "kmsKeyName": key,
            "buildConfig": {"runtime": "nodejs22", "entryPoint": "handle", "dockerRepository": repository,
                            "dockerRegistry": "ARTIFACT_REGISTRY"},
            "serviceConfig": settings | (config or {})})
        self.policy(f"cloudfunctions/{path}")
        return body

    def first_generation(self, name="orders", project=PROJECT, region=REGION, connector=None, egress=None, ingress="ALLOW_INTERNAL_AND_GCLB",
                         invokers=(), runs_as=None, key=None, repository=None, config=None, **more):
        path = f"projects/{project}/locations/{region}/functions/{name}"
        url = f"https://{region}-{project}.cloudfunctions.net/{name}"
        body = self.put(f"cloudfunctions/{path}", {
            "name": path, "environment": "GEN_1", "state": "ACTIVE", "updateTime": TIME, "url": url, "kmsKeyName": key,
            "buildConfig": clean({"runtime": "nodejs22", "entryPoint": "handle", "dockerRepository": repository,
                                  "dockerRegistry": "ARTIFACT_REGISTRY"}),
            "serviceConfig": clean({"timeoutSeconds": 60, "availableMemory": "256M", "ingressSettings": ingress,
                                    "serviceAccountEmail": runs_as or email(f"{name}-run", project), "securityLevel": "SECURE_ALWAYS",
                                    "vpcConnector": connector, "vpcConnectorEgressSettings": egress}) | (config or {}), **more})
        self.policy(f"cloudfunctions/{path}", *([grant("cloudfunctions.invoker", *invokers)] if invokers else []))
        self.account(body["serviceConfig"]["serviceAccountEmail"])
        return body

    def job(self, name="nightly", project=PROJECT, region=REGION, vpc=None, bindings=(), key=None, **more):
        path = f"projects/{project}/locations/{region}/jobs/{name}"
        condition = {"type": "Ready", "state": "CONDITION_SUCCEEDED", "lastTransitionTime": TIME}
        self.put(f"run/{path}", {
            "name": path, "uid": f"uid-{name}", "generation": "1", "observedGeneration": "1", "createTime": TIME, "updateTime": TIME,
            "launchStage": "GA", "etag": '"CKj"', "executionCount": 3, "terminalCondition": condition, "conditions": [condition],
            "template": {"taskCount": 1, "template": clean({
                "serviceAccount": email(f"{name}-run", project), "maxRetries": 3, "timeout": "600s", "vpcAccess": vpc, "encryptionKey": key,
                "containers": [{"image": f"{region}-docker.pkg.dev/{project}/apps/{name}@sha256:{'0' * 64}"}]})}} | more)
        self.policy(f"run/{path}", *bindings)
        self.account(email(f"{name}-run", project))

    def worker_pool(self, name="consumer", project=PROJECT, region=REGION, vpc=None, **more):
        path = f"projects/{project}/locations/{region}/workerPools/{name}"
        condition = {"type": "Ready", "state": "CONDITION_SUCCEEDED", "lastTransitionTime": TIME}
        split = [{"type": "INSTANCE_SPLIT_ALLOCATION_TYPE_LATEST", "percent": 100}]
        revision = f"{path}/revisions/{name}-00001-abc"
        self.put(f"run/{path}", {
            "name": path, "uid": f"uid-{name}", "generation": "1", "observedGeneration": "1", "createTime": TIME, "updateTime": TIME,
            "launchStage": "GA", "etag": '"CKw"', "instanceSplits": split, "instanceSplitStatuses": split,
            "latestReadyRevision": revision, "latestCreatedRevision": revision, "terminalCondition": condition, "conditions": [condition],
            "scaling": {"manualInstanceCount": 2}, "template": clean({
                "serviceAccount": email(f"{name}-run", project), "vpcAccess": vpc,
                "containers": [{"image": f"{region}-docker.pkg.dev/{project}/apps/{name}@sha256:{'0' * 64}"}]})} | more)
        self.policy(f"run/{path}")
        self.account(email(f"{name}-run", project))

    # -- identities --------------------------------------------------------------------------------------------------

    def account(self, address, bindings=(), keys=(), **more):
        """A service account; those of Google's own making and those of nobody's projects are left alone."""
        name, _, domain = address.partition("@")
        project = name.removesuffix("-compute") if domain == "developer.gserviceaccount.com" else \
            name if domain == "appspot.gserviceaccount.com" else domain.removesuffix(".iam.gserviceaccount.com")
        project = self.id_of(project)
        if project not in self.projects:
            return
        path = f"iam/projects/{project}/serviceAccounts/{address}"
        if path in self.resources and not (bindings or keys or more):
            return
        unique = number_of(address)
        self.put(path, {"name": path.removeprefix("iam/"), "projectId": project, "uniqueId": unique, "email": address,
                        "displayName": name, "etag": "MDEwMjE5MjA=", "oauth2ClientId": unique} | more)
        self.policy(path, *bindings)
        for id, body in keys:
            self.put(f"{path}/keys/{id}", {
                "name": f"{path.removeprefix('iam/')}/keys/{id}", "keyType": "USER_MANAGED", "keyOrigin": "GOOGLE_PROVIDED",
                "keyAlgorithm": "KEY_ALG_RSA_2048", "validAfterTime": "2024-01-01T00:00:00Z",
                "validBeforeTime": "9999-12-31T23:59:59Z"} | body)

    def role(self, name, permissions, stage="GA", owner=f"projects/{PROJECT}", **more):
        path = f"{owner}/roles/{name}"
        self.put(f"iam/{path}", {"name": path, "title": name, "stage": stage, "etag": "BwYHl0s3sDE=",
                                 "includedPermissions": sorted(permissions)} | more)
        return path

    def pool(self, name, providers, project=PROJECT):
        """A workload identity pool; the member prefix of its identities, by number as Google writes it."""
        number = self.number(project)
        path = f"projects/{number}/locations/global/workloadIdentityPools/{name}"
        self.put(f"iam/{path}", {"name": path, "displayName": name, "state": "ACTIVE"})
        for id, body in providers.items():
            self.put(f"iam/{path}/providers/{id}", {"name": f"{path}/providers/{id}", "state": "ACTIVE"} | body)
        return f"iam.googleapis.com/{path}"

    def deny_policy(self, on, name, *rules):
        kind, id = on.split("/")
        number = self.projects[id]["number"] if kind == "projects" else id
        attachment = f"cloudresourcemanager.googleapis.com%2F{kind}%2F{number}"
        self.deny.setdefault(on, []).append({
            "name": f"policies/{attachment}/denypolicies/{name}", "uid": f"uid-{name}", "kind": "DenyPolicy", "displayName": name,
            "etag": "MTc3NDU4", "createTime": TIME, "updateTime": TIME, "rules": [{"denyRule": rule} for rule in rules]})

    # -- keys --------------------------------------------------------------------------------------------------------

    def key(self, name="orders", ring="serverless", location=REGION, project=PROJECT, versions=("ENABLED",), users=None,
            workload=PROJECT, **more):
        """A key: its last version is the primary one. Granted to the agents of functions, unless `users` says whom."""
        above = f"projects/{project}/locations/{location}/keyRings/{ring}"
        path = f"{above}/cryptoKeys/{name}"
        self.put(f"cloudkms/{above}", {"name": above, "createTime": TIME})
        self.policies.setdefault(f"cloudkms/{above}", {"etag": "ACAB"})
        bodies = []
        for index, state in enumerate(versions, 1):
            body = {"name": f"{path}/cryptoKeyVersions/{index}", "state": state, "protectionLevel": "SOFTWARE",
                    "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION", "createTime": TIME, "generateTime": TIME}
            if state == "DESTROYED":
                body["destroyEventTime"] = TIME
            if state == "DESTROY_SCHEDULED":
                body["destroyTime"] = "2026-12-10T10:00:00Z"
            bodies.append(self.put(f"cloudkms/{body['name']}", body))
        self.put(f"cloudkms/{path}", {
            "name": path, "purpose": "ENCRYPT_DECRYPT", "createTime": TIME, "primary": copy.deepcopy(bodies[-1]),
            "versionTemplate": {"protectionLevel": "SOFTWARE", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"},
            "rotationPeriod": "7776000s", "nextRotationTime": "2027-01-01T00:00:00Z", "destroyScheduledDuration": "2592000s"} | more)
        agents = ("gcf-admin-robot", "gcp-sa-artifactregistry", "gs-project-accounts", "serverless-robot-prod", "gcp-sa-eventarc")
        users = [agent(it, workload) for it in agents] if users is None else users
        self.policy(f"cloudkms/{path}", *([grant("cloudkms.cryptoKeyEncrypterDecrypter", *users)] if users else []))
        return path

    def repository(self, name="apps", key=None, project=PROJECT, region=REGION):
        path = f"projects/{project}/locations/{region}/repositories/{name}"
        self.put(f"artifactregistry/{path}", {"name": path, "format": "DOCKER", "mode": "STANDARD_REPOSITORY", "kmsKeyName": key,
                                              "createTime": TIME, "updateTime": TIME, "sizeBytes": "104857600",
                                              "registryUri": f"{region}-docker.pkg.dev/{project}/{name}"})
        return path

    # -- load balancers ----------------------------------------------------------------------------------------------

    def balancer(self, name="shop", service="orders", project=PROJECT, region=REGION, scheme="EXTERNAL_MANAGED", armor=True,
                 iap=False, endpoints=None, https=True):
        """A load balancer with a serverless endpoint group behind it."""
        base = f"{COMPUTE}projects/{project}"
        place = f"{project}/regions/{region}" if scheme == "INTERNAL_MANAGED" else f"{project}/global"
        link = f"{COMPUTE}projects/{place}"
        self.compute("networkEndpointGroup", f"{project}/regions/{region}/networkEndpointGroups/{name}", networkEndpointType="SERVERLESS",
                     size=0, cloudRun=endpoints or {"service": service})
        self.compute("backendService", f"{place}/backendServices/{name}", protocol="HTTPS", loadBalancingScheme=scheme, timeoutSec=30,
                     port=80, portName="http", fingerprint="42WmSpB8rSM=", enableCDN=False,
                     backends=[{"group": f"{base}/regions/{region}/networkEndpointGroups/{name}", "balancingMode": "UTILIZATION", "capacityScaler": 1}],
                     **({"securityPolicy": f"{base}/global/securityPolicies/{name}"} if armor else {}),
                     **({"iap": {"enabled": True, "oauth2ClientId": "1"}} if iap else {}))
        self.compute("urlMap", f"{place}/urlMaps/{name}", defaultService=f"{link}/backendServices/{name}", fingerprint="42WmSpB8rSM=")
        kind = "targetHttpsProxy" if https else "targetHttpProxy"
        plural = "targetHttpsProxies" if https else "targetHttpProxies"
        certificates = {"sslCertificates": [f"{base}/global/sslCertificates/{name}"]} if https else {}
        self.compute(kind, f"{place}/{plural}/{name}", urlMap=f"{link}/urlMaps/{name}", **certificates)
        port = "443-443" if https else "80-80"
        self.compute("forwardingRule", f"{place}/forwardingRules/{name}", IPProtocol="TCP", portRange=port, loadBalancingScheme=scheme,
                     IPAddress="10.10.0.9" if scheme == "INTERNAL_MANAGED" else "34.110.20.30", target=f"{link}/{plural}/{name}",
                     networkTier="PREMIUM", **({"network": f"{base}/global/networks/main-vpc"} if scheme == "INTERNAL_MANAGED" else {}))

    # -- what a reader does not get, in a snapshot -------------------------------------------------------------------

    def unread(self, kind, project=PROJECT, resource=None, region="global", why="denied", detail=None):
        self.gaps.append(clean({"kind": kind, "account": project, "resource": resource, "region": region, "why": why, "detail": detail}))


def organisation():
    """The hierarchy that every estate stands in, with nothing in the project yet."""
    e = Estate()
    e.organization(bindings=[grant("resourcemanager.organizationViewer", "group:auditors@example.com")])
    e.folder()
    e.project()
    return e


def network():
    """A VPC whose connector leaves by a Cloud NAT with one reserved address."""
    e = organisation()
    e.network()
    e.subnet()
    e.route("default-route-internet", "0.0.0.0/0", description="Default route to the Internet.")
    e.router()
    e.address()
    e.nat()
    e.connector()
    return e


def all_traffic(connector="serverless", project=PROJECT, region=REGION):
    return {"connector": f"projects/{project}/locations/{region}/connectors/{connector}", "egress": "ALL_TRAFFIC"}


def direct(subnet="apps", project=PROJECT, region=REGION, egress="ALL_TRAFFIC", network="main-vpc", tags=()):
    interface = {"network": f"projects/{project}/global/networks/{network}", "subnetwork": f"projects/{project}/regions/{region}/subnetworks/{subnet}"}
    return {"egress": egress, "networkInterfaces": [interface | ({"tags": list(tags)} if tags else {})]}


def dump(state):
    return json.dumps(state, indent=1, sort_keys=True) + "\n"
