"""What Lambda runs besides event functions: web functions and MicroVMs, in the network of the sound architecture."""

from estate import *

CONNECTOR = f"arn:aws:lambda:{REGION}:{ACCOUNT}:network-connector:vpc:2"
INTERNET = f"arn:aws:lambda:{REGION}:aws:network-connector:aws-network-connector:INTERNET_EGRESS"


def connector(e, subnets=("subnet-private-a", "subnet-private-b"), state="ACTIVE", public=None, groups=("sg-app",)):
    egress = {"SubnetIds": list(subnets), "SecurityGroupIds": list(groups), "NetworkProtocol": "IPv4",
              "AssociatedComputeResourceTypes": ["WebFunction"]}
    if public is not None:
        egress["ElasticIpConfiguration"] = {"Type": "ServiceManaged" if public else "None"}
    e.put("lambda:network-connector", CONNECTOR, {
        "Arn": CONNECTOR.rsplit(":", 1)[0], "Name": "vpc", "Id": "c-1", "VersionArn": CONNECTOR, "State": state,
        "Configuration": {"VpcEgressConfiguration": egress}})


def web(e, name="shop", by=CONNECTOR, auth="IamAuth", revisions=("r1",), key=None):
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:web-function:{name}"
    e.put("lambda:web-function", arn, {"functionName": name, "functionArn": arn, "state": "Active"})
    e.put("lambda:web-function-endpoints", arn, {"endpoints": [{
        "endpointArn": f"{arn}/endpoint/live", "endpointName": "live", "endpointType": "HomeRegion",
        "domainName": f"{name}.lambda-web.{REGION}.on.aws", "authType": auth, "autoDeploymentMode": "LatestRevision",
        "revisionWeights": [{"revisionId": r, "weight": 100 // len(revisions)} for r in revisions], "state": "Active"}]})
    for r in revisions:
        service = {"executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}
        if by:
            service["egressNetworkConnectorArn"] = by
        body = {"functionArn": arn, "revisionId": r, "state": "Active", "serviceConfig": service,
                "buildConfig": {"runtimeConfig": {"runtime": "nodejs22.x"}}}
        if key:
            body["kmsKeyArn"] = key
        e.put("lambda:web-function-revision", f"{arn}:{r}", body)


def microvm(e, id, egress, state="RUNNING"):
    image = f"arn:aws:lambda:{REGION}:{ACCOUNT}:microvm-image:sandbox"
    body = {"microvmId": id, "state": state, "imageArn": image, "imageVersion": "4"}
    e.put("lambda:microvm", id, body)
    if state == "RUNNING":
        e.put("lambda:microvm-detail", id, body | {"egressNetworkConnectors": egress})


@scenario
def web_function_by_connector():
    """In private subnets behind NAT gateways: the addresses are theirs."""
    e = network()
    connector(e)
    web(e, key=e.key("shop"))
    return e


@scenario
def web_function_that_asks_nobody():
    """Without a connector it leaves by Lambda's own addresses, and its endpoint leaves it to the application who gets in."""
    e = network()
    web(e, by=None, auth="ApplicationManaged")
    return e


@scenario
def web_function_with_two_revisions():
    """One of them still by the connector: each is a workload of its own."""
    e = network()
    connector(e)
    web(e, revisions=("r1", "r2"))
    del e.get("lambda:web-function-revision", f"arn:aws:lambda:{REGION}:{ACCOUNT}:web-function:shop:r2")["serviceConfig"][
        "egressNetworkConnectorArn"]
    return e


@scenario
def web_function_in_public_subnets():
    """A connector's interfaces have no public address unless it says so."""
    e = network()
    connector(e, ["subnet-public-a", "subnet-public-b"], public=False)
    web(e)
    return e


@scenario
def web_function_with_addresses_of_lambda():
    """Its connector gives each interface a public address, which Lambda manages and nobody can read."""
    e = network()
    connector(e, ["subnet-public-a", "subnet-public-b"], public=True)
    web(e)
    return e


@scenario
def web_function_in_public_subnets_by_an_older_answer():
    """The answer does not tell whether the interfaces have public addresses."""
    e = network()
    connector(e, ["subnet-public-a", "subnet-public-b"])
    web(e)
    return e


@scenario
def web_function_whose_connector_failed():
    e = network()
    connector(e, state="FAILED")
    web(e)
    return e


@scenario
def web_function_whose_connector_is_denied():
    e = network()
    web(e)
    e.deny("lambda:network-connector", CONNECTOR)
    return e


@scenario
def web_functions_denied():
    """Where the list is not read, nobody says that there is none."""
    e = sound()
    e.deny("lambda:web-function")
    return e


@scenario
def web_function_whose_endpoints_are_denied():
    e = network()
    web(e)
    e.deny("lambda:web-function-endpoints", f"arn:aws:lambda:{REGION}:{ACCOUNT}:web-function:shop")
    return e


@scenario
def microvms():
    """One by Lambda's own connector, one by the customer's, one by two of which nobody knows which is taken, and one gone."""
    e = network()
    connector(e)
    microvm(e, "vm-free", [INTERNET])
    microvm(e, "vm-inside", [CONNECTOR])
    microvm(e, "vm-torn", [CONNECTOR, INTERNET])
    microvm(e, "vm-gone", [], state="TERMINATED")
    return e
