//! What is known, what is not, and why not.
//!
//! Every fact the tool reasons over was either read or it was not. [`Known`] keeps the two apart on purpose: it has no
//! `Default` and no `unwrap_or`, so an unread fact cannot turn into a value by accident. "Absent" is a known value:
//! `Known::Known(None)` says that there is none, `Known::Unknown(gap)` says that nobody looked or nobody answered.

use std::{fmt, marker::PhantomData, ops::Deref, sync::Arc};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{SeqAccess, Visitor},
};

/// A value that was read, or the gap where it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known<T> {
    /// The value, as read.
    Known(T),
    /// It could not be read; the gap says what and why.
    Unknown(Gap),
}

impl<T> Known<T> {
    /// The value under a function; a gap stays the same gap.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Known(value) => Known::Known(f(value)),
            Self::Unknown(gap) => Known::Unknown(gap),
        }
    }

    /// A view of the value without taking it.
    pub fn as_ref(&self) -> Known<&T> {
        match self {
            Self::Known(value) => Known::Known(value),
            Self::Unknown(gap) => Known::Unknown(gap.clone()),
        }
    }

    /// The value as a result, so that `?` carries a gap upwards.
    ///
    /// # Errors
    /// The gap, where the value is unknown.
    pub fn into_result(self) -> Result<T, Gap> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Unknown(gap) => Err(gap),
        }
    }
}

impl<T> Known<Option<T>> {
    /// What may be absent, and may be unknown where it is there.
    pub fn given(value: Option<Known<T>>) -> Self {
        match value {
            Some(value) => value.map(Some),
            None => Self::Known(None),
        }
    }
}

/// Kleene's three-valued logic: an answer that the unknown side cannot change is an answer.
impl Known<bool> {
    /// Both. One that is false decides.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Known(false), _) | (_, Self::Known(false)) => Self::Known(false),
            (Self::Unknown(gap), _) | (_, Self::Unknown(gap)) => Self::Unknown(gap),
            (Self::Known(true), Self::Known(true)) => Self::Known(true),
        }
    }

    /// Either. One that is true decides.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Known(true), _) | (_, Self::Known(true)) => Self::Known(true),
            (Self::Unknown(gap), _) | (_, Self::Unknown(gap)) => Self::Unknown(gap),
            (Self::Known(false), Self::Known(false)) => Self::Known(false),
        }
    }

    /// Not.
    #[must_use]
    pub fn negate(self) -> Self {
        self.map(|value| !value)
    }
}

impl<T> From<Result<T, Gap>> for Known<T> {
    fn from(result: Result<T, Gap>) -> Self {
        match result {
            Ok(value) => Self::Known(value),
            Err(gap) => Self::Unknown(gap),
        }
    }
}

/// What [`Known`] asks a deserializer for; one that knows of unknown values answers with a gap.
pub const KNOWN: &str = "$egress-audit::Known";

/// A value is read as it stands. Whoever deserialises from where values may be missing hands in a row: the value, or
/// nothing and the gap behind it.
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Known<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = Known<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, or the gap where it should be")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
                T::deserialize(deserializer).map(Known::Known)
            }

            /// The value; or, where there is none, the gap behind it.
            fn visit_seq<A: SeqAccess<'de>>(self, mut either: A) -> Result<Self::Value, A::Error> {
                if let Some(value) = either.next_element::<T>()? {
                    return Ok(Known::Known(value));
                }
                let gap = either.next_element::<Gap>()?;
                gap.map(Known::Unknown).ok_or_else(|| serde::de::Error::custom("neither a value nor a gap"))
            }
        }

        deserializer.deserialize_newtype_struct(KNOWN, Either(PhantomData))
    }
}

/// Something that was not read. It is the size of a pointer, since there may be one wherever there is a fact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Gap(Arc<Unread>);

/// What was not read, and why it was not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unread {
    /// What is missing, in words a reader can act on, such as `ec2:DescribeNatGateways in 123456789012 us-west-2`.
    pub what: Arc<str>,
    /// Why, from the closed list.
    pub why: GapReason,
    /// What the other side said, where it said something; escaped only when it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Arc<str>>,
}

impl Gap {
    /// A gap without further detail.
    pub fn new(what: impl Into<Arc<str>>, why: GapReason) -> Self {
        Self(Arc::new(Unread { what: what.into(), why, detail: None }))
    }

