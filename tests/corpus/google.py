#!/usr/bin/env python3
"""Writes the scenario snapshots of Google Cloud: tests/corpus/gcp-*/snapshot.json.

    python3 tests/corpus/google.py            writes them
    PYTHON tests/corpus/google.py --check     keeps every body to Google's own schemas, and the committed files to this script,
                                              with the Python of the tests: target/google-venv/bin/python
    python3 tests/corpus/google.py --state NAME    prints the estate of a scenario, as tests/google/fake.py takes it
    python3 tests/corpus/google.py --states        prints those of all scenarios

A scenario is a sound estate (tests/google/estate.py) and one change to it; its first line says which. The snapshots are
committed. VECTORS says which scenario shows which of the known traps of Google Cloud.
"""

import copy
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "google"))

from estate import (  # noqa: E402
    CLIENT, COMPUTE, FOLDER, HOST, NUMBERS, ORGANIZATION, PROJECT, REGION, account, agent, all_traffic, direct, email, grant, network,
    organisation)
from estates import cross_project, secured_function, static_egress  # noqa: E402
import reading  # noqa: E402

SCENARIOS = {}
P = f"projects/{PROJECT}"
HERE_ = f"{P}/locations/{REGION}"
SERVICE = f"run/{HERE_}/services/orders"
FUNCTION = f"cloudfunctions/{HERE_}/functions/orders"
CONNECTOR = f"vpcaccess/{HERE_}/connectors/serverless"
DEFAULT_ROUTE = f"compute/{P}/global/routes/default-route-internet"
NODE = f"cloudresourcemanager/{P}"
LINK = f"{COMPUTE}{P}"
CALLER = account("checkout")


def scenario(build):
    SCENARIOS["gcp-" + build.__name__.replace("_", "-")] = build
    return build


def by_connector(**more):
    """A Run service that sends everything through the connector to the NAT: sound."""
    e = network()
    e.account(email("checkout"))
    e.service(vpc=all_traffic(), **({"invokers": [CALLER]} | more))
    return e


def by_subnet(tags=(), **more):
    """The same by Direct VPC egress from the subnet `apps`."""
    e = network()
    e.account(email("checkout"))
    e.service(vpc=direct(tags=tags), **({"invokers": [CALLER]} | more))
    return e


def alone(**more):
    """A Run service without a network of its own: sound in all but its egress."""
    e = organisation()
    e.account(email("checkout"))
    e.service(**({"invokers": [CALLER]} | more))
    return e


# -- the three architectures, sound ----------------------------------------------------------------------------------

@scenario
def sound_static_egress():
    """A function that leaves from one reserved address: connector, all traffic, default route, NAT."""
    return static_egress()


@scenario
def sound_secured_function():
    """A function behind a load balancer, with a narrow invoker, its own account and a key of its own."""
    return secured_function()


@scenario
def sound_cross_project():
    """A function that one service account of another project may call, held by a Kubernetes workload."""
    return cross_project()


@scenario
def manual_nat_for_connector():
    """The connector's range, a NAT for all subnets, one reserved address: static."""
    return by_connector()


# -- egress: attachment and mode -------------------------------------------------------------------------------------

@scenario
def all_traffic_without_connector():
    """ALL_TRAFFIC and nothing to send it through: Google's shared addresses."""
    return alone(vpc={"egress": "ALL_TRAFFIC"})


@scenario
def nat_of_listed_subnets_misses_hidden_range():
    """The NAT lists the visible subnet, and the connector's own range cannot be listed."""
    e = by_connector()
    e.nat(sourceSubnetworkIpRangesToNat="LIST_OF_SUBNETWORKS",
          subnetworks=[{"name": f"{LINK}/regions/{REGION}/subnetworks/apps", "sourceIpRangesToNat": ["ALL_IP_RANGES"]}])
    return e


@scenario
def private_ranges_only_beside_perfect_nat():
    """Only private ranges go to the VPC: the NAT is perfect, and unused."""
    e = by_connector()
    e.service(vpc=all_traffic() | {"egress": "PRIVATE_RANGES_ONLY"}, invokers=[CALLER])
    return e


@scenario
def connector_without_a_mode():
    """A connector and no egress mode: private ranges only is what that means."""
    e = by_connector()
    e.service(vpc={"connector": f"{HERE_}/connectors/serverless"}, invokers=[CALLER])
    return e


@scenario
def automatic_nat_addresses():
    """The NAT takes addresses by itself, and they show up as addresses that nobody reserved."""
    e = by_connector()
    e.nat(addresses=())
    e.drop(f"compute/{P}/regions/{REGION}/addresses/egress-a")
    e.address("nat-auto-ip-4221-0", "35.224.10.20", purpose="NAT_AUTO")
    return e


@scenario
def nat_in_another_region():
    """The router with the NAT is in another region than the workload."""
    e = by_connector()
    e.drop(f"compute/{P}/regions/{REGION}/addresses/egress-a")
    for call in ("", "/getRouterStatus", "/getNatIpInfo"):
        e.drop(f"compute/{P}/regions/{REGION}/routers/egress{call}")
    e.router(region="europe-west1")
    e.address(region="europe-west1")
    e.nat(region="europe-west1")
    return e


@scenario
def nat_of_another_network():
    """The router with the NAT belongs to another network of the project."""
    e = by_connector()
    e.network("other-vpc")
    e.get(f"compute/{P}/regions/{REGION}/routers/egress")["network"] = f"{LINK}/global/networks/other-vpc"
    e.status()
    return e


@scenario
def private_nat():
    """A NAT of type PRIVATE never leads to the internet."""
    e = by_connector()
    e.drop(f"compute/{P}/regions/{REGION}/addresses/egress-a")
    e.subnet("nat-ranges", "10.200.0.0/24", purpose="PRIVATE_NAT")
    e.nat(addresses=(), type="PRIVATE", natIpAllocateOption=None, endpointTypes=None, rules=[{
        "ruleNumber": 1, "match": "nexthop.is_hybrid", "action": {"sourceNatActiveRanges": [f"{LINK}/regions/{REGION}/subnetworks/nat-ranges"]}}])
    return e


@scenario
def nat_of_secondary_ranges_only():
    """The NAT lists the subnet of the workload, but only a secondary range of it."""
    e = by_subnet()
    e.get(f"compute/{P}/regions/{REGION}/subnetworks/apps")["secondaryIpRanges"] = [{"rangeName": "pods", "ipCidrRange": "10.20.0.0/16"}]
    e.nat(sourceSubnetworkIpRangesToNat="LIST_OF_SUBNETWORKS", subnetworks=[{
        "name": f"{LINK}/regions/{REGION}/subnetworks/apps", "sourceIpRangesToNat": ["LIST_OF_SECONDARY_IP_RANGES"], "secondaryIpRangeNames": ["pods"]}])
    return e


@scenario
def nat_of_all_primary_ranges():
    """A NAT for all primary ranges covers the connector's hidden range too."""
    e = by_connector()
    e.nat(sourceSubnetworkIpRangesToNat="ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES")
    return e


@scenario
def nat_for_secure_web_proxy_only():
    """The NAT serves Secure Web Proxy endpoints, and no virtual machines."""
    e = by_connector()
    e.nat(endpointTypes=["ENDPOINT_TYPE_SWG"])
    return e


@scenario
def nat_with_draining_address_only():
    """All addresses of the NAT are draining: none is left for new connections."""
    e = by_connector()
    e.nat(addresses=(), natIpAllocateOption="MANUAL_ONLY", drainNatIps=[f"{LINK}/regions/{REGION}/addresses/egress-a"])
    return e


@scenario
def nat_with_draining_address_beside():
    """One address in use, and an older one that still drains: partners may see both."""
    e = by_connector()
    e.address("egress-old", "34.70.1.2")
    e.nat(drainNatIps=[f"{LINK}/regions/{REGION}/addresses/egress-old"])
    return e


@scenario
def nat_with_two_addresses_and_logging_off():
    """Two reserved addresses, and nobody can tell later who used them."""
    e = by_connector()
    e.address("egress-b", "34.72.171.165")
    e.nat(addresses=("egress-a", "egress-b"), logConfig={"enable": False, "filter": "ALL"})
    return e


@scenario
def nat_that_asks_for_more_addresses():
    """The NAT has run out of ports: it says that it needs two addresses more."""
    e = by_connector()
    e.status(needed=2)
    return e


@scenario
def nat_with_address_of_unread_list():
    """The NAT's addresses could not be listed: still manual, and nobody can say which they are."""
    e = by_connector()
    e.unread("compute:address")
    return e


@scenario
def nat_of_ipv6_only():
    """A NAT64 alone does nothing for IPv4."""
    e = by_connector()
    e.nat(sourceSubnetworkIpRangesToNat=None, sourceSubnetworkIpRangesToNat64="ALL_IPV6_SUBNETWORKS")
    return e


@scenario
def no_nat():
    """All traffic goes to the VPC, and the router has no NAT."""
    e = by_connector()
    e.get(f"compute/{P}/regions/{REGION}/routers/egress")["nats"] = []
    e.get(f"compute/{P}/regions/{REGION}/addresses/egress-a").update(status="RESERVED", users=[])
    e.status()
    return e


