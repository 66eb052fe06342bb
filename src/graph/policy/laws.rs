//! What may never change an answer, and which way a change may move it.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{
    decide::Truth,
    properties::{classes, placed, policies, statement},
};

/// No, unknown and yes, in this order, for each class of requests.
fn answers(policy: &Json) -> Vec<u8> {
    let statements = placed(policy);
    let rank = |truth| match truth {
        Truth::No => 0,
        Truth::Unknown(_) => 1,
        Truth::Yes => 2,
    };
    classes().iter().map(|class| rank(statements.ask(&class.request).truth)).collect()
}

fn list(policy: &Json) -> Vec<Json> {
    policy["Statement"].as_array().expect("statements").clone()
}

fn of(statements: Vec<Json>) -> Json {
    json!({ "Statement": statements })
}

/// The statements, each changed.
fn each(policy: &Json, change: impl Fn(&mut Json)) -> Json {
    let mut all = list(policy);
    all.iter_mut().for_each(change);
    of(all)
}

/// Whether no class is let in more than before.
fn no_more(before: &Json, after: &Json) -> bool {
    answers(before).iter().zip(answers(after)).all(|(before, after)| *before >= after)
}

fn with_effect(mut statement: Json, effect: &str) -> Json {
    statement["Effect"] = json!(effect);
    statement
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_more_grant_shuts_nobody_out_and_one_more_denial_lets_nobody_in(policy in policies(), more in statement()) {
        let with = |effect| of([list(&policy), vec![with_effect(more.clone(), effect)]].concat());
        prop_assert!(no_more(&with("Allow"), &policy));
        prop_assert!(no_more(&policy, &with("Deny")));
    }

    #[test]
    fn a_grant_without_its_conditions_is_wider_and_so_is_a_denial(policy in policies()) {
        let bare = |effect: &str| each(&policy, |statement| {
            if statement["Effect"] == effect {
                statement["Condition"] = json!({});
            }
        });
        prop_assert!(no_more(&bare("Allow"), &policy));
        prop_assert!(no_more(&policy, &bare("Deny")));
    }

    #[test]
    fn the_order_and_the_number_of_equal_statements_say_nothing(policy in policies(), turn in 0_usize..5) {
        let mut turned = list(&policy);
        let by = turn % turned.len();
        turned.rotate_left(by);
        turned.push(turned[0].clone());
        prop_assert_eq!(answers(&of(turned)), answers(&policy));
    }

    #[test]
    fn a_statement_of_two_actions_is_two_statements(policy in policies(), action in "lambda:[IG][a-z*]{0,3}[*]") {
        let both = each(&policy, |it| if let Some(one) = it.get("Action").cloned() { it["Action"] = json!([one, action]) });
        let apart: Vec<Json> = list(&policy).into_iter().flat_map(|it| {
            let mut other = it.clone();
            if it.get("Action").is_none() {
                return vec![it];
            }
            other["Action"] = json!(action);
            vec![it, other]
        }).collect();
        prop_assert_eq!(answers(&both), answers(&of(apart)));
    }

    #[test]
    fn the_same_is_said_in_other_words(policy in policies()) {
        let expected = answers(&policy);
        let words = each(&policy, |it| {
            for name in ["Action", "NotAction", "Resource"] {
                if let Some(one) = it.get(name).cloned() {
                    it[name] = if name == "Resource" { json!([one]) } else { json!([one.as_str().map(str::to_uppercase)]) };
                }
            }
            if it.get("Principal") == Some(&json!("*")) {
                it["Principal"] = json!({"AWS": ["*"]});
            }
            let spelled = |keys: &Json| -> Json {
                keys.as_object().expect("keys").iter().map(|(key, value)| (key.to_uppercase(), value.clone())).collect()
            };
            let conditions = it["Condition"].as_object().expect("conditions").clone();
            it["Condition"] = conditions.iter().map(|(operator, keys)| (operator.to_lowercase(), spelled(keys))).collect();
        });
        prop_assert_eq!(answers(&words), expected.clone());
        let alone = list(&policy);
        if let [one] = &alone[..] {
            prop_assert_eq!(answers(&json!({ "Statement": one })), expected);
        }
    }

    #[test]
    fn accounts_by_other_numbers_are_the_same_accounts(policy in policies()) {
        let renamed = policy.to_string().replace("111122223333", "222233334444").replace("444455556666", "555566667777");
        prop_assert_eq!(answers(&serde_json::from_str(&renamed).expect("a policy")), answers(&policy));
    }

    #[test]
    fn two_halves_of_the_internet_are_all_of_it(policy in policies(), not in any::<bool>(), at in 0_usize..4) {
        let within = |nets: Json| {
            let mut all = list(&policy);
            let place = at % all.len();
            all[place]["Condition"][if not { "NotIpAddress" } else { "IpAddress" }] = json!({ "aws:SourceIp": nets });
            answers(&of(all))
        };
        prop_assert_eq!(within(json!("0.0.0.0/0")), within(json!(["0.0.0.0/1", "128.0.0.0/1"])));
    }
}

#[test]
fn a_caller_who_chooses_a_text_can_choose_one_that_no_denial_is_like() {
    let of_all = |effect: &str, condition: Json| {
        let arn = "arn:aws:lambda:us-west-2:123456789012:function:f";
        json!({
            "Effect": effect, "Action": "lambda:InvokeFunction", "Principal": "*", "Resource": arn, "Condition": condition,
        })
    };
    for operator in ["StringLike", "StringLikeIfExists"] {
        let denial = of_all("Deny", json!({ operator: { "aws:UserAgent": ["a*", "*b"] } }));
        assert_eq!(answers(&of(vec![of_all("Allow", json!({})), denial])).first(), Some(&2), "{operator}");
    }
}
