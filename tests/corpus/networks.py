"""Scenarios of networks behind the function's own: transit gateways, inspection, shared VPCs."""

from estate import ACCOUNT, REGION, acl_entry, route, scenario, sound

HUB = "222222222222"
SPOKE, CENTRE = "172.30.0.0/16", "10.100.0.0/16"
ZONES = "ab"


def spoke():
    """The sound function, whose subnets send everything to a transit gateway instead of NAT gateways of their own."""
    e = sound()
    for n, zone in enumerate(ZONES):
        for kind, id in [("ec2:nat-gateway", f"nat-{zone}")]:
            e.drop(kind, id)
        e.subnet(f"subnet-tgw-{zone}", f"172.30.30.{16 * n}/28", zone, name=f"tgw-{zone}")
        e.table(f"rtb-private-{zone}", [route("0.0.0.0/0", "tgw-hub")], [f"subnet-private-{zone}"])
    for id in [id for kind, id in list(e.records) if kind == "ec2:address"]:
        e.drop("ec2:address", id)
    e.acl("acl-default", [id for kind, id in e.records if kind == "ec2:subnet"])
    return e


def egress_vpc(e):
    """A VPC with a NAT gateway in each zone, and subnets for a transit gateway."""
    e.vpc("vpc-egress", CENTRE)
    e.igw("igw-egress", "vpc-egress")
    for n, zone in enumerate(ZONES):
        e.subnet(f"subnet-egress-tgw-{zone}", f"10.100.0.{16 * n}/28", zone, "vpc-egress", name=f"egress-tgw-{zone}")
        e.subnet(f"subnet-egress-public-{zone}", f"10.100.{n + 1}.0/24", zone, "vpc-egress", name=f"egress-public-{zone}")
        e.nat(f"nat-egress-{zone}", f"subnet-egress-public-{zone}", [f"34.210.10.{n + 1}"], "vpc-egress")
        e.table(f"rtb-egress-tgw-{zone}", [route("0.0.0.0/0", f"nat-egress-{zone}")], [f"subnet-egress-tgw-{zone}"],
                vpc="vpc-egress", local=CENTRE)
    public = [f"subnet-egress-public-{zone}" for zone in ZONES]
    e.table("rtb-egress-public", [route("0.0.0.0/0", "igw-egress"), route(SPOKE, "tgw-hub")], public,
            vpc="vpc-egress", local=CENTRE)
    e.table("rtb-egress-main", [], main=True, vpc="vpc-egress", local=CENTRE)
    e.acl("acl-egress", [*public, *(f"subnet-egress-tgw-{zone}" for zone in ZONES)], vpc="vpc-egress")


def attach(e, id, vpc, vpc_owner, subnets, table=None, owner=None, appliance="disable", state="available"):
    """An attachment, as an account sees it: without the table where the gateway is another's."""
    body = {"TransitGatewayAttachmentId": id, "TransitGatewayId": "tgw-hub", "TransitGatewayOwnerId": owner or e.account,
            "ResourceOwnerId": vpc_owner, "ResourceType": "vpc", "ResourceId": vpc, "State": state}
    if table:
        body["Association"] = {"TransitGatewayRouteTableId": table, "State": "associated"}
    e.put("ec2:transit-gateway-attachment", id, body)
    e.put("ec2:transit-gateway-vpc-attachment", id, {
        "TransitGatewayAttachmentId": id, "TransitGatewayId": "tgw-hub", "VpcId": vpc, "VpcOwnerId": vpc_owner,
        "State": state, "SubnetIds": list(subnets), "Options": {"DnsSupport": "enable", "ApplianceModeSupport": appliance}})


def to(net, attachment=None, vpc=None, kind="static", state="active", resource="vpc", **more):
    """A route of a transit gateway."""
    body = {"DestinationCidrBlock": net, "Type": kind, "State": state, **more}
    if attachment:
        body["TransitGatewayAttachments"] = [{"TransitGatewayAttachmentId": attachment, "ResourceType": resource,
                                              "ResourceId": vpc or attachment}]
    return body


def transit_table(e, id, *routes, more=False):
    e.put("ec2:transit-gateway-route-table", id, {"TransitGatewayRouteTableId": id, "TransitGatewayId": "tgw-hub",
                                                  "State": "available"})
    e.put("ec2:transit-gateway-routes", id, {"Routes": list(routes), "AdditionalRoutesAvailable": more})


def transit_gateway(e, owner=None):
    e.put("ec2:transit-gateway", "tgw-hub", {"TransitGatewayId": "tgw-hub", "OwnerId": owner or e.account,
                                             "State": "available"})


def spoke_subnets(zones=ZONES):
    return [f"subnet-tgw-{zone}" for zone in zones]


def centre_subnets(zones=ZONES):
    return [f"subnet-egress-tgw-{zone}" for zone in zones]