@scenario
def nat_rules_per_destination():
    """A rule of the NAT takes another address for one destination."""
    e = by_connector()
    e.address("egress-partner", "34.72.171.200")
    partner = f"{LINK}/regions/{REGION}/addresses/egress-partner"
    e.nat(rules=[{"ruleNumber": 100, "description": "partner", "match": "inIpRange(destination.ip, '203.0.113.0/24')",
                  "action": {"sourceNatActiveIps": [partner]}}])
    return e


# -- egress: routes --------------------------------------------------------------------------------------------------

@scenario
def default_route_deleted():
    """Nobody teaches the way to the internet: no default route, no BGP."""
    e = by_connector()
    e.drop(DEFAULT_ROUTE)
    return e


@scenario
def default_route_to_vpn_wins():
    """A default route to a VPN tunnel with a better priority beats the internet gateway."""
    e = by_connector()
    e.route("to-office", "0.0.0.0/0", priority=900, nextHopVpnTunnel=f"{LINK}/regions/{REGION}/vpnTunnels/office")
    return e


@scenario
def split_defaults_to_appliance():
    """0.0.0.0/1 and 128.0.0.0/1 to a virtual machine are narrower than the default route."""
    e = by_connector()
    hop = {"nextHopInstance": f"{LINK}/zones/{REGION}-a/instances/firewall-vm"}
    e.route("lower-half", "0.0.0.0/1", **hop)
    e.route("upper-half", "128.0.0.0/1", **hop)
    return e


@scenario
def half_of_the_internet_to_appliance():
    """One half goes to a virtual machine, the other to the NAT: uneven."""
    e = by_connector()
    e.route("upper-half", "128.0.0.0/1", nextHopInstance=f"{LINK}/zones/{REGION}-a/instances/firewall-vm")
    return e


@scenario
def default_route_for_connector_tag_only():
    """The route to the internet holds for instances with the connector's tag: the connector has it."""
    e = by_connector()
    e.get(DEFAULT_ROUTE)["tags"] = [f"vpc-connector-{REGION}-serverless"]
    return e


@scenario
def default_route_for_another_tag():
    """The route to the internet holds for a tag that the connector does not carry."""
    e = by_connector()
    e.get(DEFAULT_ROUTE)["tags"] = ["bastion"]
    return e


@scenario
def default_route_for_tag_of_interface():
    """The route to the internet holds for the tag that the workload's own interface carries."""
    e = by_subnet(tags=["internet"])
    e.get(DEFAULT_ROUTE)["tags"] = ["internet"]
    return e


@scenario
def two_default_routes_of_one_priority():
    """Two default routes of the same priority, one to the gateway and one to an appliance: both are used."""
    e = by_connector()
    e.route("to-appliance", "0.0.0.0/0", nextHopIlb=f"{LINK}/regions/{REGION}/forwardingRules/appliance")
    return e


@scenario
def default_route_learned_by_bgp():
    """No static default route: the Cloud Router learns one from on-premises."""
    e = by_connector()
    e.drop(DEFAULT_ROUTE)
    e.router("hybrid", bgp={"asn": 64512, "advertiseMode": "DEFAULT"},
             bgpPeers=[{"name": "office", "peerAsn": 64513, "peerIpAddress": "169.254.0.2", "ipAddress": "169.254.0.1", "enable": "TRUE"}])
    best = {"destRange": "0.0.0.0/0", "priority": 100, "nextHopIp": "169.254.0.2", "network": f"{LINK}/global/networks/main-vpc", "kind": "compute#route",
            "routeType": "BGP"}
    e.status("hybrid", bestRoutes=[best], bestRoutesForRouter=[best], bgpPeerStatus=[{"name": "office", "status": "UP", "state": "Established"}])
    return e


@scenario
def bgp_routes_unread():
    """A Cloud Router has BGP peers, and what they teach could not be read."""
    e = default_route_learned_by_bgp()
    e.unread("compute:router-status", resource=f"//compute.googleapis.com/{P}/regions/{REGION}/routers/hybrid", region=REGION)
    return e


@scenario
def default_route_by_peering():
    """The default route is imported from a peered network."""
    e = by_connector()
    e.drop(DEFAULT_ROUTE)
    peer = "https://www.googleapis.com/compute/v1/projects/hub-project/global/networks/hub"
    e.get(f"compute/{P}/global/networks/main-vpc")["peerings"] = [{
        "name": "to-hub", "network": peer, "state": "ACTIVE", "importCustomRoutes": True, "exportCustomRoutes": False,
        "exchangeSubnetRoutes": True, "autoCreateRoutes": True}]
    e.put(f"compute/{P}/global/networks/main-vpc/{REGION}/to-hub/listPeeringRoutes", {"kind": "compute#exchangedPeeringRoutesList", "items": [
        {"destRange": "0.0.0.0/0", "type": "STATIC_PEERING_ROUTE", "nextHopRegion": REGION, "priority": 0, "imported": True},
        {"destRange": "10.50.0.0/16", "type": "SUBNET_PEERING_ROUTE", "nextHopRegion": REGION, "priority": 0, "imported": True}]})
    return e


@scenario
def peering_routes_unread():
    """A peering imports custom routes, and nobody could read them."""
    e = default_route_by_peering()
    e.unread("compute:peering-routes", resource=f"//compute.googleapis.com/{P}/global/networks/main-vpc#to-hub", region=REGION)
    return e


@scenario
def route_to_internal_load_balancer():
    """The default route leads to the load balancer of an appliance."""
    e = by_connector()
    e.drop(DEFAULT_ROUTE)
    e.route("to-appliance", "0.0.0.0/0", priority=800, nextHopIlb=f"{LINK}/regions/{REGION}/forwardingRules/appliance")
    return e


@scenario
def routes_unread():
    """The routes of the project could not be listed."""
    e = by_connector()
    e.unread("compute:route", why="server-error", detail="503 Service Unavailable")
    return e


def policy_route(e, **more):
    path = f"{P}/locations/global/policyBasedRoutes/inspect-all"
    e.put(f"networkconnectivity/{path}", {
        "name": path, "kind": "networkconnectivity#policyBasedRoute", "network": f"{P}/global/networks/main-vpc", "priority": 100,
        "filter": {"protocolVersion": "IPV4", "ipProtocol": "ALL", "srcRange": "0.0.0.0/0", "destRange": "0.0.0.0/0"},
        "selfLink": f"https://networkconnectivity.googleapis.com/v1/{path}", "createTime": "2026-11-01T10:00:00Z", "updateTime": "2026-11-01T10:00:00Z"} | more)
    return e


@scenario
def policy_based_route_for_all():
    """A policy-based route sends every machine's traffic to an inspecting load balancer."""
    return policy_route(by_connector(), nextHopIlbIp="10.10.0.50")


@scenario
def policy_based_route_beside_subnet():
    """The same for Direct VPC egress, of which Google does not say whether it applies."""
    return policy_route(by_subnet(), nextHopIlbIp="10.10.0.50")


@scenario
def policy_based_route_to_default_routing():
    """A policy-based route of a better priority sends it back to the ordinary routes."""
    e = policy_route(by_connector(), nextHopIlbIp="10.10.0.50", priority=200)
    path = f"{P}/locations/global/policyBasedRoutes/as-usual"
    body = copy.deepcopy(e.get(f"networkconnectivity/{P}/locations/global/policyBasedRoutes/inspect-all"))
    del body["nextHopIlbIp"]
    e.put(f"networkconnectivity/{path}", body | {
        "name": path, "priority": 100, "nextHopOtherRoutes": "DEFAULT_ROUTING", "selfLink": f"https://networkconnectivity.googleapis.com/v1/{path}"})
    return e


# -- egress: firewall ------------------------------------------------------------------------------------------------

def close_but(e, *allowed, tags=("vpc-connector",)):
    tagged = {"targetTags": list(tags)} if tags else {}
    e.firewall("deny-out", priority=100, destinationRanges=["0.0.0.0/0"], denied=[{"IPProtocol": "all"}], **tagged)
    for index, cidr in enumerate(allowed):
        e.firewall(f"allow-{index}", priority=90, destinationRanges=[cidr], allowed=[{"IPProtocol": "tcp", "ports": ["443"]}], **tagged)
    return e


@scenario
def egress_denied_but_one_network():
    """Egress of connectors is denied, and port 443 of one network allowed before: restricted, and meant so."""
    return close_but(by_connector(), "203.0.113.0/24")


@scenario
def egress_denied_altogether():
    """A rule denies all egress of the connector."""
    return close_but(by_connector())


@scenario
def egress_denied_for_others():
    """A rule denies the egress of machines with another tag."""
    return close_but(by_connector(), tags=("database",))


@scenario
def disabled_rule_denies_nothing():
    """The rule that would deny all egress is disabled."""
    e = close_but(by_connector())
    e.get(f"compute/{P}/global/firewalls/deny-out")["disabled"] = True
    return e


