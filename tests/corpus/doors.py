"""Scenarios of what stands before functions, and of who holds what in their account."""

import json

from estate import ACCOUNT, REGION, fn_arn, grant, scenario, sound

PARTNER = "111122223333"


def by_api(api="api1", tail="*/*/*", account=ACCOUNT, sid="api"):
    """The grant that lets an API call."""
    arn = f"arn:aws:execute-api:{REGION}:{account}:{api}/{tail}"
    return grant("lambda:InvokeFunction", {"Service": "apigateway.amazonaws.com"}, {"ArnLike": {"AWS:SourceArn": arn}}, sid)


def uri(function):
    arn = function if function.startswith(("arn:", "$")) else fn_arn(function)
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"


SCHEMES = {
    "sigv4": {"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
    "api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
    "people": {"type": "apiKey", "name": "Authorization", "in": "header",
               "x-amazon-apigateway-authtype": "cognito_user_pools"},
}


def method(function="orders", security=(), role=None):
    body = {"x-amazon-apigateway-integration": {"type": "aws_proxy", "httpMethod": "POST", "uri": uri(function)}}
    if role:
        body["x-amazon-apigateway-integration"]["credentials"] = role
    if security:
        body["security"] = [{name: []} for name in security]
    return body


def export(paths, policy=None):
    body = {"paths": paths, "components": {"securitySchemes": SCHEMES}}
    return body | ({"x-amazon-apigateway-policy": policy} if policy else {})


def rest(e, paths, id="api1", name="shop", kind="REGIONAL", policy=None, deployed=None, variables=None, default=True):
    body = {"id": id, "name": name, "endpointConfiguration": {"types": [kind]}, "apiKeySource": "HEADER",
            "disableExecuteApiEndpoint": not default}
    if policy:
        # The API gives a policy as the inside of a JSON text.
        body["policy"] = json.dumps(json.dumps(policy))[1:-1]
    e.put("apigateway:rest-api", id, body)
    stage = {"stageName": "prod", "deploymentId": "d1"} | ({"variables": variables} if variables else {})
    e.put("apigateway:stages", id, {"item": [stage]})
    e.put("apigateway:export", f"{id}/prod", export(paths, deployed or policy))


def http(e, routes, id="http1", name="shop", kind="HTTP", auto=True, default=True, function="orders"):
    e.put("apigatewayv2:api", id, {"ApiId": id, "Name": name, "ProtocolType": kind, "DisableExecuteApiEndpoint": not default,
                                   "ApiEndpoint": f"https://{id}.execute-api.{REGION}.amazonaws.com"})
    stage = {"StageName": "$default", "AutoDeploy": True} if auto else {"StageName": "prod", "DeploymentId": "d1"}
    e.put("apigatewayv2:stages", id, {"Items": [stage]})
    e.put("apigatewayv2:routes", id, {"Items": [
        {"RouteId": f"r{n}", "RouteKey": key, "AuthorizationType": kind, "ApiKeyRequired": False, "Target": "integrations/i1"}
        for n, (key, kind) in enumerate(routes)]})
    e.put("apigatewayv2:integrations", id, {"Items": [
        {"IntegrationId": "i1", "IntegrationType": "AWS_PROXY", "IntegrationUri": fn_arn(function),
         "PayloadFormatVersion": "2.0"}]})


def api(tail="*/*/*", **more):
    """The sound architecture with a function that an API may call."""
    e = sound()
    e.function("orders", policy=[by_api(tail=tail)], **more)
    return e


@scenario
def sound_behind_signed_api():
    e = sound()
    rest(e, {"/orders": {"get": method(security=["sigv4"]), "post": method(security=["sigv4"])}})
    e.function("orders", key=e.key("orders"), policy=[by_api(tail="prod/*/orders")])
    role(e, "orders", [allow("logs:PutLogEvents", "*")])
    return e


@scenario
def api_method_that_asks_nobody():
    e = api()
    rest(e, {"/orders": {"get": method()}})
    return e


@scenario
def api_method_closed_in_the_deployment():
    """What can be edited is open; what is deployed asks for signatures: the editor is never asked."""
    e = api()
    rest(e, {"/orders": {"x-amazon-apigateway-any-method": method(security=["sigv4"])}})
    return e


@scenario
def api_without_a_grant():
    e = sound()
    rest(e, {"/orders": {"get": method()}})
    return e


@scenario
def api_that_calls_by_a_role():
    e = sound()
    gateway = f"arn:aws:iam::{ACCOUNT}:role/gateway"
    rest(e, {"/orders": {"get": method(role=gateway)}})
    role(e, "gateway", [allow("lambda:InvokeFunction", fn_arn("orders"))])
    return e


@scenario
def api_that_calls_by_a_role_that_may_not():
    e = sound()
    rest(e, {"/orders": {"get": method(role=f"arn:aws:iam::{ACCOUNT}:role/gateway")}})
    role(e, "gateway", [allow("lambda:InvokeFunction", fn_arn("other"))])
    return e


@scenario
def api_key_alone():
    e = api()
    rest(e, {"/orders": {"get": method(security=["api_key"])}})
    return e


@scenario
def api_grant_for_another_path():
    e = api(tail="prod/GET/carts")
    rest(e, {"/orders": {"get": method()}})
    return e


@scenario
def api_of_another_account():
    e = sound()
    e.function("orders", policy=[by_api(account=PARTNER)])
    return e


@scenario
def api_lists_denied():
    e = api()
    for kind in ("apigateway:rest-api", "apigatewayv2:api"):
        e.deny(kind)
    return e


@scenario
def api_export_denied():
    e = api()
    rest(e, {"/orders": {"get": method()}})
    e.deny("apigateway:export", "api1/prod")
    return e


def everyone(**condition):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
                 "Resource": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:api1/*"}
    return {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}


@scenario
def api_policy_for_a_few_addresses():
    e = api()
    rest(e, {"/orders": {"get": method()}}, policy=everyone(IpAddress={"aws:SourceIp": "203.0.113.0/24"}))
    return e


@scenario
def api_policy_that_denies_everyone():
    e = api()
    policy = everyone()
    policy["Statement"].append(policy["Statement"][0] | {"Effect": "Deny", "Resource": "execute-api:/prod/GET/orders"})
    rest(e, {"/orders": {"get": method()}}, policy=policy)
    return e


@scenario
def api_policy_that_may_not_be_deployed():
    e = api()
    rest(e, {"/orders": {"get": method()}}, policy=everyone(IpAddress={"aws:SourceIp": "203.0.113.0/24"}))
    del e.get("apigateway:export", "api1/prod")["x-amazon-apigateway-policy"]
    return e


@scenario
def signed_api_for_every_account():
    e = api()
    rest(e, {"/orders": {"get": method(security=["sigv4"])}}, policy=everyone())
    return e


@scenario
def private_api_for_one_endpoint():
    e = api()
    rest(e, {"/orders": {"get": method()}}, kind="PRIVATE", policy=everyone(StringEquals={"aws:SourceVpce": "vpce-1"}))
    return e


@scenario
def private_api_for_every_endpoint():
    e = api()
    rest(e, {"/orders": {"get": method()}}, kind="PRIVATE", policy=everyone())
    return e


def domain(e, name="shop.example.com", mutual=True, api="api1"):
    body = {"domainName": name, "endpointConfiguration": {"types": ["REGIONAL"]}, "domainNameStatus": "AVAILABLE"}
    if mutual:
        body["mutualTlsAuthentication"] = {"truststoreUri": "s3://trust/store.pem"}
    e.put("apigateway:domain-name", name, body)
    e.put("apigateway:base-path-mappings", name, {"items": [{"basePath": "(none)", "restApiId": api, "stage": "prod"}]})


@scenario
def domain_with_certificates_beside_default_address():
    e = api()
    rest(e, {"/orders": {"get": method()}})
    domain(e)
    return e


@scenario
def domain_with_certificates_alone():
    e = api()
    rest(e, {"/orders": {"get": method()}}, default=False)
    domain(e)
    return e


@scenario
def domain_with_routing_rules():
    e = api()
    rest(e, {"/orders": {"get": method()}}, default=False)
    domain(e, mutual=False)
    e.get("apigateway:domain-name", "shop.example.com")["routingMode"] = "ROUTING_RULE_ONLY"
    return e


@scenario
def stage_variable_that_names_the_function():
    e = api()
    rest(e, {"/orders": {"get": method("${stageVariables.target}")}}, variables={"target": fn_arn("orders")})
    return e


@scenario
def stage_variable_that_was_not_kept():
    e = api()
    rest(e, {"/orders": {"get": method("${stageVariables.target}")}}, variables={"target": {"looks_like": "token"}})
    return e


@scenario
def alias_behind_an_open_api():
    e = sound()
    e.function("orders", aliases=[("live", "7")], versions=["7"], policy={"live": [by_api()]})
    rest(e, {"/orders": {"get": method(f"{fn_arn('orders')}:live")}})
    return e


@scenario
def http_api_that_asks_nobody():
    e = api()
    e.function("orders", policy=[by_api("http1", "*/*")])
    http(e, [("$default", "NONE"), ("GET /mine", "JWT")])
    return e


@scenario
def http_api_with_tokens():
    e = api()
    e.function("orders", policy=[by_api("http1", "*/*")])
    http(e, [("GET /mine", "JWT"), ("GET /ours", "CUSTOM"), ("POST /ours", "AWS_IAM")])
    return e


@scenario
def http_api_whose_deployment_asks():
    """Its routes were opened in the editor, and nobody deployed that."""
    e = api()
    e.function("orders", policy=[by_api("http1", "*/*")])
    http(e, [("GET /mine", "NONE")], auto=False)
    own = {"type": "oauth2", "x-amazon-apigateway-authorizer": {"type": "jwt"}}
    body = {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": fn_arn("orders")}, "security": [{"tokens": []}]}
    e.put("apigatewayv2:export", "http1/prod", {"paths": {"/mine": {"get": body}},
                                                "components": {"securitySchemes": {"tokens": own}}})
    return e


@scenario
def websocket_connection_that_asks_nobody():
    e = api()
    e.function("orders", policy=[by_api("http1", "*/*")])
    http(e, [("$connect", "NONE"), ("send", "NONE")], kind="WEBSOCKET")
    return e


@scenario
def websocket_connection_with_an_authoriser():
    e = api()
    e.function("orders", policy=[by_api("http1", "*/*")])
    http(e, [("$connect", "CUSTOM"), ("send", "NONE")], kind="WEBSOCKET")
    return e


@scenario
def websocket_whose_deployment_nobody_sees():
    e = api()
    e.function("orders", policy=[by_api("http1", "*/*")])
    http(e, [("$connect", "CUSTOM")], kind="WEBSOCKET", auto=False)
    return e


GROUP = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/orders/1"
BALANCER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/shop/1"
LISTENER = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/app/shop/1/1"
FORWARD = {"Type": "forward", "TargetGroupArn": GROUP, "Order": 9}


def balancer(e, rules, scheme="internet-facing", open_to="0.0.0.0/0"):
    e.sg("sg-front", name="front")
    e.get("ec2:security-group", "sg-front")["IpPermissions"] = [
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": open_to}], "Ipv6Ranges": [],
         "PrefixListIds": [], "UserIdGroupPairs": []}]
    e.put("elasticloadbalancing:load-balancer", BALANCER, {
        "LoadBalancerArn": BALANCER, "LoadBalancerName": "shop", "DNSName": "shop-1.us-west-2.elb.amazonaws.com",
        "Scheme": scheme, "Type": "application", "SecurityGroups": ["sg-front"]})
    e.put("elasticloadbalancing:target-group", GROUP, {
        "TargetGroupArn": GROUP, "TargetGroupName": "orders", "TargetType": "lambda", "LoadBalancerArns": [BALANCER]})
    e.put("elasticloadbalancing:target-health", GROUP, {"TargetHealthDescriptions": [{"Target": {"Id": fn_arn("orders")}}]})
    e.put("elasticloadbalancing:listeners", BALANCER, {"Listeners": [
        {"ListenerArn": LISTENER, "Port": 443, "Protocol": "HTTPS"}]})
    e.put("elasticloadbalancing:rules", LISTENER, {"Rules": [
        {"RuleArn": f"{LISTENER}/{n}", "Priority": "default" if n == len(rules) - 1 else str(n + 1),
         "IsDefault": n == len(rules) - 1, "Conditions": conditions, "Actions": actions}
        for n, (conditions, actions) in enumerate(rules)]})
    e.function("orders", policy=[grant("lambda:InvokeFunction", {"Service": "elasticloadbalancing.amazonaws.com"},
                                       {"ArnLike": {"AWS:SourceArn": GROUP}}, "balancer")])


def path(*values):
    return [{"Field": "path-pattern", "PathPatternConfig": {"Values": list(values)}}]


NOT_FOUND = [{"Type": "fixed-response", "Order": 1}]


@scenario
def load_balancer_that_asks_nobody():
    e = sound()
    balancer(e, [(path("/orders/*"), [FORWARD]), ([], NOT_FOUND)])
    return e


@scenario
def load_balancer_with_sign_in():
    e = sound()
    sign_in = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": {"OnUnauthenticatedRequest": "authenticate"}}
    balancer(e, [([], [FORWARD, sign_in])])
    return e


@scenario
def load_balancer_with_sign_in_that_lets_on():
    e = sound()
    sign_in = {"Type": "authenticate-cognito", "Order": 1, "AuthenticateCognitoConfig": {"OnUnauthenticatedRequest": "allow"}}
    balancer(e, [([], [FORWARD, sign_in])])
    return e


@scenario
def load_balancer_of_the_inside():
    e = sound()
    balancer(e, [([], [FORWARD])], scheme="internal")
    return e


@scenario
def load_balancer_for_a_few_addresses():
    e = sound()
    balancer(e, [([], [FORWARD])], open_to="203.0.113.0/24")
    return e


@scenario
def load_balancer_rule_that_is_never_tried():
    e = sound()
    balancer(e, [(path("/*"), NOT_FOUND), ([], [FORWARD])])
    return e


@scenario
def load_balancer_rules_denied():
    e = sound()
    balancer(e, [([], [FORWARD])])
    e.deny("elasticloadbalancing:rules", LISTENER)
    return e


DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"


def distribution(e, signs=True, viewers=False, url="AWS_IAM", source=DISTRIBUTION):
    host = f"orders.lambda-url.{REGION}.on.aws"
    e.put("cloudfront:distribution", DISTRIBUTION, {
        "ARN": DISTRIBUTION, "Id": "E1", "DomainName": "d1.cloudfront.net", "Enabled": True,
        "Origins": {"Items": [{"Id": "o1", "DomainName": host, "OriginAccessControlId": "OAC1" if signs else ""}]},
        "DefaultCacheBehavior": {"TargetOriginId": "o1", "TrustedSigners": {"Enabled": False},
                                 "TrustedKeyGroups": {"Enabled": viewers}}})
    condition = {"ArnLike": {"AWS:SourceArn": source}} if source else None
    e.function("orders", url=[(None, url)], policy=[
        grant(action, {"Service": "cloudfront.amazonaws.com"}, condition, f"cdn{n}")
        for n, action in enumerate(("lambda:InvokeFunctionUrl", "lambda:InvokeFunction"))])


@scenario
def distribution_that_signs():
    e = sound()
    distribution(e)
    return e


@scenario
def distribution_that_asks_its_viewers():
    e = sound()
    distribution(e, viewers=True)
    return e


@scenario
def distribution_that_does_not_sign():
    e = sound()
    distribution(e, signs=False)
    return e


@scenario
def every_distribution_of_the_world():
    e = sound()
    distribution(e, viewers=True, source=None)
    return e


@scenario
def distributions_denied():
    e = sound()
    distribution(e)
    e.deny("cloudfront:distribution")
    return e


@scenario
def url_for_every_origin():
    e = sound()
    e.function("orders", url=[(None, "AWS_IAM")])
    config = e.get("lambda:url-configs", fn_arn("orders"))["FunctionUrlConfigs"][0]
    config["Cors"] = {"AllowOrigins": ["*"], "AllowMethods": ["*"]}
    return e


@scenario
def event_source_mapping():
    e = sound()
    e.put("lambda:event-source-mapping", "uuid-1", {
        "UUID": "uuid-1", "FunctionArn": fn_arn("orders"), "State": "Enabled",
        "EventSourceArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"})
    return e


# -- what functions are made of, and who holds what ---------------------------------------------------------------------


def layer(e, name, principal=None, condition=None):
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:{name}"
    e.put("lambda:layer", arn, {"LayerName": name, "LayerArn": arn})
    e.put("lambda:layer-versions", arn, {"LayerVersions": [{"LayerVersionArn": f"{arn}:1", "Version": 1}]})
    statement = grant("lambda:GetLayerVersion", principal, condition) | {"Resource": f"{arn}:1"}
    e.put("lambda:layer-policy", f"{arn}:1", principal and {
        "Policy": json.dumps({"Version": "2012-10-17", "Statement": statement})})


@scenario
def layer_for_everyone():
    e = sound()
    layer(e, "tools", "*")
    return e


@scenario
def layer_for_an_organisation():
    e = sound()
    layer(e, "tools", "*", {"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    return e


@scenario
def code_that_everyone_may_change():
    e = sound()
    e.function("orders", policy=[grant("lambda:Update*", "*")])
    return e


def allow(action, resource, effect="Allow"):
    return {"Effect": effect, "Action": action, "Resource": resource}


def role(e, name, statements, managed=(), boundary=None):
    arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    body = {"RoleName": name, "Arn": arn, "AttachedManagedPolicies": [
        {"PolicyName": m.rsplit("/")[-1], "PolicyArn": m} for m in managed]}
    body["RolePolicyList"] = [{"PolicyName": "own", "PolicyDocument": json.dumps(
        {"Version": "2012-10-17", "Statement": statements})}] if statements else []
    if boundary:
        body["PermissionsBoundary"] = {"PermissionsBoundaryArn": boundary, "PermissionsBoundaryType": "Policy"}
    e.put("iam:role", arn, body)
    return arn


def managed(e, name, statements, account="aws"):
    arn = f"arn:aws:iam::{account}:policy/{name}"
    e.put("iam:policy", arn, {"PolicyName": name, "Arn": arn, "PolicyVersionList": [
        {"VersionId": "v1", "IsDefaultVersion": True, "Document": json.dumps(
            {"Version": "2012-10-17", "Statement": statements})}]})
    return arn


ADMINISTRATOR = [allow("*", "*")]


@scenario
def role_of_an_administrator():
    e = sound()
    role(e, "orders", [], [managed(e, "AdministratorAccess", ADMINISTRATOR)])
    return e


@scenario
def role_of_an_administrator_within_bounds():
    e = sound()
    bounds = managed(e, "bounds", [allow("s3:*", "*")], ACCOUNT)
    role(e, "orders", [], [managed(e, "AdministratorAccess", ADMINISTRATOR)], bounds)
    return e


@scenario
def role_of_two_functions():
    e = sound()
    for name in ("orders", "invoices"):
        e.function(name, Role=f"arn:aws:iam::{ACCOUNT}:role/shared")
    role(e, "shared", [allow("logs:PutLogEvents", "*")])
    return e


def declared(tags):
    """A partner calls the function, and another wrote a part of it."""
    e = sound()
    layer = f"arn:aws:lambda:{REGION}:444455556666:layer:tracing:3"
    e.function("orders", tags=tags, Layers=[{"Arn": layer, "CodeSize": 1}], policy=[
        grant("lambda:InvokeFunction", {"AWS": f"arn:aws:iam::{PARTNER}:root"}, sid="partner")])
    return e


@scenario
def callers_beyond_those_declared():
    return declared({"Tags": {"egress-audit-invokers": "555566667777"}})


@scenario
def callers_as_declared():
    return declared({"Tags": {"egress-audit-invokers": f"{PARTNER}_444455556666"}})


@scenario
def tags_denied():
    return declared({"TagsError": {"ErrorCode": "AccessDeniedException", "Message": "no lambda:ListTags"}})


@scenario
def callers_by_both_sides():
    """Everyone whom one side lets in and the other does not, in one account."""
    e = sound()
    call = allow("lambda:InvokeFunction", "*")
    role(e, "caller", [call])
    role(e, "silent", [allow("s3:GetObject", "*")])
    refused = role(e, "refused", [allow("lambda:Invoke*", "*", "Deny")])
    denied = role(e, "denied", [call])
    bounds = managed(e, "bounds", [allow("s3:*", "*")], account=ACCOUNT)
    bounded = role(e, "bounded", [call], boundary=bounds)
    walker = f"arn:aws:iam::{ACCOUNT}:user/walker"
    e.put("iam:user", walker, {"UserName": "walker", "Arn": walker, "GroupList": [], "AttachedManagedPolicies": [],
                               "PermissionsBoundary": {"PermissionsBoundaryArn": bounds, "PermissionsBoundaryType": "Policy"}})
    e.function("orders", policy=[
        grant("lambda:InvokeFunction", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, sid="account"),
        grant("lambda:InvokeFunction", {"AWS": [refused, bounded, walker]}, sid="named"),
        grant("lambda:InvokeFunction", {"AWS": f"arn:aws:iam::{PARTNER}:role/feed"}, sid="partner"),
        grant("lambda:*", {"AWS": denied}, sid="not-denied") | {"Effect": "Deny"}])
    return e


@scenario
def user_who_can_let_themselves_call():
    e = sound()
    arn = f"arn:aws:iam::{ACCOUNT}:user/deployer"
    e.put("iam:user", arn, {"UserName": "deployer", "Arn": arn, "GroupList": ["deployers"], "AttachedManagedPolicies": []})
    statements = [allow("lambda:*", "*"), allow("lambda:Invoke*", "*", "Deny")]
    e.put("iam:group", f"arn:aws:iam::{ACCOUNT}:group/deployers", {
        "GroupName": "deployers", "AttachedManagedPolicies": [], "GroupPolicyList": [
            {"PolicyName": "deploy", "PolicyDocument": json.dumps({"Statement": statements})}]})
    return e


@scenario
def identities_denied():
    e = sound()
    for kind in ("user", "role", "group", "policy"):
        e.deny(f"iam:{kind}")
    return e
