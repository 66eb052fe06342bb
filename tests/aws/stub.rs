//! A small HTTP server on loopback that knows which AWS operation it is asked for, and does with it what a test wants.

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

/// A request, as far as answers depend on it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) operation: String,
    /// The key that it was signed with.
    pub(crate) key: String,
    /// The region and the service that the request was signed for.
    pub(crate) region: String,
    pub(crate) service: String,
    /// Not encoded.
    pub(crate) path: String,
    parameters: String,
}

impl Request {
    /// Whether the path names this function, or the body or query holds this text.
    pub(crate) fn names(&self, text: &str) -> bool {
        self.path.contains(&format!("/{text}/"))
            || self.path.ends_with(&format!("/{text}"))
            || self.parameters.contains(text)
    }

    /// The page token that was sent.
    pub(crate) fn token(&self) -> Option<&str> {
        let names = ["NextToken=", "Marker=", "nextToken=", "position="];
        let pair = self.parameters.split('&').find_map(|pair| names.iter().find_map(|name| pair.strip_prefix(name)));
        let of = |name: &str| self.parameters.split_once(&format!("\"{name}\":\""))?.1.split('"').next();
        let in_json = || of("NextToken").or_else(|| of("nextToken"));
        pair.or_else(in_json)
    }

    /// The request as somebody else would make it.
    pub(crate) fn with(&self, is: &str, becomes: &str) -> Self {
        let swap = |text: &str| text.replace(is, becomes);
        Self { path: swap(&self.path), parameters: swap(&self.parameters), ..self.clone() }
    }

    /// Whether it is of the second version of API Gateway.
    pub(crate) fn is_v2(&self) -> bool {
        self.path.starts_with("/v2/")
    }

    pub(crate) fn is_xml(&self) -> bool {
        ["sts", "ec2", "elasticloadbalancing", "iam", "cloudfront"].contains(&self.service.as_str())
    }

    pub(crate) fn is_lambda(&self) -> bool {
        self.service == "lambda"
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// An answer.
    Text { status: u16, headers: Vec<(&'static str, String)>, body: String },
    /// An answer that ends before the length that it announced.
    Short(String),
    /// An answer that comes byte by byte, one a second.
    Trickle(String),
    /// The connection ends without an answer.
    Hangup,
    /// No answer until the client or the server goes.
    Silence,
}

impl Reply {
    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self::Text { status: 200, headers: Vec::new(), body: body.into() }
    }

    /// An error in the form of the service that was asked.
    pub(crate) fn error(request: &Request, status: u16, code: &str, said: &str) -> Self {
        let (headers, body) = if request.is_xml() && request.service != "ec2" {
            let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{said}</Message></Error>");
            (Vec::new(), format!("<ErrorResponse>{error}<RequestId>r-1</RequestId></ErrorResponse>"))
        } else if request.is_xml() {
            let error = format!("<Errors><Error><Code>{code}</Code><Message>{said}</Message></Error></Errors>");
            (Vec::new(), format!("<Response>{error}<RequestID>r-1</RequestID></Response>"))
        } else {
            let body = serde_json::json!({"__type": code, "Message": said, "message": said}).to_string();
            (vec![("x-amzn-ErrorType", code.to_owned())], body)
        };
        Self::Text { status, headers, body }
    }
}

type Answer = dyn Fn(&Request, u64) -> Reply + Send + Sync;

/// The server. It stops when it is dropped.
pub(crate) struct Stub {
    address: SocketAddr,
    counts: Arc<Mutex<BTreeMap<String, u64>>>,
    stop: Arc<AtomicBool>,
}

impl Stub {
    /// Serves these answers. Each gets the request, and how many of its operation came before it.
    pub(crate) fn start(answer: impl Fn(&Request, u64) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (counts, stop) = (Arc::new(Mutex::new(BTreeMap::new())), Arc::new(AtomicBool::new(false)));
        let (answer, shared): (Arc<Answer>, _) = (Arc::new(answer), (Arc::clone(&counts), Arc::clone(&stop)));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (counts, stop) = shared.clone();
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let answer = Arc::clone(&answer);
                // What goes wrong with a connection is the client's to notice.
                thread::spawn(move || drop(serve(&stream, &*answer, &counts, &stop)));
            }
        });
        Self { address, counts, stop }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests an operation got.
    pub(crate) fn count(&self, operation: &str) -> u64 {
        self.counts.lock().expect("no panic").get(operation).copied().unwrap_or(0)
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the listener, which then ends.
        drop(TcpStream::connect(self.address));
    }
}

