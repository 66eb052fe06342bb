"""A cloud of N functions on loopback whose every answer takes as long as one from afar.

    cloud.py aws|google FUNCTIONS [--latency 0.05]

Prints its port on one line, serves, and ends when its standard input closes; then it prints how many requests each operation
got, as JSON. On AWS the functions are in one VPC behind a NAT gateway, each with an alias and a policy; on Google Cloud they are
private services with Direct VPC egress behind a Cloud NAT.
"""

import argparse
import asyncio
import collections
import json
import sys
import urllib.parse

ACCOUNT, REGION = "123456789012", "us-west-2"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/run"
LAMBDA_PAGE, GOOGLE_PAGE = 50, 500

# What the networks of AWS look like; what is not here is an empty list under this name.
NETWORK = {
    "DescribeVpcs": ("vpcSet", "<vpcId>vpc-1</vpcId><ownerId>123456789012</ownerId><cidrBlock>10.0.0.0/16</cidrBlock>"),
    "DescribeSubnets": ("subnetSet", "<subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/24</cidrBlock>"),
    "DescribeRouteTables": ("routeTableSet", (
        "<routeTableId>rtb-1</routeTableId><vpcId>vpc-1</vpcId><routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock>"
        "<natGatewayId>nat-1</natGatewayId><state>active</state></item></routeSet>"
        "<associationSet><item><main>true</main></item></associationSet>")),
    "DescribeNatGateways": ("natGatewaySet", (
        "<natGatewayId>nat-1</natGatewayId><vpcId>vpc-1</vpcId><subnetId>subnet-1</subnetId><state>available</state>"
        "<natGatewayAddressSet><item><allocationId>eipalloc-1</allocationId><publicIp>203.0.113.7</publicIp></item></natGatewayAddressSet>")),
    "DescribeAddresses": ("addressesSet", "<publicIp>203.0.113.7</publicIp><allocationId>eipalloc-1</allocationId>"),
    "DescribeSecurityGroups": ("securityGroupInfo", "<groupId>sg-1</groupId><vpcId>vpc-1</vpcId>"),
    "DescribeInternetGateways": ("internetGatewaySet", None),
    "DescribeEgressOnlyInternetGateways": ("egressOnlyInternetGatewaySet", None),
    "DescribeNetworkAcls": ("networkAclSet", None),
    "DescribeNetworkInterfaces": ("networkInterfaceSet", None),
    "DescribeVpcEndpoints": ("vpcEndpointSet", None),
    "DescribeManagedPrefixLists": ("prefixListSet", None),
    "DescribeTransitGateways": ("transitGatewaySet", None),
    "DescribeTransitGatewayAttachments": ("transitGatewayAttachments", None),
    "DescribeTransitGatewayVpcAttachments": ("transitGatewayVpcAttachments", None),
    "DescribeTransitGatewayRouteTables": ("transitGatewayRouteTables", None),
}
RESULTS = {
    "GetCallerIdentity": f"<UserId>u</UserId><Account>{ACCOUNT}</Account><Arn>arn:aws:iam::{ACCOUNT}:user/test</Arn>",
    "DescribeLoadBalancers": "<LoadBalancers/>",
    "DescribeTargetGroups": "<TargetGroups/>",
    "GetAccountAuthorizationDetails": (
        "<IsTruncated>false</IsTruncated><UserDetailList/><GroupDetailList/><Policies/><RoleDetailList><member>"
        f"<Arn>{ROLE}</Arn><RoleName>run</RoleName><AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument>"
        "</member></RoleDetailList>"),
}
# Lists of Lambda and API Gateway in which nothing is, by the end of their path.
NOTHING = {
    "/event-source-mappings": ("ListEventSourceMappings", "EventSourceMappings"), "/layers": ("ListLayers", "Layers"),
    "/web-functions": ("ListWebFunctions", "functions"), "/microvms": ("ListMicrovms", "items"), "/restapis": ("GetRestApis", "item"),
    "/v2/apis": ("GetApis", "items"), "/v2/domainnames": ("GetDomainNamesV2", "items"), "/domainnames": ("GetDomainNames", "item"),
}


def function(name: str, version: str = "$LATEST") -> dict:
    return {"FunctionName": name, "FunctionArn": f"{ARN}{name}" + ("" if version == "$LATEST" else f":{version}"), "Version": version,
            "Runtime": "nodejs24.x", "Role": ROLE, "PackageType": "Zip", "State": "Active",
            "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-1"}}


