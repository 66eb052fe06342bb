#!/usr/bin/env python3
"""The three architectures of Google Cloud that the tool was made for, sound and broken, and a whole organisation.

    estates.py                      the names
    estates.py NAME                 prints the state for fake.py
    estates.py organisation N       an organisation of N projects, some 60 assets each, in one shared VPC
"""

import sys

from estate import (
    CLIENT, COMPUTE, HOST, NUMBERS, PROJECT, REGION, account, agent, all_traffic, direct, dump, email, grant, network, organisation)

P = f"projects/{PROJECT}"
PLACE = f"{P}/locations/{REGION}"
ESTATES = {}


def estate(build):
    ESTATES[build.__name__.replace("_", "-")] = build
    return build


# -- 1: a function that leaves from one reserved address --------------------------------------------------------------

@estate
def static_egress():
    e = network()
    e.account(email("scheduler"))
    e.function("test-ip", vpc=all_traffic(), ingress="INGRESS_TRAFFIC_INTERNAL_ONLY", invokers=[account("scheduler")])
    return e


@estate
def static_egress_direct():
    """The same by Direct VPC egress, from a subnet that everyone can see."""
    e = network()
    e.account(email("scheduler"))
    e.service("test-ip", vpc=direct(), ingress="INGRESS_TRAFFIC_INTERNAL_ONLY", invokers=[account("scheduler")])
    return e


@estate
def static_egress_private_ranges():
    """Broken: the NAT is perfect, and nothing uses it."""
    e = static_egress()
    e.function("test-ip", vpc=all_traffic() | {"egress": "PRIVATE_RANGES_ONLY"}, ingress="INGRESS_TRAFFIC_INTERNAL_ONLY", invokers=[account("scheduler")])
    return e


@estate
def static_egress_automatic():
    """Broken: the NAT takes whatever addresses it gets."""
    e = static_egress()
    e.nat(addresses=())
    e.drop(f"compute/{P}/regions/{REGION}/addresses/egress-a")
    e.address("nat-auto-ip-4221-0", "35.224.10.20", purpose="NAT_AUTO")
    return e


@estate
def static_egress_without_route():
    """Broken: nobody knows the way to the internet."""
    e = static_egress()
    e.drop(f"compute/{P}/global/routes/default-route-internet")
    return e


# -- 2: a function that is guarded on every side ----------------------------------------------------------------------

@estate
def secured_function():
    e = network()
    key = e.key()
    repository = e.repository("functions", key)
    e.account(email("checkout"))
    e.function(vpc=all_traffic(), key=key, repository=repository, invokers=[account("checkout")])
    e.get(f"run/{PLACE}/services/orders")["template"]["containers"][0]["image"] = f"{REGION}-docker.pkg.dev/{PROJECT}/functions/orders@sha256:{'0' * 64}"
    e.balancer()
    return e


@estate
def secured_function_public():
    """Broken: open to all, by everyone, as the default account, which is editor."""
    e = secured_function()
    default = f"{NUMBERS[PROJECT]}-compute@developer.gserviceaccount.com"
    key = f"{PLACE}/keyRings/serverless/cryptoKeys/orders"
    e.function(vpc=all_traffic(), key=key, repository=f"{PLACE}/repositories/functions", ingress="INGRESS_TRAFFIC_ALL", runs_as=default, invokers=["allUsers"])
    e.bind(f"cloudresourcemanager/{P}", grant("editor", f"serviceAccount:{default}"))
    return e


@estate
def secured_function_with_dead_key():
    """Broken: the key is disabled, one agent never had it, and the repository is under another one."""
    e = secured_function()
    e.key(versions=("DISABLED",), users=[agent("gcf-admin-robot")])
    e.repository("functions", e.key("images"))
    return e


# -- 3: a function that one account of another project may call -------------------------------------------------------

@estate
def cross_project():
    e = network()
    e.project(CLIENT)
    caller = email("cloud-invoke-test", CLIENT)
    e.account(caller, [grant("iam.workloadIdentityUser", f"serviceAccount:{CLIENT}.svc.id.goog[shop/caller]")])
    e.function("private-api", vpc=all_traffic(), ingress="INGRESS_TRAFFIC_ALL", invokers=[f"serviceAccount:{caller}"])
    return e