    /// The same gap by another name.
    #[must_use]
    pub fn named(mut self, what: impl Into<Arc<str>>) -> Self {
        Arc::make_mut(&mut self.0).what = what.into();
        self
    }

    /// The same gap with the words of whoever refused.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Arc<str>>) -> Self {
        Arc::make_mut(&mut self.0).detail = Some(detail.into());
        self
    }
}

impl Deref for Gap {
    type Target = Unread;

    fn deref(&self) -> &Unread {
        &self.0
    }
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.what, self.why)
    }
}

/// Why something was not read. The list is closed: a new reason is a change of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GapReason {
    /// The caller's permissions, or an organisation's policy, forbid the call.
    Denied,
    /// The credentials were missing, wrong or expired.
    Unauthenticated,
    /// The service asked for fewer calls until we gave up.
    Throttled,
    /// The service failed (5xx) until we gave up.
    ServerError,
    /// No answer in time.
    Timeout,
    /// The connection could not be made or broke.
    Network,
    /// The other side could not prove who it is.
    Tls,
    /// The answer ended too early.
    Truncated,
    /// The answer was not of the form the API promises: an empty `200 {}`, HTML, a missing list.
    Malformed,
    /// The answer speaks of another account or project than the one asked.
    WrongIdentity,
    /// A page token came twice.
    TokenLoop,
    /// The pages did not end within the cap.
    PageCap,
    /// The service answered for a part only.
    Partial,
    /// It was listed, and then it was not there any more.
    GoneDuringScan,
    /// The service says that its API is off, and nobody confirmed it.
    ApiDisabledUnverified,
    /// The value is known only later, such as after a Terraform apply.
    UnknownValue,
    /// A module or template that could not be resolved.
    UnresolvedModule,
    /// A construct that this version does not follow.
    Unsupported,
    /// A limit of this tool was reached.
    Limit,
    /// A rule failed while it ran.
    RuleError,
    /// The walk came back to where it had been.
    Loop,
    /// The run was stopped.
    Interrupted,
    /// Nothing in this snapshot tried to read it: another account, another region, an older collection.
    NotRead,
}

impl GapReason {
    /// The reason as it is written in snapshots and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Unauthenticated => "unauthenticated",
            Self::Throttled => "throttled",
            Self::ServerError => "server-error",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::Tls => "tls",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::WrongIdentity => "wrong-identity",
            Self::TokenLoop => "token-loop",
            Self::PageCap => "page-cap",
            Self::Partial => "partial",
            Self::GoneDuringScan => "gone-during-scan",
            Self::ApiDisabledUnverified => "api-disabled-unverified",
            Self::UnknownValue => "unknown-value",
            Self::UnresolvedModule => "unresolved-module",
            Self::Unsupported => "unsupported",
            Self::Limit => "limit",
            Self::RuleError => "rule-error",
            Self::Loop => "loop",
            Self::Interrupted => "interrupted",
            Self::NotRead => "not-read",
        }
    }
}

impl fmt::Display for GapReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a record comes from, when that is a place in a file rather than a live API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The file, relative to the folder that was scanned, with `/` between its parts.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1 in characters.
    pub column: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_the_unknown_cannot_change_is_an_answer() {
        let gap = Known::Unknown(Gap::new("x", GapReason::Denied));
        let [yes, no] = [Known::Known(true), Known::Known(false)];
        assert_eq!(gap.clone().and(no.clone()), no);
        assert_eq!(no.clone().and(gap.clone()), no);
        assert_eq!(gap.clone().and(yes.clone()), gap);
        assert_eq!(gap.clone().or(yes.clone()), yes);
        assert_eq!(yes.clone().or(gap.clone()), yes);
        assert_eq!(gap.clone().or(no), gap);
        assert_eq!(gap.clone().negate(), gap);
    }

    #[test]
    fn a_reason_is_written_the_same_by_display_and_by_serde() {
        for reason in
            [GapReason::Denied, GapReason::ApiDisabledUnverified, GapReason::GoneDuringScan, GapReason::NotRead]
        {
            let json = serde_json::to_string(&reason).expect("an enum serialises");
            assert_eq!(json, format!("\"{reason}\""));
        }
    }
}