def connector_rules(e, name="serverless", project=PROJECT, net="main-vpc"):
    tag = [f"vpc-connector-{REGION}-{name}"]
    head = f"aet-{REGION}-{name}"
    e.firewall(f"{head}-egrfw", net, project, priority=101, destinationRanges=["35.199.224.0/19"], denied=[{"IPProtocol": "all"}], targetTags=tag)
    e.firewall(f"{head}-earfw", net, project, priority=100, destinationRanges=["35.199.224.0/19"],
               allowed=[{"IPProtocol": "icmp"}, {"IPProtocol": "tcp", "ports": ["667"]}, {"IPProtocol": "udp", "ports": ["665", "666"]}], targetTags=tag)
    e.firewall(f"{head}-hcfw", net, project, "INGRESS", 100, sourceRanges=["130.211.0.0/22", "35.191.0.0/16", "108.170.220.0/23"],
               allowed=[{"IPProtocol": "tcp", "ports": ["667"]}], targetTags=tag)
    e.firewall(f"{head}-rsgfw", net, project, "INGRESS", 100, sourceRanges=["35.199.224.0/19"],
               allowed=[{"IPProtocol": "icmp"}, {"IPProtocol": "tcp", "ports": ["667"]}, {"IPProtocol": "udp", "ports": ["665", "666"]}], targetTags=tag)


@scenario
def automatic_egress_rule_of_connector():
    """The rules that Google makes for a connector deny 35.199.224.0/19 alone, not the internet."""
    e = by_connector()
    connector_rules(e)
    return e


def policy_of_folder(e, *rules, kind="HIERARCHY", network_name="main-vpc"):
    own = [it for key, it in e.resources.items() if "/firewalls/" in key]
    body = {"firewallPolicys": [{"name": "87654321", "shortName": "corporate", "displayName": "corporate", "type": kind, "priority": 1000,
                                 "rules": [{"kind": "compute#firewallPolicyRule", "direction": "EGRESS", **rule} for rule in rules]}]}
    body |= {"firewalls": own} if own else {}
    e.put(f"compute/{P}/global/networks/{network_name}/getEffectiveFirewalls", body)
    if kind == "HIERARCHY":
        # The region's answer shows it too, without the short name.
        policies = [{key: it[key] for key in it if key != "shortName"} for it in body["firewallPolicys"]]
        e.put(f"compute/{P}/global/networks/{network_name}/{REGION}/getEffectiveFirewalls", body | {"firewallPolicys": policies})
    return e


def rule(priority, action, cidrs, **more):
    return {"priority": priority, "action": action, "match": {"destIpRanges": cidrs, "layer4Configs": [{"ipProtocol": "all"}]}} | more


@scenario
def hierarchical_policy_denies_egress():
    """A firewall policy of the folder denies all egress before any rule of the network."""
    return policy_of_folder(by_connector(), rule(1000, "deny", ["0.0.0.0/0"]))


@scenario
def hierarchical_policy_hands_down():
    """A firewall policy of the folder hands the decision down."""
    return policy_of_folder(by_connector(), rule(1000, "goto_next", ["0.0.0.0/0"]))


@scenario
def network_policy_after_rules_allowed():
    """A network policy denies, but a rule of the network has allowed before it, as the network's order says."""
    e = by_connector()
    e.firewall("allow-out", priority=1000, destinationRanges=["0.0.0.0/0"], allowed=[{"IPProtocol": "all"}])
    return policy_of_folder(e, rule(1000, "deny", ["0.0.0.0/0"]), kind="NETWORK")


@scenario
def network_policy_before_rules_denies():
    """The same, where the network has its policies come first."""
    e = network_policy_after_rules_allowed()
    e.get(f"compute/{P}/global/networks/main-vpc")["networkFirewallPolicyEnforcementOrder"] = "BEFORE_CLASSIC_FIREWALL"
    return e


@scenario
def policy_of_domain_names():
    """A firewall policy allows two domain names and denies the rest."""
    names = {"priority": 900, "action": "allow", "match": {"destFqdns": ["api.stripe.com", "hooks.slack.com"], "layer4Configs": [{"ipProtocol": "tcp", "ports": ["443"]}]}}
    return policy_of_folder(by_connector(), names, rule(1000, "deny", ["0.0.0.0/0"]), kind="NETWORK")


@scenario
def regional_policy_denies_egress():
    """A regional network policy denies egress, which the network's effective firewalls do not show."""
    e = by_connector()
    e.put(f"compute/{P}/global/networks/main-vpc/{REGION}/getEffectiveFirewalls", {"firewallPolicys": [{
        "name": "regional", "displayName": "regional", "type": "NETWORK_REGIONAL", "priority": 1000,
        "rules": [{"kind": "compute#firewallPolicyRule", "direction": "EGRESS", **rule(1000, "deny", ["0.0.0.0/0"])}]}]})
    return e


@scenario
def effective_firewalls_unread():
    """Nobody could read which firewalls hold for the network."""
    e = by_connector()
    e.unread("compute:effective-firewalls", resource=f"//compute.googleapis.com/{P}/global/networks/main-vpc")
    return e


# -- egress: connectors and shared networks --------------------------------------------------------------------------

@scenario
def connector_in_error():
    """The connector is in the state ERROR."""
    e = by_connector()
    e.get(CONNECTOR)["state"] = "ERROR"
    return e


@scenario
def connector_that_does_not_exist():
    """The workload names a connector that its project does not have."""
    e = by_connector()
    e.drop(CONNECTOR)
    return e


def shared(rules=True, agents=True):
    """A host project with the network, and a connector of the service project in a subnet of its own there."""
    e = organisation()
    e.project(HOST)
    e.network("shared-vpc", HOST)
    e.subnet("connectors", "10.60.0.0/28", "shared-vpc", HOST)
    e.subnet("apps", "10.61.0.0/24", "shared-vpc", HOST)
    e.route("default-route-internet", "0.0.0.0/0", "shared-vpc", HOST)
    e.router(network="shared-vpc", project=HOST)
    e.address(project=HOST)
    e.nat(project=HOST)
    e.connector(network=None, cidr=None, subnet={"name": "connectors", "projectId": HOST})
    users = [agent("gcp-sa-vpcaccess"), agent("cloudservices"), agent("serverless-robot-prod")]
    for name in ("connectors", "apps"):
        e.policy(f"compute/projects/{HOST}/regions/{REGION}/subnetworks/{name}", *([grant("compute.networkUser", *users)] if agents else []))
    if rules:
        connector_rules(e, project=HOST, net="shared-vpc")
    e.account(email("checkout"))
    e.service(vpc=all_traffic(), invokers=[CALLER])
    return e


@scenario
def shared_network_with_connector():
    """A connector of the service project in a subnet of the host project, with the rules it needs: static."""
    return shared()


@scenario
def service_project_connector_without_health_rules():
    """The host's firewall lacks the rules that a connector of a service project needs."""
    return shared(rules=False)


@scenario
def service_project_connector_without_grants():
    """The agents of the service project may not use the host's subnet."""
    return shared(agents=False)


@scenario
def shared_network_of_unread_host():
    """The workload is in a subnet of a host project that nobody may read."""
    e = shared()
    e.service(vpc=direct("apps", HOST, network="shared-vpc"), invokers=[CALLER])
    e.drop(CONNECTOR)
    unread_host(e)
    return e


def unread_host(e, project=HOST):
    for kind in reading.NETWORKS:
        e.unread(kind, project)
    for kind in ("resourcemanager:project", "resourcemanager:ancestry", "resourcemanager:project-policy", "iam:deny-policies"):
        e.unread(kind, project, f"//cloudresourcemanager.googleapis.com/projects/{project}")
    e.unread("compute:subnetwork-policy", project, f"//compute.googleapis.com/projects/{project}/regions/{REGION}/subnetworks/apps", REGION)


@scenario
def connector_of_unread_project():
    """The connector is in a host project that nobody may read."""
    e = shared()
    e.connector("central", HOST, network="shared-vpc")
    e.drop(CONNECTOR)
    e.service(vpc=all_traffic("central", HOST), invokers=[CALLER])
    unread_host(e)
    e.gaps.pop()
    return e


@scenario
def connector_of_host_project():
    """The connector is in the host project, and the function's agents may use it: static."""
    e = shared()
    e.drop(CONNECTOR)
    e.connector("central", HOST, network="shared-vpc")
    connector_rules(e, "central", HOST, "shared-vpc")
    e.bind(f"cloudresourcemanager/projects/{HOST}", grant("vpcaccess.user", agent("serverless-robot-prod"), agent("gcf-admin-robot")))
    e.service(vpc=all_traffic("central", HOST), invokers=[CALLER])
    return e


@scenario
def shared_subnet_by_project_number():
    """The subnet of the host project is written with the project's number."""
    e = shared()
    e.drop(CONNECTOR)
    e.service(vpc=direct("apps", NUMBERS[HOST], network="shared-vpc"), invokers=[CALLER])
    return e


