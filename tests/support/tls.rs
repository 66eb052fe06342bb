//! Certificates made for a test, of hosts that are who they say and of hosts that are not; and a proxy before them.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};

use crate::http::Server;

/// Who vouches for hosts. Its certificate is for `SSL_CERT_FILE`.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut own = CertificateParams::default();
        own.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        own.distinguished_name.push(rcgen::DnType::CommonName, "a test's own authority");
        let key = KeyPair::generate().expect("a key");
        Self { issuer: CertifiedIssuer::self_signed(own, key).expect("a certificate") }
    }

    /// The certificate, as files hold it.
    pub(crate) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A server that proves to be these hosts.
    pub(crate) fn server(&self, hosts: &[&str]) -> Arc<ServerConfig> {
        self.vouch(params(hosts))
    }

    /// Servers that do not prove to be these hosts: one is others, one was them until it expired, and for two somebody else vouches.
    pub(crate) fn impostors(&self, hosts: &[&str], others: &[&str]) -> [Arc<ServerConfig>; 4] {
        [self.server(others), self.expired(hosts), self_signed(hosts), Self::new().server(hosts)]
    }

    fn expired(&self, hosts: &[&str]) -> Arc<ServerConfig> {
        let mut old = params(hosts);
        (old.not_before, old.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
        self.vouch(old)
    }

    fn vouch(&self, params: CertificateParams) -> Arc<ServerConfig> {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        config(vec![certificate.der().clone()], &key)
    }
}

/// A server for which nobody vouches but itself.
fn self_signed(hosts: &[&str]) -> Arc<ServerConfig> {
    let key = KeyPair::generate().expect("a key");
    let certificate = params(hosts).self_signed(&key).expect("a certificate");
    config(vec![certificate.der().clone()], &key)
}

fn params(hosts: &[&str]) -> CertificateParams {
    CertificateParams::new(hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>()).expect("names of hosts")
}

fn config(chain: Vec<rustls::pki_types::CertificateDer<'static>>, key: &KeyPair) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = builder.expect("ring has them").with_no_client_auth().with_single_cert(chain, key);
    Arc::new(config.expect("the key is the certificate's"))
}

/// A proxy that leads everybody who asks for any host to one server, or refuses.
pub(crate) struct Proxy {
    server: Server,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

impl Proxy {
    /// Leads there; nowhere, if there is nothing.
    pub(crate) fn to(target: Option<SocketAddr>) -> Self {
        let asked = Arc::new(Mutex::new(BTreeSet::new()));
        let remembered = Arc::clone(&asked);
        let server = Server::accept(move |stream, _| {
            drop(tunnel(&stream, target, &remembered));
            drop(stream.shutdown(Shutdown::Both));
        });
        Self { server, asked }
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Every host and port that was asked for.
    pub(crate) fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

fn tunnel(mut client: &TcpStream, target: Option<SocketAddr>, asked: &Mutex<BTreeSet<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(client);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let words: Vec<&str> = line.split(' ').collect();
    asked.lock().expect("no panic").insert(format!("{} {}", words[0], words.get(1).copied().unwrap_or_default()));
    while reader.read_line(&mut line)? > 2 {}
    let Some(target) = target else {
        return client.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
    };
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    let server = TcpStream::connect(target)?;
    thread::scope(|scope| {
        scope.spawn(|| {
            drop(std::io::copy(&mut reader, &mut &server));
            drop(server.shutdown(Shutdown::Write));
        });
        drop(std::io::copy(&mut &server, &mut client));
        drop(client.shutdown(Shutdown::Both));
    });
    Ok(())
}
