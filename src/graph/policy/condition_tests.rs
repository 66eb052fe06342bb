//! Every operator on a key that is missing, there, and there more than once.

use serde_json::{Value as Json, json};

use super::{Test, Value};

fn holds(operator: &str, wanted: Json, actual: &[&str]) -> Option<bool> {
    let value =
        if actual.is_empty() { Value::Absent } else { Value::Is(actual.iter().map(ToString::to_string).collect()) };
    Test::new(operator, "k", &wanted, true).holds(&value)
}

#[test]
fn an_operator_holds_where_one_of_its_values_fits_and_a_negated_one_where_none_does() {
    for (operator, wanted, fits, other) in [
        ("StringEquals", json!(["a", "b"]), "b", "c"),
        ("StringEquals", json!("a*"), "a*", "ab"),
        ("StringEqualsIgnoreCase", json!("A"), "a", "b"),
        ("StringLike", json!("a*?"), "abc", "a"),
        ("NumericEquals", json!("10"), "10.0", "11"),
        ("NumericEquals", json!(10), "10", "9"),
        ("NumericLessThan", json!("10"), "9", "10"),
        ("NumericLessThanEquals", json!("10"), "10", "11"),
        ("NumericGreaterThan", json!("10"), "11", "10"),
        ("NumericGreaterThanEquals", json!("10"), "10", "9"),
        ("DateLessThan", json!("2026-01-01T00:00:00Z"), "2025-12-31T23:59:59Z", "2026-01-01T00:00:00Z"),
        ("DateGreaterThan", json!("2026-01-01"), "2026-01-01T00:00:01Z", "2025-01-01T00:00:00Z"),
        ("DateEquals", json!("0"), "1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z"),
        ("Bool", json!(true), "true", "false"),
        ("Bool", json!("TRUE"), "true", "false"),
        ("BinaryEquals", json!("QQ=="), "QQ==", "Qg=="),
        ("IpAddress", json!(["203.0.113.0/24", "2001:db8::/32"]), "203.0.113.9", "203.0.114.0"),
        ("IpAddress", json!("2001:db8::/32"), "2001:db8::1", "203.0.113.9"),
        ("ArnEquals", json!("arn:aws:sns:*:1:t"), "arn:aws:sns:eu-west-1:1:t", "arn:aws:sns:eu-west-1:2:t"),
        ("ArnLike", json!("arn:aws:sns:*:1:t?"), "arn:aws:sns:eu-west-1:1:tt", "arn:aws:sns:eu-west-1:1:t"),
        ("StringNotEquals", json!(["a", "b"]), "c", "b"),
        ("StringNotEqualsIgnoreCase", json!("A"), "b", "a"),
        ("StringNotLike", json!(["a*", "b*"]), "c", "bc"),
        ("NumericNotEquals", json!("1"), "2", "1"),
        ("DateNotEquals", json!("0"), "1970-01-01T00:00:01Z", "1970-01-01T00:00:00Z"),
        ("NotIpAddress", json!("203.0.113.0/24"), "203.0.114.0", "203.0.113.9"),
        ("ArnNotLike", json!("arn:aws:sns:*:1:t"), "arn:aws:sns:eu-west-1:2:t", "arn:aws:sns:eu-west-1:1:t"),
    ] {
        assert_eq!(holds(operator, wanted.clone(), &[fits]), Some(true), "{operator} {wanted} {fits}");
        assert_eq!(holds(operator, wanted.clone(), &[other]), Some(false), "{operator} {wanted} {other}");
        // On a key that is missing: false, but for the negated ones; true if it need not exist, or for all of none.
        let negated = operator.contains("Not");
        assert_eq!(holds(operator, wanted.clone(), &[]), Some(negated), "{operator}");
        assert_eq!(holds(&format!("{operator}IfExists"), wanted.clone(), &[]), Some(true), "{operator}");
        assert_eq!(holds(&format!("ForAllValues:{operator}"), wanted.clone(), &[]), Some(true), "{operator}");
        assert_eq!(holds(&format!("ForAnyValue:{operator}"), wanted.clone(), &[]), Some(false), "{operator}");
        // On a key with several values: all, any, and undefined without a word.
        let both = &[fits, other];
        assert_eq!(holds(&format!("ForAllValues:{operator}"), wanted.clone(), both), Some(false), "{operator}");
        assert_eq!(holds(&format!("ForAnyValue:{operator}"), wanted.clone(), both), Some(true), "{operator}");
        assert_eq!(holds(operator, wanted.clone(), both), None, "{operator}");
        // On a key of which nothing is known, nothing.
        assert_eq!(Test::new(operator, "k", &wanted, true).holds(&Value::Unknown), None, "{operator}");
    }
}

#[test]
fn null_asks_whether_a_key_is_missing() {
    assert_eq!(holds("Null", json!("true"), &[]), Some(true));
    assert_eq!(holds("Null", json!(false), &[]), Some(false));
    assert_eq!(holds("Null", json!("false"), &["a"]), Some(true));
    assert_eq!(holds("NullIfExists", json!("false"), &["a"]), None);
}

#[test]
fn what_cannot_be_compared_is_not_decided() {
    for (operator, wanted, actual) in [
        ("StringAlmost", "a", "a"),
        ("StringEquals", "${aws:username}", "a"),
        ("NumericEquals", "ten", "10"),
        ("DateEquals", "soon", "1970-01-01T00:00:00Z"),
        ("Bool", "perhaps", "true"),
        ("IpAddress", "everywhere", "203.0.113.9"),
        ("ArnLike", "arn:aws:sns:*", "arn:aws:sns:eu-west-1:1:t"),
    ] {
        assert_eq!(holds(operator, json!(wanted), &[actual]), None, "{operator} {wanted}");
    }
}