@scenario
def connector_with_own_subnet_in_the_list():
    """A connector with a subnet of its own, and a NAT that lists that subnet: static."""
    e = by_connector()
    e.subnet("connectors", "10.8.0.0/28")
    e.connector(network=None, cidr=None, subnet={"name": "connectors"})
    e.nat(sourceSubnetworkIpRangesToNat="LIST_OF_SUBNETWORKS",
          subnetworks=[{"name": f"{LINK}/regions/{REGION}/subnetworks/connectors", "sourceIpRangesToNat": ["PRIMARY_IP_RANGE"]}])
    return e


@scenario
def manual_nat_for_subnet():
    """Direct VPC egress from a subnet that the NAT covers: static."""
    return by_subnet()


@scenario
def interface_with_network_alone():
    """An interface that names the network alone: the subnet of the network's name is meant."""
    e = by_subnet()
    e.subnet("main-vpc", "10.12.0.0/24")
    e.service(vpc={"egress": "ALL_TRAFFIC", "networkInterfaces": [{"network": "main-vpc"}]}, invokers=[CALLER])
    return e


@scenario
def dual_stack_external_subnet():
    """A subnet with external IPv6 addresses and a route for them: IPv6 leaves without the NAT."""
    e = by_subnet()
    e.get(f"compute/{P}/regions/{REGION}/subnetworks/apps").update(
        stackType="IPV4_IPV6", ipv6AccessType="EXTERNAL", ipv6CidrRange="2600:1900:4000:abcd:0:0:0:0/64", externalIpv6Prefix="2600:1900:4000:abcd:0:0:0:0/64")
    e.route("default-route-ipv6", "::/0")
    return e


@scenario
def dual_stack_internal_subnet():
    """A subnet with internal IPv6 addresses: no IPv6 reaches the internet."""
    e = by_subnet()
    e.get(f"compute/{P}/regions/{REGION}/subnetworks/apps").update(
        stackType="IPV4_IPV6", ipv6AccessType="INTERNAL", ipv6CidrRange="fd20:db8:1:0:0:0:0:0/64", internalIpv6Prefix="fd20:db8:1:0:0:0:0:0/64")
    e.route("default-route-ipv6", "::/0")
    return e


@scenario
def private_google_access():
    """Private Google Access is on: calls to Google's APIs do not carry the NAT's address."""
    e = by_subnet()
    e.get(f"compute/{P}/regions/{REGION}/subnetworks/apps")["privateIpGoogleAccess"] = True
    return e


# -- egress: revisions and products ----------------------------------------------------------------------------------

@scenario
def function_says_private_revision_says_all():
    """The function says private ranges only, and its Run service, edited behind it, all traffic."""
    e = network()
    e.function(vpc=all_traffic(), invokers=[CALLER], config={"vpcConnectorEgressSettings": "PRIVATE_RANGES_ONLY"})
    e.account(email("checkout"))
    return e


@scenario
def two_revisions_one_without_vpc():
    """Two revisions share the traffic, and one of them has no VPC: mixed."""
    e = by_connector()
    e.revision("orders-00001-abc", percent=50, vpcAccess={})
    del e.get(f"{SERVICE}/revisions/orders-00001-abc")["vpcAccess"]
    return e


@scenario
def tagged_revision_without_traffic():
    """An old revision gets no traffic, but its tag keeps it callable, without VPC."""
    e = by_connector()
    e.revision("orders-00001-abc", tag="canary", vpcAccess={})
    del e.get(f"{SERVICE}/revisions/orders-00001-abc")["vpcAccess"]
    return e


@scenario
def revision_unread():
    """A revision with traffic could not be read."""
    e = two_revisions_one_without_vpc()
    e.unread("run:revision", resource=f"//run.googleapis.com/{HERE_}/revisions/orders-00001-abc", region=REGION)
    return e


def in_knative(e, name="orders", collection="services"):
    e.knative.add(f"{HERE_}/{collection}/{name}")
    return e


@scenario
def knative_form_with_all():
    """A service in the form of Knative, with the old word `all` for all traffic."""
    e = in_knative(by_connector())
    e.get(SERVICE)["template"]["vpcAccess"]["egress"] = "all"
    return e


@scenario
def knative_form_with_interfaces():
    """A service in the form of Knative whose interfaces are JSON in an annotation."""
    return in_knative(by_subnet(tags=["egress"]))


@scenario
def knative_form_without_invoker_check():
    """A service in the form of Knative, without the check of invokers, without default URL and without VPC."""
    return in_knative(alone(ingress="INGRESS_TRAFFIC_ALL", invokerIamDisabled=True, defaultUriDisabled=True))


@scenario
def first_generation_by_connector():
    """A function of the first generation through the connector: static."""
    e = network()
    e.account(email("checkout"))
    e.first_generation(connector=f"{HERE_}/connectors/serverless", egress="ALL_TRAFFIC", invokers=[CALLER])
    return e


@scenario
def first_generation_in_its_own_form():
    """The same function in the form of v1, with the short name of its connector and plain HTTP allowed."""
    e = first_generation_by_connector()
    e.get(FUNCTION)["serviceConfig"].update(vpcConnector="serverless", securityLevel="SECURE_OPTIONAL")
    e.functions_v1.add(f"{HERE_}/functions/orders")
    return e


@scenario
def first_generation_over_plain_http():
    """A function of the first generation that also answers over plain HTTP."""
    e = first_generation_by_connector()
    e.get(FUNCTION)["serviceConfig"]["securityLevel"] = "SECURE_OPTIONAL"
    return e


@scenario
def first_generation_without_mode():
    """A connector and no mode, in the first generation."""
    e = network()
    e.account(email("checkout"))
    e.first_generation(connector=f"{HERE_}/connectors/serverless", invokers=[CALLER])
    return e


@scenario
def first_generation_in_upgrade():
    """A function between its generations: both are live, and only one of them has the connector."""
    e = first_generation_by_connector()
    settings = copy.deepcopy(e.get(FUNCTION)["serviceConfig"])
    for name in ("vpcConnector", "vpcConnectorEgressSettings", "securityLevel"):
        del settings[name]
    e.get(FUNCTION)["upgradeInfo"] = {"upgradeState": "SETUP_FUNCTION_UPGRADE_CONFIG_SUCCESSFUL",
                                      "serviceConfig": settings | {"service": f"{HERE_}/services/orders", "allTrafficOnLatestRevision": True}}
    e.service(invokers=[CALLER])
    return e


@scenario
def first_generation_public():
    """A function of the first generation that everyone may call."""
    e = first_generation_by_connector()
    e.first_generation(connector=f"{HERE_}/connectors/serverless", egress="ALL_TRAFFIC", ingress="ALLOW_ALL", invokers=["allUsers"])
    return e


@scenario
def first_generation_by_event():
    """A function of the first generation that events call: it has no URL."""
    e = first_generation_by_connector()
    body = e.get(FUNCTION)
    del body["url"], body["serviceConfig"]["securityLevel"]
    body["eventTrigger"] = {"eventType": "google.pubsub.topic.publish", "pubsubTopic": f"{P}/topics/orders"}
    return e


@scenario
def second_generation_by_direct_vpc():
    """A function of the second generation with Direct VPC egress in its own words: static."""
    e = network()
    e.account(email("checkout"))
    e.function(vpc=direct(), invokers=[CALLER])
    return e


@scenario
def function_without_its_service():
    """The Run services could not be listed: what the function says is all there is."""
    e = network()
    e.account(email("checkout"))
    e.function(vpc=all_traffic(), invokers=[CALLER])
    e.unread("run:service")
    return e


@scenario
def function_that_failed():
    """The last deployment failed: what is configured is not what runs."""
    e = network()
    e.account(email("checkout"))
    body = e.function(vpc=all_traffic(), invokers=[CALLER])
    body["state"] = "FAILED"
    body["stateMessages"] = [{"severity": "ERROR", "type": "CloudRunServiceNotFound", "message": "Could not create the service."}]
    broken = {"type": "Ready", "state": "CONDITION_FAILED", "message": "Revision is not ready.", "lastTransitionTime": "2026-11-01T10:00:00Z"}
    e.get(SERVICE).update(terminalCondition=broken, conditions=[broken])
    return e


@scenario
def multi_region_service():
    """One service in two regions, with the network of one of them."""
    e = network()
    e.account(email("checkout"))
    body = e.service(region="global", vpc={"egress": "ALL_TRAFFIC", "networkInterfaces": [{"network": f"{P}/global/networks/main-vpc"}]}, invokers=[CALLER])
    e.subnet("main-vpc", "10.12.0.0/24")
    body["multiRegionSettings"] = {"regions": [REGION, "europe-west1"], "multiRegionId": "r-1"}
    return e


@scenario
def worker_pool_by_direct_vpc():
    """A worker pool that pulls its work, with Direct VPC egress: static, and no way in."""
    e = network()
    e.worker_pool(vpc=direct())
    return e


@scenario
def job_that_everyone_may_run():
    """A job that everyone on the internet may start, by the role meant for services."""
    e = network()
    e.job(vpc=direct(), bindings=[grant("run.invoker", "allUsers")])
    return e


@scenario
def job_in_knative_form():
    """A job in the form of Knative: static."""
    e = network()
    e.job(vpc=direct(), bindings=[grant("run.jobsExecutor", CALLER)])
    e.account(email("checkout"))
    return in_knative(e, "nightly", "jobs")


