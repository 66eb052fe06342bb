//! What stands before the function, and who may call it: layers, API Gateway, load balancers, `CloudFront` and IAM.

use serde_json::{Value, json};

use super::{ARN, SECRETS};

pub(crate) const LAYER: &str = "arn:aws:lambda:us-west-2:123456789012:layer:l";
const PATH: &str = "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions";

/// What the services answer that speak JSON.
pub(super) fn json(operation: &str) -> Option<Value> {
    Some(match operation {
        "ListLayers" => json!({"Layers": [{"LayerName": "l", "LayerArn": LAYER, "LatestMatchingVersion": version(2)}]}),
        "ListLayerVersions" => json!({"LayerVersions": [version(2), version(1)]}),
        "GetLayerVersionPolicy" => json!({"Policy": "{\"Statement\":[]}", "RevisionId": "r"}),
        "ListEventSourceMappings" => json!({"EventSourceMappings": [{
            "UUID": "e-1", "FunctionArn": ARN, "State": "Enabled", "BatchSize": 10,
            "EventSourceArn": "arn:aws:sqs:us-west-2:123456789012:q",
            "FilterCriteria": {"Filters": [{"Pattern": SECRETS[3]}]},
            "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": SECRETS[3]}],
            "SelfManagedEventSource": {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["b.example.com:9092"]}},
        }]}),
        "GetRestApis" => json!({"item": [{
            "id": "r1", "name": "rest", "description": SECRETS[3], "createdDate": 0, "policy": "{}",
            "endpointConfiguration": {"types": ["REGIONAL"]}, "disableExecuteApiEndpoint": true,
        }]}),
        "GetStages" => json!({"item": [{
            "stageName": "prod", "deploymentId": "d1", "description": SECRETS[3], "tags": {"a": SECRETS[3]},
            "variables": {"function": "f", "TOKEN": SECRETS[1]},
        }]}),
        "GetExport" => export(&format!(
            "{PATH}/arn:aws:lambda:us-west-2:123456789012:function:${{stageVariables.function}}/invocations"
        )),
        "GetDomainNames" => json!({"item": [
            {"domainName": "r.example.com", "regionalDomainName": "d-1", "endpointConfiguration": {"types": ["REGIONAL"]}},
        ]}),
        "GetBasePathMappings" => json!({"item": [{"basePath": "(none)", "restApiId": "r1", "stage": "prod"}]}),
        "GetApis" => json!({"items": [{
            "apiId": "h1", "name": "http", "protocolType": "HTTP", "apiEndpoint": "https://h1.example.com",
            "routeSelectionExpression": "$request.method $request.path",
        }]}),
        "GetStagesV2" => json!({"items": [
            {"stageName": "$default", "autoDeploy": true},
            {"stageName": "held", "autoDeploy": false, "stageVariables": {"f": "f", "key": SECRETS[1]}},
        ]}),
        "GetRoutes" => json!({"items": [
            {"routeId": "t1", "routeKey": "$default", "authorizationType": "NONE", "target": "integrations/i1"},
        ]}),
        "GetIntegrations" => json!({"items": [{
            "integrationId": "i1", "integrationType": "AWS_PROXY", "integrationUri": ARN,
            "requestTemplates": {"x": SECRETS[3]},
        }]}),
        "ExportApi" => export(ARN),
        "GetDomainNamesV2" => json!({"items": [{"domainName": "h.example.com", "domainNameConfigurations": []}]}),
        "GetApiMappings" => {
            json!({"items": [{"apiId": "h1", "apiMappingId": "m1", "apiMappingKey": "", "stage": "held"}]})
        }
        _ => return None,
    })
}

fn version(number: u64) -> Value {
    json!({"LayerVersionArn": format!("{LAYER}:{number}"), "Version": number, "Description": SECRETS[3]})
}

fn export(uri: &str) -> Value {
    json!({
        "openapi": "3.0.1", "info": {"title": SECRETS[3]},
        "paths": {"/": {"get": {
            "description": SECRETS[3], "responses": {},
            "x-amazon-apigateway-integration": {
                "type": "aws_proxy", "httpMethod": "POST", "uri": uri, "requestTemplates": {"x": SECRETS[3]},
            },
        }}},
        "components": {"schemas": {"S": {"example": SECRETS[3]}}},
    })
}

