"""The state of the fake: one estate, looked up in every way in which Google's APIs ask for it."""

import collections
import functools
import re

import forms

# The services that a project of the estate has on, unless it says otherwise.
SERVICES = ("artifactregistry", "cloudasset", "cloudfunctions", "cloudkms", "cloudresourcemanager", "compute", "iam", "iamcredentials",
            "iap", "networkconnectivity", "orgpolicy", "run", "serviceusage", "sts", "vpcaccess")
# Of predefined roles, what they permit that matters here.
ROLES = {
    "roles/run.invoker": ["run.instances.invoke", "run.jobs.run", "run.routes.invoke"], "roles/run.servicesInvoker": ["run.routes.invoke"],
    "roles/run.jobsExecutor": ["run.jobs.run"], "roles/run.viewer": ["run.services.get", "run.services.list"],
    "roles/cloudfunctions.invoker": ["cloudfunctions.functions.invoke"], "roles/viewer": ["run.services.get", "run.services.list"],
    "roles/editor": ["cloudfunctions.functions.invoke", "iam.serviceAccountKeys.create", "iam.serviceAccounts.actAs", "run.routes.invoke"],
    "roles/owner": ["cloudfunctions.functions.invoke", "iam.serviceAccountKeys.create", "iam.serviceAccounts.setIamPolicy", "run.routes.invoke", "run.services.setIamPolicy"],
    "roles/iam.serviceAccountTokenCreator": ["iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.getOpenIdToken", "iam.serviceAccounts.signJwt"],
    "roles/iam.workloadIdentityUser": ["iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.getOpenIdToken"],
    "roles/iam.serviceAccountUser": ["iam.serviceAccounts.actAs"],
    "roles/cloudkms.cryptoKeyEncrypterDecrypter": ["cloudkms.cryptoKeyVersions.useToDecrypt", "cloudkms.cryptoKeyVersions.useToEncrypt"],
    "roles/compute.networkUser": ["compute.subnetworks.use"], "roles/vpcaccess.user": ["vpcaccess.connectors.use"],
}


