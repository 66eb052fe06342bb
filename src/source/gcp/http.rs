//! One request and its answer: with the bearer token, to the API's own host alone, tried again where that may help.

use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable as _};
use reqwest::{Client, Method, Response, header::RETRY_AFTER, redirect::Policy};
use serde_json::{Map, Value};

use super::{
    super::CollectError,
    auth::Credentials,
    calls::Calls,
    endpoints::{Api, Endpoints},
    failure::Failure,
};
use crate::{evidence::GapReason, snapshot::check_json};

/// No answer of the calls we make comes near this; one that does is not read on.
const MAX_BYTES: usize = 64 << 20;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an answer may keep silent.
const SILENCE: Duration = Duration::from_secs(30);
/// How long a whole answer may take.
const TOTAL: Duration = Duration::from_mins(1);
/// Who did not answer in time is asked again until then: a service that hangs is waited for once more, not five times.
const PATIENCE: Duration = Duration::from_secs(45);
/// How often a call is tried again.
const RETRIES: usize = 4;
/// The longest that a service can make us wait before another try.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What is asked.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// The API.
    pub(super) api: Api,
    /// The call, in the words of a permission.
    pub(super) call: &'static str,
    /// The path below the address of the API.
    pub(super) path: String,
    /// The parameters.
    pub(super) query: Vec<(&'static str, String)>,
    /// What is posted; a `GET` has nothing.
    pub(super) body: Option<Value>,
}

impl Request {
    /// A `GET`.
    pub(super) fn get(api: Api, call: &'static str, path: impl Into<String>) -> Self {
        Self { api, call, path: path.into(), query: Vec::new(), body: None }
    }

    /// A `POST` that changes nothing.
    pub(super) fn post(api: Api, call: &'static str, path: impl Into<String>, body: Value) -> Self {
        Self { body: Some(body), ..Self::get(api, call, path) }
    }

    /// The same with another parameter.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }
}

/// Sends requests.
pub(super) struct Http {
    remote: Client,
    local: Client,
    credentials: Credentials,
    /// Where the APIs answer.
    pub(super) endpoints: Endpoints,
    /// How the calls go.
    pub(super) calls: Calls,
}

impl Http {
    /// Clients that follow nothing, and wait for nothing long.
    pub(super) fn new(credentials: Credentials, endpoints: Endpoints, calls: Calls) -> Result<Self, CollectError> {
        let builder = || {
            Client::builder()
                .redirect(Policy::none())
                .connect_timeout(CONNECT)
                .read_timeout(SILENCE)
                .timeout(TOTAL)
                .user_agent(concat!("egress-audit/", env!("CARGO_PKG_VERSION")))
        };
        let failed = |error: reqwest::Error| CollectError::Config {
            message: format!("no connections can be made: {}", error.without_url()),
            hint: None,
        };
        Ok(Self {
            remote: builder().https_only(true).build().map_err(failed)?,
            // What is on this machine is not asked by way of another one.
            local: builder().no_proxy().build().map_err(failed)?,
            credentials,
            endpoints,
            calls,
        })
    }

    /// Asks, and asks again where that may help. The answer is one JSON object.
    pub(super) async fn ask(&self, request: &Request) -> Result<Map<String, Value>, Failure> {
        self.calls.expect();
        let local = self.endpoints.is_local(request.api);
        let (first, longest) = if local {
            (Duration::from_millis(5), Duration::from_secs(1))
        } else {
            (Duration::from_secs(1), LONGEST_WAIT)
        };
        let backoff = ExponentialBuilder::new().with_min_delay(first).with_max_delay(longest);
        let start = Instant::now();
        let result = (|| self.once(request, local))
            .retry(backoff.with_max_times(RETRIES).with_jitter())
            .when(|failure| failure.transient && (failure.why != GapReason::Timeout || start.elapsed() < PATIENCE))
            // What the service asks for counts, if it does not ask for too much.
            .adjust(|failure, wait| wait.map(|wait| failure.after.map_or(wait, |after| after.max(wait).min(longest))))
            .await;
        if let Err(failure) = &result {
            tracing::debug!(call = request.call, why = %failure.why, "failed");
        }
        self.calls.done(request.call);
        result
    }

    async fn once(&self, request: &Request, local: bool) -> Result<Map<String, Value>, Failure> {
        let Some(url) = self.endpoints.url(request.api, &request.path) else {
            return Err(Failure::malformed("the name of the resource cannot be part of an address"));
        };
        let _turn = self.calls.turn(request.api).await?;
        let token = self.credentials.token().await?;
        let client = if local { &self.local } else { &self.remote };
        let method = if request.body.is_some() { Method::POST } else { Method::GET };
        let mut sent = client.request(method, url).query(&request.query).bearer_auth(token.as_str());
        if let Some(project) = &self.credentials.quota_project {
            sent = sent.header("x-goog-user-project", project);
        }
        if let Some(body) = &request.body {
            sent = sent.json(body);
        }
        let response = sent.send().await.map_err(|error| Failure::of(&error))?;
        let status = response.status().as_u16();
        let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let body = read(response).await?;
        if status == 200 {
            return object(&body);
        }
        Err(Failure::answered(status, &body, seconds.map(Duration::from_secs)).without(token.as_str()))
    }
}

/// The whole body, up to the cap.
async fn read(mut response: Response) -> Result<Vec<u8>, Failure> {
    let too_large = || Failure::new(GapReason::Limit, "the answer is larger than this tool reads");
    if response.content_length().is_some_and(|length| length > MAX_BYTES as u64) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| Failure::of(&error))? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The object that an answer must be.
fn object(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    let text = std::str::from_utf8(body).map_err(|_| Failure::malformed("the answer is not UTF-8 text"))?;
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(object)) => match check_json(text) {
            Ok(()) => Ok(object),
            Err(error) => Err(Failure::malformed(format!("the answer is not plain JSON: {}", error.message))),
        },
        Ok(_) => Err(Failure::malformed("the answer is not a JSON object")),
        Err(error) if error.is_eof() && !text.trim().is_empty() => {
            Err(Failure::new(GapReason::Truncated, "the answer ended too early").transient())
        }
        Err(_) => Err(Failure::malformed("the answer is not JSON")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_one_whole_object() {
        assert!(object(b"{}").is_ok());
        for (body, why) in [
            (&b"[]"[..], GapReason::Malformed),
            (b"null", GapReason::Malformed),
            (b"", GapReason::Malformed),
            (b"<html>", GapReason::Malformed),
            (b"{\"functions\": [{\"na", GapReason::Truncated),
            (b"{\"a\": 1, \"a\": 2}", GapReason::Malformed),
            (b"\xff", GapReason::Malformed),
        ] {
            assert_eq!(object(body).expect_err("not an object").why, why);
        }
    }
}