/// What the services answer that speak XML, without what is around it.
pub(super) fn xml(operation: &str) -> Option<String> {
    let secret = SECRETS[3];
    let balancer = "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/b/1";
    let group = "arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/g/1";
    let listener = "arn:aws:elasticloadbalancing:us-west-2:123456789012:listener/app/b/1/2";
    let forward = format!("<member><Type>forward</Type><TargetGroupArn>{group}</TargetGroupArn></member>");
    Some(match operation {
        "DescribeLoadBalancers" => format!(
            "<LoadBalancers><member><LoadBalancerArn>{balancer}</LoadBalancerArn><Scheme>internet-facing</Scheme>\
             <SecurityGroups><member>sg-1</member></SecurityGroups></member></LoadBalancers>"
        ),
        "DescribeTargetGroups" => format!(
            "<TargetGroups><member><TargetGroupArn>{group}</TargetGroupArn><TargetType>lambda</TargetType>\
             <LoadBalancerArns><member>{balancer}</member></LoadBalancerArns></member>\
             <member><TargetGroupArn>{group}0</TargetGroupArn><TargetType>ip</TargetType>\
             <LoadBalancerArns><member>{balancer}0</member></LoadBalancerArns></member></TargetGroups>"
        ),
        "DescribeTargetHealth" => format!(
            "<TargetHealthDescriptions><member><Target><Id>{ARN}</Id></Target><TargetHealth><State>unavailable</State>\
             </TargetHealth></member></TargetHealthDescriptions>"
        ),
        "DescribeListeners" => format!(
            "<Listeners><member><ListenerArn>{listener}</ListenerArn><Port>443</Port><Protocol>HTTPS</Protocol>\
             <DefaultActions><member><Type>authenticate-oidc</Type><Order>1</Order><AuthenticateOidcConfig>\
             <Issuer>https://i/</Issuer><ClientSecret>{secret}</ClientSecret><OnUnauthenticatedRequest>allow</OnUnauthenticatedRequest>\
             </AuthenticateOidcConfig></member>{forward}</DefaultActions></member></Listeners>"
        ),
        "DescribeRules" => format!(
            "<Rules><member><RuleArn>{listener}/3</RuleArn><Priority>1</Priority><Conditions><member><Field>http-header</Field>\
             <HttpHeaderConfig><HttpHeaderName>X-Origin</HttpHeaderName><Values><member>{secret}</member></Values>\
             </HttpHeaderConfig></member></Conditions><Actions>{forward}</Actions></member></Rules>"
        ),
        "ListDistributions" => format!(
            "<MaxItems>100</MaxItems><IsTruncated>false</IsTruncated><Quantity>1</Quantity><Items>{}</Items>",
            distribution("E1")
        ),
        "GetAccountAuthorizationDetails" => identities(),
        _ => return None,
    })
}

/// A distribution before the function's URL.
pub(crate) fn distribution(id: &str) -> String {
    let headers = format!(
        "<CustomHeaders><Quantity>1</Quantity><Items><OriginCustomHeader><HeaderName>X-Origin</HeaderName>\
         <HeaderValue>{}</HeaderValue></OriginCustomHeader></Items></CustomHeaders>",
        SECRETS[3]
    );
    format!(
        "<DistributionSummary><Id>{id}</Id><ARN>arn:aws:cloudfront::123456789012:distribution/{id}</ARN>\
         <DomainName>d.example.com</DomainName><Enabled>true</Enabled><Origins><Quantity>1</Quantity><Items><Origin>\
         <Id>o</Id><DomainName>u.lambda-url.us-west-2.on.aws</DomainName>{headers}</Origin></Items></Origins>\
         <DefaultCacheBehavior><TargetOriginId>o</TargetOriginId><ViewerProtocolPolicy>https-only</ViewerProtocolPolicy>\
         </DefaultCacheBehavior><Comment>{}</Comment></DistributionSummary>",
        SECRETS[3]
    )
}

fn identities() -> String {
    let document = "%7B%22Version%22%3A%20%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
    let of = |kind: &str, name: &str| format!("<Arn>arn:aws:iam::123456789012:{kind}/{name}</Arn>");
    let inline = format!("<member><PolicyName>p</PolicyName><PolicyDocument>{document}</PolicyDocument></member>");
    let version = |id: &str| {
        format!(
            "<member><VersionId>{id}</VersionId><IsDefaultVersion>{}</IsDefaultVersion><Document>{document}</Document></member>",
            id == "v2"
        )
    };
    let policy = |name: &str, count: u64| {
        format!(
            "<member>{}<DefaultVersionId>v2</DefaultVersionId><AttachmentCount>{count}</AttachmentCount>\
             <PolicyVersionList>{}{}</PolicyVersionList></member>",
            of("policy", name),
            version("v1"),
            version("v2")
        )
    };
    format!(
        "<IsTruncated>false</IsTruncated><UserDetailList><member>{}<UserName>u</UserName><Tags><member><Key>k</Key>\
         <Value>{}</Value></member></Tags></member></UserDetailList><RoleDetailList><member>{}<RoleName>r</RoleName>\
         <AssumeRolePolicyDocument>{document}</AssumeRolePolicyDocument></member></RoleDetailList><GroupDetailList><member>{}\
         <GroupPolicyList>{inline}</GroupPolicyList></member></GroupDetailList><Policies>{}{}</Policies>",
        of("user", "u"),
        SECRETS[3],
        of("role", "r"),
        of("group", "g"),
        policy("used", 1),
        policy("idle", 0)
    )
}
