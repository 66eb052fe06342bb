//! Takes secrets out of a body before it becomes a record.
//!
//! Of a function's environment the names stay and the values go. A value that looks like a credential leaves a flag
//! behind, `{"looks_like": "github-token"}`, so that a rule can name the variable without anyone keeping the value.

mod policies;

use serde_json::{Value, json};

use super::{credentials::looks_like, unknown};

/// The condition key whose value is a shared secret.
const TOKEN_KEY: &str = "eventsourcetoken";

/// How secrets are taken out of a body, in place. Markers of unknown values stay: they hold none.
type Redaction = fn(&mut Value);

/// How a record of this kind is redacted; none where there is nothing to take out.
pub(super) fn of(kind: &str) -> Option<Redaction> {
    let redaction: Redaction = match kind {
        "lambda:function" | "lambda:version" | "lambda:function-detail" => lambda,
        "lambda:web-function-revision" => web_function,
        "lambda:policy" => function_policy,
        "apigateway:stages" | "apigatewayv2:stages" => stages,
        "functions:function" => function,
        "run:service" | "run:revision" | "run:job" | "run:worker-pool" => cloud_run,
        kind if policies::KINDS.contains(&kind) => policies::without_credentials,
        _ => return None,
    };
    Some(redaction)
}

fn lambda(body: &mut Value) {
    environments(body, &["/Environment/Variables", "/Configuration/Environment/Variables"]);
    // A presigned address opens the code to whoever holds it.
    if let Some(Value::Object(code)) = body.get_mut("Code") {
        code.remove("Location");
    }
}

fn web_function(body: &mut Value) {
    environments(body, &["/serviceConfig/environmentVariables"]);
}

fn function_policy(body: &mut Value) {
    policy(body);
    policies::without_credentials(body);
}

fn function(body: &mut Value) {
    environments(body, &FUNCTION_ENVIRONMENTS);
    asides(body);
}

fn cloud_run(body: &mut Value) {
    containers(body);
    asides(body);
}

/// Where functions of Google Cloud keep variables, in the forms of v1 and v2.
const FUNCTION_ENVIRONMENTS: [&str; 4] = [
    "/environmentVariables",
    "/buildEnvironmentVariables",
    "/serviceConfig/environmentVariables",
    "/buildConfig/environmentVariables",
];

