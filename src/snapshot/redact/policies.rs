//! Takes credentials out of policies, where somebody wrote one into an id or a condition. All else of a policy stays to the letter.

use serde_json::Value;

use crate::snapshot::credentials::{WITHHELD, is_credential};

/// The kinds that hold policies of AWS, besides that of a function, of which more is taken out.
pub(super) const KINDS: [&str; 11] = [
    "apigateway:domain-name",
    "apigateway:export",
    "apigateway:rest-api",
    "apigatewayv2:export",
    "ec2:vpc-endpoint",
    "iam:group",
    "iam:policy",
    "iam:role",
    "iam:user",
    "kms:key-policy",
    "lambda:layer-policy",
];

/// Under which names policies stand as text.
const TEXTS: [&str; 7] =
    ["Policy", "policy", "managementPolicy", "PolicyDocument", "AssumeRolePolicyDocument", "Document", "Content"];

/// The policy of an exported API, which is no text.
const EXPORTED: &str = "x-amazon-apigateway-policy";

/// Takes them out of all policies of a body.
pub(super) fn without_credentials(body: &mut Value) {
    match body {
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                match value {
                    Value::String(text) if TEXTS.contains(&key.as_str()) => {
                        if let Some(without) = rewritten(text) {
                            *text = without;
                        }
                    }
                    value if key == EXPORTED => strings(value),
                    value => without_credentials(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(without_credentials),
        _ => {}
    }
}

fn strings(value: &mut Value) {
    match value {
        Value::String(text) if is_credential(text) => *text = WITHHELD.into(),
        Value::Object(object) => object.values_mut().for_each(strings),
        Value::Array(list) => list.iter_mut().for_each(strings),
        _ => {}
    }
}

/// The text without credentials; none where it has none.
fn rewritten(text: &str) -> Option<String> {
    // API Gateway gives the inside of a literal.
    if text.trim_start().starts_with("{\\") {
        let inside: String = serde_json::from_str(&format!("\"{text}\"")).ok()?;
        let literal = Value::String(rewritten(&inside)?).to_string();
        return literal.strip_prefix('"')?.strip_suffix('"').map(Into::into);
    }
    let (mut kept, mut found) = (String::with_capacity(text.len()), false);
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('"') {
        let literal = end(from).and_then(|end| from.split_at_checked(end));
        let Some((inside, after)) = literal else { break };
        let is = if inside.contains('\\') {
            serde_json::from_str(&format!("\"{inside}\"")).is_ok_and(|plain: String| is_credential(&plain))
        } else {
            is_credential(inside)
        };
        found |= is;
        kept.extend([before, "\"", if is { WITHHELD } else { inside }, "\""]);
        rest = after.strip_prefix('"').unwrap_or(after);
    }
    kept.push_str(rest);
    found.then_some(kept)
}

/// Where a literal ends whose beginning is before this.
fn end(from: &str) -> Option<usize> {
    let mut escaped = false;
    from.bytes().position(|byte| {
        let is_end = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        is_end
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_credential_in_a_condition_goes_and_all_else_of_the_policy_stays_to_the_letter() {
        let text = |secret: &str| {
            let literal = Value::from(secret);
            format!(
                "{{ \"Statement\":[{{\"Sid\":\"a\\\"b\",\"Condition\":{{\"StringEquals\":{{\"aws:Referer\": {literal} }}}}}}]}} "
            )
        };
        for secret in ["AKIAIOSFODNN7EXAMPLE", "{\"type\": \"service_account\", \"key\": \"k\"}"] {
            let mut body = json!({"Policy": text(secret), "Listed": [{"Document": text(secret)}]});
            without_credentials(&mut body);
            assert_eq!(body, json!({"Policy": text(WITHHELD), "Listed": [{"Document": text(WITHHELD)}]}));
        }
        let mut body = json!({ "Policy": text("o-1234567890") });
        without_credentials(&mut body);
        assert_eq!(body, json!({ "Policy": text("o-1234567890") }));
    }

    #[test]
    fn the_policies_of_api_gateway_are_looked_into_in_both_their_forms() {
        let text = |secret: &str| format!("{{\\\"Statement\\\":[{{\\\"Sid\\\":\\\"{secret}\\\"}}]}}");
        let exported = |secret: &str| json!({"Statement": [{"Sid": secret}]});
        let secret = "AKIAIOSFODNN7EXAMPLE";
        let mut body = json!({"policy": text(secret), EXPORTED: exported(secret)});
        without_credentials(&mut body);
        assert_eq!(body, json!({"policy": text(WITHHELD), EXPORTED: exported(WITHHELD)}));
    }

    #[test]
    fn what_is_cut_off_or_no_policy_stays() {
        for text in ["", "x", "{\"a\": \"AKIAIOSFODNN7EXAMPLE", "{\\", "\"\\"] {
            assert_eq!(rewritten(text), None, "{text}");
        }
    }
}
