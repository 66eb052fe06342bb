"""Scenarios of what stands in the way: endpoints of gateway load balancers, firewalls; other ends; managed instances."""

from estate import ACCOUNT, REGION, acl_entry, network, route, routes_a, scenario, sound
from networks import SPOKE, ZONES, attach, central, to, transit_table

INSPECTION = "10.50.0.0/16"


def gwlb_endpoint(e, id, subnet, vpc="vpc-main", state="available"):
    e.put("ec2:vpc-endpoint", id, {
        "VpcEndpointId": id, "VpcEndpointType": "GatewayLoadBalancer", "VpcId": vpc, "State": state, "SubnetIds": [subnet],
        "ServiceName": f"com.amazonaws.vpce.{REGION}.vpce-svc-0firewall", "OwnerId": e.account})


def acl_of_all(e, id="acl-default", vpc="vpc-main"):
    e.acl(id, [i for (k, i), body in e.records.items() if k == "ec2:subnet" and body["VpcId"] == vpc], vpc=vpc)


def before_nat(back=True):
    """Function, firewall, NAT gateway: one zone, as each zone of a real one looks."""
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    e.subnet("subnet-firewall-a", "172.30.40.0/28", "a", name="firewall-a")
    gwlb_endpoint(e, "vpce-firewall-a", "subnet-firewall-a")
    routes_a(e, route("0.0.0.0/0", "vpce-firewall-a"))
    e.table("rtb-firewall-a", [route("0.0.0.0/0", "nat-a")], ["subnet-firewall-a"])
    answers = [route("172.30.10.0/24", "vpce-firewall-a")] if back else []
    e.table("rtb-public", [route("0.0.0.0/0", "igw-main"), *answers], ["subnet-public-a", "subnet-public-b"])
    acl_of_all(e)
    return e


@scenario
def firewall_before_nat():
    return before_nat()


@scenario
def firewall_before_nat_that_answers_go_past():
    """The answers go straight to the function: what a firewall makes of half a connection is not written."""
    return before_nat(back=False)


@scenario
def firewall_that_takes_no_traffic():
    e = before_nat()
    gwlb_endpoint(e, "vpce-firewall-a", "subnet-firewall-a", state="rejected")
    return e


@scenario
def firewall_endpoints_denied():
    e = before_nat()
    e.deny("ec2:vpc-endpoint")
    return e


@scenario
def firewall_in_front_of_itself():
    e = before_nat()
    e.table("rtb-firewall-a", [route("0.0.0.0/0", "vpce-firewall-a")], ["subnet-firewall-a"])
    return e


def after_nat(back=True):
    """Function, NAT gateway, firewall, internet gateway, which hands what comes in to the firewall by a table of its own."""
    e = before_nat(back=False)
    routes_a(e, route("0.0.0.0/0", "nat-a"))
    e.table("rtb-public", [route("0.0.0.0/0", "vpce-firewall-a")], ["subnet-public-a", "subnet-public-b"])
    e.table("rtb-firewall-a", [route("0.0.0.0/0", "igw-main")], ["subnet-firewall-a"])
    answers = [route("172.30.0.0/24", "vpce-firewall-a")] if back else []
    e.table("rtb-edge", answers, edge="igw-main")
    return e


@scenario
def firewall_after_nat():
    return after_nat()


@scenario
def firewall_after_nat_that_answers_go_past():
    return after_nat(back=False)


@scenario
def firewall_for_answers_only():
    """Traffic goes straight out, and the table of the internet gateway sends its answers to a firewall."""
    e = after_nat()
    e.table("rtb-public", [route("0.0.0.0/0", "igw-main")], ["subnet-public-a", "subnet-public-b"])
    return e


@scenario
def firewall_by_prefix_list():
    """The route to a firewall names a prefix list: it takes those destinations, and is no bypass to a service."""
    e = before_nat(back=False)
    e.prefix_list("pl-partners", "partners", ["203.0.112.0/20"])
    routes_a(e, route("0.0.0.0/0", "nat-a"), route("pl-partners", "vpce-firewall-a"))
    e.table("rtb-firewall-a", [], ["subnet-firewall-a"])
    return e


@scenario
def firewall_and_block_public_access():
    e = before_nat()
    e.bpa("block-bidirectional")
    exclude(e, "subnet-public-a")
    return e


@scenario
def firewall_and_block_public_access_with_its_subnet_excluded():
    """A network firewall is blocked all the same, another appliance is not: which of them it is cannot be seen."""
    e = before_nat()
    e.bpa("block-bidirectional")
    exclude(e, "subnet-public-a")
    exclude(e, "subnet-firewall-a")
    return e


