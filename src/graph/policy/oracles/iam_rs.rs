//! Ours against the crate `iam-rs`, in the language that it reads, with a list of what it is known to do otherwise.

use iam_rs::{Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, Principal, PrincipalId, evaluate_policy};

use super::{
    super::Caller,
    ARN, certain,
    dice::Dice,
    many,
    others::{Fault, Tally},
    placed,
    policies::{Language, policy},
    requests::{Single, single},
    words::{KEYS, Kind},
};

const FAULTS: [Fault; 9] = [
    ("an account in a policy stands for its root alone, not for its roles, users and sessions", |case| {
        case.signed().is_some_and(|(account, _)| {
            case.text.contains(&format!("\"{account}\"")) || case.text.contains(&format!("{account}:root"))
        })
    }),
    ("a session is not one of its role", |case| {
        case.signed().is_some_and(|(_, name)| name.contains(":assumed-role/r/")) && case.text.contains(":role/")
    }),
    ("`AWS: *` stands for no service", |case| {
        matches!(case.single.caller, Caller::Service(_))
            && case.text.contains(r#""aws":"#)
            && case.text.contains(r#""*""#)
    }),
    ("ArnEquals compares texts, and ArnLike and the others match over colons", |case| {
        case.asks(|operator, _, _| operator.contains("arn"))
    }),
    ("bytes are compared as text", |case| {
        case.asks(|operator, _, values| {
            operator.contains("binary") && values.iter().any(|it| it == "qq==" || it == "qr==")
        })
    }),
    ("a wildcard of a resource does not reach over a colon", |case| case.text.contains(r#""arn:*""#)),
    ("several values fit nothing without ForAllValues or ForAnyValue, and so every negated operator", |case| {
        case.single.keys.iter().any(|(name, given)| {
            given.len() > 1 && case.asks(|operator, key, _| !operator.contains(':') && key == name.to_lowercase())
        })
    }),
    ("a star in a value of the request is not matched by the star of a pattern", |case| {
        case.single.keys.iter().any(|(name, given)| {
            let fits = |operator: &str, key: &str| operator.contains("like") && key == name.to_lowercase();
            given.iter().any(|it| it.contains('*')) && case.asks(|operator, key, _| fits(operator, key))
        })
    }),
    ("Null asks for true, whatever it asks for, where it asks for both", |case| {
        case.asks(|operator, _, _| operator == "null")
    }),
];

/// The forms of policies and requests that it does not take, by the first words of what it says.
const REFUSED: [(&str, &str); 3] = [
    (
        "data did not match any variant",
        "ForAllValues or ForAnyValue before more than some operators, or principals of two kinds",
    ),
    ("Invalid ARN", "a resource that is no whole ARN"),
    ("Condition error", "a value that is not of the operator's kind"),
];

/// The request in its words; none for a request without a name, which it has no word for.
fn request(single: &Single) -> Option<IAMRequest> {
    let principal = match &single.caller {
        Caller::Aws { name: Some(name), .. } => Principal::Aws(PrincipalId::String(name.clone())),
        Caller::Service(Some(name)) => Principal::Service(PrincipalId::String(name.clone())),
        _ => return None,
    };
    let mut context = Context::new();
    for (key, values) in &single.keys {
        let kind = KEYS.iter().find(|(name, ..)| name == key).expect("a key").1;
        let value = match (&values[..], kind) {
            ([one], Kind::Word) => ContextValue::Boolean(*one == "true"),
            ([one], _) => ContextValue::String((*one).to_owned()),
            (all, _) => ContextValue::StringList(all.iter().map(|it| (*it).to_owned()).collect()),
        };
        context.insert((*key).to_owned(), value);
    }
    let resource = Arn::parse(ARN).expect("an ARN");
    Some(IAMRequest::new_with_context(principal, single.action, resource, context))
}

#[test]
fn ours_answers_as_the_crate_iam_rs_but_where_that_is_known_to_be_wrong() {
    let mut dice = Dice::new(2);
    let mut tally = Tally::new(&FAULTS);
    let policies = many(20_000);
    for _ in 0..policies {
        let text = policy(&mut dice, Language::Plain);
        let ours = placed(&text).expect("a policy");
        let theirs = IAMPolicy::from_json(&text).map_err(|error| error.to_string());
        for _ in 0..5 {
            let single = single(&mut dice, Language::Plain);
            let (Some(asked), Some(answer)) = (request(&single), certain(ours.ask(&single.request()).truth)) else {
                continue;
            };
            let decided = theirs
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|policy| evaluate_policy(policy, &asked).map_err(|error| error.to_string()));
            match decided {
                Ok(decision) => tally.compare(&text, &single, answer, decision == Decision::Allow),
                Err(error) => {
                    let form = REFUSED.iter().find(|(words, _)| error.starts_with(words));
                    tally.refuses(form.unwrap_or_else(|| panic!("{error}\n  {text}")).1);
                }
            }
        }
    }
    tally.settle(policies);
}
