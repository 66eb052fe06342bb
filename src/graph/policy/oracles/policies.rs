//! Random policies: all of the language, or the part of it that every judge claims to know.

use serde_json::{Map, Value as Json, json};

use super::{
    dice::Dice,
    words::{ACTIONS, KEYS, Kind, NAMES, ODD, ODD_NAMES, RESOURCES, SERVICES, VARIABLES, operators, written},
};

/// Which policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// Also what AWS refuses, and what its documentation says nothing about.
    Whole,
    /// What is documented, without variables.
    Plain,
}

/// A policy, as text: some of them say a thing twice, which no value can.
pub(super) fn policy(dice: &mut Dice, language: Language) -> String {
    let whole = language == Language::Whole;
    let mut statements: Vec<Json> = (0..=dice.below(3)).map(|_| statement(dice, language)).collect();
    let mut document = Map::new();
    if !whole || !dice.once_in(4) {
        document.insert("Version".into(), json!("2012-10-17"));
    } else if dice.once_in(2) {
        document.insert("Version".into(), json!(if dice.once_in(20) { "2020-01-01" } else { "2008-10-17" }));
    }
    let alone = statements.len() == 1 && dice.once_in(2);
    let list = if alone { statements.remove(0) } else { Json::Array(statements) };
    document.insert("Statement".into(), list);
    let text = Json::Object(document).to_string();
    if whole && dice.once_in(60) {
        let twice = *dice.pick(&[r#""Effect":"Deny","Effect":"#, r#""Effect":"Allow","Effect":"#]);
        return text.replacen(r#""Effect":"#, twice, 1);
    }
    text
}

fn statement(dice: &mut Dice, language: Language) -> Json {
    let whole = language == Language::Whole;
    let mut statement = Map::new();
    statement.insert("Effect".into(), json!(if dice.once_in(3) { "Deny" } else { "Allow" }));
    let principal = principal(dice, language);
    let everyone = principal == json!("*") || principal == json!({"AWS": "*"});
    let but = dice.once_in(8) && (whole || !everyone);
    statement.insert(if but { "NotPrincipal" } else { "Principal" }.into(), principal);
    let mut texts = |dice: &mut Dice, name: &str, of: &[&'static str]| {
        let odd = |dice: &mut Dice| if whole && dice.once_in(40) { *dice.pick(&VARIABLES) } else { *dice.pick(of) };
        let list = list(dice, whole, odd);
        let name = if dice.once_in(8) { format!("Not{name}") } else { name.to_owned() };
        statement.insert(name, list);
    };
    texts(dice, "Action", &ACTIONS);
    texts(dice, "Resource", &RESOURCES);
    let tests = [0, 0, 1, 1, 1, 2, 3][dice.below(7)];
    let mut conditions: Map<String, Json> = Map::new();
    for _ in 0..tests {
        let (operator, key, values) = condition(dice, language);
        let keys = conditions.entry(operator).or_insert_with(|| json!({}));
        keys[key] = values;
    }
    if tests > 0 || dice.once_in(4) {
        statement.insert("Condition".into(), Json::Object(conditions));
    }
    if whole {
        spoil(dice, &mut statement);
    }
    Json::Object(statement)
}

/// Makes a statement one that AWS would not store, now and then.
fn spoil(dice: &mut Dice, statement: &mut Map<String, Json>) {
    match dice.below(400) {
        0 => drop(statement.insert("Effect".into(), json!("Maybe"))),
        1 => drop(statement.remove("Action")),
        2 => drop(statement.remove("Resource")),
        3 => drop(statement.remove("Principal")),
        4 => drop(statement.insert("Surprise".into(), json!("x"))),
        5 => drop(statement.insert("NotAction".into(), json!("iam:*"))),
        6 => drop(statement.insert("Resource".into(), json!([7]))),
        7 => drop(statement.insert("Condition".into(), json!("x"))),
        8 => drop(statement.insert("FunctionUrlAuthType".into(), json!("NONE"))),
        9 => drop(
            statement.insert("Condition".into(), json!({"StringEquals": {"aws:userAgent": "a", "aws:UserAgent": "a"}})),
        ),
        10 => drop(statement.insert("Condition".into(), json!({"StringEquals": {"aws:UserAgent": null}}))),
        11 => drop(statement.insert("Principal".into(), json!("s3.amazonaws.com"))),
        _ => {}
    }
}

/// One text, or a list of some.
fn list(dice: &mut Dice, whole: bool, mut one: impl FnMut(&mut Dice) -> &'static str) -> Json {
    match dice.below(6) {
        0 | 1 => json!([one(dice), one(dice)]),
        2 => json!([one(dice)]),
        3 if whole && dice.once_in(15) => json!([]),
        _ => json!(one(dice)),
    }
}

fn principal(dice: &mut Dice, language: Language) -> Json {
    let whole = language == Language::Whole;
    let name = |dice: &mut Dice| if whole && dice.once_in(20) { *dice.pick(&ODD_NAMES) } else { *dice.pick(&NAMES) };
    match dice.below(if whole { 20 } else { 14 }) {
        0..=4 => json!("*"),
        5 => json!({"AWS": "*"}),
        6 => json!({"AWS": ["*", name(dice)]}),
        7..=10 => json!({"AWS": list(dice, whole, name)}),
        11 | 12 => json!({"Service": list(dice, whole, |dice| *dice.pick(&SERVICES))}),
        13 => json!({"Service": *dice.pick(&SERVICES), "AWS": list(dice, whole, name)}),
        // A session with all that it needs to be left out.
        14 | 15 => json!({"AWS": [
            "arn:aws:sts::111122223333:assumed-role/r/s", "arn:aws:iam::111122223333:role/path/r", "111122223333",
        ]}),
        16 => json!({"AWS": ["arn:aws:iam::123456789012:user/u", "123456789012"]}),
        17 => json!({"Federated": "cognito-identity.amazonaws.com", "CanonicalUser": "79a59df900b949e5"}),
        18 => match dice.below(4) {
            0 => json!({"Service": "*"}),
            1 => json!({"Service": "S3.amazonaws.com"}),
            2 => json!({}),
            _ => json!({"Nobody": "*"}),
        },
        _ => json!({"AWS": name(dice), "Federated": if dice.once_in(2) { "*" } else { "accounts.example.com" }}),
    }
}

fn condition(dice: &mut Dice, language: Language) -> (String, String, Json) {
    let whole = language == Language::Whole;
    let (key, mut kind, given) = *dice.pick(&KEYS);
    if whole && dice.once_in(20) {
        kind = *dice.pick(&[Kind::Text, Kind::Number, Kind::Date, Kind::Word, Kind::Bytes, Kind::Address, Kind::Arn]);
    }
    if dice.once_in(12) {
        let word =
            list(dice, false, |dice| if whole && dice.once_in(20) { "maybe" } else { *dice.pick(&["true", "false"]) });
        let name = if whole && dice.once_in(10) { *dice.pick(&["NullIfExists", "ForAnyValue:Null"]) } else { "Null" };
        return (name.into(), key.into(), word);
    }
    let value = |dice: &mut Dice| {
        let odd = [&ODD[..], &VARIABLES].into_iter().find(|_| whole && dice.once_in(30));
        let of = odd.unwrap_or_else(|| if dice.once_in(2) { given } else { written(kind) });
        *dice.pick(of)
    };
    let mut values = list(dice, whole, value);
    if kind == Kind::Word && values == json!("true") && dice.once_in(3) {
        values = json!(true);
    }
    let prefix = *dice.pick(&["", "", "", "", "ForAllValues:", "ForAnyValue:"]);
    let suffix = *dice.pick(&["", "", "", "IfExists"]);
    let base = if whole && dice.once_in(60) { "StringAlmostEquals" } else { *dice.pick(operators(kind)) };
    let mut operator = format!("{prefix}{base}{suffix}");
    if whole && dice.once_in(20) {
        operator = operator.to_lowercase();
    }
    let key = match dice.below(6) {
        0 => key.to_lowercase(),
        1 => key.to_uppercase(),
        _ => key.to_owned(),
    };
    (operator, key, values)
}
