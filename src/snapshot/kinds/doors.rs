//! The kinds of what stands before Lambda functions, and of who may call them: layers, event sources, API Gateway, load
//! balancers, `CloudFront` and IAM. Ids are ARNs unless said otherwise.

use super::{
    Kind,
    aws::{each, list},
};

/// A layer of this account; id: the ARN without a version.
pub const LAYER: Kind = list("lambda:layer", "lambda:ListLayers");
/// `list-layer-versions`, all pages in one; id: the layer's ARN.
pub const LAYER_VERSIONS: Kind = each("lambda:layer-versions", "lambda:ListLayerVersions");
/// `get-layer-version-policy`; id: the version's ARN. `null`: no policy there.
pub const LAYER_POLICY: Kind = each("lambda:layer-policy", "lambda:GetLayerVersionPolicy");
/// An event source mapping; id: its UUID.
pub const EVENT_SOURCE_MAPPING: Kind = list("lambda:event-source-mapping", "lambda:ListEventSourceMappings");

/// A REST API as it can be edited; id: its id.
pub const REST_API: Kind = list("apigateway:rest-api", "apigateway:GetRestApis");
/// `get-stages`; id: the API's id.
pub const REST_STAGES: Kind = each("apigateway:stages", "apigateway:GetStages");
/// `get-export --export-type oas30 --parameters extensions=apigateway`: what is deployed on a stage; id: `API/STAGE`.
/// Kept of it: `paths` with each method's `security`, `x-amazon-apigateway-auth` and `x-amazon-apigateway-integration`
/// (`type`, `uri`, `httpMethod`, `credentials`, `connectionType`), `security`, `components.securitySchemes` and
/// `x-amazon-apigateway-policy`.
pub const REST_EXPORT: Kind = each("apigateway:export", "apigateway:GetExport");
/// What a path of an export may do, as `OpenAPI` and API Gateway name it; its other keys are no methods.
pub const METHODS: [&str; 10] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query", "x-amazon-apigateway-any-method"];
/// A custom domain as `get-domain-names` gives it, of REST APIs and edge-optimised; id: its name, or its ARN where it is private.
pub const REST_DOMAIN: Kind = list("apigateway:domain-name", "apigateway:GetDomainNames");
/// `get-base-path-mappings`, all pages in one; id as [`REST_DOMAIN`].
pub const REST_MAPPINGS: Kind = each("apigateway:base-path-mappings", "apigateway:GetBasePathMappings");

/// An HTTP or WebSocket API; id: its id.
pub const HTTP_API: Kind = list("apigatewayv2:api", "apigateway:GetApis");
/// `get-stages`, all pages in one; id: the API's id.
pub const HTTP_STAGES: Kind = each("apigatewayv2:stages", "apigateway:GetStages");
/// `get-routes`, all pages in one: as they can be edited; id: the API's id.
pub const HTTP_ROUTES: Kind = each("apigatewayv2:routes", "apigateway:GetRoutes");
/// `get-integrations`, all pages in one; id: the API's id.
pub const HTTP_INTEGRATIONS: Kind = each("apigatewayv2:integrations", "apigateway:GetIntegrations");
/// `export-api` of a stage of an HTTP API that does not deploy by itself; id: `API/STAGE`. Kept as of [`REST_EXPORT`].
pub const HTTP_EXPORT: Kind = each("apigatewayv2:export", "apigateway:ExportApi");
/// A custom domain as the second version of the API gives it; id: its name.
pub const HTTP_DOMAIN: Kind = list("apigatewayv2:domain-name", "apigateway:GetDomainNames");
/// `get-api-mappings`, all pages in one; id: the domain's name.
pub const HTTP_MAPPINGS: Kind = each("apigatewayv2:api-mappings", "apigateway:GetApiMappings");

/// A load balancer.
pub const LOAD_BALANCER: Kind =
    list("elasticloadbalancing:load-balancer", "elasticloadbalancing:DescribeLoadBalancers");
/// A target group whose targets are functions; no others are kept.
pub const TARGET_GROUP: Kind = list("elasticloadbalancing:target-group", "elasticloadbalancing:DescribeTargetGroups");
/// `describe-target-health` of such a group; id: the group's ARN.
pub const TARGET_HEALTH: Kind = each("elasticloadbalancing:target-health", "elasticloadbalancing:DescribeTargetHealth");
/// `describe-listeners` of a load balancer that such a group names, all pages in one; id: the balancer's ARN.
pub const LISTENERS: Kind = each("elasticloadbalancing:listeners", "elasticloadbalancing:DescribeListeners");
/// `describe-rules` of such a listener, all pages in one; id: the listener's ARN. Kept of conditions and actions: what
/// they match, their types, and where they forward to.
pub const LISTENER_RULES: Kind = each("elasticloadbalancing:rules", "elasticloadbalancing:DescribeRules");

/// A distribution as `list-distributions` gives it, without the values of its origins' headers.
pub const DISTRIBUTION: Kind = list("cloudfront:distribution", "cloudfront:ListDistributions");

/// A user, with policies as JSON text (not URL-encoded), as in all of IAM here.
pub const USER: Kind = list("iam:user", "iam:GetAccountAuthorizationDetails");
/// A role.
pub const ROLE: Kind = list("iam:role", "iam:GetAccountAuthorizationDetails");
/// A group.
pub const GROUP: Kind = list("iam:group", "iam:GetAccountAuthorizationDetails");
/// A managed policy that somebody has, with its default version only.
pub const MANAGED_POLICY: Kind = list("iam:policy", "iam:GetAccountAuthorizationDetails");