fn serve(
    stream: &TcpStream,
    answer: &Answer,
    counts: &Mutex<BTreeMap<String, u64>>,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let request = read(&mut reader)?;
    let nth = {
        let mut counts = counts.lock().expect("no panic");
        let count = counts.entry(request.operation.clone()).or_default();
        *count += 1;
        *count - 1
    };
    let mut out = stream;
    match answer(&request, nth) {
        Reply::Text { status, headers, body } => {
            let kind = if request.is_xml() { "text/xml" } else { "application/json" };
            write!(out, "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n", body.len())?;
            for (name, value) in headers {
                write!(out, "{name}: {value}\r\n")?;
            }
            write!(out, "Connection: close\r\n\r\n{body}")?;
        }
        Reply::Short(body) => {
            write!(out, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len() + 99)?;
        }
        Reply::Trickle(body) => {
            write!(out, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
            for byte in body.bytes() {
                out.write_all(&[byte])?;
                thread::sleep(Duration::from_secs(1));
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
    let (mut length, mut aws_target, mut signed) = (0, None, Vec::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "x-amz-target" => aws_target = value.rsplit('.').next().map(str::to_owned),
            "authorization" => signed = value.split('/').map(str::to_owned).collect(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = path.replace("%3A", ":").replace("%24", "$");
    let of = |part: usize| signed.get(part).cloned().unwrap_or_default();
    let (region, service) = (of(2), of(3));
    let key = of(0).rsplit('=').next().unwrap_or_default().to_owned();
    let action = body.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned);
    let operation = aws_target.or(action).unwrap_or_else(|| by_path(method, &path).to_owned());
    Ok(Request { operation, key, region, service, path, parameters: format!("{query}&{body}") })
}

/// The operation of a service that has paths. Those of API Gateway's second version that bear the name of one of the first
/// are told apart by `V2`.
fn by_path(method: &str, path: &str) -> &'static str {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    if method != "GET" {
        return match parts.as_slice() {
            [_, "web-functions"] => "ListWebFunctions",
            [_, "web-functions", _, "list-endpoints"] => "ListWebFunctionEndpoints",
            _ => "unknown",
        };
    }
    match parts.as_slice() {
        [_, "web-functions", _, "revisions", _] => "GetWebFunctionRevision",
        [_, "microvms"] => "ListMicrovms",
        [_, "microvms", _] => "GetMicrovm",
        [_, "network-connectors", _] => "GetNetworkConnector",
        [_, "functions"] => "ListFunctions",
        [_, "functions", _] => "GetFunction",
        [_, "functions", _, "aliases"] => "ListAliases",
        [_, "functions", _, "policy"] => "GetPolicy",
        [_, "functions", _, "urls"] => "ListFunctionUrlConfigs",
        [_, "functions", _, "url"] => "GetFunctionUrlConfig",
        [_, "functions", _, "code-signing-config"] => "GetFunctionCodeSigningConfig",
        [_, "code-signing-configs", _] => "GetCodeSigningConfig",
        [_, "resource-policy", _] => "GetResourcePolicy",
        [_, "capacity-providers", _] => "GetCapacityProvider",
        [_, "layers"] => "ListLayers",
        [_, "layers", _, "versions"] => "ListLayerVersions",
        [_, "layers", _, "versions", _, "policy"] => "GetLayerVersionPolicy",
        [_, "event-source-mappings"] => "ListEventSourceMappings",
        [_, "distribution"] => "ListDistributions",
        ["restapis"] => "GetRestApis",
        ["restapis", _, "stages"] => "GetStages",
        ["restapis", _, "stages", _, "exports", "oas30"] => "GetExport",
        ["domainnames"] => "GetDomainNames",
        ["domainnames", _, "basepathmappings"] => "GetBasePathMappings",
        ["v2", "apis"] => "GetApis",
        ["v2", "apis", _, "stages"] => "GetStagesV2",
        ["v2", "apis", _, "routes"] => "GetRoutes",
        ["v2", "apis", _, "integrations"] => "GetIntegrations",
        ["v2", "apis", _, "exports", "OAS30"] => "ExportApi",
        ["v2", "domainnames"] => "GetDomainNamesV2",
        ["v2", "domainnames", _, "apimappings"] => "GetApiMappings",
        _ => "unknown",
    }
}
