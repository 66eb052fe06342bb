//! The words that random policies and requests are made of: few, so that they meet.

use super::ARN;

/// What the values of a key are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Date,
    Word,
    Bytes,
    Address,
    Arn,
}

/// The keys, each with its kind and the values that requests have.
pub(super) const KEYS: [(&str, Kind, &[&str]); 16] = [
    ("aws:SourceIp", Kind::Address, &["203.0.113.9", "198.51.100.7", "10.1.2.3", "2001:db8::1", "128.0.0.1"]),
    ("aws:UserAgent", Kind::Text, &["a", "ab", "B", "a*c"]),
    ("aws:PrincipalOrgID", Kind::Text, &["o-1", "o-2"]),
    ("aws:PrincipalAccount", Kind::Text, &["123456789012", "111122223333"]),
    ("aws:PrincipalArn", Kind::Arn, &["arn:aws:iam::111122223333:role/r", "arn:aws:iam::123456789012:user/u"]),
    (
        "aws:SourceArn",
        Kind::Arn,
        &["arn:aws:s3:::b", "arn:aws:sns:us-west-2:111122223333:t", "arn:aws:sns:us-west-2:123456789012:t:u"],
    ),
    ("aws:SourceAccount", Kind::Text, &["123456789012", "111122223333"]),
    ("aws:PrincipalOrgPaths", Kind::Text, &["o-1/r-1/", "o-2/r-2/ou-3/"]),
    ("aws:SecureTransport", Kind::Word, &["true", "false"]),
    ("aws:MultiFactorAuthAge", Kind::Number, &["10", "300", "-1", "2.5"]),
    ("aws:CurrentTime", Kind::Date, &["2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z", "2025-12-31T23:59:59Z"]),
    ("aws:PrincipalTag/team", Kind::Text, &["a", "b"]),
    ("aws:SourceVpce", Kind::Text, &["vpce-1", "vpce-2"]),
    ("acme:Bytes", Kind::Bytes, &["QQ==", "Qg==", "QUJD"]),
    ("lambda:FunctionUrlAuthType", Kind::Text, &["NONE", "AWS_IAM"]),
    ("lambda:InvokedViaFunctionUrl", Kind::Word, &["true", "false"]),
];

/// What policies write beside the values of requests, all of the right kind.
pub(super) const fn written(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Text => &["a*", "?", "*", "A", "o-1/*", "1111*", "none", "vpce-?", "a?c"],
        Kind::Number => &["300", "10.0", "0", "1e2"],
        Kind::Date => &["2026-01-01", "1767225600", "2026-01-01T01:00:00+01:00"],
        Kind::Word => &["True", "FALSE"],
        Kind::Bytes => &["QR==", "QUJE"],
        Kind::Address => {
            &["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "203.0.113.0/24", "10.0.0.0/8", "2001:db8::/32", "198.51.100.7"]
        }
        Kind::Arn => &[
            "arn:aws:sns:*:111122223333:*",
            "arn:aws:iam::*:role/*",
            "arn:*:s3:::?",
            "arn:aws:sns:us-west-2:*:*",
            "arn:aws:iam::111122223333:role/R",
        ],
    }
}

/// What is not of its kind, and what AWS says nothing about.
pub(super) const ODD: [&str; 5] = ["odd", "", "2026-01-01T12:00:00", "999.1.1.1/40", "arn:aws:sns:us-west-2:*"];

/// Texts with variables.
pub(super) const VARIABLES: [&str; 6] =
    ["${aws:UserAgent}", "a${*}c", "${aws:PrincipalTag/team, 'a'}", "${acme:None}", "o-${$}1", "${aws:SourceAccount}*"];

/// The operators that compare a kind, without what can stand before and after.
pub(super) const fn operators(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Text => &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
        Kind::Number => &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        Kind::Date => &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        Kind::Word => &["Bool"],
        Kind::Bytes => &["BinaryEquals"],
        Kind::Address => &["IpAddress", "NotIpAddress"],
        Kind::Arn => &["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "StringLike", "StringEquals"],
    }
}

/// Principals of accounts that policies name.
pub(super) const NAMES: [&str; 8] = [
    "123456789012",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:role/path/r",
    "arn:aws:iam::123456789012:user/u",
    "arn:aws:sts::111122223333:assumed-role/r/s",
    "arn:aws:iam::123456789012:role/r",
    "AROAEXAMPLEEXAMPLE123",
];

/// Forms of principals that AWS refuses.
pub(super) const ODD_NAMES: [&str; 5] =
    ["arn:aws:iam::*:root", "arn:aws:iam::111122223333:role/*", "12345", "somebody", "${aws:username}"];

/// Services that policies name and requests come from.
pub(super) const SERVICES: [&str; 3] = ["s3.amazonaws.com", "sns.amazonaws.com", "events.amazonaws.com"];

/// Actions of requests.
pub(super) const ASKED: [&str; 3] = ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl", "lambda:GetFunction"];

/// Actions of policies.
pub(super) const ACTIONS: [&str; 9] = [
    "lambda:InvokeFunction",
    "lambda:*",
    "*",
    "lambda:Invoke*",
    "LAMBDA:invokefunction",
    "lambda:InvokeFunctionUr?",
    "lambda:Get*",
    "s3:*",
    "lambda:InvokeFunctionUrl",
];

/// Resources of policies.
pub(super) const RESOURCES: [&str; 7] = [
    ARN,
    "*",
    "arn:aws:lambda:*:*:function:*",
    "arn:aws:lambda:us-west-2:123456789012:function:?",
    "arn:aws:lambda:us-west-2:123456789012:function:F",
    "arn:*",
    "arn:aws:lambda:us-west-2:123456789012:function:other",
];
