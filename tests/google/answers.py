"""What each method of Google's APIs answers about a world."""

import base64
import re
import urllib.parse
import zlib

from assets import Inventory, OTHERS, COMPUTE as ASSETS_OF_COMPUTE
from world import ROLES

COMPUTE = "https://www.googleapis.com/compute/v1/"
EMPTY_POLICY = {"etag": "ACAB"}
ASSET_TYPES = {f"{api}.googleapis.com/{word}" for (api, _), word in OTHERS.items()} | {
    f"compute.googleapis.com/{it}" for words in ASSETS_OF_COMPUTE.values() for it in (words if isinstance(words, tuple) else (words,))} | {
    "cloudfunctions.googleapis.com/CloudFunction", "cloudresourcemanager.googleapis.com/Project", "cloudresourcemanager.googleapis.com/Folder",
    "cloudresourcemanager.googleapis.com/Organization", "iam.googleapis.com/PolicyV2", "serviceusage.googleapis.com/Service",
    "compute.googleapis.com/Project", "compute.googleapis.com/SecurityPolicy", "run.googleapis.com/Execution",
    "networkconnectivity.googleapis.com/Hub", "networkconnectivity.googleapis.com/Spoke", "networkservices.googleapis.com/Gateway",
    "orgpolicy.googleapis.com/Policy", "iap.googleapis.com/Web", "iap.googleapis.com/WebType"}
STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL",
          501: "UNIMPLEMENTED", 503: "UNAVAILABLE"}


class Refusal(Exception):
    """An error in Google's form."""

    def __init__(self, code, message, details=None, headers=None):
        super().__init__(message)
        self.code, self.message, self.details, self.headers = code, message, details, headers or {}

    def body(self, compute):
        error = {"code": self.code, "message": self.message, "status": STATUS.get(self.code, "UNKNOWN")}
        if self.details:
            error["details"] = self.details
        if compute:
            reason = {403: "forbidden", 404: "notFound", 429: "rateLimitExceeded"}.get(self.code, "backendError" if self.code > 499 else "invalid")
            error["errors"] = [{"message": self.message, "domain": "global", "reason": reason}]
        return {"error": error}


def not_found(name):
    if name.startswith("projects/-/serviceAccounts/"):
        # As the documents of IAM warn.
        return denied("iam.serviceAccounts.get", name)
    return Refusal(404, f"Resource '{name}' was not found")


def denied(permission, name):
    return Refusal(403, f"Permission '{permission}' denied on resource '{name}' (or it may not exist).")


class Request:
    """One request that found its method."""

    def __init__(self, method, path, query, body, host_region=None):
        self.method, self.query, self.body = method, query, body
        self.api, self.version = method.document.api, method.document.version
        name = urllib.parse.unquote(path.removeprefix("/" + method.document.prefix))
        if not method.document.prefix:
            name = re.sub(r"^(?:apis/[\w.]+/)?v\d\w*/", "", name.removeprefix("/"))
        # The spelling of Kubernetes: no place, unless the host names one.
        name = re.sub(r"^namespaces/([^/]+)/", rf"projects/\1/locations/{host_region or '-'}/", name)
        self.name = re.sub(r"^namespaces/([^/]+)$", r"projects/\1", name).replace("/workerpools", "/workerPools")

    def one(self, name, default=""):
        return self.query.get(name, [default])[0]


