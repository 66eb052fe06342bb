//! Classes of requests against single requests, which a slow evaluator of its own judges one by one.

use std::collections::BTreeMap;

use proptest::{prelude::*, sample::select};
use serde_json::{Value as Json, json};

use super::{
    condition::Value,
    decide::{Placed, Statements, Truth},
    parse,
    principal::Caller,
    request::{Request, Step},
};

const ARN: &str = "arn:aws:lambda:us-west-2:123456789012:function:f";
const STRANGER: &str = "999999999999";

type Keys = BTreeMap<&'static str, Vec<&'static str>>;

/// Whether a text fits a pattern: by trying every way to cut it.
fn like(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some(b'*'), _) => like(&pattern[1..], text) || (!text.is_empty() && like(pattern, &text[1..])),
        (Some(b'?'), Some(_)) => like(&pattern[1..], &text[1..]),
        (Some(p), Some(t)) if p == t => like(&pattern[1..], &text[1..]),
        _ => false,
    }
}

fn list(value: &Json) -> Vec<String> {
    value
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![value.clone()])
        .iter()
        .map(|it| it.as_str().unwrap().into())
        .collect()
}

fn one_condition(operator: &str, wanted: &[String], actual: Option<&Vec<&str>>) -> bool {
    let (quantifier, rest) = operator.split_once(':').map_or(("", operator), |(quantifier, rest)| (quantifier, rest));
    let (rest, optional) = rest.strip_suffix("IfExists").map_or((rest, false), |rest| (rest, true));
    if rest == "Null" {
        return wanted.iter().any(|wanted| (wanted == "true") == actual.is_none());
    }
    let fits = |actual: &str| match rest {
        "StringEquals" => wanted.iter().any(|wanted| wanted == actual),
        "StringNotEquals" => wanted.iter().all(|wanted| wanted != actual),
        "StringEqualsIgnoreCase" => wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(actual)),
        "StringLike" => wanted.iter().any(|wanted| like(wanted.as_bytes(), actual.as_bytes())),
        "StringNotLike" => !wanted.iter().any(|wanted| like(wanted.as_bytes(), actual.as_bytes())),
        other => panic!("{other}"),
    };
    match actual {
        None if optional => true,
        None if quantifier == "ForAllValues" => true,
        None if quantifier == "ForAnyValue" => false,
        None => rest.contains("Not"),
        Some(actual) if quantifier == "ForAnyValue" => actual.iter().any(|actual| fits(actual)),
        Some(actual) => actual.iter().all(|actual| fits(actual)),
    }
}

/// What a policy says of one request.
fn allowed(policy: &Json, caller: &Caller, action: &str, keys: &Keys) -> bool {
    let speaks = |statement: &&Json| {
        let principal = statement.get("Principal").or_else(|| statement.get("NotPrincipal")).unwrap();
        let listed = match principal {
            Json::String(_) => true,
            Json::Object(map) => map.iter().any(|(kind, value)| {
                list(value).iter().any(|text| match (kind.as_str(), caller) {
                    ("AWS", _) if text == "*" => true,
                    ("AWS", Caller::Aws { account, name }) => {
                        account.as_ref().is_some_and(|id| text == id || *text == format!("arn:aws:iam::{id}:root"))
                            || name.as_ref() == Some(text)
                    }
                    ("Service", Caller::Service(name)) => name.as_ref() == Some(text),
                    _ => false,
                })
            }),
            _ => false,
        };
        let action = action.to_lowercase();
        let (actions, but) =
            statement.get("Action").map_or_else(|| (&statement["NotAction"], true), |actions| (actions, false));
        let acts = list(actions).iter().any(|it| like(it.to_lowercase().as_bytes(), action.as_bytes()));
        let on = list(&statement["Resource"]).iter().any(|it| like(it.as_bytes(), ARN.as_bytes()));
        let holds = statement["Condition"].as_object().unwrap().iter().all(|(operator, tests)| {
            tests
                .as_object()
                .unwrap()
                .iter()
                .all(|(key, wanted)| one_condition(operator, &list(wanted), keys.get(key.to_lowercase().as_str())))
        });
        listed == statement.get("Principal").is_some() && acts != but && on && holds
    };
    let found: Vec<&Json> = policy["Statement"].as_array().unwrap().iter().filter(speaks).collect();
    found.iter().any(|it| it["Effect"] == "Allow") && !found.iter().any(|it| it["Effect"] == "Deny")
}

/// The keys of requests: what the caller chooses, and what nobody knows of.
pub(super) struct Class {
    pub(super) request: Request,
    chosen: Vec<(&'static str, Vec<Option<&'static str>>)>,
    unknown: Vec<(&'static str, Vec<Option<&'static str>>)>,
}

