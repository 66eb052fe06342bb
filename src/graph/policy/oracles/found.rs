//! What the comparison found, each as a test of its own.

use serde_json::{Value as Json, json};

use super::{
    super::{Caller, Request, Step, Truth, Value},
    certain, placed,
};

const ROLE: &str = "arn:aws:iam::111122223333:role/r";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/r/s";

/// A policy with one change to a statement that allows everyone everything, and then one that denies.
pub(super) fn policy(effect: &str, change: Json) -> String {
    let open = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
    let mut changed = open.clone();
    changed["Effect"] = json!(effect);
    for (name, value) in change.as_object().expect("a map") {
        changed[name] = value.clone();
    }
    if changed.get("NotPrincipal").is_some() {
        changed.as_object_mut().expect("a map").remove("Principal");
    }
    let statements = if effect == "Deny" { json!([open, changed]) } else { json!([changed]) };
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// Whether a caller with one key is let in; none where that is unknown or the policy is refused.
fn ask(text: &str, caller: &Caller, key: Option<(&str, &str)>) -> Option<bool> {
    let mut request = Request::new(caller.clone(), vec![Step::api("lambda:InvokeFunction")]);
    request.given = key.into_iter().map(|(key, value)| (key.to_lowercase(), Value::is(value))).collect();
    placed(text).ok().and_then(|statements| certain(statements.ask(&request).truth))
}

fn signed(name: &str) -> Caller {
    Caller::Aws { account: Some("111122223333".into()), name: Some(name.into()) }
}

/// Whether a condition holds on a key.
fn holds(operator: &str, key: &str, wanted: Json, actual: &str) -> Option<bool> {
    let text = policy("Allow", json!({"Condition": {operator: {key: wanted}}}));
    ask(&text, &signed(ROLE), Some((key, actual)))
}

#[test]
fn a_denial_of_nobody_is_not_a_denial_of_everyone() {
    for principal in [json!({}), json!({"AWS": []})] {
        assert_eq!(ask(&policy("Deny", json!({"Principal": principal})), &signed(ROLE), None), None);
    }
}

#[test]
fn a_grant_to_nobody_is_not_known_to_be_one_to_everyone() {
    for principal in [json!({}), json!({"AWS": []})] {
        assert_eq!(ask(&policy("Allow", json!({"Principal": principal})), &signed(ROLE), None), None);
    }
    let without = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    assert_eq!(ask(without, &signed(ROLE), None), None);
}

#[test]
fn a_kind_of_principal_with_nobody_in_it_takes_nothing_from_the_others() {
    let (sns, s3) =
        (Caller::Service(Some("sns.amazonaws.com".into())), Caller::Service(Some("s3.amazonaws.com".into())));
    let principal = json!({"AWS": [], "Service": "sns.amazonaws.com"});
    let ask = |element: &str, caller| ask(&policy("Allow", json!({element: principal})), caller, None);
    assert_eq!((ask("Principal", &sns), ask("Principal", &s3)), (Some(true), None));
    assert_eq!((ask("NotPrincipal", &sns), ask("NotPrincipal", &s3)), (Some(false), None));
}

#[test]
fn forms_that_aws_refuses_let_in_and_never_shut_out() {
    for (principal, caller) in [
        (json!({"AWS": "arn:aws:iam::*:root"}), signed(ROLE)),
        (json!({"Service": "*"}), Caller::Service(Some("s3.amazonaws.com".into()))),
        (json!("s3.amazonaws.com"), Caller::Service(Some("s3.amazonaws.com".into()))),
    ] {
        assert_eq!(ask(&policy("Allow", json!({"Principal": principal})), &caller, None), Some(true), "{principal}");
        assert_eq!(ask(&policy("Deny", json!({"Principal": principal})), &caller, None), None, "{principal}");
        assert_eq!(ask(&policy("Allow", json!({"NotPrincipal": principal})), &caller, None), None, "{principal}");
    }
}

#[test]
fn a_session_is_left_out_of_a_denial_by_account_and_role_and_name_together() {
    let left_out =
        |names: &[&str]| ask(&policy("Deny", json!({"NotPrincipal": {"AWS": names}})), &signed(SESSION), None);
    assert_eq!(left_out(&["111122223333", ROLE, SESSION]), Some(true));
    assert_eq!(left_out(&["111122223333", SESSION]), None);
    assert_eq!(left_out(&[ROLE]), None);
    assert_eq!(left_out(&["444455556666"]), Some(false));
}

#[test]
fn an_arn_of_fewer_than_six_parts_is_compared_with_nothing() {
    for pattern in ["*", "arn:aws:sns:us-west-2:*"] {
        assert_eq!(holds("ArnLike", "aws:SourceArn", json!(pattern), "arn:aws:sns:us-west-2:111122223333:t"), None);
    }
    let any = Request::new(Caller::Service(Some("s3.amazonaws.com".into())), vec![Step::api("lambda:InvokeFunction")]);
    let text = policy("Allow", json!({"Condition": {"ArnLike": {"aws:SourceArn": "*"}}}));
    assert!(matches!(placed(&text).expect("a policy").ask(&any.for_a_stranger()).truth, Truth::Unknown(_)));
}

#[test]
fn null_stands_alone() {
    assert_eq!(holds("Null", "aws:UserAgent", json!("false"), "a"), Some(true));
    for operator in ["NullIfExists", "ForAnyValue:Null", "ForAllValues:Null"] {
        assert_eq!(holds(operator, "aws:UserAgent", json!("false"), "a"), None, "{operator}");
    }
}

#[test]
fn an_hour_without_a_zone_is_no_moment() {
    let holds = |wanted: &str| holds("DateLessThan", "aws:CurrentTime", json!(wanted), "2026-01-01T06:00:00Z");
    assert_eq!(holds("2026-01-01T12:00:00"), None);
    assert_eq!(holds("2026-01-01T12:00:00Z"), Some(true));
    assert_eq!(holds("2026-01-01"), Some(false));
}

#[test]
fn a_value_that_is_no_text_is_compared_with_nothing() {
    assert_eq!(holds("StringNotEquals", "aws:UserAgent", Json::Null, "null"), None);
    assert_eq!(holds("StringEquals", "aws:UserAgent", json!([["a"]]), "a"), None);
    assert_eq!(holds("StringEquals", "aws:UserAgent", json!(true), "true"), Some(true));
}

#[test]
fn bytes_are_compared_as_bytes() {
    let holds = |wanted: &str| holds("BinaryEquals", "acme:Bytes", json!(wanted), "QQ==");
    assert_eq!(holds("QR=="), Some(true));
    assert_eq!(holds("Qg=="), Some(false));
    assert_eq!(holds("Q"), None);
}

#[test]
fn a_key_in_two_spellings_makes_a_statement_unknown() {
    let twice = policy("Allow", json!({"Condition": {"StringEquals": {"aws:UserAgent": "a", "aws:useragent": "a"}}}));
    assert_eq!(ask(&twice, &signed(ROLE), Some(("aws:UserAgent", "a"))), None);
}

#[test]
fn a_policy_of_2008_has_no_variables() {
    let resource = "arn:aws:lambda:us-west-2:${*}:function:f";
    let of = |version: &str| policy("Allow", json!({"Resource": resource})).replace("2012-10-17", version);
    assert_eq!(ask(&of("2008-10-17"), &signed(ROLE), None), Some(false));
    let named = policy("Allow", json!({"Condition": {"StringEquals": {"aws:UserAgent": "${aws:username}"}}}));
    assert_eq!(ask(&named, &signed(ROLE), Some(("aws:UserAgent", "bob"))), None);
    let old = named.replace("2012-10-17", "2008-10-17");
    assert_eq!(ask(&old, &signed(ROLE), Some(("aws:UserAgent", "bob"))), Some(false));
    assert_eq!(ask(&named.replace("2012-10-17", "2020-01-01"), &signed(ROLE), None), None);
}

#[test]
fn a_variable_in_an_action_is_not_resolved() {
    assert_eq!(ask(&policy("Allow", json!({"Action": "lambda:${*}"})), &signed(ROLE), None), None);
}

#[test]
fn a_service_in_another_case_may_be_none() {
    let caller = Caller::Service(Some("s3.amazonaws.com".into()));
    assert_eq!(ask(&policy("Allow", json!({"Principal": {"Service": "S3.amazonaws.com"}})), &caller, None), None);
}
