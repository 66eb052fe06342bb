//! The one door that requests go out by: to hosts that may be asked alone, after no redirect, and never for long.

use std::time::Duration;

use async_trait::async_trait;
use http_body_util::{BodyExt as _, Limited};
use object_store::{
    ClientOptions,
    client::{
        HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
    },
};
use reqwest::{Client, redirect::Policy};

use super::{
    super::CollectError,
    hosts::{Hosts, Refused, Way},
};
use crate::snapshot::MAX_BYTES_IN_LINES;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long nothing may come.
const SILENCE: Duration = Duration::from_mins(2);
/// How long a whole answer may take.
const TOTAL: Duration = Duration::from_mins(30);
/// How long the machine's own link may take.
const LINK: Duration = Duration::from_secs(2);

/// The longest answer that is no object: a page of a list, an error.
const MAX_ANSWER: u64 = 16 << 20;

/// Why a request was not sent, or its answer not taken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Shut {
    /// The host is one that nothing is sent to.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The answer is that something else be asked.
    #[error("it is redirected, which is not followed")]
    Redirected {
        /// The region that the bucket is in, where the answer says it.
        region: Option<String>,
    },
    /// What should be a list is something else, which the library would take for an empty one.
    #[error("the answer is no list of objects")]
    NoList,
    /// A list says that it goes on, and not where.
    #[error("a list of objects ends before its end")]
    Cut,
}

/// Sends what the library of the stores asks for.
#[derive(Debug, Clone)]
pub(super) struct Door {
    remote: Client,
    local: Client,
    machine: Client,
    hosts: Hosts,
}

impl Door {
    /// Clients that follow nothing, and wait for nothing long.
    ///
    /// # Errors
    /// Where there is no TLS.
    pub(super) fn new(hosts: Hosts) -> Result<Self, CollectError> {
        // It is there already where clouds were read.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            Client::builder()
                .redirect(Policy::none())
                .connect_timeout(CONNECT)
                .read_timeout(SILENCE)
                .timeout(TOTAL)
                // What is compressed in a bucket is no snapshot; what a store compresses by itself has no length.
                .no_gzip()
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
            machine: builder().no_proxy().connect_timeout(LINK).timeout(CONNECT).build().map_err(failed)?,
            hosts,
        })
    }
}

impl HttpConnector for Door {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Door {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let shut = |why: Shut| HttpError::new(HttpErrorKind::Unknown, why);
        let client = match self.hosts.check(&request.uri().to_string()).map_err(|refused| shut(refused.into()))? {
            Way::Remote => &self.remote,
            Way::Local => &self.local,
            Way::Machine => &self.machine,
        };
        let list = request.uri().query().is_some_and(|query| query.contains("list-type=2"));
        let object = request.method().as_str() == "GET" && request.uri().query().is_none();
        let response = client.call(request).await?;
        if response.status().is_redirection() && response.status().as_u16() != 304 {
            let region = response.headers().get("x-amz-bucket-region").and_then(|region| region.to_str().ok());
            return Err(shut(Shut::Redirected { region: region.filter(|it| is_region(it)).map(Into::into) }));
        }
        // One byte over the limit, so that an object that is too large is told from one that is as large as allowed.
        let most = if object && response.status().is_success() { MAX_BYTES_IN_LINES + 1 } else { MAX_ANSWER };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let unread = |error| HttpError::new_boxed(HttpErrorKind::Decode, error);
        if list && response.status().is_success() {
            let (head, body) = response.into_parts();
            let body = Limited::new(body, most).collect().await.map_err(unread)?.to_bytes();
            check_list(&body).map_err(shut)?;
            return Ok(HttpResponse::from_parts(head, body.into()));
        }
        Ok(response.map(|body| HttpResponseBody::new(Limited::new(body, most).map_err(unread))))
    }
}

/// That a page of a list is one, and says where the next one is.
fn check_list(body: &[u8]) -> Result<(), Shut> {
    let holds = |words: &str| body.windows(words.len()).any(|found| found == words.as_bytes());
    if !holds("<ListBucketResult") || !holds("</ListBucketResult>") {
        return Err(Shut::NoList);
    }
    if holds("<IsTruncated>true<") && !holds("<NextContinuationToken>") {
        return Err(Shut::Cut);
    }
    Ok(())
}

/// A name of a region goes into the name of a host.
pub(super) fn is_region(region: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&region.len()) && region.bytes().all(allowed)
}
