//! Takes secrets out of a body before it becomes a record.
//!
//! Of a function's environment the names stay and the values go. A value that looks like a credential leaves a flag
//! behind, `{"looks_like": "github-token"}`, so that a rule can name the variable without anyone keeping the value.

use serde_json::{Value, json};

use super::credentials::looks_like;

/// The condition key whose value is a shared secret.
const TOKEN_KEY: &str = "eventsourcetoken";

/// Redacts the body of a record of this kind, in place.
pub(super) fn body(kind: &str, body: &mut Value) {
    match kind {
        "lambda:function" | "lambda:version" | "lambda:function-detail" => {
            for place in ["/Environment/Variables", "/Configuration/Environment/Variables"] {
                if let Some(Value::Object(variables)) = body.pointer_mut(place) {
                    environment(variables);
                }
            }
        }
        "lambda:policy" => policy(body),
        _ => {}
    }
}

fn environment(variables: &mut serde_json::Map<String, Value>) {
    for (name, value) in variables.iter_mut() {
        *value = match value.as_str().and_then(|value| looks_like(name, value)) {
            Some(what) => json!({ "looks_like": what }),
            // Redacting twice changes nothing: a flag stays a flag.
            None if value.get("looks_like").is_some() => continue,
            None => Value::Null,
        };
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
