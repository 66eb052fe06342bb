//! What a scalar without quotes is.
//!
//! CloudFormation reads YAML 1.1 and then gives every property the type that its schema wants. We know no schema, so
//! that nothing may be lost on the way: what reads back as it is written is a number, `true` and `false` are truths,
//! and everything else stays the text that it is. `yes`, `on`, `22:22`, `012345678901`, `1.10` and `2012-10-17` are
//! texts; who wants a truth of a text asks [`truth`].

use std::sync::Arc;

use super::tree::Form;

/// The form of a scalar that is written without quotes.
pub(super) fn plain(text: &str) -> Form {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Form::Null,
        "true" | "True" | "TRUE" => Form::Bool(true),
        "false" | "False" | "FALSE" => Form::Bool(false),
        _ => match text.parse::<crate::code::Number>() {
            Ok(number) if number.to_string() == text => Form::Number(number),
            _ => Form::Text(Arc::from(text)),
        },
    }
}

/// Yes or no, in the words of YAML 1.1.
pub(super) fn truth(text: &str) -> Option<bool> {
    match &*text.to_ascii_lowercase() {
        "true" | "yes" | "on" | "y" => Some(true),
        "false" | "no" | "off" | "n" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_without_quotes_keeps_every_digit_and_every_word() {
        for text in [
            "yes",
            "no",
            "on",
            "off",
            "Yes",
            "22:22",
            "012345678901",
            "0777",
            "0x1F",
            "1.10",
            "1e3",
            "2012-10-17",
            "+1",
            "1_000",
            ".5",
            "5.",
            "-",
            "=",
            "<<",
            "00",
            "-0",
        ] {
            assert!(matches!(plain(text), Form::Text(own) if &*own == text), "{text}");
        }
        for text in ["0", "-1", "443", "123456789012", "0.5"] {
            assert!(matches!(plain(text), Form::Number(number) if number.to_string() == text), "{text}");
        }
        assert!(matches!(plain("True"), Form::Bool(true)));
        assert!(matches!(plain("~"), Form::Null));
        assert_eq!((truth("Yes"), truth("off"), truth("22:22")), (Some(true), Some(false), None));
    }
}