@scenario
def proxy_in_environment():
    """The containers are told of an HTTP proxy: what leaves through it has another address."""
    e = by_connector()
    e.get(SERVICE)["template"]["containers"][0]["env"] = [{"name": "HTTPS_PROXY"}]
    return e


@scenario
def service_in_a_mesh():
    """The revision is in a service mesh, which sends its traffic elsewhere."""
    e = by_subnet()
    e.get(SERVICE)["template"]["serviceMesh"] = {"mesh": f"{P}/locations/global/meshes/shop"}
    return e


# -- ways in ---------------------------------------------------------------------------------------------------------

@scenario
def public_service():
    """Ingress for all, and everyone may invoke: public."""
    return alone(ingress="INGRESS_TRAFFIC_ALL", invokers=["allUsers"])


@scenario
def invoker_check_disabled():
    """The check of invokers is off: public, with an empty policy."""
    return alone(ingress="INGRESS_TRAFFIC_ALL", invokerIamDisabled=True, invokers=[])


@scenario
def any_google_account_invokes():
    """Every Google account of anybody may invoke."""
    return alone(ingress="INGRESS_TRAFFIC_ALL", invokers=["allAuthenticatedUsers"])


@scenario
def everyone_behind_closed_ingress():
    """Everyone may invoke, but only from inside: one setting away from public."""
    return alone(ingress="INGRESS_TRAFFIC_INTERNAL_ONLY", invokers=["allUsers"])


@scenario
def default_url_disabled():
    """Everyone may invoke, but the default URL is off and nothing else leads there."""
    e = alone(ingress="INGRESS_TRAFFIC_ALL", invokers=["allUsers"], defaultUriDisabled=True)
    del e.get(SERVICE)["uri"]
    e.get(SERVICE)["urls"] = []
    return e


@scenario
def default_url_disabled_behind_domain():
    """Everyone may invoke, the default URL is off, and a domain of the customer's leads to the service: public."""
    e = default_url_disabled()
    e.domain()
    return e


@scenario
def default_url_disabled_beside_domain():
    """Everyone may invoke, the default URL is off, and the domain of the project leads to another service."""
    e = default_url_disabled()
    e.domain(service="billing")
    return e


@scenario
def domains_unread():
    """Everyone may invoke, the default URL is off, and nobody could list the domains that may lead to the service."""
    e = default_url_disabled()
    e.unread("run:domain-mapping")
    return e


@scenario
def ingress_none():
    """Nobody gets in by any URL."""
    return alone(ingress="INGRESS_TRAFFIC_NONE", invokers=["allUsers"])


@scenario
def identity_aware_proxy():
    """Identity-Aware Proxy guards the service: it alone may invoke, and a group may pass it."""
    e = alone(ingress="INGRESS_TRAFFIC_ALL", iapEnabled=True, invokers=[agent("gcp-sa-iap")])
    e.policy(f"iap/projects/{NUMBERS[PROJECT]}/iap_web/cloud_run-{REGION}/services/orders", grant("iap.httpsResourceAccessor", "group:staff@example.com"))
    return e


@scenario
def identity_aware_proxy_for_everyone():
    """Identity-Aware Proxy is on, and lets everyone through."""
    e = identity_aware_proxy()
    e.policy(f"iap/projects/{NUMBERS[PROJECT]}/iap_web/cloud_run-{REGION}/services/orders", grant("iap.httpsResourceAccessor", "allUsers"))
    return e


@scenario
def identity_aware_proxy_unread():
    """Identity-Aware Proxy is on, and its policy could not be read."""
    e = identity_aware_proxy()
    e.unread("iap:policy", resource=f"//run.googleapis.com/{HERE_}/services/orders", region=REGION)
    return e


@scenario
def internal_load_balancing_without_balancer():
    """Everyone may invoke through a load balancer, and there is none."""
    return alone(invokers=["allUsers"])


@scenario
def load_balancer_with_armor():
    """Everyone may invoke, and only through a load balancer with Cloud Armor."""
    e = alone(invokers=["allUsers"])
    e.balancer()
    return e


@scenario
def load_balancer_without_armor():
    """An external load balancer without a security policy, over plain HTTP."""
    e = alone(invokers=["allUsers"])
    e.balancer(armor=False, https=False)
    return e


@scenario
def load_balancer_with_open_default_url():
    """Cloud Armor guards the load balancer, and the default URL goes around it."""
    e = alone(ingress="INGRESS_TRAFFIC_ALL", invokers=["allUsers"])
    e.balancer()
    return e


@scenario
def load_balancer_of_the_inside():
    """Only an internal load balancer leads to the service."""
    e = network()
    e.account(email("checkout"))
    e.service(invokers=["allUsers"])
    e.balancer(scheme="INTERNAL_MANAGED", armor=False)
    return e


@scenario
def endpoint_group_for_every_service():
    """The endpoint group has a URL mask instead of a service: it exposes every service that matches."""
    e = alone(invokers=["allUsers"])
    e.balancer(endpoints={"urlMask": "<service>.example.com"})
    return e


@scenario
def load_balancers_unread():
    """Everyone may invoke through a load balancer, and the load balancers could not be listed."""
    e = alone(invokers=["allUsers"])
    e.unread("compute:forwarding-rule")
    return e


# -- invokers --------------------------------------------------------------------------------------------------------

@scenario
def deleted_service_account_as_invoker():
    """The only invoker was deleted, and its binding stayed."""
    return alone(ingress="INGRESS_TRAFFIC_ALL", invokers=[f"deleted:{account('old-caller')}?uid=118223344556677889900"])


@scenario
def functions_invoker_on_second_generation():
    """Everyone is invoker of the function's policy, which means nothing in the second generation."""
    e = organisation()
    e.account(email("checkout"))
    e.function(ingress="INGRESS_TRAFFIC_ALL", invokers=[CALLER])
    e.policy(FUNCTION, grant("cloudfunctions.invoker", "allUsers"))
    return e


@scenario
def project_editor_invokes():
    """An editor of the project invokes by that role alone."""
    e = alone()
    e.bind(NODE, grant("editor", "user:dev@example.com"))
    return e


@scenario
def folder_invoker():
    """A group invokes every service of the folder."""
    e = alone()
    e.bind(f"cloudresourcemanager/folders/{FOLDER}", grant("run.invoker", "group:platform@example.com"))
    return e


@scenario
def organisation_invoker_of_whole_domain():
    """A whole domain invokes every service of the organisation."""
    e = alone()
    e.bind(f"cloudresourcemanager/organizations/{ORGANIZATION}", grant("run.servicesInvoker", "domain:example.com"))
    return e


@scenario
def folder_policy_unread():
    """Nobody could read who may do what in the folder."""
    e = alone()
    e.unread("resourcemanager:folder-policy", f"folders/{FOLDER}", f"//cloudresourcemanager.googleapis.com/folders/{FOLDER}")
    return e


@scenario
def service_policy_denied():
    """The policy of the service could not be read."""
    e = alone()
    e.unread("run:service-policy", resource=f"//run.googleapis.com/{HERE_}/services/orders", region=REGION)
    return e


def until(time):
    return {"title": "until", "expression": f'request.time < timestamp("{time}")'}


@scenario
def expired_condition_for_everyone():
    """Everyone might invoke, until a day that has passed."""
    e = alone(ingress="INGRESS_TRAFFIC_ALL")
    e.bind(SERVICE, grant("run.servicesInvoker", "allUsers", condition=until("2026-06-30T00:00:00Z")))
    return e


@scenario
def condition_for_everyone_that_holds():
    """Everyone may invoke, until a day that has not come."""
    e = alone(ingress="INGRESS_TRAFFIC_ALL")
    e.bind(SERVICE, grant("run.servicesInvoker", "allUsers", condition=until("2027-06-30T00:00:00Z")))
    return e


@scenario
def condition_that_nobody_can_judge():
    """Everyone may invoke, on a condition about the request that nobody can judge from here."""
    e = alone(ingress="INGRESS_TRAFFIC_ALL")
    e.bind(SERVICE, grant("run.servicesInvoker", "allUsers", condition={"title": "hours", "expression": 'request.time.getHours("Europe/Berlin") < 18'}))
    return e


GITHUB = {"oidc": {"issuerUri": "https://token.actions.githubusercontent.com"}, "displayName": "GitHub",
          "attributeMapping": {"google.subject": "assertion.sub", "attribute.repository": "assertion.repository"}}


def impersonated(member_of, provider, role="iam.workloadIdentityUser"):
    """The invoker's account may be taken by identities of a pool."""
    e = alone()
    pool = e.pool("github", {"github": provider})
    e.account(email("checkout"), [grant(role, member_of(pool))])
    return e


@scenario
def whole_identity_pool_invokes():
    """Every identity of a workload identity pool may invoke."""
    e = alone()
    pool = e.pool("partners", {"partner": {"oidc": {"issuerUri": "https://login.partner.example"}, "attributeMapping": {"google.subject": "assertion.sub"},
                                           "attributeCondition": "assertion.aud == 'shop'"}})
    e.bind(SERVICE, grant("run.servicesInvoker", f"principalSet://{pool}/*"))
    return e


