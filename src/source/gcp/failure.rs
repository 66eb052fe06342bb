//! Why a call failed, in the words of the gaps.

use std::time::Duration;

use serde_json::Value;

use crate::{
    evidence::GapReason,
    snapshot::WITHHELD,
    source::said::{chain, said},
};

/// What comes after these changes from call to call, and the same state gives the same snapshot.
const MARKS: [&str; 3] = ["Help Token:", "requestId", "request ID"];

/// A call that failed, after all its tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    /// The reason.
    pub(super) why: GapReason,
    /// What the service said.
    pub(super) detail: Option<String>,
    /// The HTTP status, where there was an answer.
    pub(super) status: Option<u16>,
    /// Whether the service says that its API is switched off.
    pub(super) disabled: bool,
    /// Whether another try may go better.
    pub(super) transient: bool,
    /// How long the service asked to wait.
    pub(super) after: Option<Duration>,
}

impl Failure {
    /// A failure that we found out by ourselves.
    pub(super) fn new(why: GapReason, detail: impl Into<String>) -> Self {
        Self { why, detail: Some(detail.into()), status: None, disabled: false, transient: false, after: None }
    }

    /// An answer of another form than promised.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(GapReason::Malformed, detail)
    }

    /// The same, worth another try.
    pub(super) fn transient(self) -> Self {
        Self { transient: true, ..self }
    }

    /// An answer that is not a success.
    pub(super) fn answered(status: u16, body: &[u8], after: Option<Duration>) -> Self {
        let error = serde_json::from_slice::<Value>(body).ok();
        // Some services wrap the one error in a list.
        let error = error.as_ref().map(|body| body.get(0).unwrap_or(body)).and_then(|body| body.get("error"));
        let message = error.and_then(|error| error.get("message")).and_then(Value::as_str);
        let reasons = error.map(reasons).unwrap_or_default();
        let is = |reason: &str| reasons.contains(&reason);
        let limited = is("rateLimitExceeded") || is("userRateLimitExceeded") || is("RATE_LIMIT_EXCEEDED");
        let disabled = status == 403 && (is("SERVICE_DISABLED") || is("accessNotConfigured"));
        let why = match status {
            401 => GapReason::Unauthenticated,
            403 if limited => GapReason::Throttled,
            403 if disabled => GapReason::ApiDisabledUnverified,
            403 => GapReason::Denied,
            // A 404 that is no error of Google's form does not say that the resource is gone.
            404 if error.is_some() => GapReason::GoneDuringScan,
            429 => GapReason::Throttled,
            500.. => GapReason::ServerError,
            _ => GapReason::Malformed,
        };
        let detail = match (message, status) {
            (Some(message), _) => said(message, &MARKS),
            (None, 300..=399) => format!("HTTP status {status}: the answer leads elsewhere, and is not followed"),
            (None, _) => format!("HTTP status {status}, not in the form of an error of Google"),
        };
        let transient = limited || matches!(status, 429 | 500 | 502 | 503 | 504);
        Self { why, detail: Some(detail), status: Some(status), disabled, transient, after }
    }

    /// The same, where the service repeats what it was sent.
    pub(super) fn without(self, token: &str) -> Self {
        let detail = self.detail.map(|detail| if token.is_empty() { detail } else { detail.replace(token, WITHHELD) });
        Self { detail, ..self }
    }

    /// A request that did not get through, or an answer that did not come to its end.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        // The chain is searched, and never shown: it may hold what was sent.
        let text = chain(error);
        let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if error.is_timeout() {
            Self::new(GapReason::Timeout, "no answer in time").transient()
        } else if any(&["certificate", "tls", "handshake"]) {
            Self::new(GapReason::Tls, "no trusted connection")
        } else if error.is_body() || error.is_decode() {
            Self::new(GapReason::Truncated, "the answer ended too early").transient()
        } else if error.is_builder() {
            Self::new(GapReason::Network, "the request could not be made")
        } else {
            Self::new(GapReason::Network, "the connection could not be made, or broke").transient()
        }
    }

    /// The same failure of a list: that a whole list is "not found" is not an answer.
    pub(super) fn of_list(self) -> Self {
        match self.why {
            GapReason::GoneDuringScan => Self { why: GapReason::Malformed, ..self },
            _ => self,
        }
    }

    /// Whether the service says, in its own form, that there is no such thing.
    pub(super) fn is_not_found(&self) -> bool {
        self.status == Some(404) && self.why == GapReason::GoneDuringScan
    }

    /// Whether asking in another way would end the same.
    pub(super) fn is_final(&self) -> bool {
        matches!(self.why, GapReason::Denied | GapReason::Unauthenticated | GapReason::ApiDisabledUnverified)
    }
}

/// The machine-readable reasons of an error: of `ErrorInfo`, and of the older `errors`.
fn reasons(error: &Value) -> Vec<&str> {
    let of = |list: &str| error.get(list).and_then(Value::as_array).into_iter().flatten();
    of("details").chain(of("errors")).filter_map(|item| item.get("reason")?.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn google(status: u16, reason: &str) -> Failure {
        let info = json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason});
        let body = json!({"error": {"code": status, "message": "no. Help Token: x", "details": [info]}});
        Failure::answered(status, body.to_string().as_bytes(), None)
    }

    #[test]
    fn errors_of_google_have_their_reasons() {
        use GapReason as Why;
        for (status, reason, why, transient) in [
            (401, "", Why::Unauthenticated, false),
            (403, "IAM_PERMISSION_DENIED", Why::Denied, false),
            (403, "SERVICE_DISABLED", Why::ApiDisabledUnverified, false),
            (403, "rateLimitExceeded", Why::Throttled, true),
            (404, "", Why::GoneDuringScan, false),
            (429, "", Why::Throttled, true),
            (503, "", Why::ServerError, true),
            (501, "", Why::ServerError, false),
            (400, "", Why::Malformed, false),
            (302, "", Why::Malformed, false),
        ] {
            let failure = google(status, reason);
            assert_eq!((failure.why, failure.transient), (why, transient), "{status} {reason}");
            assert_eq!(failure.detail.as_deref(), Some("no."));
        }
    }

    #[test]
    fn a_404_that_is_not_googles_does_not_say_that_something_is_gone() {
        assert_eq!(Failure::answered(404, b"<html>", None).why, GapReason::Malformed);
        assert!(google(404, "").is_not_found());
    }
}
