//! What is kept of an exported API: its methods, who may call them, and what they lead to.
//!
//! Templates, examples, models and descriptions stay outside.

use serde_json::{Map, Value};

use super::failure::Failure;
use crate::snapshot::{kinds::doors::METHODS, looks_like};

const INTEGRATION: &str = "x-amazon-apigateway-integration";
const AUTHENTICATION: &str = "x-amazon-apigateway-auth";
const AUTHORIZER: &str = "x-amazon-apigateway-authorizer";
const POLICY: &str = "x-amazon-apigateway-policy";

/// The part of an exported document that is kept.
pub(super) fn trimmed(document: &[u8]) -> Result<Value, Failure> {
    let document: Value =
        serde_json::from_slice(document).map_err(|_| Failure::malformed("the export is not a JSON document"))?;
    let lacks = || Failure::malformed("the export lacks its paths");
    let paths = document.get("paths").and_then(Value::as_object).ok_or_else(lacks)?;
    let mut kept = Map::new();
    for (path, methods) in paths {
        let mut of_path = Map::new();
        for (name, method) in methods.as_object().ok_or_else(lacks)? {
            if METHODS.contains(&name.as_str()) {
                of_path.insert(name.clone(), Value::Object(operation(&document, method)?));
            }
        }
        kept.insert(path.clone(), Value::Object(of_path));
    }
    let mut export = only(&document, &["openapi", "security", POLICY]);
    export.insert("paths".into(), Value::Object(kept));
    if let Some(Value::Object(schemes)) = document.pointer("/components/securitySchemes") {
        let kept = schemes.iter().map(|(name, own)| (name.clone(), scheme(own)));
        let components = Map::from_iter([("securitySchemes".to_owned(), Value::Object(kept.collect()))]);
        export.insert("components".into(), Value::Object(components));
    }
    Ok(Value::Object(export))
}

/// Who is asked to let callers in, and not how.
fn scheme(scheme: &Value) -> Value {
    let mut kept = only(scheme, &["type", "name", "in", "x-amazon-apigateway-authtype"]);
    if let Some(authorizer) = scheme.get(AUTHORIZER) {
        kept.insert(AUTHORIZER.into(), Value::Object(only(authorizer, &["type", "authorizerUri", "providerARNs"])));
    }
    Value::Object(kept)
}

fn operation(document: &Value, method: &Value) -> Result<Map<String, Value>, Failure> {
    let mut kept = only(method, &["security", AUTHENTICATION]);
    if let Some(integration) = method.get(INTEGRATION) {
        let integration = resolved(document, integration)?;
        let mut trimmed = only(integration, &["type", "httpMethod", "credentials", "connectionType"]);
        if let Some(uri) = integration.get("uri").and_then(Value::as_str).and_then(address) {
            trimmed.insert("uri".into(), uri.into());
        }
        kept.insert(INTEGRATION.into(), Value::Object(trimmed));
    }
    Ok(kept)
}

/// An integration, which may be written among the components of the document.
fn resolved<'a>(document: &'a Value, integration: &'a Value) -> Result<&'a Value, Failure> {
    let found = match integration.get("$ref") {
        None => Some(integration),
        Some(place) => place.as_str().and_then(|place| document.pointer(place.strip_prefix('#')?)),
    };
    found
        .filter(|found| found.is_object())
        .ok_or_else(|| Failure::malformed("an integration of the export is not there"))
}

/// The address of an integration, without what may be secret in it; none where all of it may be.
pub(super) fn address(uri: &str) -> Option<String> {
    if uri.starts_with("arn:") {
        return Some(uri.into());
    }
    let plain = uri.split(['?', '#']).next().unwrap_or_default();
    looks_like("uri", plain).is_none().then(|| plain.into())
}

fn only(value: &Value, keys: &[&str]) -> Map<String, Value> {
    let of = |key: &&str| Some(((*key).to_owned(), value.get(key)?.clone()));
    keys.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_export_keeps_who_may_call_what() {
        let document = json!({
            "openapi": "3.0.1",
            "info": {"title": "secret plans", "version": "1"},
            "servers": [{"url": "https://x/{basePath}"}],
            "paths": {"/": {
                "parameters": [{"name": "id", "example": "secret"}],
                "get": {
                    "description": "secret", "security": [{"api_key": []}], "responses": {},
                    "x-amazon-apigateway-auth": {"type": "AWS_IAM"},
                    "x-amazon-apigateway-integration": {
                        "type": "aws_proxy", "httpMethod": "POST", "uri": "arn:aws:apigateway:r:lambda:path/x",
                        "credentials": "arn:role", "requestTemplates": {"application/json": "secret"},
                        "responses": {"default": {"responseTemplates": {}}},
                    },
                },
                "x-amazon-apigateway-any-method": {
                    "x-amazon-apigateway-integration": {"$ref": "#/components/x-amazon-apigateway-integrations/one"},
                },
            }},
            "components": {
                "schemas": {"Secret": {}},
                "securitySchemes": {"api_key": {"type": "apiKey", "description": "secret", "name": "x", "in": "header"}},
                "x-amazon-apigateway-integrations": {"one": {"type": "http_proxy", "uri": "https://h/p?key=secret"}},
            },
            "x-amazon-apigateway-policy": {"Statement": []},
        });
        assert_eq!(
            trimmed(document.to_string().as_bytes()),
            Ok(json!({
                "openapi": "3.0.1",
                "paths": {"/": {
                    "get": {
                        "security": [{"api_key": []}],
                        "x-amazon-apigateway-auth": {"type": "AWS_IAM"},
                        "x-amazon-apigateway-integration": {
                            "type": "aws_proxy", "httpMethod": "POST", "uri": "arn:aws:apigateway:r:lambda:path/x",
                            "credentials": "arn:role",
                        },
                    },
                    "x-amazon-apigateway-any-method": {
                        "x-amazon-apigateway-integration": {"type": "http_proxy", "uri": "https://h/p"},
                    },
                }},
                "components": {"securitySchemes": {"api_key": {"type": "apiKey", "name": "x", "in": "header"}}},
                "x-amazon-apigateway-policy": {"Statement": []},
            }))
        );
    }

    #[test]
    fn what_is_no_export_is_not_an_api_without_methods() {
        for text in ["", "[]", "{}", r#"{"paths": []}"#, r#"{"paths": {"/": null}}"#] {
            assert!(trimmed(text.as_bytes()).is_err(), "{text}");
        }
        let elsewhere = json!({"paths": {"/": {"get": {INTEGRATION: {"$ref": "#/components/none"}}}}});
        assert!(trimmed(elsewhere.to_string().as_bytes()).is_err());
        assert_eq!(trimmed(br#"{"paths": {}}"#), Ok(json!({"paths": {}})));
    }

    #[test]
    fn an_address_loses_what_may_be_secret() {
        let function = "arn:aws:apigateway:r:lambda:path/2015-03-31/functions/${stageVariables.f}/invocations";
        assert_eq!(address(function).as_deref(), Some(function));
        assert_eq!(address("https://h/p?key=1").as_deref(), Some("https://h/p"));
        assert_eq!(address("https://user:hunter22@h/p"), None);
    }
}
