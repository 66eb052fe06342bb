//! The truth table of function URLs, and the traps of policies.

use std::collections::BTreeMap;

use super::*;
use crate::{
    model::Alias,
    snapshot::{Coverage, ReadState, Snapshot, kinds},
};

const ARN: &str = "arn:aws:lambda:us-west-2:123456789012:function:f";

/// Who may call a function in an account where nothing else is.
pub(super) fn judged(function: &Function, at: &Configuration) -> Invoke {
    let aws = empty();
    let (doors, identities) = (Doors::of(&aws), Identities::of(&aws));
    invoke(&Around { aws: &aws, doors: &doors, identities: &identities }, &scope(), function, at)
}

fn scope() -> ScopeId {
    ScopeId::aws("123456789012", "us-west-2")
}

/// An account that was read and is empty.
fn empty() -> Aws {
    let kinds = kinds::AWS.iter().map(|kind| (kind, "us-west-2"));
    let kinds = kinds.chain(kinds::AWS_GLOBAL.iter().map(|kind| (kind, ScopeId::GLOBAL)));
    let coverage = kinds.map(|(kind, region)| Coverage {
        scope: ScopeId::aws("123456789012", region),
        kind: kind.name.into(),
        call: kind.call.into(),
        state: ReadState::Read,
        count: 0,
    });
    let mut snapshot = Snapshot::empty(jiff::Timestamp::UNIX_EPOCH);
    snapshot.coverage.extend(coverage);
    crate::decode::decode(&snapshot).aws
}

pub(super) fn function(url: Option<UrlAuthentication>, policy: Option<&str>) -> Function {
    let latest = Configuration { image: true, ..Configuration::bare("$LATEST") };
    let urls = url.map(|authentication| FunctionUrl {
        qualifier: None,
        url: "https://x.lambda-url.us-west-2.on.aws/".into(),
        authentication,
        open_cors: Known::Known(false),
    });
    Function {
        arn: ARN.into(),
        name: "f".into(),
        latest,
        versions: Vec::new(),
        aliases: Known::Known(Vec::new()),
        urls: Known::Known(urls.into_iter().collect()),
        policies: BTreeMap::from([(ARN.into(), Known::Known(policy.map(str::to_owned)))]),
        code_key: Known::Known(None),
        code_signing: Known::Known(None),
        labels: Known::Known(BTreeMap::new()),
    }
}

pub(super) fn policy(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

pub(super) fn statement(action: &str, principal: &str, condition: &str) -> String {
    format!(
        r#"{{"Sid":"s","Effect":"Allow","Principal":{principal},"Action":"{action}","Resource":"{ARN}","Condition":{condition}}}"#
    )
}

const NONE: &str = r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}"#;
const VIA_URL: &str = r#"{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}"#;

fn answers(url: Option<UrlAuthentication>, statements: &[String]) -> [Known<bool>; 3] {
    let function = function(url, Some(&policy(statements)));
    let found = judged(&function, &function.latest);
    [found.anonymous.is, found.latent.is, found.any_principal.is]
}

const YES: Known<bool> = Known::Known(true);
const NO: Known<bool> = Known::Known(false);

#[test]
fn an_open_url_with_both_grants_to_everyone_lets_everyone_in() {
    let url = || statement("lambda:InvokeFunctionUrl", "\"*\"", NONE);
    let both = [url(), statement("lambda:InvokeFunction", "\"*\"", VIA_URL)];
    assert_eq!(answers(Some(UrlAuthentication::None), &both), [YES, NO, NO]);
    let by_aws = [statement("lambda:*", r#"{"AWS":"*"}"#, "{}")];
    assert_eq!(answers(Some(UrlAuthentication::None), &by_aws), [YES, NO, YES]);
}

#[test]
fn one_grant_of_the_two_is_latent() {
    let url = [statement("lambda:InvokeFunctionUrl", "\"*\"", NONE)];
    assert_eq!(answers(Some(UrlAuthentication::None), &url), [NO, YES, NO]);
    let invoke = [statement("lambda:InvokeFunction", "\"*\"", VIA_URL)];
    assert_eq!(answers(Some(UrlAuthentication::None), &invoke), [NO, YES, NO]);
}

#[test]
fn a_grant_that_outlived_its_url_is_latent() {
    let both =
        [statement("lambda:InvokeFunctionUrl", "\"*\"", NONE), statement("lambda:InvokeFunction", "\"*\"", VIA_URL)];
    assert_eq!(answers(None, &both), [NO, YES, NO]);
}

#[test]
fn a_condition_on_the_other_authentication_lets_nobody_in() {
    let iam = r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"AWS_IAM"}}"#;
    let url = [statement("lambda:InvokeFunctionUrl", "\"*\"", iam)];
    assert_eq!(answers(Some(UrlAuthentication::None), &url), [NO, NO, NO]);
}