@scenario
def github_pool_without_condition():
    """The invoker's account is open to a pool of GitHub that takes every repository of the world."""
    return impersonated(lambda pool: f"principalSet://{pool}/*", GITHUB)


@scenario
def github_pool_of_one_repository():
    """The invoker's account is open to one repository, in a pool that takes one owner's."""
    return impersonated(lambda pool: f"principalSet://{pool}/attribute.repository/example/shop",
                        GITHUB | {"attributeCondition": "assertion.repository_owner == 'example'"})


@scenario
def pool_providers_unread():
    """The invoker's account is open to a pool whose providers could not be read."""
    e = github_pool_without_condition()
    e.unread("iam:workload-identity-pool-providers", resource=f"//iam.googleapis.com/projects/{NUMBERS[PROJECT]}/locations/global/workloadIdentityPools/github")
    return e


@scenario
def token_creator_on_invoker():
    """A group may mint tokens of the invoker."""
    e = alone()
    e.account(email("checkout"), [grant("iam.serviceAccountTokenCreator", "group:developers@example.com")])
    return e


@scenario
def token_creator_of_the_whole_project():
    """A user may mint tokens of every account of the project."""
    e = alone()
    e.bind(NODE, grant("iam.serviceAccountTokenCreator", "user:dev@example.com"))
    return e


@scenario
def chain_of_two_accounts():
    """An account of another project may act as an account that may act as the invoker."""
    e = alone()
    e.project(CLIENT)
    e.account(email("checkout"), [grant("iam.serviceAccountTokenCreator", account("middle"))])
    e.account(email("middle"), [grant("iam.serviceAccountOpenIdTokenCreator", account("far", CLIENT))])
    e.account(email("far", CLIENT))
    return e


@scenario
def invoker_with_keys():
    """The invoker has two keys, one of them disabled."""
    e = alone()
    e.account(email("checkout"), keys=[("a1b2", {}), ("c3d4", {"disabled": True})])
    return e


@scenario
def invoker_with_disabled_key_only():
    """The invoker has a key that is disabled: nobody can use it."""
    e = alone()
    e.account(email("checkout"), keys=[("c3d4", {"disabled": True})])
    return e


@scenario
def keys_of_invoker_unread():
    """Whether the invoker has keys could not be read."""
    e = alone()
    e.unread("iam:service-account-keys", resource=email("checkout"))
    return e


@scenario
def invoker_that_does_not_exist():
    """The policy names an account that is not there."""
    e = alone()
    e.drop(f"iam/{P}/serviceAccounts/{email('checkout')}")
    return e


@scenario
def disabled_invoker():
    """The invoker's account is disabled."""
    e = alone()
    e.account(email("checkout"), disabled=True)
    return e


@scenario
def custom_role_invokes():
    """A role of the project's own holds the permission to invoke."""
    e = alone()
    e.bind(SERVICE, grant(e.role("caller", ["run.routes.invoke", "run.services.get"]), "user:partner@other.example"))
    return e


@scenario
def disabled_custom_role_for_everyone():
    """Everyone has a role that holds the permission to invoke, and the role is disabled."""
    e = alone(ingress="INGRESS_TRAFFIC_ALL")
    e.bind(SERVICE, grant(e.role("caller", ["run.routes.invoke"], stage="DISABLED"), "allUsers"))
    return e


@scenario
def custom_role_unread():
    """Everyone has a role of the organisation's own, and what it permits could not be read."""
    e = alone(ingress="INGRESS_TRAFFIC_ALL")
    name = e.role("caller", ["run.routes.invoke"], owner=f"organizations/{ORGANIZATION}")
    e.bind(SERVICE, grant(name, "allUsers"))
    e.unread("iam:role", f"organizations/{ORGANIZATION}", name)
    return e


@scenario
def role_that_no_table_knows():
    """A group has a basic role that is newer than every table: the API says what it permits."""
    e = alone()
    e.put("iam/roles/writer", {"name": "roles/writer", "title": "Writer", "stage": "BETA", "etag": "AA==",
                               "includedPermissions": ["run.routes.invoke", "run.services.get", "run.services.update"]})
    e.bind(SERVICE, grant("roles/writer", "group:platform@example.com"))
    return e


@scenario
def predefined_role_that_no_table_knows():
    """An account has a predefined role that is in no table: the API says that it permits to invoke."""
    e = alone(invokers=[])
    e.put("iam/roles/run.sessionUser", {"name": "roles/run.sessionUser", "title": "Session User", "stage": "ALPHA", "etag": "AA==",
                                        "includedPermissions": ["run.routes.invoke"]})
    e.bind(SERVICE, grant("roles/run.sessionUser", CALLER))
    return e


@scenario
def organisation_role_mints_tokens():
    """A group may mint the invoker's tokens by a role of the organisation's own."""
    e = alone()
    name = e.role("minter", ["iam.serviceAccounts.getOpenIdToken"], owner=f"organizations/{ORGANIZATION}")
    e.account(email("checkout"), [grant(name, "group:platform@example.com")])
    return e


@scenario
def role_that_nobody_knows():
    """A group has a predefined role that is in no table, and the API could not be asked."""
    e = role_that_no_table_knows()
    e.unread("iam:role", resource="roles/writer")
    return e


@scenario
def deny_policy_for_everyone():
    """Everyone may invoke, and a deny policy of the folder takes it from all."""
    e = alone(ingress="INGRESS_TRAFFIC_ALL", invokers=["allUsers"])
    e.deny_policy(f"folders/{FOLDER}", "no-public-calls", {"deniedPrincipals": ["principalSet://goog/public:all"],
                                                           "deniedPermissions": ["run.googleapis.com/routes.invoke"]})
    return e


@scenario
def deny_policy_with_exceptions():
    """A deny policy takes invocation from all but one group."""
    e = alone(ingress="INGRESS_TRAFFIC_ALL", invokers=["allUsers"])
    e.deny_policy(f"projects/{PROJECT}", "staff-only", {
        "deniedPrincipals": ["principalSet://goog/public:all"], "exceptionPrincipals": ["principalSet://goog/group/staff@example.com"],
        "deniedPermissions": ["run.googleapis.com/routes.invoke"]})
    return e


@scenario
def deny_policies_unread():
    """Whether a deny policy stands in the way could not be read."""
    e = alone(ingress="INGRESS_TRAFFIC_ALL", invokers=["allUsers"])
    for node, scope in ((f"projects/{PROJECT}", PROJECT), (f"folders/{FOLDER}", f"folders/{FOLDER}"),
                        (f"organizations/{ORGANIZATION}", f"organizations/{ORGANIZATION}")):
        e.unread("iam:deny-policies", scope, f"//cloudresourcemanager.googleapis.com/{node}")
    return e


@scenario
def default_account_that_is_editor():
    """The workload runs as the default account of Compute Engine, which is editor of the project."""
    e = alone()
    default = f"{NUMBERS[PROJECT]}-compute@developer.gserviceaccount.com"
    e.service(runs_as=default, invokers=[CALLER])
    e.drop(f"iam/{P}/serviceAccounts/{email('orders-run')}")
    e.bind(NODE, grant("editor", f"serviceAccount:{default}"))
    return e


@scenario
def trigger_without_invoker():
    """The account by which events come may not invoke the function."""
    e = organisation()
    e.account(email("checkout"))
    body = e.function(ingress="INGRESS_TRAFFIC_INTERNAL_ONLY", invokers=[CALLER])
    body["eventTrigger"] = {"trigger": f"{HERE_}/triggers/orders-1", "triggerRegion": REGION, "eventType": "google.cloud.pubsub.topic.v1.messagePublished",
                            "pubsubTopic": f"{P}/topics/orders", "serviceAccountEmail": email("events"), "retryPolicy": "RETRY_POLICY_RETRY"}
    e.account(email("events"))
    return e


@scenario
def over_granted_agent():
    """The agent of functions is viewer of the whole project and user of all its networks."""
    e = network()
    e.account(email("checkout"))
    e.function(vpc=all_traffic(), invokers=[CALLER])
    e.bind(NODE, grant("viewer", agent("gcf-admin-robot")), grant("compute.networkUser", agent("gcf-admin-robot")))
    return e


@scenario
def foreign_invoker():
    """A user and an account of other organisations may invoke."""
    return alone(invokers=["user:someone@gmail.com", account("caller", "someones-project")])


@scenario
def identities_of_clusters():
    """A Kubernetes identity may invoke directly: the same name in every cluster of the project."""
    e = alone()
    pool = f"iam.googleapis.com/projects/{NUMBERS[PROJECT]}/locations/global/workloadIdentityPools/{PROJECT}.svc.id.goog"
    e.bind(SERVICE, grant("run.servicesInvoker", f"principal://{pool}/subject/ns/shop/sa/checkout"))
    return e


# -- keys ------------------------------------------------------------------------------------------------------------

RING = f"cloudkms/{HERE_}/keyRings/serverless"


def with_key(**more):
    """The secured function with another key."""
    e = secured_function()
    e.key(**more)
    return e


