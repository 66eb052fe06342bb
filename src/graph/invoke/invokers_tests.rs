//! Who is listed, and which statements are dead.

use super::super::tests::{function, judged, policy, statement};
use crate::{evidence::Known, graph::invoke::Invoke, model::UrlAuthentication};

const NONE: &str = r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}"#;

fn found(url: Option<UrlAuthentication>, principal: &str, condition: &str) -> Invoke {
    let text = policy(&[statement("lambda:InvokeFunction", principal, condition)]);
    let function = function(url, Some(&text));
    judged(&function, &function.latest)
}

fn listed(principal: &str, condition: &str) -> Vec<(&'static str, String, bool)> {
    let found = found(None, principal, condition);
    found.invokers.into_iter().map(|it| (it.kind, it.principal, it.holds == Known::Known(true))).collect()
}

#[test]
fn whoever_is_named_is_listed_by_kind() {
    let role = "arn:aws:iam::111122223333:role/r";
    assert_eq!(listed(r#"{"AWS":"111122223333"}"#, "{}"), [("account", "111122223333".into(), true)]);
    assert_eq!(listed(&format!(r#"{{"AWS":"{role}"}}"#), "{}"), [("role", role.into(), true)]);
    assert_eq!(listed("\"*\"", "{}"), [("any-account", "*".into(), true)]);
    assert_eq!(listed(r#"{"AWS":"111122223333"}"#, r#"{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}"#), []);
}

#[test]
fn conditions_on_everyone_name_whom_they_leave() {
    let org = r#"{"StringEquals":{"aws:PrincipalOrgID":["o-1","o-2"]}}"#;
    assert_eq!(listed("\"*\"", org), [("organization", "o-1".into(), true), ("organization", "o-2".into(), true)]);
    let account = r#"{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#;
    assert_eq!(listed("\"*\"", account), [("account", "111122223333".into(), true)]);
    let few = r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#;
    assert_eq!(listed("\"*\"", few), [("addresses", "*".into(), true)]);
    let nobody_knows = r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1","acme:key":"x"}}"#;
    assert_eq!(listed("\"*\"", nobody_knows), [("organization", "o-1".into(), false)]);
}

#[test]
fn the_id_of_a_deleted_principal_is_dead() {
    let found = found(None, r#"{"AWS":"AROAEXAMPLEEXAMPLE123"}"#, "{}");
    assert!(found.invokers.is_empty());
    assert_eq!(found.dead.len(), 1);
}

#[test]
fn a_statement_for_a_url_is_dead_where_there_is_none() {
    let dead = |url: Option<UrlAuthentication>| {
        let text = policy(&[statement("lambda:InvokeFunctionUrl", "\"*\"", NONE)]);
        let function = function(url, Some(&text));
        judged(&function, &function.latest).dead.len()
    };
    assert_eq!((dead(None), dead(Some(UrlAuthentication::None))), (1, 0));
}