const AGENTS: [Option<&str>; 13] = [
    None,
    Some("a"),
    Some("b"),
    Some("aany"),
    Some("anyb"),
    Some("ab"),
    Some("0"),
    Some("A"),
    Some("zz"),
    Some("a*"),
    Some("*b"),
    Some("?"),
    Some("*"),
];
const ACME: [Option<&str>; 4] = [None, Some("a"), Some("b"), Some("zz")];

pub(super) fn classes() -> [Class; 3] {
    let aws = Caller::Aws { account: None, name: None };
    let service = Caller::Service(Some("s3.amazonaws.com".into()));
    let acme = || ("acme:key", ACME.to_vec());
    [
        Class {
            request: Request::new(aws, vec![Step::api("lambda:InvokeFunction")]),
            chosen: vec![
                ("aws:useragent", AGENTS.to_vec()),
                ("aws:principalorgid", vec![None, Some("o-9")]),
                ("aws:principalaccount", vec![Some(STRANGER)]),
                ("aws:principalisawsservice", vec![Some("false")]),
            ],
            unknown: vec![acme(), ("lambda:invokedviafunctionurl", vec![None, Some("false")])],
        },
        Class {
            request: Request { by_url: true, ..Request::new(Caller::Anonymous, vec![Step::url("NONE")]) },
            chosen: vec![
                ("aws:useragent", AGENTS.to_vec()),
                ("lambda:functionurlauthtype", vec![Some("NONE")]),
                ("lambda:invokedviafunctionurl", vec![Some("true")]),
            ],
            unknown: vec![acme()],
        },
        Class {
            request: Request::new(service, vec![Step::api("lambda:InvokeFunction")]).for_a_stranger(),
            chosen: vec![
                ("aws:useragent", AGENTS.to_vec()),
                ("aws:sourceaccount", vec![None, Some(STRANGER)]),
                ("aws:sourcearn", vec![None, Some("arn:aws:s3:::b"), Some("arn:aws:s3:::other")]),
                ("aws:principalisawsservice", vec![Some("true")]),
            ],
            unknown: vec![acme(), ("lambda:invokedviafunctionurl", vec![None, Some("false")])],
        },
    ]
}

fn combinations(keys: &[(&'static str, Vec<Option<&'static str>>)]) -> Vec<Keys> {
    let mut all = vec![Keys::new()];
    for (key, values) in keys {
        let with = |keys: &Keys, value: Option<&'static str>| {
            let mut keys = keys.clone();
            keys.extend(value.map(|value| (*key, vec![value])));
            keys
        };
        all = all.iter().flat_map(|keys| values.iter().map(|value| with(keys, *value)).collect::<Vec<_>>()).collect();
    }
    all
}

fn condition() -> impl Strategy<Value = (String, String, Vec<&'static str>)> {
    let operators =
        select(vec!["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotLike"]);
    let prefix = select(vec!["", "", "", "ForAllValues:", "ForAnyValue:"]);
    let suffix = select(vec!["", "", "IfExists"]);
    let values = |of: Vec<&'static str>| prop::collection::vec(select(of), 1..3);
    let named = prop_oneof![
        (Just("aws:UserAgent"), values(vec!["a", "b", "a*", "*b", "?", "*"])),
        (Just("AWS:PrincipalOrgID"), values(vec!["o-1", "o-2"])),
        (Just("aws:PrincipalAccount"), values(vec!["111122223333", "444455556666"])),
        (Just("aws:SourceAccount"), values(vec!["111122223333", "444455556666"])),
        (Just("aws:SourceArn"), values(vec!["arn:aws:s3:::b", "arn:aws:sns:us-west-2:111122223333:t"])),
        (Just("aws:PrincipalIsAWSService"), values(vec!["true", "false"])),
        (Just("acme:Key"), values(vec!["a", "b"])),
        (Just("lambda:FunctionUrlAuthType"), values(vec!["NONE", "AWS_IAM"])),
        (Just("lambda:InvokedViaFunctionUrl"), values(vec!["true", "false"])),
    ];
    let usual = (prefix, operators, suffix, named.clone()).prop_map(|(prefix, operator, suffix, (key, values))| {
        (format!("{prefix}{operator}{suffix}"), key.to_owned(), values)
    });
    let null = (named, select(vec!["true", "false"]))
        .prop_map(|((key, _), word)| ("Null".to_owned(), key.to_owned(), vec![word]));
    prop_oneof![5 => usual, 1 => null]
}