/// The lists of containers of Cloud Run, wherever they stand: in services, revisions, jobs and pools, of v2 and Knative.
fn containers(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                match (key.as_str(), value) {
                    ("containers" | "initContainers", Value::Array(list)) => list.iter_mut().for_each(container),
                    // Of a source that Cloud Run builds itself.
                    ("environmentVariables", Value::Object(variables)) => environment(variables),
                    (_, value) => containers(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(containers),
        _ => {}
    }
}

/// What people and tools write beside the settings of a workload, in words of their own: no rule reads it, and anything may
/// stand in it.
const ASIDES: [&str; 12] = [
    "args",
    "command",
    "description",
    "livenessProbe",
    "managedFields",
    "message",
    "mountOptions",
    "readinessProbe",
    "sourceToken",
    "sourceUploadUrl",
    "startupProbe",
    "stateMessages",
];

fn asides(value: &mut Value) {
    match value {
        Value::Object(object) if !object.contains_key(unknown::KEY) => {
            object.retain(|key, _| !ASIDES.contains(&key.as_str()));
            for (key, value) in object.iter_mut() {
                match (key.as_str(), value) {
                    ("labels", Value::Object(labels)) => labels.retain(|key, _| is_ours_or_googles(key)),
                    ("annotations", Value::Object(annotations)) => annotations.retain(|key, _| is_setting(key)),
                    (_, value) => asides(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(asides),
        _ => {}
    }
}

/// Labels that declare what a workload is meant to be, and those that Google sets.
fn is_ours_or_googles(label: &str) -> bool {
    label == unknown::KEY
        || label.starts_with("egress-audit-")
        || label.starts_with("goog-")
        || label.contains("googleapis.com/")
}

/// Annotations that are settings of Cloud Run, but for words and for variables of a build.
fn is_setting(annotation: &str) -> bool {
    let Some((domain, name)) = annotation.split_once('/') else { return annotation == unknown::KEY };
    let google = domain.ends_with("googleapis.com") || domain.ends_with("knative.dev");
    google && name != "description" && !name.contains("env")
}

fn container(container: &mut Value) {
    for variable in container.get_mut("env").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = variable.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(value) = variable.get_mut("value") {
            *value = without(&name, value);
        }
    }
}

/// The variables at these places of a body.
fn environments(body: &mut Value, places: &[&str]) {
    for place in places {
        if let Some(Value::Object(variables)) = body.pointer_mut(place) {
            environment(variables);
        }
    }
}

fn environment(variables: &mut serde_json::Map<String, Value>) {
    if variables.contains_key(unknown::KEY) {
        return;
    }
    for (name, value) in variables.iter_mut() {
        *value = without(name, value);
    }
}

/// Of the variables of stages, those that look like credentials, and those that cannot be a part of what methods lead to.
fn stages(body: &mut Value) {
    for list in ["item", "Items"] {
        for stage in body.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            for place in STAGE_VARIABLES {
                for (name, value) in stage.pointer_mut(place).and_then(Value::as_object_mut).into_iter().flatten() {
                    if let Some(what) = value.as_str().and_then(|value| looks_like(name, value)) {
                        *value = json!({ "looks_like": what });
                    } else if value.as_str().is_some_and(is_no_address) {
                        *value = Value::Null;
                    }
                }
            }
        }
    }
}

/// Whether a text holds what no name or path has, or is an address that opens what is behind it. API Gateway allows a variable
/// less than this does.
fn is_no_address(text: &str) -> bool {
    text.contains("Signature=") || text.chars().any(|c| c.is_whitespace() || c.is_control() || "\"'<>\\`".contains(c))
}

/// Where stages keep variables, in both versions of API Gateway.
const STAGE_VARIABLES: [&str; 3] = ["/variables", "/canarySettings/stageVariableOverrides", "/StageVariables"];

/// What stays of a variable's value.
fn without(name: &str, value: &Value) -> Value {
    match value.as_str().and_then(|value| looks_like(name, value)) {
        Some(what) => json!({ "looks_like": what }),
        // Redacting twice changes nothing: a flag stays a flag.
        None if value.get("looks_like").is_some() || unknown::gap_of(value).is_some() => value.clone(),
        None => Value::Null,
    }
}

/// A policy is kept to the letter, unless it holds an event source token: then it is written again without it.
fn policy(body: &mut Value) {
    let Some(Value::String(text)) = body.get_mut("Policy") else { return };
    if !text.to_lowercase().contains(TOKEN_KEY) {
        return;
    }
    *text = match serde_json::from_str::<Value>(text) {
        Ok(mut document) if super::strict::check(text).is_ok() => {
            tokens(&mut document);
            document.to_string()
        }
        // What cannot be read cannot be redacted, and is not kept.
        _ => "(withheld: it may hold an event source token)".into(),
    };
}

fn tokens(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                if key.to_lowercase().contains(TOKEN_KEY) {
                    *value = Value::String("(redacted)".into());
                } else {
                    tokens(value);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(tokens),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(kind: &str, body: &mut Value) {
        of(kind).expect("a kind of which something is taken out")(body);
    }

    #[test]
    fn environment_names_stay_and_values_go() {
        let key = "AKIAIOSFODNN7EXAMPLE";
        let mut function = json!({"Environment": {"Variables": {"STAGE": "prod", "KEY": key}}});
        body("lambda:function", &mut function);
        assert_eq!(
            function,
            json!({"Environment": {"Variables": {"STAGE": null, "KEY": {"looks_like": "aws-access-key-id"}}}})
        );
        let once = function.clone();
        body("lambda:function", &mut function);
        assert_eq!(function, once);
    }

    #[test]
    fn the_environment_of_google_bodies_is_redacted_in_every_form() {
        let key = "AKIAIOSFODNN7EXAMPLE";
        let env = json!([{"name": "KEY", "value": key}, {"name": "STAGE", "value": "canary-prod"},
            {"name": "REF", "valueFrom": {"secretKeyRef": {"name": "s"}}}]);
        let container = json!([{"image": "i", "env": env}]);
        let variables = json!({"KEY": key, "STAGE": "canary-prod"});
        for (kind, mut record) in [
            ("functions:function", json!({"environmentVariables": variables, "buildEnvironmentVariables": variables})),
            (
                "functions:function",
                json!({"serviceConfig": {"environmentVariables": variables},
                "buildConfig": {"environmentVariables": variables}}),
            ),
            (
                "run:service",
                json!({"template": {"containers": container}, "buildConfig": {"environmentVariables": variables}}),
            ),
            ("run:revision", json!({"containers": container})),
            ("run:job", json!({"template": {"template": {"containers": container}}})),
            (
                "run:service",
                json!({"metadata": {"annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "canary-prod"}},
                "spec": {"template": {"spec": {"containers": container}}}}),
            ),
            ("run:job", json!({"spec": {"template": {"spec": {"template": {"spec": {"containers": container}}}}}})),
        ] {
            body(kind, &mut record);
            let text = record.to_string();
            assert!(!text.contains(key) && !text.contains("canary"), "{kind}: {text}");
            assert!(text.contains("STAGE") && text.contains("aws-access-key-id"), "{kind}: {text}");
            let once = record.clone();
            body(kind, &mut record);
            assert_eq!(record, once);
        }
    }

    #[test]
    fn stage_variables_stay_unless_they_look_like_credentials() {
        let variables = json!({"function": "f", "key": "AKIAIOSFODNN7EXAMPLE", "note": "what I say",
            "signed": "https://b.s3.amazonaws.com/k?X-Amz-Signature=0"});
        let kept = json!({"function": "f", "key": {"looks_like": "aws-access-key-id"}, "note": null, "signed": null});
        let canary = |variables| json!({"stageVariableOverrides": variables});
        for (kind, mut record, redacted) in [
            (
                "apigateway:stages",
                json!({"item": [{"variables": variables, "canarySettings": canary(&variables)}]}),
                json!({"item": [{"variables": kept, "canarySettings": canary(&kept)}]}),
            ),
            (
                "apigatewayv2:stages",
                json!({"Items": [{"StageVariables": variables}]}),
                json!({"Items": [{"StageVariables": kept}]}),
            ),
        ] {
            body(kind, &mut record);
            assert_eq!(record, redacted);
            body(kind, &mut record);
            assert_eq!(record, redacted);
        }
    }

    #[test]
    fn an_event_source_token_is_taken_out_of_a_policy() {
        let document = r#"{"Statement":{"Condition":{"StringEquals":{"lambda:EventSourceToken":"amzn1.ask.x"}}}}"#;
        let mut policy = json!({ "Policy": document });
        body("lambda:policy", &mut policy);
        let text = policy["Policy"].as_str().expect("text");
        assert!(!text.contains("amzn1") && text.contains("(redacted)"), "{text}");
    }

    #[test]
    fn a_policy_without_a_token_is_kept_to_the_letter() {
        let mut policy = json!({"Policy": "{ \"b\":1, \"a\":2 }"});
        body("lambda:policy", &mut policy);
        assert_eq!(policy["Policy"], "{ \"b\":1, \"a\":2 }");
    }
}