def exclude(e, subnet):
    e.put("ec2:block-public-access-exclusion", f"vpcbpa-exclude-{subnet}", {
        "ExclusionId": f"vpcbpa-exclude-{subnet}", "State": "create-complete", "InternetGatewayExclusionMode": "allow-egress",
        "ResourceArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{subnet}"})


def inspection_vpc(appliance="enable"):
    """Spoke, transit gateway, firewall in a VPC of its own, transit gateway again, egress VPC; and all the way back."""
    e = central()
    e.vpc("vpc-inspect", INSPECTION)
    for n, zone in enumerate(ZONES):
        e.subnet(f"subnet-inspect-tgw-{zone}", f"10.50.0.{16 * n}/28", zone, "vpc-inspect", name=f"inspect-tgw-{zone}")
        e.subnet(f"subnet-inspect-{zone}", f"10.50.1.{16 * n}/28", zone, "vpc-inspect", name=f"inspect-{zone}")
        gwlb_endpoint(e, f"vpce-inspect-{zone}", f"subnet-inspect-{zone}", "vpc-inspect")
        e.table(f"rtb-inspect-tgw-{zone}", [route("0.0.0.0/0", f"vpce-inspect-{zone}")], [f"subnet-inspect-tgw-{zone}"],
                vpc="vpc-inspect", local=INSPECTION)
    e.table("rtb-inspect", [route("0.0.0.0/0", "tgw-hub")], [f"subnet-inspect-{zone}" for zone in ZONES], vpc="vpc-inspect",
            local=INSPECTION)
    e.table("rtb-inspect-main", [], main=True, vpc="vpc-inspect", local=INSPECTION)
    acl_of_all(e, "acl-inspect", "vpc-inspect")
    attach(e, "tgw-attach-inspect", "vpc-inspect", ACCOUNT, [f"subnet-inspect-tgw-{zone}" for zone in ZONES],
           "tgw-rtb-inspect", appliance=appliance)
    transit_table(e, "tgw-rtb-spokes", to("0.0.0.0/0", "tgw-attach-inspect", "vpc-inspect"))
    transit_table(e, "tgw-rtb-inspect", to("0.0.0.0/0", "tgw-attach-egress", "vpc-egress"),
                  to(SPOKE, "tgw-attach-spoke", "vpc-main", "propagated"))
    transit_table(e, "tgw-rtb-egress", to("0.0.0.0/0", "tgw-attach-inspect", "vpc-inspect"))
    return e


@scenario
def inspection_vpc_between_spoke_and_egress():
    return inspection_vpc()


@scenario
def inspection_vpc_without_appliance_mode():
    """Traffic stays in its zone both ways, so that answers come out before the same firewall."""
    return inspection_vpc("disable")


@scenario
def inspection_vpc_that_answers_go_past():
    e = inspection_vpc()
    transit_table(e, "tgw-rtb-egress", to(SPOKE, "tgw-attach-spoke", "vpc-main", "propagated"))
    return e


@scenario
def firewall_inside_a_transit_gateway():
    e = central()
    e.put("ec2:transit-gateway-attachment", "tgw-attach-firewall", {
        "TransitGatewayAttachmentId": "tgw-attach-firewall", "TransitGatewayId": "tgw-hub", "TransitGatewayOwnerId": ACCOUNT,
        "ResourceOwnerId": ACCOUNT, "ResourceType": "network-function", "ResourceId": "firewall-1", "State": "available",
        "Association": {"TransitGatewayRouteTableId": "tgw-rtb-firewall", "State": "associated"}})
    firewall = to("0.0.0.0/0", "tgw-attach-firewall", "firewall-1", resource="network-function")
    transit_table(e, "tgw-rtb-spokes", firewall)
    transit_table(e, "tgw-rtb-egress", firewall)
    transit_table(e, "tgw-rtb-firewall", to("0.0.0.0/0", "tgw-attach-egress", "vpc-egress"),
                  to(SPOKE, "tgw-attach-spoke", "vpc-main", "propagated"))
    return e


@scenario
def virtual_private_gateway():
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    routes_a(e, route("0.0.0.0/0", "vgw-office", Origin="EnableVgwRoutePropagation"))
    return e


@scenario
def core_network():
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    routes_a(e, {"DestinationCidrBlock": "0.0.0.0/0", "Origin": "CreateRoute", "State": "active",
                 "CoreNetworkArn": f"arn:aws:networkmanager::{ACCOUNT}:core-network/core-network-1"})
    return e


