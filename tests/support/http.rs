//! A small HTTP server on loopback: what a request is and what is said to it is for others to know.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub(crate) method: String,
    /// Up to the question mark, and not decoded.
    pub(crate) path: String,
    /// What follows the question mark.
    pub(crate) query: String,
    /// By their names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// An answer.
    Text { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// An answer of these bytes, in this encoding.
    Encoded(&'static str, Vec<u8>),
    /// An answer that ends before the length that it announced.
    Short(String),
    /// An answer that comes byte by byte, with this pause after each.
    Trickle(String, Duration),
    /// The connection ends without an answer.
    Hangup,
    /// No answer until the client or the server goes.
    Silence,
}

impl Reply {
    pub(crate) fn text(status: u16, body: impl Into<String>) -> Self {
        Self::Text { status, headers: Vec::new(), body: body.into() }
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

/// Gives a reply to a request, and the type of its content.
type Answer = dyn Fn(Raw) -> (Reply, &'static str) + Send + Sync;

/// The server. It stops when it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Server {
    /// Serves these answers, by TLS where there is a configuration of it.
    pub(crate) fn start(
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(Raw) -> (Reply, &'static str) + Send + Sync + 'static,
    ) -> Self {
        let answer: Arc<Answer> = Arc::new(answer);
        Self::accept(move |stream, stop| {
            // What goes wrong with a connection is the client's to notice.
            drop(match &tls {
                None => serve(&stream, &*answer, stop),
                Some(tls) => ServerConnection::new(Arc::clone(tls))
                    .map_err(std::io::Error::other)
                    .and_then(|tls| serve(StreamOwned::new(tls, &stream), &*answer, stop)),
            });
            drop(stream.shutdown(Shutdown::Both));
        })
    }

    /// Gives each connection to this, on a thread of its own.
    pub(crate) fn accept(each: impl Fn(TcpStream, &AtomicBool) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (each, stop) = (Arc::new(each), Arc::new(AtomicBool::new(false)));
        let shared = Arc::clone(&stop);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (each, stop) = (Arc::clone(&each), Arc::clone(&shared));
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                thread::spawn(move || each(stream, &stop));
            }
        });
        Self { address, stop }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the listener, which then ends.
        drop(TcpStream::connect_timeout(&self.address, Duration::from_secs(1)));
    }
}

fn serve(stream: impl Read + Write, answer: &Answer, stop: &AtomicBool) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let request = read(&mut reader)?;
    let mut out = reader.into_inner();
    let (reply, kind) = answer(request);
    let head = |status: u16, length: usize| {
        format!("HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n")
    };
    match reply {
        Reply::Text { status, headers, body } => {
            write!(out, "{}", head(status, body.len()))?;
            for (name, value) in headers {
                write!(out, "{name}: {value}\r\n")?;
            }
            write!(out, "\r\n{body}")?;
        }
        Reply::Encoded(encoding, body) => {
            write!(out, "{}Content-Encoding: {encoding}\r\n\r\n", head(200, body.len()))?;
            out.write_all(&body)?;
        }
        Reply::Short(body) => write!(out, "{}\r\n{body}", head(200, body.len() + 99))?,
        Reply::Trickle(body, pause) => {
            write!(out, "{}\r\n", head(200, body.len()))?;
            for byte in body.bytes() {
                out.write_all(&[byte])?;
                out.flush()?;
                thread::sleep(pause);
                if stop.load(Ordering::Relaxed) {
                    break;
                }
            }
        }
        Reply::Hangup => {}
        Reply::Silence => {
            while !stop.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
    out.flush()
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Raw> {
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
    Ok(Raw {
        method: method.into(),
        path: path.into(),
        query: query.into(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
