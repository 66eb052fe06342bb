"""The estate that the scenarios of AWS are made of: its records, and how they are written."""

import json
import pathlib

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
ACCOUNT, REGION = "123456789012", "us-west-2"
SCOPE = f"aws:{ACCOUNT}:{REGION}"
TAKEN = "2026-11-22T06:00:00Z"
LISTS = {
    "lambda:function": "lambda:ListFunctions", "lambda:version": "lambda:ListFunctions",
    "ec2:vpc": "ec2:DescribeVpcs", "ec2:subnet": "ec2:DescribeSubnets", "ec2:route-table": "ec2:DescribeRouteTables",
    "ec2:nat-gateway": "ec2:DescribeNatGateways", "ec2:address": "ec2:DescribeAddresses",
    "ec2:internet-gateway": "ec2:DescribeInternetGateways",
    "ec2:egress-only-internet-gateway": "ec2:DescribeEgressOnlyInternetGateways",
    "ec2:security-group": "ec2:DescribeSecurityGroups", "ec2:network-acl": "ec2:DescribeNetworkAcls",
    "ec2:network-interface": "ec2:DescribeNetworkInterfaces", "ec2:vpc-endpoint": "ec2:DescribeVpcEndpoints",
    "ec2:prefix-list": "ec2:DescribeManagedPrefixLists",
    "ec2:block-public-access-exclusion": "ec2:DescribeVpcBlockPublicAccessExclusions",
    "ec2:transit-gateway": "ec2:DescribeTransitGateways",
    "ec2:transit-gateway-attachment": "ec2:DescribeTransitGatewayAttachments",
    "ec2:transit-gateway-vpc-attachment": "ec2:DescribeTransitGatewayVpcAttachments",
    "ec2:transit-gateway-route-table": "ec2:DescribeTransitGatewayRouteTables",
}
EACH = {
    "lambda:function-detail": "lambda:GetFunction", "lambda:aliases": "lambda:ListAliases",
    "lambda:url-configs": "lambda:ListFunctionUrlConfigs", "lambda:policy": "lambda:GetPolicy",
    "lambda:code-signing": "lambda:GetFunctionCodeSigningConfig", "lambda:capacity-provider": "lambda:GetCapacityProvider",
    "lambda:code-signing-config": "lambda:GetCodeSigningConfig",
    "ec2:prefix-list-entries": "ec2:GetManagedPrefixListEntries",
    "ec2:transit-gateway-routes": "ec2:SearchTransitGatewayRoutes",
    "ec2:block-public-access": "ec2:DescribeVpcBlockPublicAccessOptions",
    "kms:key": "kms:DescribeKey", "kms:key-rotation": "kms:GetKeyRotationStatus", "kms:key-policy": "kms:GetKeyPolicy",
}
# What stands before functions, and what the functions are made of.
LISTS |= {
    "lambda:layer": "lambda:ListLayers", "lambda:event-source-mapping": "lambda:ListEventSourceMappings",
    "apigateway:rest-api": "apigateway:GetRestApis", "apigateway:domain-name": "apigateway:GetDomainNames",
    "apigatewayv2:api": "apigateway:GetApis", "apigatewayv2:domain-name": "apigateway:GetDomainNames",
    "elasticloadbalancing:load-balancer": "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:target-group": "elasticloadbalancing:DescribeTargetGroups",
}
EACH |= {
    "lambda:layer-versions": "lambda:ListLayerVersions", "lambda:layer-policy": "lambda:GetLayerVersionPolicy",
    "apigateway:stages": "apigateway:GetStages", "apigateway:export": "apigateway:GetExport",
    "apigateway:base-path-mappings": "apigateway:GetBasePathMappings",
    "apigatewayv2:stages": "apigateway:GetStages", "apigatewayv2:routes": "apigateway:GetRoutes",
    "apigatewayv2:integrations": "apigateway:GetIntegrations", "apigatewayv2:export": "apigateway:ExportApi",
    "apigatewayv2:api-mappings": "apigateway:GetApiMappings",
    "elasticloadbalancing:target-health": "elasticloadbalancing:DescribeTargetHealth",
    "elasticloadbalancing:listeners": "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:rules": "elasticloadbalancing:DescribeRules",
}
# What Lambda runs besides event functions.
LISTS |= {"lambda:web-function": "lambda:ListWebFunctions", "lambda:microvm": "lambda:ListMicrovms"}
EACH |= {
    "lambda:web-function-endpoints": "lambda:ListWebFunctionEndpoints",
    "lambda:web-function-revision": "lambda:GetWebFunctionRevision", "lambda:microvm-detail": "lambda:GetMicrovm",
    "lambda:network-connector": "lambda:GetNetworkConnector",
}
# What belongs to an account as a whole.
GLOBAL = {
    "cloudfront:distribution": "cloudfront:ListDistributions",
    **{f"iam:{kind}": "iam:GetAccountAuthorizationDetails" for kind in ("user", "role", "group", "policy")},
}
CALLS = {**LISTS, **EACH, **GLOBAL}


