//! A server on loopback that does with each request what a test wants.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use rustls::ServerConfig;
use serde_json::{Value, json};

pub(crate) use crate::http::Reply;
use crate::http::{Raw, Server};

/// A request, as far as answers depend on it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The path, decoded but for `%2F`; its first part is the API's name.
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Request {
    fn of(raw: Raw) -> Self {
        let pairs = raw.query.split('&').filter_map(|pair| pair.split_once('='));
        let plain = |value: &str| value.replace("%2F", "/").replace("%3A", ":");
        Self {
            query: pairs.map(|(name, value)| (name.to_owned(), plain(value))).collect(),
            method: raw.method,
            path: raw.path.trim_start_matches('/').into(),
            headers: raw.headers,
            body: raw.body,
        }
    }

    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether this is what is asked: `GET run/v1/…`, from its beginning to its end.
    pub(crate) fn is(&self, what: &str) -> bool {
        what.split_once(' ').is_some_and(|(method, path)| self.method == method && self.path == path)
    }
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self::text(200, body.to_string())
    }

    /// An error in Google's form.
    pub(crate) fn error(status: u16, reason: &str, message: &str) -> Self {
        let info = json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "x"});
        Self::text(status, json!({"error": {"code": status, "message": message, "details": [info]}}).to_string())
    }
}

/// The server. It stops when it is dropped.
pub(crate) struct Stub {
    server: Server,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Stub {
    /// Serves these answers. Each gets the request, and how many of its method and path came before it.
    pub(crate) fn start(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::with(None, answer)
    }

    /// The same by TLS, where there is a configuration of it.
    pub(crate) fn with(
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let seen = Arc::new(Mutex::new(Vec::<Request>::new()));
        let remembered = Arc::clone(&seen);
        let server = Server::start(tls, move |raw| {
            let request = Request::of(raw);
            let nth = {
                let mut seen = remembered.lock().expect("no panic");
                let same = |other: &&Request| other.method == request.method && other.path == request.path;
                let nth = seen.iter().filter(same).count();
                seen.push(request.clone());
                nth
            };
            (answer(&request, nth), "application/json")
        });
        Self { server, seen }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Every request that came.
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().expect("no panic").clone()
    }

    /// How many requests of a method and path came.
    pub(crate) fn count(&self, what: &str) -> usize {
        self.seen().iter().filter(|request| request.is(what)).count()
    }
}
