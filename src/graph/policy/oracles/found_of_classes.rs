//! What the solver found of whole classes of requests, each as a test of its own.

use serde_json::{Value as Json, json};

use super::{
    super::{Caller, Request, Step, Truth},
    certain,
    found::policy,
    placed,
};

fn any_account() -> Request {
    Request::new(Caller::Aws { account: None, name: None }, vec![Step::api("lambda:InvokeFunction")])
}

fn any_account_by_url() -> Request {
    Request::over_url(Caller::Aws { account: None, name: None }, "AWS_IAM")
}

fn for_a_stranger() -> Request {
    let s3 = Caller::Service(Some("s3.amazonaws.com".into()));
    Request::new(s3, vec![Step::api("lambda:InvokeFunction")]).for_a_stranger()
}

/// Whether a grant to everyone under a condition lets somebody of a class in.
fn granted(request: &Request, condition: Json) -> Option<bool> {
    let statements = placed(&policy("Allow", json!({"Condition": condition}))).expect("a policy");
    certain(statements.ask(request).truth)
}

#[test]
fn who_comes_by_an_endpoint_has_no_address_that_a_condition_could_hold_against_them() {
    let few = json!({"IpAddressIfExists": {"aws:SourceIp": "198.51.100.7"}});
    assert_eq!(granted(&any_account(), few.clone()), Some(true));
    assert_eq!(granted(&any_account_by_url(), few), Some(false));
    assert_eq!(granted(&any_account(), json!({"Null": {"aws:SourceIp": "true"}})), Some(true));
    assert_eq!(granted(&any_account(), json!({"IpAddress": {"aws:SourceIp": "198.51.100.7"}})), Some(false));
}

#[test]
fn nobody_comes_both_from_an_address_and_by_an_endpoint() {
    let both = json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}, "StringLike": {"aws:SourceVpce": "*"}});
    assert_eq!(granted(&any_account(), both), Some(false));
    let neither = json!({"Null": {"aws:SourceIp": "true", "aws:SourceVpce": "true"}});
    assert_eq!(granted(&any_account(), neither), Some(false));
}

#[test]
fn an_organisation_and_a_path_in_it_come_together() {
    let path_alone = json!({"Null": {"aws:PrincipalOrgID": "true", "aws:PrincipalOrgPaths": "false"}});
    assert_eq!(granted(&any_account(), path_alone), Some(false));
    assert_eq!(granted(&any_account(), json!({"Null": {"aws:PrincipalOrgPaths": "false"}})), Some(true));
}

#[test]
fn no_stranger_has_what_nobody_has() {
    for (key, nobodys, somebodys) in [
        ("aws:PrincipalArn", "arn:*:s3:::?", "arn:*:iam::*:role/?"),
        ("aws:PrincipalArn", "arn:aws:sns:us-west-2:*:*", "arn:aws:?am::*:*"),
        ("aws:PrincipalAccount", "a*", "9*"),
        ("aws:PrincipalAccount", "?", "9???????????"),
        ("aws:PrincipalOrgID", "o-1/*", "o-9*"),
    ] {
        let like = |pattern: &str| granted(&any_account(), json!({"StringLike": {key: pattern}}));
        assert_eq!((like(nobodys), like(somebodys)), (Some(false), Some(true)), "{key} {nobodys} {somebodys}");
    }
}

#[test]
fn a_star_that_is_compared_as_text_is_no_account_of_a_stranger() {
    let equals = |arn: &str| granted(&for_a_stranger(), json!({"StringEquals": {"aws:SourceArn": arn}}));
    assert_eq!(equals("arn:aws:execute-api:us-west-2:*:api/*"), Some(false));
    assert_eq!(equals("arn:*:s3:::bucket"), Some(false));
    assert_eq!(equals("arn:aws:s3:::bucket"), Some(true));
}

#[test]
fn few_addresses_stay_few_where_no_endpoint_is_possible() {
    let statements = |condition: Json| placed(&policy("Allow", json!({"Condition": condition}))).expect("a policy");
    let few = statements(json!({"IpAddress": {"aws:SourceIp": "198.51.100.7"}})).ask(&any_account());
    assert!(few.narrow && few.truth == Truth::No);
}
