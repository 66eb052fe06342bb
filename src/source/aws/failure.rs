//! Why a call failed, in the words of the gaps.

use std::error::Error;

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{answers::BadForm, hosts::Refused, role::NotRenewed};
use crate::{
    evidence::GapReason,
    source::said::{self, chain},
};

/// What comes after these changes from call to call, and the same state gives the same snapshot; and what was signed holds
/// the token of the session.
const MARKS: [&str; 7] = [
    "Encoded authorization failure message",
    "(Service:",
    "RequestID",
    "RequestId",
    "Request ID",
    "The Canonical String",
    "The String-to-Sign",
];

/// A call that failed, after all its tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// The reason.
    pub(super) why: GapReason,
    /// What the service said.
    pub(super) detail: Option<String>,
    /// AWS's code for the error, where the answer was an error of AWS's form.
    pub(super) code: Option<String>,
    /// The HTTP status, where there was an answer.
    pub(super) status: Option<u16>,
}

impl Failure {
    /// A failure that we found out by ourselves.
    pub(super) fn new(why: GapReason, detail: impl Into<String>) -> Self {
        Self { why, detail: Some(detail.into()), code: None, status: None }
    }

    /// An answer of another form than promised.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(GapReason::Malformed, detail)
    }

    /// An answer about something else than what was asked for.
    pub(super) fn speaks_of(other: &str) -> Self {
        Self::new(GapReason::WrongIdentity, format!("the answer speaks of `{other}`"))
    }

    /// Why a call of the SDK failed.
    pub(super) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error {
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                let meta = service.err().meta();
                answered(status, meta.code(), meta.message())
            }
            SdkError::TimeoutError(_) => Self::new(GapReason::Timeout, "no answer in time"),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                Self::new(GapReason::Timeout, "no answer in time")
            }
            // Some of the SDK's crates cannot read an error that is not of AWS's form; its status tells enough.
            SdkError::ResponseError(answer) if !answer.raw().status().is_success() => {
                answered(answer.raw().status().as_u16(), None, None)
            }
            SdkError::ResponseError(_) => unreadable(error),
            other => unsent(other),
        }
    }

    /// Whether AWS's code for the error is this one.
    pub(super) fn is(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// The same failure of a list: that a whole list is "not found" is not an answer.
    pub(super) fn of_list(mut self) -> Self {
        if self.why == GapReason::GoneDuringScan {
            self.why = GapReason::Malformed;
        }
        self
    }
}

/// An error that the service answered with; its parts, as AWS gives them.
fn answered(status: u16, code: Option<&str>, message: Option<&str>) -> Failure {
    let (why, detail) = match (code, status) {
        // The SDK got an answer that says success, and could not read it.
        (_, 200..=299) => (GapReason::Malformed, Some("the answer could not be read".to_owned())),
        (Some(code), _) => (by_code(code).unwrap_or_else(|| by_status(status)), Some(said(code, message))),
        (None, _) => (by_status(status), Some(format!("HTTP status {status}, not in the form of an AWS error"))),
    };
    // A 404 that is no error of AWS does not say that the resource is gone.
    let why = if why == GapReason::GoneDuringScan && code.is_none() { GapReason::Malformed } else { why };
    Failure { why, detail, code: code.map(Into::into), status: Some(status) }
}

fn by_code(code: &str) -> Option<GapReason> {
    Some(match code {
        _ if code.contains("Throttl") => GapReason::Throttled,
        "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "BandwidthLimitExceeded"
        | "SlowDown"
        | "LimitExceededException" => GapReason::Throttled,
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "OptInRequired"
        | "KMSAccessDeniedException" => GapReason::Denied,
        "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "AuthFailure"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature"
        | "RequestExpired"
        | "InvalidToken" => GapReason::Unauthenticated,
        "ResourceNotFoundException"
        | "NotFoundException"
        | "LoadBalancerNotFound"
        | "TargetGroupNotFound"
        | "ListenerNotFound" => GapReason::GoneDuringScan,
        "UnsupportedOperation"
        | "UnsupportedOperationException"
        | "InvalidAction"
        | "UnknownOperationException"
        | "NotImplemented" => GapReason::Unsupported,
        _ => return None,
    })
}