class Aws:
    """What AWS says: the operation, the status, and the body."""

    def __init__(self, functions: int):
        self.names = [f"function-{number:05}" for number in range(functions)]

    def answer(self, path: str, query: dict, headers: dict, body: str) -> tuple[str, int, str]:
        if action := urllib.parse.parse_qs(body).get("Action"):
            return self.xml(action[0])
        if path.endswith("/distribution"):
            return "ListDistributions", 200, ("<DistributionList><MaxItems>100</MaxItems><IsTruncated>false</IsTruncated>"
                                              "<Quantity>0</Quantity></DistributionList>")
        if "/resource-policy/" in path:
            return "GetResourcePolicy", 404, "<html>unknown</html>"
        operation, status, said = self.json(path, query)
        return operation, status, json.dumps(said)

    def xml(self, action: str) -> tuple[str, int, str]:
        if action == "DescribeVpcBlockPublicAccessOptions":
            inside = ("<vpcBlockPublicAccessOptions><internetGatewayBlockMode>off</internetGatewayBlockMode></vpcBlockPublicAccessOptions>")
            return action, 200, f"<{action}Response>{inside}</{action}Response>"
        if action in RESULTS:
            return action, 200, f"<{action}Response><{action}Result>{RESULTS[action]}</{action}Result></{action}Response>"
        name, item = NETWORK[action]
        inside = f"<item>{item}</item>" if item else ""
        return action, 200, f"<{action}Response><{name}>{inside}</{name}></{action}Response>"

    def json(self, path: str, query: dict) -> tuple[str, int, dict]:
        parts = path.strip("/").split("/")
        if parts[-1] == "functions":
            start = int(query.get("Marker", "0"))
            page = {"Functions": [function(name) for name in self.names[start:start + LAMBDA_PAGE]]}
            if start + LAMBDA_PAGE < len(self.names):
                page["NextMarker"] = str(start + LAMBDA_PAGE)
            return "ListFunctions", 200, page
        for end, (operation, name) in NOTHING.items():
            if path.rstrip("/").endswith(end):
                return operation, 200, {name: []}
        name = parts[2]
        match parts[3:]:
            case []:
                return "GetFunction", 200, {"Configuration": function(name), "Code": {"RepositoryType": "S3"}}
            case ["aliases"]:
                return "ListAliases", 200, {"Aliases": []}
            case ["urls"]:
                return "ListFunctionUrlConfigs", 200, {"FunctionUrlConfigs": []}
            case ["policy"]:
                statement = {"Sid": "s", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "lambda:InvokeFunction",
                             "Resource": ARN + name, "Condition": {"StringEquals": {"AWS:SourceAccount": ACCOUNT}}}
                return "GetPolicy", 200, {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}), "RevisionId": "r"}
            case ["code-signing-config"]:
                return "GetFunctionCodeSigningConfig", 200, {"FunctionName": name}
        raise KeyError(path)

    def forced(self) -> int:
        """Calls for which the API has nothing that says the same of many: five for each function, a page of it for fifty."""
        return 5 * len(self.names) + -(-len(self.names) // LAMBDA_PAGE)


class Google:
    """What Google says."""

    def __init__(self, functions: int):
        self.names = [f"service-{number:05}" for number in range(functions)]

    def answer(self, path: str, query: dict, headers: dict, body: str) -> tuple[str, int, str]:
        api, _, path = path.strip("/").partition("/")
        operation, said = self.json(api, path.removeprefix("compute/v1/"), query)
        status = 404 if said is None else 200
        return operation, status, json.dumps({"error": {"code": 404, "message": "not there"}} if said is None else said)

    def json(self, api: str, path: str, query: dict) -> tuple[str, dict | None]:
        network = "https://www.googleapis.com/compute/v1/projects/p/global/networks/net"
        match api, path:
            case "cloudresourcemanager", "v3/projects/p" | "v3/projects/12":
                return "projects.get", {"name": "projects/12", "projectId": "p", "state": "ACTIVE"}
            case "cloudresourcemanager", "v1/projects/p:getAncestry":
                return "getAncestry", {"ancestor": [{"resourceId": {"type": "project", "id": "p"}}]}
            case "run", "v1/projects/p/locations/-/services":
                start = int(query.get("continue", "0"))
                page = {"kind": "ServiceList", "metadata": {}, "items": [self.service(name) for name in self.names[start:start + GOOGLE_PAGE]]}
                if start + GOOGLE_PAGE < len(self.names):
                    page["metadata"]["continue"] = str(start + GOOGLE_PAGE)
                return "services.list", page
            case "run", path if path.endswith(":getIamPolicy"):
                return "services.getIamPolicy", {"version": 3, "bindings": [{"role": "roles/run.invoker", "members": ["user:a@example.com"]}]}
            case "run", path if "namespaces" in path:
                return "namespaces", {"kind": "List", "metadata": {}}
            case "compute", "projects/p/global/networks":
                return "networks.list", {"items": [{"name": "net"}]}
            case "compute", "projects/p/aggregated/subnetworks":
                subnet = {"name": "sub", "network": network, "ipCidrRange": "10.0.0.0/20"}
                return "subnetworks.list", {"items": {"regions/us-central1": {"subnetworks": [subnet]}}}
            case "compute", "projects/p/global/routes":
                route = {"name": "default", "network": network, "destRange": "0.0.0.0/0", "priority": 1000,
                         "nextHopGateway": "https://www.googleapis.com/compute/v1/projects/p/global/gateways/default-internet-gateway"}
                return "routes.list", {"items": [route]}
            case "compute", "projects/p/aggregated/routers":
                nat = {"name": "nat", "natIpAllocateOption": "AUTO_ONLY", "sourceSubnetworkIpRangesToNat": "ALL_SUBNETWORKS_ALL_IP_RANGES"}
                return "routers.list", {"items": {"regions/us-central1": {"routers": [{"name": "r", "network": network, "nats": [nat]}]}}}
            case "compute", path if path.endswith("getRouterStatus"):
                return "getRouterStatus", {"result": {"natStatus": []}}
            case "compute", path if path.endswith("getNatIpInfo"):
                return "getNatIpInfo", {"result": [{"natName": "nat"}]}
            case "iam", path if path.endswith("/keys"):
                return "keys.list", {"keys": []}
            case "iam", path if "/serviceAccounts/" in path and not path.endswith(":getIamPolicy"):
                return "serviceAccounts.get", {"email": path.rsplit("/", 1)[1], "name": path.removeprefix("v1/")}
        return f"{api} {path.rsplit('/', 1)[-1]}", {}

    def service(self, name: str) -> dict:
        interfaces = json.dumps([{"network": "net", "subnetwork": "sub"}])
        return {"apiVersion": "serving.knative.dev/v1", "kind": "Service",
                "metadata": {"name": name, "namespace": "12", "labels": {"cloud.googleapis.com/location": "us-central1"}},
                "spec": {"template": {"metadata": {"annotations": {"run.googleapis.com/network-interfaces": interfaces,
                                                                   "run.googleapis.com/vpc-access-egress": "all-traffic"}},
                                      "spec": {"serviceAccountName": "run@p.iam.gserviceaccount.com", "containers": [{"image": "i"}]}}},
                "status": {"latestReadyRevisionName": f"{name}-1", "latestCreatedRevisionName": f"{name}-1",
                           "traffic": [{"revisionName": f"{name}-1", "percent": 100, "latestRevision": True}]}}

    def forced(self) -> int:
        """One policy for each service, and a page of them for five hundred."""
        return len(self.names) + -(-len(self.names) // GOOGLE_PAGE)


class Server:
    """HTTP with connections that stay open, as the clouds' own do."""

    def __init__(self, cloud, latency: float):
        self.cloud, self.latency = cloud, latency
        self.counts = collections.Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
                body = (await reader.readexactly(int(headers.get("content-length", "0")))).decode()
                path, _, query = first.split(" ")[1].partition("?")
                arguments = dict(urllib.parse.parse_qsl(query))
                operation, status, said = self.cloud.answer(urllib.parse.unquote(path), arguments, headers, body)
                self.counts[operation] += 1
                await asyncio.sleep(self.latency)
                kind = "text/xml" if said.startswith("<") else "application/json"
                sent = said.encode()
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(sent)}\r\n\r\n".encode() + sent)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("cloud", choices=["aws", "google"])
    arguments.add_argument("functions", type=int)
    arguments.add_argument("--latency", type=float, default=0.05, help="seconds that each answer takes")
    asked = arguments.parse_args()
    cloud = {"aws": Aws, "google": Google}[asked.cloud](asked.functions)
    server = Server(cloud, asked.latency)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=512)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(json.dumps({"forced": cloud.forced(), "calls": server.counts}), flush=True)
    sys.stdout.flush()
    # Connections that are still open are nobody's any more.
    asyncio.get_running_loop().stop()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except RuntimeError:
        pass