@estate
def cross_project_with_key():
    """Broken: the caller has a key that somebody carries about, and a group may mint its tokens."""
    e = cross_project()
    e.account(email("cloud-invoke-test", CLIENT), [grant("iam.serviceAccountTokenCreator", "group:developers@client.example")], keys=[("a1b2", {})])
    return e


@estate
def cross_project_for_whole_project():
    """Broken: the caller invokes everything in the project, and so does anyone with a Google account."""
    e = cross_project()
    e.bind(f"cloudresourcemanager/{P}", grant("run.invoker", account("cloud-invoke-test", CLIENT)))
    e.bind(f"run/{PLACE}/services/private-api", grant("run.servicesInvoker", "allAuthenticatedUsers"))
    return e


# -- a bit of everything, for third parties to read ---------------------------------------------------------------------

@estate
def variety():
    e = secured_function()
    e.service("shop", vpc=direct(), ingress="INGRESS_TRAFFIC_ALL", invokers=["allUsers"])
    e.revision("shop-00001-abc", "shop", percent=30, tag="old")
    e.bind(f"run/{PLACE}/services/shop", grant("run.servicesInvoker", account("checkout"), condition={
        "title": "until", "expression": 'request.time < timestamp("2027-01-01T00:00:00Z")'}))
    e.first_generation("legacy", connector=f"{PLACE}/connectors/serverless", egress="ALL_TRAFFIC", ingress="ALLOW_ALL", invokers=["allUsers"])
    e.job("nightly", vpc=direct(), bindings=[grant("run.jobsExecutor", account("checkout"))])
    e.key("dead", versions=("DESTROYED", "DISABLED"))
    e.account(email("robot"), keys=[("a1b2", {}), ("c3d4", {"disabled": True})])
    e.deny_policy(f"projects/{PROJECT}", "no-public-calls", {
        "deniedPrincipals": ["principalSet://goog/public:all"], "deniedPermissions": ["run.googleapis.com/routes.invoke"]})
    return e


# -- an organisation --------------------------------------------------------------------------------------------------

def many(projects=400, services=7):
    """One shared VPC, and `projects` service projects with some 60 assets each; every tenth has something wrong."""
    e = organisation()
    e.scanned = []
    e.project(HOST)
    e.network("shared-vpc", HOST)
    e.subnet("apps", "10.0.0.0/12", "shared-vpc", HOST)
    e.route("default-route-internet", "0.0.0.0/0", "shared-vpc", HOST)
    e.router(network="shared-vpc", project=HOST)
    e.address(project=HOST)
    e.nat(project=HOST)
    for index in range(projects):
        id = f"team-{index:04}"
        e.project(id, str(500_000_000_000 + index))
        e.scanned.append(id)
        e.account(email("caller", id))
        key = e.key(ring="serverless", project=id, workload=id, users=[agent(it, e.number(id)) for it in ("serverless-robot-prod", "gcp-sa-artifactregistry")])
        e.repository("apps", key, id)
        for number in range(services):
            broken = index % 10 == 0 and number == 0
            e.service(f"app-{number:02}", id, vpc=direct("apps", HOST, network="shared-vpc", egress="PRIVATE_RANGES_ONLY" if broken else "ALL_TRAFFIC"),
                      ingress="INGRESS_TRAFFIC_ALL" if broken else "INGRESS_TRAFFIC_INTERNAL_ONLY", key=key,
                      invokers=["allUsers"] if broken else [account("caller", id)])
        for number in range(services // 2):
            e.function(f"fn-{number:02}", id, invokers=[account("caller", id)], ingress="INGRESS_TRAFFIC_INTERNAL_ONLY")
        for number in range(services // 3):
            e.job(f"job-{number:02}", id, bindings=[grant("run.jobsExecutor", account("caller", id))])
    users = [f"serviceAccount:service-{e.number(id)}@serverless-robot-prod.iam.gserviceaccount.com" for id in e.scanned]
    e.policy(f"compute/projects/{HOST}/regions/{REGION}/subnetworks/apps", grant("compute.networkUser", *users))
    return e


def main(arguments):
    if not arguments:
        print("\n".join(ESTATES))
    elif arguments[0] == "organisation":
        sys.stdout.write(dump(many(int(arguments[1]) if arguments[1:] else 400).state()))
    else:
        sys.stdout.write(dump(ESTATES[arguments[0]]().state()))


if __name__ == "__main__":
    main(sys.argv[1:])
