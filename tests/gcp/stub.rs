//! A small HTTP server on loopback that does with each request what a test wants.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, ErrorKind, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};

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
    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether this is what is asked: `GET run/v1/…`, from its beginning to its end.
    pub(crate) fn is(&self, what: &str) -> bool {
        what.split_once(' ').is_some_and(|(method, path)| self.method == method && self.path == path)
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// An answer.
    Text { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// An answer that ends before the length that it announced.
    Short(String),
    /// The connection ends without an answer.
    Hangup,
    /// No answer until the server goes.
    Silence,
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self::text(200, body.to_string())
    }

    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        Self::Text { status, headers: Vec::new(), body: body.into() }
    }

    /// An error in Google's form.
    pub(crate) fn error(status: u16, reason: &str, message: &str) -> Self {
        let info = json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "x"});
        Self::text(status, json!({"error": {"code": status, "message": message, "details": [info]}}).to_string())
    }

    pub(crate) fn with(self, name: &'static str, value: &str) -> Self {
        match self {
            Self::Text { status, mut headers, body } => {
                headers.push((name, value.to_owned()));
                Self::Text { status, headers, body }
            }
            other => other,
        }
    }
}

type Answer = dyn Fn(&Request, usize) -> Reply + Send + Sync;

/// The server. It stops when it is dropped.
pub(crate) struct Stub {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
}

impl Stub {
    /// Serves these answers. Each gets the request, and how many of its method and path came before it.
    pub(crate) fn start(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (seen, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (answer, shared): (Arc<Answer>, _) = (Arc::new(answer), (Arc::clone(&seen), Arc::clone(&stop)));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, stop) = shared.clone();
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let answer = Arc::clone(&answer);
                // What goes wrong with a connection is the client's to notice.
                thread::spawn(move || drop(serve(&stream, &*answer, &seen, &stop)));
            }
        });
        Self { address, seen, stop }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
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

impl Drop for Stub {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the listener, which then ends.
        drop(TcpStream::connect_timeout(&self.address, Duration::from_secs(1)));
    }
}

fn serve(stream: &TcpStream, answer: &Answer, seen: &Mutex<Vec<Request>>, stop: &AtomicBool) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let request = read(&mut reader)?;
    let nth = {
        let mut seen = seen.lock().expect("no panic");
        let same = |other: &&Request| other.method == request.method && other.path == request.path;
        let nth = seen.iter().filter(same).count();
        seen.push(request.clone());
        nth
    };
    let mut out = stream;
    match answer(&request, nth) {
        Reply::Text { status, headers, body } => {
            write!(out, "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n", body.len())?;
            for (name, value) in headers {
                write!(out, "{name}: {value}\r\n")?;
            }
            write!(out, "Connection: close\r\n\r\n{body}")?;
        }
        Reply::Short(body) => {
            write!(out, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len() + 99)?;
        }
        Reply::Hangup => {}
        Reply::Silence => {
            while !stop.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
    out.flush()?;
    stream.shutdown(Shutdown::Both)
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Request> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    Ok(Request {
        method: method.into(),
        path: path.trim_start_matches('/').into(),
        query: pairs.map(|(name, value)| (name.to_owned(), value.replace("%2F", "/").replace("%3A", ":"))).collect(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