def central(hub=None, appliance="disable"):
    """Spoke, transit gateway and egress VPC; the latter two in the account `hub`, where one is named."""
    e = spoke()
    h = e.other(hub) if hub else e
    if hub:
        h.bpa()
        transit_gateway(e, hub)
        attach(e, "tgw-attach-spoke", "vpc-main", ACCOUNT, spoke_subnets(), owner=hub)
    egress_vpc(h)
    transit_gateway(h)
    attach(h, "tgw-attach-spoke", "vpc-main", ACCOUNT, spoke_subnets(), "tgw-rtb-spokes")
    attach(h, "tgw-attach-egress", "vpc-egress", h.account, centre_subnets(), "tgw-rtb-egress", appliance=appliance)
    transit_table(h, "tgw-rtb-spokes", to("0.0.0.0/0", "tgw-attach-egress", "vpc-egress"))
    transit_table(h, "tgw-rtb-egress", to(SPOKE, "tgw-attach-spoke", "vpc-main", "propagated"))
    return e


@scenario
def transit_gateway_to_egress_vpc():
    return central()


@scenario
def transit_gateway_of_another_account():
    return central(HUB)


@scenario
def transit_gateway_of_an_unread_account():
    e = central(HUB)
    e.others.clear()
    return e


@scenario
def transit_gateway_with_an_egress_vpc_of_an_unread_account():
    """The account of the transit gateway was read, that of the egress VPC was not."""
    e = central()
    for kind, id in list(e.records):
        body = e.records[(kind, id)] or {}
        if "egress" in id and kind.startswith("ec2:") and not kind.startswith("ec2:transit"):
            e.drop(kind, id)
        elif kind == "ec2:address":
            e.drop(kind, id)
        elif body.get("VpcId") == "vpc-egress":
            body["VpcOwnerId"] = HUB
    return e


@scenario
def transit_gateway_without_the_zone():
    """The attachment of the function's VPC has a subnet in one of the two zones."""
    e = central()
    attach(e, "tgw-attach-spoke", "vpc-main", ACCOUNT, spoke_subnets("a"), "tgw-rtb-spokes")
    return e


@scenario
def transit_gateway_that_is_not_attached():
    e = central()
    for kind in ("ec2:transit-gateway-attachment", "ec2:transit-gateway-vpc-attachment"):
        e.drop(kind, "tgw-attach-spoke")
    return e


@scenario
def transit_gateway_without_association():
    e = central()
    attach(e, "tgw-attach-spoke", "vpc-main", ACCOUNT, spoke_subnets())
    return e


@scenario
def transit_gateway_without_route():
    e = central()
    transit_table(e, "tgw-rtb-spokes", to("10.0.0.0/8", "tgw-attach-egress", "vpc-egress"))
    return e


@scenario
def transit_gateway_with_blackhole():
    """The range of the partner is a blackhole, which wins over the shorter default."""
    e = central()
    transit_table(e, "tgw-rtb-spokes", to("0.0.0.0/0", "tgw-attach-egress", "vpc-egress"),
                  to("203.0.0.0/16", state="blackhole"))
    return e


@scenario
def transit_gateway_with_further_routes():
    e = central()
    transit_table(e, "tgw-rtb-spokes", to("0.0.0.0/0", "tgw-attach-egress", "vpc-egress"), more=True)
    return e


@scenario
def transit_gateway_where_a_static_route_wins():
    e = central()
    transit_table(e, "tgw-rtb-spokes", to("0.0.0.0/0", "tgw-attach-vpn", "vpn-1", "propagated", resource="vpn"),
                  to("0.0.0.0/0", "tgw-attach-egress", "vpc-egress"))
    return e


@scenario
def transit_gateway_to_a_data_centre():
    e = central()
    transit_table(e, "tgw-rtb-spokes", to("0.0.0.0/0", "tgw-attach-vpn", "vpn-1", "propagated", resource="vpn"))
    return e


@scenario
def transit_gateway_without_the_way_back():
    """The egress VPC has no route to the function's VPC."""
    e = central()
    e.table("rtb-egress-public", [route("0.0.0.0/0", "igw-egress")], [f"subnet-egress-public-{z}" for z in ZONES],
            vpc="vpc-egress", local=CENTRE)
    return e


@scenario
def transit_gateway_whose_table_does_not_know_the_spoke():
    e = central()
    transit_table(e, "tgw-rtb-egress")
    return e


@scenario
def transit_gateway_with_the_way_back_for_one_subnet():
    """Answers come back to the half of the spoke that one of the function's subnets is in."""
    e = central()
    transit_table(e, "tgw-rtb-egress", to("172.30.10.0/24", "tgw-attach-spoke", "vpc-main"),
                  to("172.30.11.0/25", "tgw-attach-spoke", "vpc-main"))
    return e


@scenario
def transit_gateway_to_another_zone():
    """The egress VPC is attached in one zone: traffic of the other crosses over, and there is no way back to it either."""
    e = central()
    attach(e, "tgw-attach-egress", "vpc-egress", ACCOUNT, centre_subnets("a"), "tgw-rtb-egress")
    return e


