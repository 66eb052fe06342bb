//! What a route of API Gateway leads to.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    evidence::{Gap, GapReason, Known},
    model::Integration,
};

/// The variables of a stage: their values, as far as they were kept.
#[derive(Default)]
pub(super) struct Variables(pub(super) BTreeMap<String, Value>);

impl Variables {
    /// A text with the variables of the stage put in.
    fn expand(&self, text: &str) -> Result<String, Gap> {
        const OPEN: &str = "${stageVariables.";
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, from)) = rest.split_once(OPEN) {
            let Some((name, after)) = from.split_once('}') else { break };
            let Some(Value::String(value)) = self.0.get(name) else {
                return Err(Gap::new(format!("the stage variable {name} in {text}"), GapReason::UnknownValue));
            };
            out.push_str(before);
            out.push_str(value);
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// The function that a URI leads to; none where it leads elsewhere.
pub(super) fn integration(uri: &str, role: Option<String>, variables: &Variables) -> Option<Integration> {
    let function = match variables.expand(uri) {
        // Without the variable nobody knows where it leads, unless it plainly leads to a service that is another.
        Err(gap) if uri.starts_with("${") || service(uri) == Some("lambda") => Known::Unknown(gap),
        Err(_) => return None,
        Ok(uri) => {
            if service(&uri) != Some("lambda") {
                return None;
            }
            match function(&uri) {
                Some(arn) => Known::Known(arn),
                None => Known::Unknown(Gap::new(format!("the function in {uri}"), GapReason::Unsupported)),
            }
        }
    };
    Some(Integration { function, role: role.filter(|role| !role.is_empty()) })
}

/// The service that a URI of the form `arn:P:lambda:…` or `arn:P:apigateway:R:lambda:…` names.
fn service(uri: &str) -> Option<&str> {
    let mut parts = uri.split(':');
    match (parts.next()?, parts.nth(1)?) {
        ("arn", "apigateway") => parts.nth(1).map(|service| service.rsplit('.').next().unwrap_or(service)),
        ("arn", service) => Some(service),
        _ => None,
    }
}

/// The ARN of the function, without `$LATEST`.
fn function(uri: &str) -> Option<String> {
    let arn = match uri.split_once("/functions/") {
        Some((_, rest)) => rest.split('/').next()?,
        None => uri,
    };
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "lambda", _, _, "function", _, "$LATEST"] => arn.strip_suffix(":$LATEST").map(str::to_owned),
        ["arn", _, "lambda", _, _, "function", _] | ["arn", _, "lambda", _, _, "function", _, _] => {
            Some(arn.to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:us-west-2:123456789012:function:orders";

    fn leads(uri: &str) -> Option<Known<String>> {
        let variables = [("fn", FUNCTION), ("name", "orders"), ("host", "example.com")];
        let variables = variables.map(|(name, value)| (name.to_owned(), Value::from(value)));
        integration(uri, None, &Variables(variables.into())).map(|found| found.function)
    }

    #[test]
    fn a_uri_leads_to_a_function_in_all_its_forms() {
        let path = |tail: &str| format!("arn:aws:apigateway:us-west-2:lambda:path/{tail}");
        for uri in [
            FUNCTION.to_owned(),
            "${stageVariables.fn}".into(),
            "arn:aws:lambda:us-west-2:123456789012:function:${stageVariables.name}".into(),
            path(&format!("2015-03-31/functions/{FUNCTION}/invocations")),
            path(&format!("2015-03-31/functions/{FUNCTION}:$LATEST/invocations")),
            path(&format!("2021-11-15/functions/{FUNCTION}/response-streaming-invocations")),
            path("2015-03-31/functions/${stageVariables.fn}/invocations"),
        ] {
            assert_eq!(leads(&uri), Some(Known::Known(FUNCTION.into())), "{uri}");
        }
    }

    #[test]
    fn what_leads_elsewhere_is_no_function_and_what_a_variable_hides_is_unknown() {
        for uri in [
            "https://example.com/${stageVariables.gone}",
            "arn:aws:apigateway:us-west-2:sqs:path/123456789012/queue",
            "arn:aws:apigateway:us-west-2:states:action/StartExecution",
            "arn:aws:apigateway:us-west-2:${stageVariables.x}.dynamodb:path/t",
            "https://${stageVariables.host}/",
        ] {
            assert_eq!(leads(uri), None, "{uri}");
        }
        for uri in [
            "${stageVariables.gone}",
            "arn:aws:apigateway:us-west-2:lambda:path/2015-03-31/functions/${stageVariables.gone}/invocations",
            "arn:aws:apigateway:us-west-2:lambda:action/InvokeAsync",
        ] {
            assert!(matches!(leads(uri), Some(Known::Unknown(_))), "{uri}");
        }
    }
}