class Answers:
    """All answers about one world."""

    def __init__(self, world, page_size=None):
        self.world, self.page_size = world, page_size
        self.unreachable = world.state.get("unreachable", {})
        self._inventory = None

    @property
    def inventory(self):
        self._inventory = self._inventory or Inventory(self.world)
        return self._inventory

    def answer(self, request, unreachable=()):
        """The body of an answer. `unreachable`: regions that do not answer this time."""
        self.down = {*unreachable, *self.unreachable.get(request.api, ())}
        self.check_project(request)
        special = getattr(self, request.method.id.replace(".", "_").replace("-", "_"), None)
        if special:
            return special(request)
        action = request.method.action
        if action == "getIamPolicy":
            return self.policy(request)
        if action == "aggregatedList":
            return self.aggregated(request)
        if action in ("list", "listPolicies"):
            return self.list(request)
        if action == "get":
            return self.get(request)
        raise Refusal(501, f"the fake does not answer {request.method.id}")

    def check_project(self, request):
        found = re.match(r"projects/([^/:]+)", request.name)
        if not found or found[1] == "-":
            return
        project = self.world.numbers.get(found[1], found[1])
        if project not in self.world.projects:
            raise denied(request.method.id, f"projects/{found[1]}")
        if self.world.off(request.api, project):
            number, api = self.world.number(project), f"{request.api}.googleapis.com"
            url = f"https://console.developers.google.com/apis/api/{api}/overview?project={number}"
            said = f"{request.api} API has not been used in project {number} before or it is disabled. Enable it by visiting {url} then retry."
            raise Refusal(403, said, [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED", "domain": "googleapis.com",
                                       "metadata": {"service": api, "consumer": f"projects/{number}"}}])

    # -- pages -------------------------------------------------------------------------------------------------------

    def page(self, request, items):
        """A page of items, and the token of the next one."""
        asked = request.one("pageSize") or request.one("maxResults") or request.one("limit")
        largest = self.page_size or {"compute": 500, "iam": 100, "serviceusage": 200}.get(request.api, 1000)
        default = self.page_size or {"cloudasset": 100, "iam": 20, "serviceusage": 50, "compute": 500}.get(request.api, 1000)
        size = min(int(asked), largest) if asked and int(asked) else default
        token, start = request.one("pageToken") or request.one("continue"), 0
        if token:
            try:
                own, start = base64.urlsafe_b64decode(token).decode().rsplit("|", 1)
                start = int(start)
            except ValueError:
                own = None
            if own != request.method.id + request.name:
                raise Refusal(400, "The page token is invalid.")
        end = start + size
        following = base64.urlsafe_b64encode(f"{request.method.id}{request.name}|{end}".encode()).decode() if end < len(items) else None
        return items[start:end], following

    def filtered(self, request, items):
        said = request.one("filter")
        if not said:
            return items
        term = re.fullmatch(r'\s*(\w+)\s*[:=]\s*"?([\w-]+)"?\s*', said)
        if not term:
            raise Refusal(501, f"the fake does not know the filter {said}")
        return [it for it in items if str(it.get(term[1])) == term[2]]

    # -- lists -------------------------------------------------------------------------------------------------------

    def list(self, request):
        properties = request.method.document.properties(request.method.response)
        parent, collection = request.name.rsplit("/", 1)
        if collection == "locations":
            return self.locations(request, parent)
        if request.api == "run" and request.version == "v2" and "/locations/-" in parent and collection in ("services", "workerPools"):
            raise Refusal(400, f"Invalid value for parent: {parent}. `-` is not allowed as a location.")
        region = re.search(r"/(?:locations|regions)/([^/]+)", parent)
        if region and region[1] in self.down:
            raise Refusal(503, f"The region {region[1]} is not available.", headers={"Retry-After": "0"})
        named = self.named(request, parent, collection)
        lost = sorted({place for name, _ in named if (place := region_of(name)) in self.down} | (self.down if region and region[1] == "-" else set()))
        items, following = self.page(request, self.filtered(request, [body for name, body in named if region_of(name) not in self.down]))
        field = next(name for name, it in properties.items() if it.get("type") == "array" and "$ref" in it["items"])
        answer = {field: items} if items else {}
        if request.api == "compute":
            return self.compute_list(request, answer, following)
        if lost and "unreachable" in properties:
            answer["unreachable"] = lost if request.version == "v1" and request.api == "run" else [f"projects/{parent.split('/')[1]}/locations/{it}" for it in lost]
        if request.api == "run" and request.version == "v1":
            head = {"items": items, "kind": request.method.response.removeprefix("List").removesuffix("sResponse") + "List", "metadata": {},
                    "apiVersion": {"services": "serving.knative.dev/v1", "revisions": "serving.knative.dev/v1",
                                   "domainmappings": "domains.cloudrun.com/v1"}.get(collection, "run.googleapis.com/v1")}
            return answer | head | ({"metadata": {"continue": following}} if following else {})
        return answer | ({"nextPageToken": following} if following else {})

    def named(self, request, parent, collection):
        world = self.world
        if request.api == "run":
            knative = request.version == "v1"
            if collection == "revisions":
                everywhere = [parent] if "/services/" in parent or "/workerPools/" in parent else [f"{parent}/services/-", f"{parent}/workerPools/-"]
                return [it for place in everywhere for it in world.revisions(place, knative)]
            found = world.listed("run", parent, collection)
            return [(name, world.knative(name)) for name, _ in found] if knative else found
        if request.api == "cloudfunctions" and request.version == "v1":
            found = world.listed("cloudfunctions", parent, collection)
            return [(name, world.function_v1(name)) for name, body in found if body["environment"] == "GEN_1"]
        if request.api == "serviceusage":
            project = world.numbers.get(parent.split("/")[1], parent.split("/")[1])
            return [(it, world.service(project, it)) for it in sorted({*world.services(project), *world.projects[project].get("disabled", ())})]
        return world.listed(request.api, parent, collection)

    def locations(self, request, parent):
        project = parent.split("/")[1]
        items, following = self.page(request, [{"name": f"projects/{project}/locations/{it}", "locationId": it} for it in self.world.regions])
        return {"locations": items} | ({"nextPageToken": following} if following else {})

    def compute_list(self, request, answer, following):
        kind = request.method.document.properties(request.method.response)["kind"]["default"]
        return {"kind": kind, "id": request.name, "selfLink": COMPUTE + request.name, **answer} | ({"nextPageToken": following} if following else {})

    def compute_regions_list(self, request):
        project = request.name.split("/")[1]
        items = [{"kind": "compute#region", "id": "1", "name": it, "status": "UP", "selfLink": f"{COMPUTE}projects/{project}/regions/{it}"} for it in self.world.regions]
        page, following = self.page(request, items)
        return self.compute_list(request, {"items": page}, following)

    def aggregated(self, request):
        """Items by region, with a warning for every region that has none on this page or does not answer."""
        document, project = request.method.document, request.name.split("/")[1]
        collection = request.name.rsplit("/", 1)[1]
        scoped = document.properties(request.method.response)["items"]["additionalProperties"]["$ref"]
        field = next(name for name, it in document.properties(scoped).items() if it.get("type") == "array")
        found = []
        for place in ("global", *(f"regions/{it}" for it in self.world.regions)):
            if place.removeprefix("regions/") not in self.down:
                found += [(place, body) for _, body in self.world.listed("compute", f"projects/{project}/{place}", collection)]
        page, following = self.page(request, found)
        items = {}
        for place in ("global", *(f"regions/{it}" for it in self.world.regions)):
            own = [body for at, body in page if at == place]
            code = "UNREACHABLE" if place.removeprefix("regions/") in self.down else "NO_RESULTS_ON_PAGE"
            said = f"There are no results for scope '{place}' on this page." if code.startswith("NO") else f"Scope '{place}' is not reachable."
            items[place] = {field: own} if own else {"warning": {"code": code, "message": said, "data": [{"key": "scope", "value": place}]}}
        lost = [f"projects/{project}/regions/{it}" for it in sorted(self.down)]
        return self.compute_list(request, {"items": items} | ({"unreachables": lost} if lost else {}), following)

    # -- single resources --------------------------------------------------------------------------------------------

    def get(self, request):
        world, name = self.world, self.world.canonical(request.name)
        if region_of(name) in self.down:
            raise Refusal(503, f"The region {region_of(name)} is not available.", headers={"Retry-After": "0"})
        if request.api == "run" and "/revisions/" in name:
            return self.revision(request, name)
        body = world.get(request.api, name)
        if body is None:
            raise not_found(name)
        if request.api == "run" and request.version == "v1":
            return world.knative(world.canonical(body["name"]))
        if request.api == "cloudfunctions" and request.version == "v1":
            if body["environment"] != "GEN_1":
                raise not_found(name)
            return world.function_v1(name)
        return body

    def revision(self, request, name):
        parent, short = name.split("/revisions/")
        for found, body in self.world.revisions(parent if "/services/" in parent or "/workerPools/" in parent else f"{parent}/services/-", request.version == "v1"):
            if found.rsplit("/", 1)[1] == short:
                return body
        raise not_found(name)

    def compute_projects_get(self, request):
        project = self.world.numbers.get(request.name.split("/")[1], request.name.split("/")[1])
        return {"kind": "compute#project", "id": self.world.number(project), "name": project, "selfLink": f"{COMPUTE}projects/{project}"}

    def compute_projects_getXpnHost(self, request):
        host = self.world.projects[self.world.numbers.get(request.name.split("/")[1], request.name.split("/")[1])].get("host")
        return {"kind": "compute#project", "id": self.world.number(host), "name": host, "selfLink": f"{COMPUTE}projects/{host}"} if host else {}

    def compute_routers_getRouterStatus(self, request):
        return self.get(request)

    def compute_routers_getNatIpInfo(self, request):
        return self.get(request)

    def compute_networks_getEffectiveFirewalls(self, request):
        network = self.world.canonical(request.name.rsplit("/", 1)[0])
        if self.world.get("compute", network) is None:
            raise not_found(network)
        return self.world.get("compute", request.name) or self.world.effective_firewalls(network)

    def compute_regionNetworkFirewallPolicies_getEffectiveFirewalls(self, request):
        network = self.world.canonical(re.sub(r"^https://[^/]+/(?:compute/)?v1/", "", request.one("network")))
        if "/" not in network:
            network = f"{'/'.join(request.name.split('/')[:2])}/global/networks/{network}"
        if self.world.get("compute", network) is None:
            raise not_found(network)
        return self.world.get("compute", f"{network}/{region_of(request.name)}/getEffectiveFirewalls") or self.world.effective_firewalls(network)

    def compute_networks_listPeeringRoutes(self, request):
        network = request.name.rsplit("/", 1)[0]
        body = self.world.get("compute", f"{network}/{request.one('region')}/{request.one('peeringName')}/listPeeringRoutes") or {"items": []}
        items, following = self.page(request, body["items"] if request.one("direction") != "OUTGOING" else [])
        return self.compute_list(request, {"items": items}, following)

    # -- the hierarchy -----------------------------------------------------------------------------------------------

    def project_of(self, request):
        id = request.name.split("/")[1].split(":")[0]
        return self.world.numbers.get(id, id)

    def cloudresourcemanager_projects_get(self, request):
        return getattr(self.world, f"project_{request.version}")(self.project_of(request))

    def cloudresourcemanager_projects_getAncestry(self, request):
        project = self.project_of(request)
        pairs = [("project", project)] + [it.split("/") for it in self.world.ancestors(project)[1:]]
        return {"ancestor": [{"resourceId": {"type": kind.removesuffix("s"), "id": id}} for kind, id in pairs]}

    def cloudresourcemanager_projects_list(self, request):
        bodies = [getattr(self.world, f"project_{request.version}")(id) for id in sorted(self.world.projects)]
        parent = request.one("parent")
        if parent:
            bodies = [it for it in bodies if it.get("parent") == parent]
        term = re.fullmatch(r"parent\.type[:=](\w+) (?:AND )?parent\.id[:=](\d+)", request.one("filter"))
        if term:
            bodies = [it for it in bodies if it["parent"] == {"type": term[1], "id": term[2]}]
        return self.paged("projects", request, bodies)

    def cloudresourcemanager_projects_search(self, request):
        return self.searched(request, "projects", [self.world.project_v3(id) for id in sorted(self.world.projects)])

    def cloudresourcemanager_folders_search(self, request):
        return self.searched(request, "folders", [self.world.folder_v3(id) for id in sorted(self.world.folders)])

    def cloudresourcemanager_folders_list(self, request):
        return self.paged("folders", request, [it for id in sorted(self.world.folders) if (it := self.world.folder_v3(id))["parent"] == request.one("parent")])

    def cloudresourcemanager_organizations_search(self, request):
        found = [self.world.organization_v3(id) for id in sorted(self.world.organizations)]
        if request.version == "v1":
            return {"organizations": [{"name": it["name"], "displayName": it["displayName"], "lifecycleState": "ACTIVE"} for it in found]}
        return self.searched(request, "organizations", found)

    def searched(self, request, field, bodies):
        for term in filter(None, re.split(r"\s+(?:AND\s+)?", request.one("query"))):
            name, _, value = term.replace("=", ":", 1).partition(":")
            bodies = [it for it in bodies if str(it.get({"id": "projectId", "domain": "displayName"}.get(name, name))) == value]
        return self.paged(field, request, bodies)

    def paged(self, field, request, bodies):
        items, following = self.page(request, bodies)
        return ({field: items} if items else {}) | ({"nextPageToken": following} if following else {})

    def cloudresourcemanager_folders_get(self, request):
        id = request.name.split("/")[1]
        if id not in self.world.folders:
            raise denied("resourcemanager.folders.get", request.name)
        return self.world.folder_v3(id)

    def cloudresourcemanager_organizations_get(self, request):
        id = request.name.split("/")[1]
        if id not in self.world.organizations:
            raise denied("resourcemanager.organizations.get", request.name)
        own = self.world.organization_v3(id)
        return own if request.version == "v3" else {"name": own["name"], "displayName": own["displayName"], "lifecycleState": "ACTIVE"}

    def serviceusage_services_get(self, request):
        return self.world.service(self.project_of(request), request.name.rsplit("/", 1)[1].removesuffix(".googleapis.com"))

    # -- policies ----------------------------------------------------------------------------------------------------

    def policy(self, request):
        name = self.world.canonical(re.sub(r"[:/]getIamPolicy$", "", request.name))
        key = f"{request.api}/{name}"
        if request.api == "iap":
            project, place, service = re.fullmatch(r"projects/([^/]+)/iap_web/cloud_run-([^/]+)/services/([^/]+)", name).groups()
            exists = self.world.get("run", f"projects/{project}/locations/{place}/services/{service}") is not None
        else:
            exists = key in self.world.policies or self.world.get(request.api, name) is not None
        if "/-/" in name and (body := self.world.get(request.api, name)):
            key = f"{request.api}/{self.world.canonical(body['name'])}"
        if not exists:
            raise denied("getIamPolicy", name) if request.api == "cloudresourcemanager" else not_found(name)
        policy = self.world.policies.get(key, EMPTY_POLICY)
        asked = request.one("options.requestedPolicyVersion") or request.one("optionsRequestedPolicyVersion")
        asked = asked or (request.body or {}).get("options", {}).get("requestedPolicyVersion", 1)
        return policy if int(asked) >= 3 else self.without_conditions(policy)

    @staticmethod
    def without_conditions(policy):
        """What a reader gets who did not ask for version 3: a role that nobody knows in place of the condition."""
        if not any("condition" in it for it in policy.get("bindings", [])):
            return policy
        bindings = [{"role": f"{it['role']}_withcond_{zlib.crc32(it['condition']['expression'].encode()):020x}", "members": it["members"]} if "condition" in it else it
                    for it in policy["bindings"]]
        return policy | {"version": 1, "bindings": bindings}

    def iam_policies_listPolicies(self, request):
        """Deny policies without their rules, as Google lists them."""
        own = [{key: value for key, value in it.items() if key != "rules"} for it in self.deny_policies(request.name.rsplit("/", 1)[0])]
        return self.paged("policies", request, own)

    def iam_policies_get(self, request):
        for policy in self.deny_policies(request.name.rsplit("/", 2)[0]):
            if policy["name"].rsplit("/", 1)[1] == request.name.rsplit("/", 1)[1]:
                return policy
        raise not_found(request.name)

    def deny_policies(self, attachment):
        node = attachment.removeprefix("policies/cloudresourcemanager.googleapis.com/")
        return self.world.state.get("deny", {}).get(self.world.canonical(node), [])

    def iam_roles_get(self, request):
        role = self.world.role(request.name)
        if role is None:
            raise not_found(request.name)
        return role

    def iam_roles_list(self, request):
        whole = request.one("view") == "FULL"
        bodies = [it if whole else {key: it[key] for key in ("name", "title", "stage", "etag")} for it in map(self.world.role, sorted(ROLES))]
        return self.paged("roles", request, bodies)

    def iam_projects_serviceAccounts_keys_list(self, request):
        body = self.world.get("iam", request.name.removesuffix("/keys"))
        if body is None:
            raise not_found(request.name)
        kinds = request.query.get("keyTypes", [])
        return {"keys": found} if (found := [it for it in self.world.keys_of(self.world.canonical(body["name"])) if not kinds or it["keyType"] in kinds]) else {}

    def orgpolicy_projects_policies_getEffectivePolicy(self, request):
        return {"name": request.name.removesuffix(":getEffectivePolicy"), "spec": {"rules": [{"enforce": False}]}}

    orgpolicy_folders_policies_getEffectivePolicy = orgpolicy_projects_policies_getEffectivePolicy
    orgpolicy_organizations_policies_getEffectivePolicy = orgpolicy_projects_policies_getEffectivePolicy

    # -- the asset inventory -----------------------------------------------------------------------------------------

    def cloudasset_assets_list(self, request):
        scope, content = request.name.removesuffix("/assets"), request.one("contentType", "CONTENT_TYPE_UNSPECIFIED")
        if not self.inventory.known(scope):
            raise denied("cloudasset.assets.listResource", scope)
        types = request.query.get("assetTypes", [])
        for kind in types:
            if re.fullmatch(r"[\w.]+/\w+", kind) and kind not in ASSET_TYPES:
                raise Refusal(400, f"Request contains an invalid argument. Unsupported asset type: {kind}")
        wanted = re.compile("|".join(f"(?:{it})" for it in types) or ".*")
        found = [it for it in self.inventory.scope(scope, content) if wanted.fullmatch(it["assetType"])]
        if content not in ("RESOURCE", "IAM_POLICY"):
            found = [{key: it[key] for key in ("name", "assetType", "ancestors", "updateTime")} for it in found] if content.endswith("UNSPECIFIED") else []
        return {"readTime": request.one("readTime") or "2026-11-22T05:30:00Z"} | self.paged("assets", request, found)

    # -- tokens ------------------------------------------------------------------------------------------------------

    def sts_token(self, request):
        if not request.body.get("subjectToken") or not request.body.get("audience"):
            raise Refusal(400, "Invalid value for subjectToken or audience.")
        return {"access_token": "ya29.federated-token", "issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "token_type": "Bearer", "expires_in": 3600}

    def iamcredentials_projects_serviceAccounts_generateAccessToken(self, request):
        return {"accessToken": "ya29.impersonated-token", "expireTime": "2099-01-01T00:00:00Z"}

    def oauth2_userinfo_get(self, request):
        return {"email": self.world.state.get("caller", "auditor@example.com"), "id": "1", "verified_email": True}

    def oauth2_tokeninfo(self, request):
        return {"email": self.world.state.get("caller", "auditor@example.com"), "expires_in": 3599, "scope": "https://www.googleapis.com/auth/cloud-platform",
                "verified_email": True, "audience": "1", "issued_to": "1", "user_id": "1"}


def region_of(name):
    found = re.search(r"/(?:locations|regions)/([^/]+)", name)
    return found[1] if found else None
