//! A server on loopback that knows which AWS operation it is asked for, and does with it what a test wants.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use rustls::ServerConfig;

pub(crate) use crate::http::Reply;
use crate::http::{Raw, Server};

/// A request, as far as answers depend on it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) operation: String,
    /// The key that it was signed with.
    pub(crate) key: String,
    /// The region and the service that the request was signed for.
    pub(crate) region: String,
    pub(crate) service: String,
    /// Not encoded.
    pub(crate) path: String,
    parameters: String,
}

impl Request {
    fn of(raw: &Raw) -> Self {
        let authorization = raw.headers.get("authorization").map_or("", String::as_str);
        let signed: Vec<&str> = authorization.split('/').collect();
        let of = |part: usize| signed.get(part).copied().unwrap_or_default().to_owned();
        let path = raw.path.replace("%3A", ":").replace("%24", "$");
        let target = raw.headers.get("x-amz-target").and_then(|target| target.rsplit('.').next());
        let action = raw.body.split('&').find_map(|pair| pair.strip_prefix("Action="));
        Self {
            operation: target.or(action).unwrap_or_else(|| by_path(&raw.method, &path)).to_owned(),
            key: of(0).rsplit('=').next().unwrap_or_default().to_owned(),
            region: of(2),
            service: of(3),
            path,
            parameters: format!("{}&{}", raw.query, raw.body),
        }
    }

    /// Whether the path names this function, or the body or query holds this text.
    pub(crate) fn names(&self, text: &str) -> bool {
        self.path.contains(&format!("/{text}/"))
            || self.path.ends_with(&format!("/{text}"))
            || self.parameters.contains(text)
    }

    /// What is asked, to the letter.
    pub(crate) fn asked(&self) -> String {
        format!("{} {} {}", self.operation, self.path, self.parameters)
    }

    /// The page token that was sent.
    pub(crate) fn token(&self) -> Option<&str> {
        let names = ["NextToken=", "Marker=", "nextToken=", "position="];
        let pair = self.parameters.split('&').find_map(|pair| names.iter().find_map(|name| pair.strip_prefix(name)));
        let of = |name: &str| self.parameters.split_once(&format!("\"{name}\":\""))?.1.split('"').next();
        let in_json = || of("NextToken").or_else(|| of("nextToken"));
        pair.or_else(in_json)
    }

    /// The request as somebody else would make it.
    pub(crate) fn with(&self, is: &str, becomes: &str) -> Self {
        let swap = |text: &str| text.replace(is, becomes);
        Self { path: swap(&self.path), parameters: swap(&self.parameters), ..self.clone() }
    }

    /// Whether it is of the second version of API Gateway.
    pub(crate) fn is_v2(&self) -> bool {
        self.path.starts_with("/v2/")
    }

    pub(crate) fn is_xml(&self) -> bool {
        ["sts", "ec2", "elasticloadbalancing", "iam", "cloudfront"].contains(&self.service.as_str())
    }

    pub(crate) fn is_lambda(&self) -> bool {
        self.service == "lambda"
    }
}

impl Reply {
    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self::text(200, body)
    }

    /// An error in the form of the service that was asked.
    pub(crate) fn error(request: &Request, status: u16, code: &str, said: &str) -> Self {
        let (headers, body) = if request.is_xml() && request.service != "ec2" {
            let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{said}</Message></Error>");
            (Vec::new(), format!("<ErrorResponse>{error}<RequestId>r-1</RequestId></ErrorResponse>"))
        } else if request.is_xml() {
            let error = format!("<Errors><Error><Code>{code}</Code><Message>{said}</Message></Error></Errors>");
            (Vec::new(), format!("<Response>{error}<RequestID>r-1</RequestID></Response>"))
        } else {
            let body = serde_json::json!({"__type": code, "Message": said, "message": said}).to_string();
            (vec![("x-amzn-ErrorType", code.to_owned())], body)
        };
        Self::Text { status, headers, body }
    }
}

/// The server. It stops when it is dropped.
pub(crate) struct Stub {
    server: Server,
    counts: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Stub {
    /// Serves these answers. Each gets the request, and how many of its operation came before it.
    pub(crate) fn start(answer: impl Fn(&Request, u64) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(None, answer)
    }

    /// The same by TLS, where there is a configuration of it.
    pub(crate) fn with(
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(&Request, u64) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let counts = Arc::new(Mutex::new(BTreeMap::new()));
        let counted = Arc::clone(&counts);
        let server = Server::start(tls, move |raw| {
            let request = Request::of(&raw);
            let nth = {
                let mut counts = counted.lock().expect("no panic");
                let count = counts.entry(request.operation.clone()).or_default();
                *count += 1;
                *count - 1
            };
            (answer(&request, nth), if request.is_xml() { "text/xml" } else { "application/json" })
        });
        Self { server, counts }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    /// How many requests an operation got.
    pub(crate) fn count(&self, operation: &str) -> u64 {
        self.counts.lock().expect("no panic").get(operation).copied().unwrap_or(0)
    }
}

/// The operation of a service that has paths. Those of API Gateway's second version that bear the name of one of the first
/// are told apart by `V2`.
fn by_path(method: &str, path: &str) -> &'static str {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    if method != "GET" {
        return match parts.as_slice() {
            [_, "web-functions"] => "ListWebFunctions",
            [_, "web-functions", _, "list-endpoints"] => "ListWebFunctionEndpoints",
            _ => "unknown",
        };
    }
    match parts.as_slice() {
        [_, "web-functions", _, "revisions", _] => "GetWebFunctionRevision",
        [_, "microvms"] => "ListMicrovms",
        [_, "microvms", _] => "GetMicrovm",
        [_, "network-connectors", _] => "GetNetworkConnector",
        [_, "functions"] => "ListFunctions",
        [_, "functions", _] => "GetFunction",
        [_, "functions", _, "aliases"] => "ListAliases",
        [_, "functions", _, "policy"] => "GetPolicy",
        [_, "functions", _, "urls"] => "ListFunctionUrlConfigs",
        [_, "functions", _, "url"] => "GetFunctionUrlConfig",
        [_, "functions", _, "code-signing-config"] => "GetFunctionCodeSigningConfig",
        [_, "code-signing-configs", _] => "GetCodeSigningConfig",
        [_, "resource-policy", _] => "GetResourcePolicy",
        [_, "capacity-providers", _] => "GetCapacityProvider",
        [_, "layers"] => "ListLayers",
        [_, "layers", _, "versions"] => "ListLayerVersions",
        [_, "layers", _, "versions", _, "policy"] => "GetLayerVersionPolicy",
        [_, "event-source-mappings"] => "ListEventSourceMappings",
        [_, "distribution"] => "ListDistributions",
        ["restapis"] => "GetRestApis",
        ["restapis", _, "stages"] => "GetStages",
        ["restapis", _, "stages", _, "exports", "oas30"] => "GetExport",
        ["domainnames"] => "GetDomainNames",
        ["domainnames", _, "basepathmappings"] => "GetBasePathMappings",
        ["v2", "apis"] => "GetApis",
        ["v2", "apis", _, "stages"] => "GetStagesV2",
        ["v2", "apis", _, "routes"] => "GetRoutes",
        ["v2", "apis", _, "integrations"] => "GetIntegrations",
        ["v2", "apis", _, "exports", "OAS30"] => "ExportApi",
        ["v2", "domainnames"] => "GetDomainNamesV2",
        ["v2", "domainnames", _, "apimappings"] => "GetApiMappings",
        _ => "unknown",
    }
}