@scenario
def prefix_lists_that_overlap():
    """Two lists hold one range and lead to two gateways: AWS takes one of them at random, and sticks to it."""
    e = sound()
    e.function("orders", subnets=["subnet-private-a"])
    e.prefix_list("pl-one", "one", ["203.0.112.0/20"])
    e.prefix_list("pl-two", "two", ["203.0.112.0/20"])
    routes_a(e, route("0.0.0.0/0", "nat-a"), route("pl-one", "nat-a"), route("pl-two", "nat-b"))
    return e


@scenario
def network_acl_of_the_nat_that_takes_no_answers():
    e = sound()
    entries = [acl_entry(100, True, "allow", "0.0.0.0/0"), acl_entry(100, False, "allow", SPOKE)]
    e.acl("acl-public", ["subnet-public-a", "subnet-public-b"], entries, default=False)
    e.acl("acl-default", ["subnet-private-a", "subnet-private-b"])
    return e


@scenario
def dual_stack_through_a_firewall():
    """Over IPv6 nothing is translated: partners see the prefix of the function's subnet, not of the firewall's."""
    e = before_nat()
    e.subnet("subnet-private-a", "172.30.10.0/24", "a", ipv6="2600:1f14:abcd:0::/64")
    e.subnet("subnet-firewall-a", "172.30.40.0/28", "a", ipv6="2600:1f14:abcd:40::/64", name="firewall-a")
    routes_a(e, route("0.0.0.0/0", "vpce-firewall-a"), route("::/0", "vpce-firewall-a"))
    e.table("rtb-firewall-a", [route("0.0.0.0/0", "nat-a"), route("::/0", "igw-main"),
                               route("2600:1f14:abcd::/56", "local")], ["subnet-firewall-a"])
    e.table("rtb-edge", [route("2600:1f14:abcd:0::/64", "vpce-firewall-a")], edge="igw-main")
    e.sg(egress=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
                  "PrefixListIds": [], "UserIdGroupPairs": []}])
    e.function("orders", subnets=["subnet-private-a"], dual_stack=True)
    return e


PROVIDER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:capacity-provider:cp"


def managed(subnets, public=None, running=True):
    """A function on managed instances, in these subnets; each has an instance, with a public address where one is given."""
    e = network()
    e.function("orders", subnets=None, CapacityProviderConfig={
        "LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": PROVIDER}})
    e.put("lambda:capacity-provider", PROVIDER, {"CapacityProvider": {
        "CapacityProviderArn": PROVIDER, "State": "Active",
        "VpcConfig": {"SubnetIds": list(subnets), "SecurityGroupIds": ["sg-app"]}}})
    for n, subnet in enumerate(subnets if running else []):
        body = {"NetworkInterfaceId": f"eni-managed-{n}", "SubnetId": subnet, "VpcId": "vpc-main", "Status": "in-use",
                "InterfaceType": "interface", "SourceDestCheck": True, "OwnerId": ACCOUNT,
                "Groups": [{"GroupId": "sg-app", "GroupName": "app"}],
                "Operator": {"Managed": True, "Principal": "scaler.lambda.amazonaws.com"},
                "Attachment": {"InstanceId": f"i-managed-{n}", "Status": "attached"}}
        if public:
            body["Association"] = {"PublicIp": f"{public}{n}", "IpOwnerId": "amazon"}
        e.put("ec2:network-interface", f"eni-managed-{n}", body)
    return e


@scenario
def managed_instances_in_public_subnets():
    """What is no way out for a function of Lambda's own is one for an instance with a public address, which is lent."""
    return managed(["subnet-public-a", "subnet-public-b"], "54.10.0.")


@scenario
def managed_instances_in_public_subnets_without_addresses():
    return managed(["subnet-public-a", "subnet-public-b"])


@scenario
def managed_instances_that_do_not_run():
    return managed(["subnet-public-a", "subnet-public-b"], running=False)


@scenario
def managed_instances_behind_nat():
    return managed(["subnet-private-a", "subnet-private-b"])


@scenario
def managed_instances_beside_no_vpc():
    """Two functions without a network of their own: the one that has none, and the one whose provider has it."""
    e = managed(["subnet-private-a", "subnet-private-b"])
    e.function("hello", subnets=None)
    return e


@scenario
def managed_instances_denied():
    e = managed(["subnet-private-a", "subnet-private-b"])
    e.deny("lambda:capacity-provider", PROVIDER)
    return e
