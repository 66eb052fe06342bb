"""Keeps the bodies of snapshots to Google's own schemas."""

import json

from discovery import document

V2, V1 = "run.v2", "run.v1"
POLICIES = {
    "resourcemanager:project-policy": ("cloudresourcemanager.v3", "Policy"), "resourcemanager:folder-policy": ("cloudresourcemanager.v3", "Policy"),
    "resourcemanager:organization-policy": ("cloudresourcemanager.v3", "Policy"), "run:service-policy": (V2, "GoogleIamV1Policy"),
    "run:job-policy": (V2, "GoogleIamV1Policy"), "functions:policy": ("cloudfunctions.v2", "Policy"), "iap:policy": ("iap.v1", "Policy"),
    "compute:subnetwork-policy": ("compute.v1", "Policy"), "iam:service-account-policy": ("iam.v1", "Policy"), "kms:key-policy": ("cloudkms.v1", "Policy"),
    "kms:key-ring-policy": ("cloudkms.v1", "Policy"),
}
SCHEMAS = POLICIES | {
    "run:service": (V2, "GoogleCloudRunV2Service"), "run:revision": (V2, "GoogleCloudRunV2Revision"), "run:job": (V2, "GoogleCloudRunV2Job"),
    "run:worker-pool": (V2, "GoogleCloudRunV2WorkerPool"), "functions:function": ("cloudfunctions.v2", "Function"),
    "run:domain-mapping": (V1, "DomainMapping"), "vpcaccess:connector": ("vpcaccess.v1", "Connector"), "networkconnectivity:policy-based-route": ("networkconnectivity.v1", "PolicyBasedRoute"),
    "compute:network": ("compute.v1", "Network"), "compute:subnetwork": ("compute.v1", "Subnetwork"), "compute:route": ("compute.v1", "Route"),
    "compute:router": ("compute.v1", "Router"), "compute:address": ("compute.v1", "Address"), "compute:firewall": ("compute.v1", "Firewall"),
    "compute:firewall-policy": ("compute.v1", "FirewallPolicy"), "compute:forwarding-rule": ("compute.v1", "ForwardingRule"),
    "compute:target-http-proxy": ("compute.v1", "TargetHttpProxy"), "compute:target-https-proxy": ("compute.v1", "TargetHttpsProxy"),
    "compute:url-map": ("compute.v1", "UrlMap"), "compute:backend-service": ("compute.v1", "BackendService"),
    "compute:network-endpoint-group": ("compute.v1", "NetworkEndpointGroup"),
    "compute:effective-firewalls": ("compute.v1", "NetworksGetEffectiveFirewallsResponse"),
    "compute:regional-effective-firewalls": ("compute.v1", "RegionNetworkFirewallPoliciesGetEffectiveFirewallsResponse"),
    "compute:router-status": ("compute.v1", "RouterStatusResponse"), "compute:nat-ip-info": ("compute.v1", "NatIpInfoResponse"),
    "compute:peering-routes": ("compute.v1", "ExchangedPeeringRoutesList"), "resourcemanager:project": ("cloudresourcemanager.v3", "Project"),
    "resourcemanager:ancestry": ("cloudresourcemanager.v1", "GetAncestryResponse"), "iam:deny-policies": ("iam.v2", "GoogleIamV2ListPoliciesResponse"),
    "iam:role": ("iam.v1", "Role"), "iam:service-account": ("iam.v1", "ServiceAccount"), "iam:service-account-keys": ("iam.v1", "ListServiceAccountKeysResponse"),
    "iam:workload-identity-pool-providers": ("iam.v1", "ListWorkloadIdentityPoolProvidersResponse"), "kms:key": ("cloudkms.v1", "CryptoKey"),
    "kms:key-versions": ("cloudkms.v1", "ListCryptoKeyVersionsResponse"), "artifactregistry:repository": ("artifactregistry.v1", "Repository"),
}
KNATIVE = {"run:domain-mapping": "DomainMapping", "run:service": "Service", "run:job": "Job", "run:worker-pool": "WorkerPool", "run:revision": "Revision"}


def faults_of(record):
    kind, body = record["kind"], record["body"]
    if body is None:
        return []
    api, schema = SCHEMAS[kind]
    if "apiVersion" in body:
        api, schema = V1, KNATIVE[kind]
    elif kind == "functions:function" and "environment" not in body:
        api, schema = "cloudfunctions.v1", "CloudFunction"
    return document(api).faults(schema, body)


def scenarios(texts, folder, beyond):
    """Faults of the bodies, but of the scenarios `beyond` the schemas, and of files that are not what the script would write."""
    seen, wrong = 0, 0
    for name, text in texts.items():
        snapshot, committed = json.loads(text), folder / name / "snapshot.json"
        if not committed.exists() or committed.read_text() != text:
            wrong += 1
            print(f"{name}: the committed snapshot is another: python3 tests/corpus/google.py writes it")
        for record in snapshot["records"]:
            seen += 1
            for fault in faults_of(record):
                if name not in beyond:
                    wrong += 1
                    print(f"{name}: {record['kind']} {record['id']}: {fault}")
    print(f"{seen} bodies of {len(texts)} scenarios, {wrong} faults")
    return 1 if wrong else 0