#[test]
fn a_grant_of_the_api_to_everyone_is_for_every_account_and_not_anonymous() {
    let invoke = [statement("lambda:InvokeFunction", "\"*\"", "{}")];
    assert_eq!(answers(None, &invoke), [NO, NO, YES]);
    let signed = [statement("lambda:Invoke*", "\"*\"", VIA_URL)];
    assert_eq!(answers(Some(UrlAuthentication::Iam), &signed), [NO, NO, YES]);
}

#[test]
fn a_fixed_organisation_restricts_and_an_optional_one_does_not() {
    let org = r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#;
    assert_eq!(answers(None, &[statement("lambda:InvokeFunction", "\"*\"", org)]), [NO, NO, NO]);
    let optional = r#"{"StringEqualsIfExists":{"aws:SourceAccount":"123456789012"}}"#;
    assert_eq!(answers(None, &[statement("lambda:InvokeFunction", "\"*\"", optional)]), [NO, NO, YES]);
}

/// Whether any account may call by the API, where everyone may under a condition.
fn any_account(condition: &str) -> Known<bool> {
    let [_, _, any] = answers(None, &[statement("lambda:InvokeFunction", "\"*\"", condition)]);
    any
}

#[test]
fn a_condition_that_strangers_can_meet_restricts_nobody() {
    for condition in [
        "{}",
        r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}"#,
        r#"{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-1/r/"}}"#,
        r#"{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}}"#,
        r#"{"StringLike":{"aws:PrincipalOrgID":"*"}}"#,
        r#"{"StringEquals":{"aws:UserAgent":"secret"}}"#,
        r#"{"StringEquals":{"AWS:PrincipalTag/team":"a"}}"#,
        r#"{"StringEquals":{"aws:ResourceAccount":"123456789012"}}"#,
        r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
        r#"{"Null":{"aws:PrincipalOrgID":"true"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}}"#,
        r#"{"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"2000::/3"}}"#,
        r#"{"StringNotEqualsIfExists":{"aws:SourceVpce":"vpce-1"}}"#,
    ] {
        assert_eq!(any_account(condition), YES, "{condition}");
    }
}