pub(super) fn statement() -> impl Strategy<Value = Json> {
    let principals = select(vec![
        json!("*"),
        json!("*"),
        json!({"AWS": "*"}),
        json!({"AWS": ["111122223333", "arn:aws:iam::444455556666:role/r"]}),
        json!({"Service": "s3.amazonaws.com"}),
        json!({"Service": ["sns.amazonaws.com"], "AWS": "111122223333"}),
    ]);
    let actions =
        select(vec!["lambda:InvokeFunction", "lambda:invoke*", "*", "lambda:InvokeFunctionUr?", "lambda:Get*"]);
    let resources =
        select(vec![ARN, "*", "arn:aws:lambda:*:function:?", "arn:aws:lambda:us-west-2:123456789012:function:F"]);
    let conditions = prop::collection::vec(condition(), 0..3);
    let turns = (prop::bool::weighted(0.3), prop::bool::weighted(0.15), prop::bool::weighted(0.15));
    (principals, actions, resources, conditions, turns).prop_map(
        |(principal, action, resource, tests, (deny, but, no))| {
            let mut condition = BTreeMap::<String, BTreeMap<String, Json>>::new();
            for (operator, key, values) in tests {
                condition.entry(operator).or_default().insert(key, json!(values));
            }
            let but = but && principal.is_object() && principal["AWS"] != "*";
            json!({
                "Effect": if deny { "Deny" } else { "Allow" },
                if but { "NotPrincipal" } else { "Principal" }: principal,
                if no { "NotAction" } else { "Action" }: action,
                "Resource": resource,
                "Condition": condition,
            })
        },
    )
}

pub(super) fn policies() -> impl Strategy<Value = Json> {
    prop::collection::vec(statement(), 1..5).prop_map(|statements| json!({"Statement": statements}))
}

pub(super) fn placed(policy: &Json) -> Statements<'static> {
    let list = parse(&policy.to_string()).expect("a policy");
    Statements { arn: ARN, list: list.into_iter().map(|statement| Placed { arn: ARN, statement }).collect() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Yes: whatever nobody knows, the caller can choose the rest so that it is allowed. No: it is never allowed.
    #[test]
    fn a_class_of_requests_is_answered_as_its_single_requests_are(policy in policies()) {
        let statements = placed(&policy);
        for class in classes() {
            let step = class.request.steps[0].action;
            let open = |unknown: &Keys| combinations(&class.chosen).iter().any(|chosen| {
                let keys = chosen.iter().chain(unknown).map(|(key, values)| (*key, values.clone())).collect();
                allowed(&policy, &class.request.caller, step, &keys)
            });
            let found: Vec<bool> = combinations(&class.unknown).iter().map(open).collect();
            match statements.ask(&class.request).truth {
                Truth::Yes => prop_assert!(found.iter().all(|it| *it), "{:?} is not always allowed", class.request.caller),
                Truth::No => prop_assert!(found.iter().all(|it| !it), "{:?} is allowed", class.request.caller),
                Truth::Unknown(_) => {}
            }
        }
    }

    /// Who does not know a key may lose the answer, and never gets the opposite one.
    #[test]
    fn a_key_that_nobody_knows_never_turns_an_answer(policy in policies(), key in select(vec![
        "aws:useragent", "aws:principalorgid", "aws:principalaccount", "aws:sourceaccount", "aws:sourcearn",
    ])) {
        let statements = placed(&policy);
        for class in classes() {
            let mut blind = class.request.clone();
            blind.given.insert(key.into(), Value::Unknown);
            match (statements.ask(&class.request).truth, statements.ask(&blind).truth) {
                (Truth::Yes | Truth::Unknown(_), Truth::No) | (Truth::No | Truth::Unknown(_), Truth::Yes) => {
                    prop_assert!(false, "not knowing {key} told more");
                }
                _ => {}
            }
        }
    }

    /// Networks together are open exactly where they are broader than a /8.
    #[test]
    fn networks_are_measured_together(nets in prop::collection::vec((any::<u32>(), 1_u8..12), 1..6), not in any::<bool>()) {
        let nets: Vec<ipnet::Ipv4Net> = nets
            .iter()
            .map(|(address, length)| ipnet::Ipv4Net::new((*address).into(), *length).expect("a length").trunc())
            .collect();
        let texts: Vec<String> = nets.iter().map(ToString::to_string).collect();
        let policy = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": {(if not { "NotIpAddress" } else { "IpAddress" }): {"aws:SourceIp": texts}}}});
        // Blocks of a /12: everything here is made of them.
        let private = ["10.0.0.0/8", "172.16.0.0/12"].map(|net| net.parse::<ipnet::Ipv4Net>().expect("a network"));
        let blocks = (0_u32..4096).map(|block| std::net::Ipv4Addr::from(block << 20));
        let open = blocks.filter(|at| {
            nets.iter().any(|net| net.contains(at)) != not && !private.iter().any(|net| net.contains(at))
        });
        let inside_192 = |at: u32| nets.iter().any(|net| net.contains(&std::net::Ipv4Addr::from(at))) != not;
        let size = open.count() as u64 * (1 << 20) - u64::from(inside_192(0xc0a8_0000)) * (1 << 16);
        let request = Request::new(Caller::Aws { account: None, name: None }, vec![Step::api("lambda:InvokeFunction")]);
        // All of the sixth version stays open where only these are left out.
        let expected = if not || size > 1 << 24 { Truth::Yes } else { Truth::No };
        prop_assert_eq!(placed(&policy).ask(&request).truth, expected);
    }
}