fn by_status(status: u16) -> GapReason {
    match status {
        401 => GapReason::Unauthenticated,
        403 => GapReason::Denied,
        404 => GapReason::GoneDuringScan,
        429 => GapReason::Throttled,
        500.. => GapReason::ServerError,
        _ => GapReason::Malformed,
    }
}

/// What the service said, or its code where it said nothing.
fn said(code: &str, message: Option<&str>) -> String {
    let kept = said::said(message.unwrap_or(code), &MARKS);
    let kept = kept.trim_end_matches([' ', '(', ':', ';', ',']);
    if kept.is_empty() { code.into() } else { kept.into() }
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// An answer came, and could not be read to its end.
fn unreadable(error: &(dyn Error + 'static)) -> Failure {
    if let Some(form) = find::<BadForm>(error) {
        return Failure::malformed(form.to_string());
    }
    let text = chain(error);
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if any(&["length limit exceeded"]) {
        Failure::new(GapReason::Limit, "the answer is larger than this tool reads")
    } else if any(&["end of file", "eof", "incomplete", "connection closed", "body", "reset", "aborted"]) {
        Failure::new(GapReason::Truncated, "the answer ended too early")
    } else if any(&["timed out", "timeout"]) {
        Failure::new(GapReason::Timeout, "no answer in time")
    } else {
        Failure::malformed("the answer could not be read")
    }
}

/// The request did not get through.
fn unsent(error: &(dyn Error + 'static)) -> Failure {
    if let Some(refused) = find::<Refused>(error) {
        return Failure::new(GapReason::Network, refused.to_string());
    }
    if let Some(NotRenewed(failure)) = find(error) {
        return failure.clone();
    }
    let text = chain(error);
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if any(&["credential", "identity resolver", "no identity"]) {
        Failure::new(GapReason::Unauthenticated, "no usable credentials")
    } else if any(&["certificate", "tls", "handshake"]) {
        Failure::new(GapReason::Tls, "no trusted connection")
    } else if any(&["timed out", "timeout"]) {
        Failure::new(GapReason::Timeout, "no answer in time")
    } else {
        Failure::new(GapReason::Network, "the connection could not be made, or broke")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_aws_have_their_reasons() {
        use GapReason as Why;
        for (status, code, why) in [
            (403, Some("UnauthorizedOperation"), Why::Denied),
            (400, Some("AccessDeniedException"), Why::Denied),
            (403, Some("ExpiredTokenException"), Why::Unauthenticated),
            (401, Some("AuthFailure"), Why::Unauthenticated),
            (400, Some("ThrottlingException"), Why::Throttled),
            (503, Some("RequestLimitExceeded"), Why::Throttled),
            (429, None, Why::Throttled),
            (500, Some("ServiceException"), Why::ServerError),
            (502, None, Why::ServerError),
            (404, Some("ResourceNotFoundException"), Why::GoneDuringScan),
            (400, Some("TargetGroupNotFound"), Why::GoneDuringScan),
            (404, None, Why::Malformed),
            (200, None, Why::Malformed),
            (403, Some("SomethingNew"), Why::Denied),
            (418, Some("SomethingNew"), Why::Malformed),
        ] {
            assert_eq!(answered(status, code, None).why, why, "{status} {code:?}");
        }
    }

    #[test]
    fn a_detail_says_the_same_for_every_call() {
        let message = "You are not authorized. Encoded authorization failure message: x8Zq";
        assert_eq!(said("UnauthorizedOperation", Some(message)), "You are not authorized.");
        assert_eq!(said("X", Some("gone (Service: Kms, Request ID: 1)")), "gone");
        assert_eq!(said("X", None), "X");
    }

    #[test]
    fn a_signature_that_does_not_match_is_not_an_occasion_to_repeat_the_token_that_was_signed() {
        let message = "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for \
                       this request should have been\n'GET\n/\n\nx-amz-security-token:IQoJb3JpZ2luX2VjEXAMPLE'";
        let kept = said("SignatureDoesNotMatch", Some(message));
        assert_eq!(kept, "The request signature we calculated does not match the signature you provided.");
        let message = "no such key AKIAIOSFODNN7EXAMPLE, and no postgres://app:hunter22@db.internal/app";
        assert_eq!(said("X", Some(message)), "no such key (withheld) and no (withheld)");
    }
}