class World:
    """An estate with its indices. Views are made once, so that a body that was found valid stays the same object."""

    def __init__(self, state):
        self.state = state
        self.projects, self.folders = state.get("projects", {}), state.get("folders", {})
        self.organizations, self.regions = state.get("organizations", {}), state.get("regions", ["us-central1"])
        self.numbers = {it["number"]: id for id, it in self.projects.items()}
        self.resources = {self.canonical(key): body for key, body in state.get("resources", {}).items()}
        self.policies = {self.canonical(key): body for key, body in state.get("policies", {}).items()}
        # (api, project, collection) -> names, in the order of names, as lists are.
        self.index = collections.defaultdict(list)
        for key in sorted(self.resources):
            api, name = key.split("/", 1)
            parts = name.split("/")
            project = parts[1] if parts[0] == "projects" else ""
            self.index[api, project, parts[-2] if len(parts) > 1 else ""].append(name)

    def canonical(self, name):
        """With the project's id wherever its number stands."""
        return re.sub(r"(?<=projects/)\d+(?=/|$)", lambda it: self.numbers.get(it[0], it[0]), name, count=1)

    def number(self, project):
        return self.projects[project]["number"]

    def get(self, api, name):
        """A resource by its name, in which `-` stands for anything."""
        name = self.canonical(name)
        if "/-/" not in name:
            return self.resources.get(f"{api}/{name}")
        pattern, project = wildcard(name), name.split("/")[1]
        for (own, at, collection), names in self.index.items():
            if own == api and collection == name.split("/")[-2] and project in ("-", at):
                for found in names:
                    if pattern.fullmatch(found):
                        return self.resources[f"{api}/{found}"]
        return None

    def listed(self, api, parent, collection):
        """(name, body) of everything of a collection below a parent, in which `-` stands for anything."""
        name = self.canonical(f"{parent}/{collection}/-")
        pattern = wildcard(name)
        project = name.split("/")[1] if name.startswith("projects/") else ""
        return [(it, self.resources[f"{api}/{it}"]) for it in self.index[api, project, collection] if pattern.fullmatch(it)]

    # -- the hierarchy -----------------------------------------------------------------------------------------------

    def ancestors(self, project):
        """`projects/N`, `folders/F`, …, `organizations/O`, as the asset inventory names them."""
        found, at = [f"projects/{self.number(project)}"], self.projects[project].get("parent")
        while at:
            found.append(at)
            kind, id = at.split("/")
            at = self.folders[id].get("parent") if kind == "folders" else None
        return found

    def off(self, api, project):
        return api in self.projects.get(project, {}).get("disabled", ())

    def services(self, project):
        """What the project has on, in the words of Service Usage: not always what the APIs say themselves."""
        own = self.projects[project]
        return [it for it in SERVICES if it not in own.get("disabled", ()) or it in own.get("unconfirmed", ())]

    @functools.cache
    def project_v3(self, id):
        own = self.projects[id]
        return forms.present({"name": f"projects/{own['number']}", "projectId": id, "displayName": id, "parent": own.get("parent"), "state": "ACTIVE",
                              "createTime": "2026-01-05T08:00:00Z", "updateTime": "2026-01-05T08:00:00Z", "etag": 'W/"1"'})

    @functools.cache
    def project_v1(self, id):
        own = self.projects[id]
        kind, parent = own.get("parent", "organizations/0").split("/")
        return {"projectId": id, "projectNumber": own["number"], "name": id, "lifecycleState": "ACTIVE", "createTime": "2026-01-05T08:00:00Z",
                "parent": {"type": kind.removesuffix("s"), "id": parent}}

    @functools.cache
    def folder_v3(self, id):
        return {"name": f"folders/{id}", "displayName": self.folders[id]["displayName"], "parent": self.folders[id]["parent"], "state": "ACTIVE"}

    @functools.cache
    def organization_v3(self, id):
        own = self.organizations[id]
        return {"name": f"organizations/{id}", "displayName": own["displayName"], "directoryCustomerId": own.get("directoryCustomerId", "C0"), "state": "ACTIVE"}

    @functools.cache
    def service(self, project, api):
        on = "ENABLED" if api in self.services(project) else "DISABLED"
        number, name = self.number(project), f"{api}.googleapis.com"
        return {"name": f"projects/{number}/services/{name}", "parent": f"projects/{number}", "state": on, "config": {"name": name, "title": api}}

    @functools.cache
    def role(self, name):
        """A predefined role, or one that the estate holds."""
        if name not in ROLES:
            return self.resources.get(f"iam/{name}")
        return {"name": name, "title": name.rsplit(".", 1)[-1], "stage": "GA", "etag": "AA==", "includedPermissions": ROLES[name]}

    # -- older forms -------------------------------------------------------------------------------------------------

    @functools.cache
    def knative(self, name):
        """A resource of Cloud Run in the form of v1, by its name in v2."""
        body, number = self.resources[f"run/{name}"], self.number(name.split("/")[1])
        parts = name.split("/")
        if parts[-2] == "domainmappings":
            return body
        make = {"services": forms.knative_service, "jobs": forms.knative_job, "workerPools": forms.knative_worker_pool, "revisions": forms.knative_revision}
        return make[parts[-2]](body, number)

    @functools.cache
    def function_v1(self, name):
        return forms.function_v1(self.resources[f"cloudfunctions/{name}"])

    @functools.cache
    def latest_revision(self, name):
        """The revision that the template of a service or worker pool made: no estate writes it twice."""
        return forms.latest_revision(self.resources[f"run/{name}"])

    @functools.cache
    def knative_latest(self, name):
        return forms.knative_revision(self.latest_revision(name), self.number(name.split("/")[1]))

    def revisions(self, parent, knative=False):
        """All revisions below `…/services/S` (or `-`), the older ones and the latest, by name."""
        owners = self.listed("run", *parent.rsplit("/", 2)[:2]) if parent.endswith("/-") else [(self.canonical(parent), None)]
        found = {}
        for owner, _ in owners:
            body = self.resources.get(f"run/{owner}")
            if body is None:
                continue
            for name, revision in self.listed("run", owner, "revisions"):
                found[name] = self.knative(name) if knative else revision
            latest = body["latestReadyRevision"]
            found.setdefault(latest, self.knative_latest(owner) if knative else self.latest_revision(owner))
        return sorted(found.items())

    @functools.cache
    def keys_of(self, account):
        """The keys of a service account: Google keeps one of its own for each, which nobody may ask for by mistake."""
        own = [body for _, body in self.listed("iam", account, "keys")]
        body = self.resources[f"iam/{account}"]
        system = {"name": f"{body['name']}/keys/{body['uniqueId'][:8]}", "keyType": "SYSTEM_MANAGED", "keyOrigin": "GOOGLE_PROVIDED",
                  "keyAlgorithm": "KEY_ALG_RSA_2048", "validAfterTime": "2026-11-10T00:00:00Z", "validBeforeTime": "2026-11-27T00:00:00Z"}
        return [*own, system]

    @functools.cache
    def effective_firewalls(self, network):
        """What holds for a network, where the estate does not say: its own rules."""
        rules = [body for _, body in self.listed("compute", "/".join(network.split("/")[:3]), "firewalls") if body["network"].endswith(network)]
        return {"firewalls": rules} if rules else {}


@functools.cache
def wildcard(name):
    return re.compile("/".join("[^/]+" if part == "-" else re.escape(part) for part in name.split("/")))