@scenario
def key_whose_primary_is_disabled():
    """The key's primary version is disabled: no new instance starts."""
    return with_key(versions=("DISABLED",))


@scenario
def key_whose_old_version_is_destroyed():
    """The primary version is enabled, and an old one that older images need is destroyed."""
    return with_key(versions=("DESTROYED", "ENABLED"))


@scenario
def key_about_to_be_destroyed():
    """The key's only version is scheduled for destruction."""
    return with_key(versions=("DESTROY_SCHEDULED",))


@scenario
def key_without_primary():
    """The key has no primary version."""
    e = with_key()
    del e.get(f"{RING}/cryptoKeys/orders")["primary"]
    return e


@scenario
def key_without_rotation():
    """The key never rotates by itself."""
    return with_key(rotationPeriod=None, nextRotationTime=None)


def elsewhere(location):
    e = secured_function()
    path = e.key(location=location)
    body = e.get(FUNCTION)
    body["kmsKeyName"] = path
    e.get(SERVICE)["template"]["encryptionKey"] = path
    e.get(f"artifactregistry/{HERE_}/repositories/functions")["kmsKeyName"] = path
    return e


@scenario
def key_in_global_location():
    """The key is in the location `global`, not in the region of the function."""
    return elsewhere("global")


@scenario
def key_in_another_region():
    """The key is in another region than the function."""
    return elsewhere("europe-west1")


@scenario
def key_that_does_not_exist():
    """The key that the function names is not there."""
    e = secured_function()
    for key in [key for key in e.resources if key.startswith(f"{RING}/cryptoKeys/orders")]:
        e.drop(key)
    return e


@scenario
def key_unread():
    """The key could not be read."""
    e = secured_function()
    for kind in ("kms:key", "kms:key-versions", "kms:key-policy"):
        e.unread(kind, resource=f"//cloudkms.googleapis.com/{HERE_}/keyRings/serverless/cryptoKeys/orders", region=REGION)
    return e


@scenario
def key_of_another_project():
    """The key is in a project of its own, with the grants of the workload's agents: sound."""
    e = secured_function()
    e.project("key-vault-project")
    path = e.key(project="key-vault-project")
    e.get(FUNCTION)["kmsKeyName"] = path
    e.get(SERVICE)["template"]["encryptionKey"] = path
    e.get(f"artifactregistry/{HERE_}/repositories/functions")["kmsKeyName"] = path
    return e


@scenario
def key_without_grant_of_one_agent():
    """The agent of Artifact Registry may not use the key."""
    return with_key(users=[agent(it) for it in ("gcf-admin-robot", "gs-project-accounts", "serverless-robot-prod", "gcp-sa-eventarc")])


@scenario
def key_granted_on_its_ring():
    """The agents may use the key by a grant on its ring: sound."""
    e = with_key(users=[])
    e.policy(RING, grant("cloudkms.cryptoKeyEncrypterDecrypter", *(agent(it) for it in (
        "gcf-admin-robot", "gcp-sa-artifactregistry", "gs-project-accounts", "serverless-robot-prod", "gcp-sa-eventarc"))))
    return e


@scenario
def key_open_to_every_google_account():
    """Every Google account may decrypt with the key."""
    e = secured_function()
    e.bind(f"{RING}/cryptoKeys/orders", grant("cloudkms.cryptoKeyDecrypter", "allAuthenticatedUsers"))
    return e


@scenario
def repository_under_another_key():
    """The images lie in a repository under another key."""
    e = secured_function()
    e.get(f"artifactregistry/{HERE_}/repositories/functions")["kmsKeyName"] = f"{HERE_}/keyRings/serverless/cryptoKeys/images"
    return e


@scenario
def repository_without_key():
    """The images lie in a repository under Google's own keys."""
    e = secured_function()
    del e.get(f"artifactregistry/{HERE_}/repositories/functions")["kmsKeyName"]
    return e


@scenario
def key_with_shutdown_on_revocation():
    """Instances are shut down an hour after the key is gone."""
    e = secured_function()
    e.get(SERVICE)["template"].update(encryptionKeyRevocationAction="SHUTDOWN", encryptionKeyShutdownDuration="3600s")
    return e


# -- what was not read -----------------------------------------------------------------------------------------------

@scenario
def network_connectivity_api_disabled():
    """The API of policy-based routes is off, by the list of what is on: there are none."""
    e = by_connector()
    e.projects[PROJECT]["disabled"] = ["networkconnectivity"]
    return e


@scenario
def functions_api_disabled():
    """The functions API is off, as the project's list of services confirms: there are no functions."""
    e = by_connector()
    e.projects[PROJECT]["disabled"] = ["cloudfunctions"]
    return e


@scenario
def functions_api_disabled_unverified():
    """The functions API says that it is off, and nobody confirmed it."""
    e = functions_api_disabled()
    e.projects[PROJECT]["unconfirmed"] = ["cloudfunctions"]
    e.unread("functions:function", why="api-disabled-unverified", detail="Cloud Functions API has not been used in project shop-prod before or it is disabled.")
    return e


@scenario
def functions_denied():
    """The functions could not be listed."""
    e = by_connector()
    e.unread("functions:function", detail="Permission 'cloudfunctions.functions.list' denied on resource (or it may not exist).")
    return e


@scenario
def unreachable_region():
    """One region did not answer when functions and services were listed."""
    e = by_connector()
    for kind in ("functions:function", "run:service"):
        e.unread(kind, region="europe-west1", why="partial", detail="unreachable: projects/shop-prod/locations/europe-west1")
    return e


@scenario
def unreachable_region_of_routers():
    """The region of the workload did not answer when routers were listed."""
    e = by_connector()
    e.unread("compute:router", region=REGION, why="partial", detail="UNREACHABLE")
    return e


@scenario
def connectors_denied():
    """The connectors could not be listed."""
    e = by_connector()
    e.unread("vpcaccess:connector")
    return e


@scenario
def no_workloads():
    """A project without anything serverless in it."""
    return network()


@scenario
def words_of_the_future():
    """Egress, ingress, states and roles in words that nobody knows yet."""
    e = by_connector(ingress="INGRESS_TRAFFIC_TELEPATHY")
    e.get(SERVICE)["template"]["vpcAccess"]["egress"] = "SOME_TRAFFIC"
    e.get(CONNECTOR)["state"] = "DREAMING"
    return e


# -- more of the ladder ----------------------------------------------------------------------------------------------

@scenario
def connector_of_another_region():
    """The workload names a connector of another region, which only code can show: Google refuses it."""
    e = by_connector()
    e.connector(region="europe-west1", cidr="10.9.0.0/28")
    e.service(vpc=all_traffic(region="europe-west1"), invokers=[CALLER])
    return e


@scenario
def subnet_of_another_region():
    """The workload names a subnet of another region."""
    e = by_subnet()
    e.subnet("far", "10.30.0.0/24", region="europe-west1")
    vpc = direct("far")
    vpc["networkInterfaces"][0]["subnetwork"] = f"{P}/regions/europe-west1/subnetworks/far"
    e.service(vpc=vpc, invokers=[CALLER])
    return e


@scenario
def subnet_that_does_not_exist():
    """The workload names a subnet that its project does not have."""
    e = by_subnet()
    e.service(vpc=direct("gone"), invokers=[CALLER])
    return e


@scenario
def connector_being_made():
    """The connector is being made: for a while nothing goes through."""
    e = by_connector()
    e.get(CONNECTOR)["state"] = "CREATING"
    return e


@scenario
def connector_being_deleted():
    """The connector is being deleted."""
    e = by_connector()
    e.get(CONNECTOR)["state"] = "DELETING"
    return e


@scenario
def default_route_to_address():
    """The default route leads to an address within the network: a machine, or anything."""
    e = by_connector()
    e.route("to-proxy", "0.0.0.0/0", priority=500, nextHopIp="10.10.0.7")
    return e


@scenario
def default_route_to_hub():
    """The default route leads to a hub of Network Connectivity Center."""
    e = by_connector()
    e.drop(DEFAULT_ROUTE)
    e.route("to-hub", "0.0.0.0/0", nextHopHub=f"{P}/locations/global/hubs/core")
    return e


@scenario
def default_route_to_missing_instance():
    """The better default route leads to a machine that is gone."""
    e = by_connector()
    e.route("to-appliance", "0.0.0.0/0", priority=500, nextHopInstance=f"{LINK}/zones/{REGION}-a/instances/gone", warnings=[{
        "code": "NEXT_HOP_INSTANCE_NOT_FOUND", "message": "The next hop instance was not found.", "data": [{"key": "instance", "value": "gone"}]}])
    return e


@scenario
def manual_nat_without_addresses():
    """The NAT takes given addresses only, and none is given."""
    e = by_connector()
    e.nat(addresses=(), natIpAllocateOption="MANUAL_ONLY")
    e.get(f"compute/{P}/regions/{REGION}/addresses/egress-a").update(status="RESERVED", users=[])
    return e


