"""The older forms in which Google writes the same thing: Knative for Cloud Run, v1 for the first generation of functions."""

import copy
import json

INGRESS = {"INGRESS_TRAFFIC_ALL": "all", "INGRESS_TRAFFIC_INTERNAL_ONLY": "internal",
           "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER": "internal-and-cloud-load-balancing", "INGRESS_TRAFFIC_NONE": "none"}
EGRESS = {"ALL_TRAFFIC": "all-traffic", "PRIVATE_RANGES_ONLY": "private-ranges-only"}
REVOCATION = {"PREVENT_NEW": "prevent-new", "SHUTDOWN": "shut-down"}
STATES = {"CONDITION_SUCCEEDED": "True", "CONDITION_FAILED": "False"}
FUNCTION_STATES = {"ACTIVE": "ACTIVE", "FAILED": "OFFLINE", "DEPLOYING": "DEPLOY_IN_PROGRESS", "DELETING": "DELETE_IN_PROGRESS"}


def last(name):
    return name.rsplit("/", 1)[-1]


def present(body):
    return {key: value for key, value in body.items() if value not in (None, [], {})}


def template_annotations(template):
    """Of a revision template: what v2 has as fields and Knative as annotations."""
    vpc = template.get("vpcAccess", {})
    duration = template.get("encryptionKeyShutdownDuration")
    return present({
        "run.googleapis.com/vpc-access-connector": vpc.get("connector"),
        "run.googleapis.com/vpc-access-egress": EGRESS.get(vpc.get("egress"), vpc.get("egress")),
        "run.googleapis.com/network-interfaces": json.dumps(vpc["networkInterfaces"]) if "networkInterfaces" in vpc else None,
        "run.googleapis.com/encryption-key": template.get("encryptionKey"),
        "run.googleapis.com/post-key-revocation-action-type": REVOCATION.get(template.get("encryptionKeyRevocationAction")),
        "run.googleapis.com/encryption-key-shutdown-hours": str(int(duration[:-1]) // 3600) if duration else None,
        "autoscaling.knative.dev/maxScale": str(template.get("scaling", {}).get("maxInstanceCount", "")) or None,
        **template.get("annotations", {})})


def containers(template):
    """Containers, without what has another shape in Knative and that nobody here asks for."""
    return [present({"name": it.get("name"), "image": it.get("image"), "env": plain_environment(it)}) for it in template.get("containers", [])]


def plain_environment(container):
    return [{"name": it["name"], "value": it.get("value", "")} for it in container.get("env", [])] or None


def revision_spec(template):
    timeout = template.get("timeout")
    return present({"containerConcurrency": template.get("maxInstanceRequestConcurrency"), "serviceAccountName": template.get("serviceAccount"),
                    "timeoutSeconds": int(timeout[:-1]) if timeout else None, "containers": containers(template)})


def conditions(body):
    return [present({"type": it["type"], "status": STATES.get(it["state"], "Unknown"), "message": it.get("message"),
                     "lastTransitionTime": it.get("lastTransitionTime")}) for it in body.get("conditions", [])]


def metadata(body, number, region, annotations):
    return present({"name": last(body["name"]), "namespace": number, "uid": body.get("uid"), "selfLink": None,
                    "generation": int(body.get("generation", "1")), "creationTimestamp": body.get("createTime"),
                    "labels": {**body.get("labels", {}), "cloud.googleapis.com/location": region}, "annotations": annotations})


def region_of(body):
    return body["name"].split("/locations/")[1].split("/")[0]


def targets(body, side, split=("TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", "latestReadyRevision")):
    found = []
    for it in body.get(side, []):
        latest = it.get("type") == split[0] or not it.get("revision")
        revision = it.get("revision") or (last(body[split[1]]) if side.endswith("Statuses") and body.get(split[1]) else None)
        found.append(present({"latestRevision": True if latest else None, "revisionName": revision, "percent": it.get("percent"),
                              "tag": it.get("tag"), "url": it.get("uri")}))
    return found


def knative_service(body, number):
    """A service of v2 as `GET run.googleapis.com/v1/…/services` writes it."""
    switch = {True: "true"}
    annotations = present({
        "run.googleapis.com/ingress": INGRESS.get(body.get("ingress")),
        "run.googleapis.com/ingress-status": INGRESS.get(body.get("ingress")),
        "run.googleapis.com/invoker-iam-disabled": switch.get(body.get("invokerIamDisabled")),
        "run.googleapis.com/default-url-disabled": switch.get(body.get("defaultUriDisabled")),
        "run.googleapis.com/iap-enabled": switch.get(body.get("iapEnabled")),
        "run.googleapis.com/urls": json.dumps(body["urls"]) if body.get("urls") else None,
        "run.googleapis.com/launch-stage": body.get("launchStage"),
        "serving.knative.dev/creator": body.get("creator"), "serving.knative.dev/lastModifier": body.get("lastModifier"),
        **body.get("annotations", {})})
    template = body["template"]
    uri = None if body.get("defaultUriDisabled") else body.get("uri")
    return {
        "apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": metadata(body, number, region_of(body), annotations),
        "spec": present({"template": present({"metadata": present({"annotations": template_annotations(template)}), "spec": revision_spec(template)}),
                         "traffic": targets(body, "traffic")}),
        "status": present({
            "observedGeneration": int(body.get("observedGeneration", "1")), "conditions": conditions(body),
            "latestReadyRevisionName": last(body["latestReadyRevision"]) if "latestReadyRevision" in body else None,
            "latestCreatedRevisionName": last(body["latestCreatedRevision"]) if "latestCreatedRevision" in body else None,
            "traffic": targets(body, "trafficStatuses"), "url": uri, "address": {"url": uri} if uri else None})}


def knative_revision(body, number):
    return {"apiVersion": "serving.knative.dev/v1", "kind": "Revision",
            "metadata": metadata(body, number, region_of(body), template_annotations(body))
            | {"labels": {"serving.knative.dev/service": last(body["service"]), "cloud.googleapis.com/location": region_of(body)}},
            "spec": revision_spec(body), "status": present({"conditions": conditions(body)})}


def latest_revision(body):
    """The revision that a service's template made, as v2 writes revisions."""
    return copy.deepcopy(body["template"]) | present({
        "name": body["latestReadyRevision"], "uid": body["uid"] + "-r", "generation": "1", "observedGeneration": "1",
        "createTime": body["createTime"], "updateTime": body["updateTime"], "service": body["name"], "conditions": body.get("conditions")})


def knative_job(body, number):
    task = body["template"]["template"]
    timeout = task.get("timeout")
    spec = present({"containers": containers(task), "serviceAccountName": task.get("serviceAccount"), "maxRetries": task.get("maxRetries"),
                    "timeoutSeconds": timeout[:-1] if timeout else None})
    return {"apiVersion": "run.googleapis.com/v1", "kind": "Job",
            "metadata": metadata(body, number, region_of(body), body.get("annotations", {})),
            "spec": {"template": {"metadata": present({"annotations": template_annotations(task)}),
                                  "spec": {"taskCount": body["template"].get("taskCount", 1), "template": {"spec": spec}}}},
            "status": present({"observedGeneration": 1, "conditions": conditions(body), "executionCount": body.get("executionCount")})}


def knative_worker_pool(body, number):
    template = body["template"]
    split = ("INSTANCE_SPLIT_ALLOCATION_TYPE_LATEST", "latestReadyRevision")
    spec = present({"serviceAccountName": template.get("serviceAccount"), "containers": containers(template)})
    return {"apiVersion": "run.googleapis.com/v1", "kind": "WorkerPool", "metadata": metadata(body, number, region_of(body), {}),
            "spec": {"template": {"metadata": present({"annotations": template_annotations(template)}), "spec": spec},
                     "instanceSplits": targets(body, "instanceSplits", split)},
            "status": present({"observedGeneration": 1, "conditions": conditions(body), "instanceSplits": targets(body, "instanceSplitStatuses", split),
                               "latestReadyRevisionName": last(body["latestReadyRevision"]),
                               "latestCreatedRevisionName": last(body["latestCreatedRevision"])})}


def function_v1(body):
    """A function of the first generation, as v1 writes it."""
    build, service = body.get("buildConfig", {}), body.get("serviceConfig", {})
    trigger = body.get("eventTrigger")
    return present({
        "name": body["name"], "status": FUNCTION_STATES.get(body.get("state"), "UNKNOWN"), "updateTime": body.get("updateTime"),
        "versionId": "1", "runtime": build.get("runtime"), "entryPoint": build.get("entryPoint"), "labels": body.get("labels"),
        "dockerRegistry": build.get("dockerRegistry"), "dockerRepository": build.get("dockerRepository"), "kmsKeyName": body.get("kmsKeyName"),
        "availableMemoryMb": 256, "timeout": f"{service.get('timeoutSeconds', 60)}s", "environmentVariables": service.get("environmentVariables"),
        "serviceAccountEmail": service.get("serviceAccountEmail"), "ingressSettings": service.get("ingressSettings"),
        "vpcConnector": service.get("vpcConnector"), "vpcConnectorEgressSettings": service.get("vpcConnectorEgressSettings"),
        "eventTrigger": present({"eventType": trigger.get("eventType"), "resource": trigger.get("pubsubTopic") or trigger.get("trigger")}) if trigger else None,
        "httpsTrigger": None if trigger else present({"url": body.get("url"), "securityLevel": service.get("securityLevel")})})
