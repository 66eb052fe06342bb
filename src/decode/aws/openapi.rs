//! What an export of API Gateway says is deployed: an `OpenAPI` document with extensions.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::integration::{Variables, integration};
use crate::{
    model::{ApiRoute, Authorization, Deployment},
    snapshot::kinds::doors::METHODS,
};

#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(default)]
    paths: BTreeMap<String, BTreeMap<String, Value>>,
    security: Option<Vec<Requirement>>,
    #[serde(default)]
    components: Components,
    #[serde(rename = "x-amazon-apigateway-policy")]
    policy: Option<Value>,
}

/// The schemes that must all be met, each with its scopes.
type Requirement = BTreeMap<String, Value>;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Components {
    #[serde(default)]
    security_schemes: BTreeMap<String, Scheme>,
}

#[derive(Deserialize)]
struct Scheme {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    #[serde(rename = "x-amazon-apigateway-authtype")]
    authentication: Option<String>,
    #[serde(rename = "x-amazon-apigateway-authorizer")]
    authorizer: Option<Authorizer>,
}

#[derive(Deserialize)]
struct Authorizer {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct Method {
    security: Option<Vec<Requirement>>,
    #[serde(rename = "x-amazon-apigateway-auth")]
    authentication: Option<Authentication>,
    #[serde(rename = "x-amazon-apigateway-integration")]
    integration: Option<IntegrationWire>,
}

#[derive(Deserialize)]
struct Authentication {
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
struct IntegrationWire {
    uri: Option<String>,
    credentials: Option<String>,
}

/// What is deployed.
pub(super) fn deployment(document: Document, variables: &Variables) -> Result<Deployment, String> {
    let mut routes = Vec::new();
    for (path, item) in &document.paths {
        for (verb, body) in item.iter().filter(|(verb, _)| METHODS.contains(&verb.as_str())) {
            let method: Method =
                serde_json::from_value(body.clone()).map_err(|error| format!("{verb} {path}: {error}"))?;
            let verb = if verb.starts_with("x-") { "ANY".to_owned() } else { verb.to_uppercase() };
            let asked = method.security.as_ref().or(document.security.as_ref());
            let (authorization, api_key) =
                guard(method.authentication.as_ref(), asked, &document.components.security_schemes);
            routes.push(ApiRoute {
                // An HTTP API exports its catch-all route so.
                key: if path == "/$default" { "$default".into() } else { format!("{verb} {path}") },
                authorization,
                api_key,
                integration: method
                    .integration
                    .and_then(|wire| integration(wire.uri.as_deref()?, wire.credentials, variables)),
            });
        }
    }
    let policy = document.policy.filter(|policy| !policy.is_null()).map(|policy| policy.to_string());
    Ok(Deployment { routes, policy })
}

/// How a method asks its callers who they are, and whether it wants an API key.
fn guard(
    authentication: Option<&Authentication>,
    asked: Option<&Vec<Requirement>>,
    schemes: &BTreeMap<String, Scheme>,
) -> (Authorization, bool) {
    let mut found = match authentication.and_then(|own| own.kind.as_deref()).map(str::to_uppercase).as_deref() {
        Some("AWS_IAM") => Authorization::Iam,
        _ => Authorization::None,
    };
    let mut api_key = false;
    let asked = asked.map(Vec::as_slice).unwrap_or_default();
    // One that asks for nothing is enough to get in.
    if asked.iter().any(BTreeMap::is_empty) {
        return (found, false);
    }
    for name in asked.iter().flat_map(BTreeMap::keys) {
        match schemes.get(name).map_or_else(|| Some(Authorization::Other(name.clone())), |scheme| scheme.asks(name)) {
            None => api_key = true,
            Some(other) if found == Authorization::None => found = other,
            Some(_) => {}
        }
    }
    (found, api_key)
}

impl Scheme {
    /// What it asks; none where an API key is all.
    fn asks(&self, name: &str) -> Option<Authorization> {
        let authorizer = self.authorizer.as_ref().and_then(|own| own.kind.as_deref());
        Some(match (self.authentication.as_deref(), authorizer) {
            (Some(kind), _) if kind.eq_ignore_ascii_case("awsSigv4") => Authorization::Iam,
            (_, Some("jwt")) => Authorization::Authoriser("jwt"),
            (_, Some("cognito_user_pools")) | (Some("cognito_user_pools"), None) => {
                Authorization::Authoriser("cognito")
            }
            // Whatever else is written there is the name of an authoriser.
            (_, Some("token" | "request")) | (Some(_), None) => Authorization::Authoriser("lambda"),
            (None, None) if self.is_api_key() => return None,
            _ => Authorization::Other(name.to_owned()),
        })
    }

    fn is_api_key(&self) -> bool {
        let header = self.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("x-api-key"));
        self.kind.as_deref() == Some("apiKey") && header
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(document: Value) -> Deployment {
        let document = serde_json::from_value(document).expect("a document");
        deployment(document, &Variables::default()).expect("routes")
    }

    #[test]
    fn a_query_is_a_method_too() {
        let found = read(json!({"paths": {"/a": {"query": {}, "parameters": []}}}));
        assert_eq!(found.routes.iter().map(|route| route.key.as_str()).collect::<Vec<_>>(), ["QUERY /a"]);
    }

    #[test]
    fn a_scheme_that_is_not_described_is_not_nothing() {
        let found = read(json!({"paths": {"/a": {"get": {"security": [{"mystery": []}]}}}}));
        assert_eq!(found.routes[0].authorization, Authorization::Other("mystery".into()));
    }

    #[test]
    fn a_method_that_asks_for_a_key_alone_asks_nobody_who_they_are() {
        let schemes = json!({"k": {"type": "apiKey", "name": "x-api-key", "in": "header"},
            "sigv4": {"type": "apiKey", "name": "Authorization", "x-amazon-apigateway-authtype": "awsSigv4"}});
        let found = read(json!({"components": {"securitySchemes": schemes}, "paths": {
            "/a": {"x-amazon-apigateway-any-method": {"security": [{"k": []}]}},
            "/b": {"post": {"security": [{"sigv4": []}, {"k": []}]}},
            "/c": {"post": {"security": [{"sigv4": []}, {}]}, "parameters": []},
        }}));
        let seen: Vec<_> = found.routes.iter().map(|it| (it.key.as_str(), &it.authorization, it.api_key)).collect();
        assert_eq!(
            seen,
            [
                ("ANY /a", &Authorization::None, true),
                ("POST /b", &Authorization::Iam, true),
                ("POST /c", &Authorization::None, false)
            ]
        );
    }
}