@scenario
def nat_with_address_that_is_gone():
    """The NAT names an address that is not among those of the project."""
    e = by_connector()
    e.drop(f"compute/{P}/regions/{REGION}/addresses/egress-a")
    return e


@scenario
def unused_address():
    """An address is reserved and paid for, and nothing uses it."""
    e = by_connector()
    e.address("left-over", "34.70.9.9", router=None)
    return e


@scenario
def router_status_unread():
    """What the router says of itself could not be read: what it is told to do is known all the same."""
    e = by_connector()
    router = f"//compute.googleapis.com/{P}/regions/{REGION}/routers/egress"
    e.unread("compute:router-status", resource=router, region=REGION, why="throttled")
    e.unread("compute:nat-ip-info", resource=router, region=REGION, why="throttled")
    return e


@scenario
def function_being_detached():
    """A function leaves the functions API, and its service stays."""
    e = network()
    e.account(email("checkout"))
    e.function(vpc=all_traffic(), invokers=[CALLER])["state"] = "DETACHING"
    return e


@scenario
def function_of_cloud_run_alone():
    """A function that was deployed by Cloud Run: the functions API does not know it."""
    e = by_connector()
    e.get(SERVICE)["buildConfig"] = {"functionTarget": "handle", "sourceLocation": "gs://sources/orders.zip#1", "baseImage": "nodejs22"}
    return e


@scenario
def old_runtime():
    """A function on a runtime that gets no more fixes."""
    e = network()
    e.account(email("checkout"))
    e.function(vpc=all_traffic(), invokers=[CALLER])["buildConfig"]["runtime"] = "nodejs16"
    return e


@scenario
def secret_in_environment():
    """A variable of the containers looks like a credential."""
    e = by_connector()
    e.get(SERVICE)["template"]["containers"][0]["env"] = [{"name": "STAGE", "value": None}, {"name": "GITHUB_TOKEN", "value": {"looks_like": "github-token"}}]
    return e


@scenario
def account_that_is_owner():
    """The workload's own account is owner of the project: it may invoke, and grant itself anything."""
    e = alone()
    e.bind(NODE, grant("owner", account("orders-run")))
    return e


@scenario
def load_balancer_with_identity_aware_proxy():
    """Identity-Aware Proxy guards the load balancer, and the default URL goes around it."""
    e = alone(ingress="INGRESS_TRAFFIC_ALL", invokers=["allUsers"])
    e.balancer(armor=False, iap=True)
    return e


@scenario
def load_balancer_that_redirects_plain_http():
    """Port 80 of the load balancer only redirects to port 443."""
    e = alone(invokers=["allUsers"])
    e.balancer()
    e.compute("urlMap", f"{PROJECT}/global/urlMaps/redirect", defaultUrlRedirect={"httpsRedirect": True, "redirectResponseCode": "MOVED_PERMANENTLY_DEFAULT", "stripQuery": False})
    e.compute("targetHttpProxy", f"{PROJECT}/global/targetHttpProxies/redirect", urlMap=f"{LINK}/global/urlMaps/redirect")
    e.compute("forwardingRule", f"{PROJECT}/global/forwardingRules/redirect", IPProtocol="TCP", portRange="80-80", loadBalancingScheme="EXTERNAL_MANAGED",
              IPAddress="34.110.20.30", target=f"{LINK}/global/targetHttpProxies/redirect", networkTier="PREMIUM")
    return e


@scenario
def load_balancer_without_a_front():
    """A backend with an endpoint group that no forwarding rule leads to."""
    e = alone(invokers=["allUsers"])
    e.balancer()
    e.drop(f"compute/{P}/global/forwardingRules/shop")
    return e


@scenario
def load_balancer_to_another_service():
    """The load balancer leads to another service of the project."""
    e = alone(invokers=["allUsers"])
    e.balancer(service="billing")
    return e


@scenario
def read_from_asset_inventory():
    """Read from the asset inventory: hours old, with the organisation's firewall policy instead of what holds."""
    e = by_connector()
    e.as_of = "2026-11-20T18:00:00Z"
    e.unasked = {"compute:effective-firewalls", "compute:regional-effective-firewalls", "iam:service-account-keys"}
    policy = "locations/global/firewallPolicies/87654321"
    e.more_records = [("compute:firewall-policy", f"//compute.googleapis.com/{policy}", f"organizations/{ORGANIZATION}", "global", {
        "kind": "compute#firewallPolicy", "id": "87654321", "name": "87654321", "shortName": "corporate", "displayName": "corporate",
        "parent": f"organizations/{ORGANIZATION}", "selfLink": f"{COMPUTE}{policy}", "creationTimestamp": "2026-11-01T02:00:00.000-08:00",
        "associations": [{"name": "all", "attachmentTarget": f"organizations/{ORGANIZATION}", "firewallPolicyId": "87654321", "shortName": "corporate"}],
        "rules": [{"kind": "compute#firewallPolicyRule", "direction": "EGRESS", **rule(1000, "deny", ["203.0.113.0/24"])},
                  {"kind": "compute#firewallPolicyRule", "direction": "EGRESS", **rule(2147483647, "goto_next", ["0.0.0.0/0"])}]})]
    return e


# -- the table of traps ----------------------------------------------------------------------------------------------

VECTORS = {
    1: ["gcp-all-traffic-without-connector"],
    2: ["gcp-manual-nat-for-connector"],
    3: ["gcp-nat-of-listed-subnets-misses-hidden-range"],
    4: ["gcp-private-ranges-only-beside-perfect-nat"],
    5: ["gcp-automatic-nat-addresses"],
    6: ["gcp-nat-in-another-region"],
    7: ["gcp-private-nat"],
    8: ["gcp-nat-of-secondary-ranges-only"],
    9: ["gcp-nat-for-secure-web-proxy-only"],
    10: ["gcp-nat-with-draining-address-only"],
    11: ["gcp-default-route-deleted"],
    12: ["gcp-default-route-to-vpn-wins"],
    13: ["gcp-split-defaults-to-appliance"],
    14: ["gcp-default-route-for-connector-tag-only"],
    15: ["gcp-egress-denied-but-one-network"],
    16: ["gcp-automatic-egress-rule-of-connector"],
    17: ["gcp-connector-in-error"],
    18: ["gcp-service-project-connector-without-health-rules"],
    19: ["gcp-connector-of-unread-project"],
    20: ["gcp-function-says-private-revision-says-all"],
    21: ["gcp-two-revisions-one-without-vpc"],
    22: ["gcp-tagged-revision-without-traffic"],
    23: ["gcp-knative-form-with-all"],
    24: ["gcp-nat-rules-per-destination"],
    25: ["gcp-shared-subnet-by-project-number"],
    26: ["gcp-deleted-service-account-as-invoker"],
    27: ["gcp-functions-invoker-on-second-generation"],
    28: ["gcp-invoker-check-disabled"],
    29: ["gcp-project-editor-invokes"],
    30: ["gcp-expired-condition-for-everyone"],
    31: ["gcp-whole-identity-pool-invokes"],
    32: ["gcp-identity-aware-proxy"],
    33: ["gcp-internal-load-balancing-without-balancer"],
    34: ["gcp-key-whose-primary-is-disabled", "gcp-key-whose-old-version-is-destroyed"],
    35: ["gcp-key-in-global-location", "gcp-key-in-another-region"],
    36: ["gcp-functions-api-disabled", "gcp-functions-api-disabled-unverified", "gcp-functions-denied"],
    37: ["gcp-unreachable-region"],
    38: ["gcp-policy-based-route-for-all"],
    39: ["gcp-dual-stack-external-subnet"],
    40: ["gcp-private-google-access"],
}
assert sorted(VECTORS) == list(range(1, 41)) and all(name in SCENARIOS for names in VECTORS.values() for name in names)


# Words that Google does not know, on purpose, and what redaction leaves of a value.
BEYOND = {"gcp-words-of-the-future", "gcp-secret-in-environment"}


def table():
    """What the folders are, for people and for the test that all 40 are there; and whether a scan of the fake gives just that."""
    numbers = {name: [number for number, names in VECTORS.items() if name in names] for name in SCENARIOS}
    estates = {name: build() for name, build in SCENARIOS.items()}
    scanned = {name: name not in BEYOND and not (it.gaps or it.unasked or it.more_records) for name, it in estates.items()}
    return {name: {"shows": build.__doc__.strip(), "vector": numbers[name], "scanned": scanned[name]} for name, build in SCENARIOS.items()}


def main(arguments):
    if arguments[:1] == ["--state"]:
        print(json.dumps(SCENARIOS[arguments[1]]().state(), indent=1))
        return 0
    if arguments == ["--states"]:
        print(json.dumps({name: build().state() for name, build in SCENARIOS.items()}))
        return 0
    if arguments == ["--check"]:
        import check
        return check.scenarios({name: reading.read(build()).text() for name, build in SCENARIOS.items()}, HERE, BEYOND)
    for name, build in SCENARIOS.items():
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        (folder / "snapshot.json").write_text(reading.read(build()).text())
    (HERE / "google.json").write_text(json.dumps(table(), indent=1) + "\n")
    print(f"{len(SCENARIOS)} scenarios of Google Cloud")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