#[test]
fn a_condition_that_no_stranger_meets_leaves_no_stranger() {
    for condition in [
        r#"{"StringEquals":{"aws:principalaccount":"111122223333"}}"#,
        r#"{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/*"]}}"#,
        r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-1/r-1/*"}}"#,
        r#"{"StringLike":{"aws:userid":"AROAEXAMPLEEXAMPLE123:*"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","10.0.0.0/8"]}}"#,
        r#"{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#,
        r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"},"StringNotEquals":{"aws:UserAgent":"x"}}"#,
        r#"{"Null":{"aws:PrincipalOrgID":"false"},"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}"#,
        r#"{"StringEquals":{"aws:RequestedRegion":"eu-west-1"}}"#,
    ] {
        assert_eq!(any_account(condition), NO, "{condition}");
    }
}

#[test]
fn a_grant_to_services_of_another_account_leaves_open_whom_those_let_in() {
    for condition in
        [r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#, r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#]
    {
        let any = any_account(condition);
        assert!(
            matches!(&any, Known::Unknown(gap) if gap.what.contains("may come in through")),
            "{condition}: {any:?}"
        );
    }
}

#[test]
fn a_condition_that_nobody_can_judge_says_which_key() {
    for (condition, key) in [
        (r#"{"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}"#, "aws:currenttime"),
        (r#"{"StringEquals":{"aws:PrincipalArn":"${aws:SourceArn}"}}"#, "aws:principalarn"),
        (r#"{"StringAlmostEquals":{"aws:UserAgent":"x"}}"#, "aws:useragent"),
        (r#"{"StringEquals":{"acme:Key":"x"}}"#, "acme:key"),
        (r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"300"},"StringEquals":{"b:c":"x"}}"#, "b:c"),
    ] {
        let any = any_account(condition);
        assert!(matches!(&any, Known::Unknown(gap) if gap.what.contains(key)), "{condition}: {any:?}");
    }
}

#[test]
fn a_denial_beats_a_grant() {
    let open = || statement("lambda:InvokeFunction", "\"*\"", "{}");
    let deny = |principal: &str, condition: &str| {
        statement("*", principal, condition).replace(r#""Effect":"Allow""#, r#""Effect":"Deny""#)
    };
    assert_eq!(answers(None, &[open(), deny("\"*\"", "{}")]), [NO, NO, NO]);
    let outsiders = r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}"#;
    assert_eq!(answers(None, &[open(), deny("\"*\"", outsiders)]), [NO, NO, NO]);
    let some = r#"{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#;
    assert_eq!(answers(None, &[open(), deny("\"*\"", some)]), [NO, NO, YES]);
    assert_eq!(answers(None, &[open(), deny(r#"{"AWS":"arn:aws:iam::111122223333:root"}"#, "{}")]), [NO, NO, YES]);
    let strange = r#"{"StringEquals":{"acme:Key":"x"}}"#;
    let [_, _, any] = answers(None, &[open(), deny("\"*\"", strange)]);
    assert!(matches!(any, Known::Unknown(_)));
}

#[test]
fn everyone_but_somebody_is_everyone() {
    let but =
        statement("lambda:InvokeFunction", r#"{"AWS":"111122223333"}"#, "{}").replace("Principal", "NotPrincipal");
    assert_eq!(answers(None, &[but]), [NO, NO, YES]);
    let actions = statement("iam:*", "\"*\"", "{}").replace("Action", "NotAction");
    assert_eq!(answers(Some(UrlAuthentication::None), &[actions]), [YES, NO, YES]);
    let root = statement("lambda:InvokeFunction", r#"{"AWS":"arn:aws:iam::*:root"}"#, "{}");
    assert_eq!(answers(None, &[root]), [NO, NO, YES]);
}

#[test]
fn a_service_is_bound_by_an_account_and_not_by_a_bucket() {
    let bound = |condition: &str| {
        let text = policy(&[statement("lambda:InvokeFunction", r#"{"Service":"s3.amazonaws.com"}"#, condition)]);
        let function = function(None, Some(&text));
        judged(&function, &function.latest).services.first().map(|grant| grant.bound.clone())
    };
    assert_eq!(bound("{}"), Some(Ok(false)));
    assert_eq!(bound(r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::bucket"}}"#), Some(Ok(false)));
    assert_eq!(bound(r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:sns:us-west-2:123456789012:t"}}"#), Some(Ok(true)));
    let both = r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::b"},"StringEquals":{"AWS:SourceAccount":"123456789012"}}"#;
    assert_eq!(bound(both), Some(Ok(true)));
}

#[test]
fn behind_a_front_that_was_not_read_nobody_can_say_that_it_is_shut() {
    let text = policy(&[statement("lambda:InvokeFunction", r#"{"Service":"apigateway.amazonaws.com"}"#, "{}")]);
    let function = function(None, Some(&text));
    let found = judged(&function, &function.latest);
    assert!(matches!(found.anonymous.is, Known::Unknown(gap) if gap.what.contains("API Gateway")));
}

#[test]
fn a_policy_that_names_a_key_twice_is_not_evaluated() {
    let text = format!(
        r#"{{"Statement":{{"Effect":"Deny","Effect":"Allow","Principal":"*","Action":"*","Resource":"{ARN}"}}}}"#
    );
    let function = function(Some(UrlAuthentication::None), Some(&text));
    let found = judged(&function, &function.latest);
    assert!(matches!(found.anonymous.is, Known::Unknown(gap) if gap.why == GapReason::Malformed));
}

#[test]
fn an_alias_is_a_door_of_the_version_it_leads_to() {
    let mut function = function(None, None);
    let alias = format!("{ARN}:live");
    let open = policy(&[format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"{alias}"}}"#
    )]);
    function.versions = vec![Configuration { version: "1".into(), ..function.latest.clone() }];
    function.aliases =
        Known::Known(vec![Alias { name: "live".into(), arn: alias.clone(), versions: vec!["1".into()] }]);
    function.policies.insert(alias, Known::Known(Some(open)));
    function.policies.insert(format!("{ARN}:1"), Known::Known(None));
    assert_eq!(judged(&function, &function.latest).any_principal.is, NO);
    assert_eq!(judged(&function, &function.versions[0]).any_principal.is, YES);
}