@scenario
def transit_gateway_in_appliance_mode():
    """Whatever the zone, traffic may come out in any: each function leaves from the addresses of both gateways."""
    return central(appliance="enable")


@scenario
def transit_gateway_with_closed_subnets():
    """The network ACL of the attachment's subnets takes nothing in."""
    e = central()
    e.acl("acl-tgw", spoke_subnets(), [acl_entry(100, True, "allow", "0.0.0.0/0")], default=False)
    e.acl("acl-default", [id for kind, id in e.records if kind == "ec2:subnet" and "tgw" not in id and "egress" not in id])
    return e


@scenario
def transit_gateway_with_subnets_open_inwards():
    """What goes through a transit gateway is asked for once: the rules outwards of the attachment's subnets are not."""
    e = central()
    entries = [acl_entry(100, False, "allow", "0.0.0.0/0"), acl_entry(100, True, "allow", SPOKE)]
    e.acl("acl-tgw", spoke_subnets(), entries, default=False)
    e.acl("acl-default", [id for kind, id in e.records if kind == "ec2:subnet" and "tgw" not in id and "egress" not in id])
    return e


@scenario
def transit_gateways_denied():
    e = central()
    e.deny("ec2:transit-gateway-routes")
    return e


@scenario
def private_nat_to_egress_vpc():
    """Two networks of the same range: a private NAT gateway hides the function behind an address that can be routed."""
    e = central()
    e.vpc(cidr=SPOKE)
    e.subnet("subnet-routable", "100.64.0.0/24", "a", name="routable")
    e.nat("nat-private", "subnet-routable", [], ConnectivityType="private", NatGatewayAddresses=[
        {"PrivateIp": "100.64.0.10", "NetworkInterfaceId": "eni-nat-private", "IsPrimary": True, "Status": "succeeded"}])
    e.table("rtb-routable", [route("100.64.0.0/24", "local", Origin="CreateRouteTable"), route("0.0.0.0/0", "tgw-hub")],
            ["subnet-routable"])
    e.table("rtb-private-a", [route("0.0.0.0/0", "nat-private")], ["subnet-private-a"])
    e.function("orders", subnets=["subnet-private-a"])
    e.table("rtb-egress-public", [route("0.0.0.0/0", "igw-egress"), route("100.64.0.0/24", "tgw-hub")],
            [f"subnet-egress-public-{z}" for z in ZONES], vpc="vpc-egress", local=CENTRE)
    transit_table(e, "tgw-rtb-egress", to("100.64.0.0/24", "tgw-attach-spoke", "vpc-main"))
    e.acl("acl-default", [id for kind, id in e.records if kind == "ec2:subnet" and "egress" not in id])
    return e


@scenario
def public_nat_before_a_transit_gateway():
    """The reserved address of a NAT gateway is put on at the internet gateway of its own VPC, and never seen elsewhere."""
    e = private_nat_to_egress_vpc()
    e.nat("nat-private", "subnet-routable", ["52.43.112.142"])
    e.get("ec2:nat-gateway", "nat-private")["NatGatewayAddresses"][0]["PrivateIp"] = "100.64.0.10"
    return e


def shared(read_owner):
    """A VPC that another account shares: the function's account sees its routes, and none of its NAT gateways."""
    e = sound()
    h = e.other(HUB)
    for kind, id in list(e.records):
        if kind in ("ec2:vpc", "ec2:subnet", "ec2:route-table", "ec2:network-acl", "ec2:internet-gateway"):
            e.get(kind, id)["OwnerId"] = HUB
            h.put(kind, id, dict(e.get(kind, id)))
        elif kind in ("ec2:nat-gateway", "ec2:address"):
            h.put(kind, id, e.get(kind, id))
            e.drop(kind, id)
    h.bpa()
    # Another account calls the same zones by other names, and sees fewer tags.
    for zone, name in zip("ab", "cd"):
        for subnet in (f"subnet-private-{zone}", f"subnet-public-{zone}"):
            e.get("ec2:subnet", subnet)["AvailabilityZone"] = f"{REGION}{name}"
            e.get("ec2:subnet", subnet).pop("Tags", None)
    if not read_owner:
        e.others.clear()
    return e


@scenario
def shared_vpc_of_read_owner():
    return shared(True)


@scenario
def shared_vpc_whose_owner_blocks_public_access():
    """The owner's setting counts, and the participant's does not."""
    e = shared(True)
    e.bpa("off")
    e.other(HUB).bpa("block-bidirectional")
    return e


@scenario
def shared_vpc_whose_participant_blocks_public_access():
    e = shared(True)
    e.bpa("block-bidirectional")
    return e


@scenario
def shared_vpc_with_endpoints_of_the_owner():
    e = shared(True)
    e.other(HUB).put("ec2:vpc-endpoint", "vpce-kms", {
        "VpcEndpointId": "vpce-kms", "VpcEndpointType": "Interface", "VpcId": "vpc-main", "State": "available",
        "ServiceName": f"com.amazonaws.{REGION}.kms", "PrivateDnsEnabled": True, "OwnerId": HUB})
    return e