def scope_of(kind, account=ACCOUNT):
    return f"aws:{account}:{'global' if kind in GLOBAL else REGION}"


def fn_arn(name):
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def key_arn(name):
    return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{name}"


class Estate:
    """Records by kind and id, with the gaps between them."""

    def __init__(self, account=ACCOUNT):
        self.account, self.records, self.gaps, self.others = account, {}, [], {}

    def other(self, account):
        """Another account that was read as well."""
        return self.others.setdefault(account, Estate(account))

    def put(self, kind, id, body):
        self.records[(kind, id)] = body
        return body

    def get(self, kind, id):
        return self.records[(kind, id)]

    def drop(self, kind, id):
        del self.records[(kind, id)]

    def deny(self, kind, resource=None, why="denied"):
        """What a caller without the permission sees: nothing of the kind, or not this resource."""
        for key in [k for k in self.records if k[0] == kind and resource in (None, k[1])]:
            del self.records[key]
        detail = f"User: arn:aws:iam::{self.account}:user/auditor is not authorized to perform: {CALLS[kind]}"
        gap = {"scope": scope_of(kind, self.account), "kind": kind, "call": CALLS[kind], "why": why, "detail": detail}
        if resource:
            gap["resource"] = resource
        self.gaps.append(gap)

    # -- the network -------------------------------------------------------------------------------------------------

    def vpc(self, id="vpc-main", cidr="172.30.0.0/16", owner=None):
        self.put("ec2:vpc", id, {"VpcId": id, "OwnerId": owner or self.account, "CidrBlock": cidr, "IsDefault": False})

    def subnet(self, id, cidr, zone="a", vpc="vpc-main", owner=None, name=None, ipv6=None):
        body = {"SubnetId": id, "VpcId": vpc, "OwnerId": owner or self.account, "CidrBlock": cidr,
                "AvailabilityZone": f"{REGION}{zone}", "AvailabilityZoneId": f"usw2-az{'abcd'.index(zone) + 1}"}
        if name:
            body["Tags"] = [{"Key": "Name", "Value": name}]
        if ipv6:
            body["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": ipv6, "Ipv6CidrBlockState": {"State": "associated"}}]
        self.put("ec2:subnet", id, body)

    def table(self, id, routes, subnets=(), main=False, vpc="vpc-main", local="172.30.0.0/16", edge=None):
        associations = [{"RouteTableAssociationId": f"rtbassoc-{s}", "SubnetId": s, "Main": False,
                         "AssociationState": {"State": "associated"}} for s in subnets]
        if main:
            associations.append({"RouteTableAssociationId": f"rtbassoc-{id}", "Main": True,
                                 "AssociationState": {"State": "associated"}})
        if edge:
            associations.append({"RouteTableAssociationId": f"rtbassoc-{edge}", "GatewayId": edge, "Main": False,
                                 "AssociationState": {"State": "associated"}})
        local = route(local, "local", Origin="CreateRouteTable")
        self.put("ec2:route-table", id, {"RouteTableId": id, "VpcId": vpc, "Associations": associations,
                                         "Routes": [local, *routes]})

    def nat(self, id, subnet, ips, vpc="vpc-main", **more):
        addresses = [{"AllocationId": f"eipalloc-{ip.replace('.', '-')}", "PublicIp": ip, "PrivateIp": "172.30.0.10",
                      "NetworkInterfaceId": f"eni-{id}", "IsPrimary": n == 0, "Status": "succeeded"}
                     for n, ip in enumerate(ips)]
        body = {"NatGatewayId": id, "VpcId": vpc, "SubnetId": subnet, "State": "available",
                "ConnectivityType": "public", "AvailabilityMode": "zonal", "NatGatewayAddresses": addresses, **more}
        self.put("ec2:nat-gateway", id, {k: v for k, v in body.items() if v is not None})
        for ip in ips:
            self.eip(ip, f"eni-{id}")

    def eip(self, ip, used_by=None, **more):
        id = f"eipalloc-{ip.replace('.', '-')}"
        body = {"AllocationId": id, "PublicIp": ip, "Domain": "vpc", **more}
        if used_by:
            body |= {"AssociationId": f"eipassoc-{ip}", "NetworkInterfaceId": used_by}
        self.put("ec2:address", id, body)

    def igw(self, id="igw-main", vpc="vpc-main", attached=True):
        attachments = [{"VpcId": vpc, "State": "available"}] if attached else []
        self.put("ec2:internet-gateway", id, {"InternetGatewayId": id, "Attachments": attachments})

    def sg(self, id="sg-app", egress=None, name="app", vpc="vpc-main"):
        open_v4 = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "Ipv6Ranges": [], "PrefixListIds": [],
                    "UserIdGroupPairs": []}]
        self.put("ec2:security-group", id, {"GroupId": id, "GroupName": name, "VpcId": vpc, "OwnerId": ACCOUNT,
                                            "IpPermissions": [], "IpPermissionsEgress": open_v4 if egress is None else egress})

    def acl(self, id, subnets, entries=None, vpc="vpc-main", default=True):
        if entries is None:
            entries = [acl_entry(100, e, "allow", "0.0.0.0/0") for e in (True, False)]
            entries += [acl_entry(101, e, "allow", "::/0") for e in (True, False)]
        entries += [acl_entry(32767, e, "deny", "0.0.0.0/0") for e in (True, False)]
        associations = [{"NetworkAclAssociationId": f"aclassoc-{s}", "NetworkAclId": id, "SubnetId": s} for s in subnets]
        self.put("ec2:network-acl", id, {"NetworkAclId": id, "VpcId": vpc, "OwnerId": ACCOUNT, "IsDefault": default,
                                         "Associations": associations, "Entries": entries})

    def bpa(self, mode="off"):
        options = {"AwsAccountId": self.account, "AwsRegion": REGION, "State": "default-state", "InternetGatewayBlockMode": mode}
        self.put("ec2:block-public-access", "options", {"VpcBlockPublicAccessOptions": options})

    def prefix_list(self, id, name, cidrs, owner=ACCOUNT):
        self.put("ec2:prefix-list", id, {"PrefixListId": id, "PrefixListName": name, "OwnerId": owner, "AddressFamily": "IPv4"})
        self.put("ec2:prefix-list-entries", id, {"Entries": [{"Cidr": c} for c in cidrs]})

    # -- functions ---------------------------------------------------------------------------------------------------

    def function(self, name, subnets=("subnet-private-a", "subnet-private-b"), groups=("sg-app",), policy=None, url=None,
                 key=None, env=None, aliases=(), versions=(), code_key=None, dual_stack=False, tags=None, **more):
        arn = fn_arn(name)
        body = {"FunctionName": name, "FunctionArn": f"{arn}:$LATEST", "Version": "$LATEST", "Runtime": "nodejs22.x",
                "PackageType": "Zip", "Role": f"arn:aws:iam::{ACCOUNT}:role/{name}"}
        if subnets:
            body["VpcConfig"] = {"VpcId": "vpc-main", "SubnetIds": list(subnets), "SecurityGroupIds": list(groups),
                                 "Ipv6AllowedForDualStack": dual_stack}
        if key:
            body["KMSKeyArn"] = key
        if env is not None:
            body["Environment"] = {"Variables": env}
        body = {k: v for k, v in {**body, **more}.items() if v is not None}
        self.put("lambda:function", arn, body)
        role = body["Role"]
        self.records.setdefault(("iam:role", role), {
            "RoleName": role.split("/")[-1], "Arn": role, "AttachedManagedPolicies": [], "RolePolicyList": [
                {"PolicyName": "logs", "PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]})}]})
        detail = {"Configuration": body | {"State": "Active"}, "Code": {"RepositoryType": "S3"}}
        if code_key:
            detail["Code"]["SourceKMSKeyArn"] = code_key
        # Tags, or the error that stands in their place.
        detail |= tags or {}
        self.put("lambda:function-detail", arn, detail)
        self.put("lambda:aliases", arn, {"Aliases": [
            {"AliasArn": f"{arn}:{a}", "Name": a, "FunctionVersion": v} for a, v in aliases]})
        configs = [{"FunctionUrl": f"https://{name}{q or ''}.lambda-url.{REGION}.on.aws/",
                    "FunctionArn": f"{arn}:{q}" if q else arn, "AuthType": auth} for q, auth in (url or [])]
        self.put("lambda:url-configs", arn, {"FunctionUrlConfigs": configs})
        self.put("lambda:code-signing", arn, {"FunctionName": name})
        policies = policy if isinstance(policy, dict) else {None: policy}
        for version in versions:
            self.put("lambda:version", f"{arn}:{version}", body | {"FunctionArn": f"{arn}:{version}", "Version": version})
        for qualifier in [None, *versions, *(a for a, _ in aliases)]:
            own = f"{arn}:{qualifier}" if qualifier else arn
            statements = policies.get(qualifier)
            document = statements and {"Policy": json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": [
                s | {"Resource": own} for s in statements]})}
            self.put("lambda:policy", own, document)

    def key(self, name, state="Enabled", rotation=True, manager="CUSTOMER", days=365, **more):
        arn = key_arn(name)
        self.put("kms:key", arn, {"KeyMetadata": {"KeyId": name, "Arn": arn, "KeyState": state, "KeyManager": manager, **more}})
        status = None if rotation is None else {"KeyRotationEnabled": rotation}
        if rotation:
            status["RotationPeriodInDays"] = days
        self.put("kms:key-rotation", arn, status)
        self.put("kms:key-policy", arn, {"Policy": json.dumps({"Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}]})})
        return arn

    # -- writing -----------------------------------------------------------------------------------------------------

    def text(self):
        gaps, coverage, records, scopes = [], [], [], []
        for estate in [self, *self.others.values()]:
            estate.add_to(gaps, coverage, records, scopes)
        gaps.sort(key=lambda g: (g["scope"], g["kind"], g["call"], g.get("resource", "")))
        coverage.sort(key=lambda c: (c["scope"], c["kind"], c["call"]))
        records.sort(key=lambda r: (r["kind"], r["id"], r["scope"]))
        scopes.sort(key=lambda s: s["id"])
        head = {"schema": "egress-audit/snapshot/v1", "tool": {"name": "egress-audit", "version": "0.1.0"}, "taken_at": TAKEN}
        parts = [json.dumps(head, separators=(",", ":"))[:-1]]
        for name, items in [("scopes", scopes), ("coverage", coverage), ("gaps", gaps), ("records", records)]:
            lines = ",\n".join(json.dumps(i, separators=(",", ":"), sort_keys=name == "body") for i in items)
            parts.append(f',\n"{name}":[\n{lines}]' if items else f',\n"{name}":[]')
        return "".join(parts) + "\n}\n"

    def add_to(self, gaps, coverage, records, scopes):
        gaps += self.gaps
        for kind, call in CALLS.items():
            count = sum(1 for k, _ in self.records if k == kind)
            own = [g for g in self.gaps if g["kind"] == kind]
            state = "read" if not own else "partial" if count or all("resource" in g for g in own) else "unread"
            coverage.append({"scope": scope_of(kind, self.account), "kind": kind, "call": call, "state": state, "count": count})
        records += [{"kind": kind, "id": id, "scope": scope_of(kind, self.account), "body": body}
                    for (kind, id), body in self.records.items()]
        scopes += [{"id": scope_of(kind, self.account), "principal": f"arn:aws:iam::{self.account}:user/auditor"}
                   for kind in ("iam:role", "ec2:vpc")]


def route(destination, target, **more):
    kinds = {"nat": "NatGatewayId", "tgw": "TransitGatewayId", "pcx": "VpcPeeringConnectionId", "eni": "NetworkInterfaceId",
             "i": "InstanceId", "eigw": "EgressOnlyInternetGatewayId", "arn:aws:networkmanager::core": "CoreNetworkArn"}
    where = "DestinationPrefixListId" if destination.startswith("pl-") else \
        "DestinationIpv6CidrBlock" if ":" in destination else "DestinationCidrBlock"
    return {where: destination, kinds.get(target.split("-")[0], "GatewayId"): target, "Origin": "CreateRoute",
            "State": "active", **more}


def acl_entry(number, egress, action, cidr, ports=None, protocol=None):
    body = {"RuleNumber": number, "Egress": egress, "RuleAction": action, "Protocol": protocol or ("6" if ports else "-1")}
    body["Ipv6CidrBlock" if ":" in cidr else "CidrBlock"] = cidr
    if ports:
        body["PortRange"] = {"From": ports[0], "To": ports[1]}
    return body


def grant(action, principal, condition=None, sid="s", effect="Allow"):
    statement = {"Sid": sid, "Effect": effect, "Principal": principal, "Action": action}
    return statement | ({"Condition": condition} if condition else {})


URL_NONE = {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}
VIA_URL = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
PUBLIC_URL = [grant("lambda:InvokeFunctionUrl", "*", URL_NONE, "FunctionURLAllowPublicAccess"),
              grant("lambda:InvokeFunction", "*", VIA_URL, "FunctionURLInvokeAllowPublicAccess")]


def network():
    e = Estate()
    e.vpc()
    e.igw()
    e.bpa()
    e.subnet("subnet-public-a", "172.30.0.0/24", "a", name="public-a")
    e.subnet("subnet-public-b", "172.30.1.0/24", "b", name="public-b")
    e.subnet("subnet-private-a", "172.30.10.0/24", "a", name="private-a")
    e.subnet("subnet-private-b", "172.30.11.0/24", "b", name="private-b")
    e.nat("nat-a", "subnet-public-a", ["52.43.112.142"])
    e.nat("nat-b", "subnet-public-b", ["44.230.9.17"])
    e.table("rtb-main", [], main=True)
    e.table("rtb-public", [route("0.0.0.0/0", "igw-main")], ["subnet-public-a", "subnet-public-b"])
    e.table("rtb-private-a", [route("0.0.0.0/0", "nat-a")], ["subnet-private-a"])
    e.table("rtb-private-b", [route("0.0.0.0/0", "nat-b")], ["subnet-private-b"])
    e.sg()
    e.acl("acl-default", ["subnet-public-a", "subnet-public-b", "subnet-private-a", "subnet-private-b"])
    return e


def sound():
    e = network()
    e.function("orders", key=e.key("orders"), env={"STAGE": None})
    return e


SCENARIOS = {}


def scenario(f):
    SCENARIOS[f.__name__.replace("_", "-")] = f
    return f


def routes_a(e, *routes):
    e.table("rtb-private-a", list(routes), ["subnet-private-a"])
