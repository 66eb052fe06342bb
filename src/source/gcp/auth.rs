//! Finds credentials: a token, a file, the metadata server, gcloud; in this order, and the first that is there counts.

mod file;
mod tokens;

use std::{path::PathBuf, sync::Arc, time::Duration};

use gcp_auth::{GCloudAuthorizedUser, TokenProvider};
use google_cloud_auth::credentials::mds;

use self::tokens::{Exchanged, Fixed};
use super::{
    super::{
        CollectError,
        environment::{home, variable},
    },
    failure::Failure,
    hosts::{Hosts, Use},
};
use crate::evidence::GapReason;

/// What is asked of every credential: reading needs no narrower one, and IAM decides what it may read.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// How long a token may take to come.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long the metadata server may take to say that it is there.
const PROBE: Duration = Duration::from_secs(1);

/// Variables that hold a token, and variables that name a file with one.
const TOKENS: [&str; 2] = ["CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"];
const TOKEN_FILE: &str = "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE";

/// Who reads, and who pays for it.
#[derive(Clone)]
pub(super) struct Credentials {
    provider: Arc<dyn TokenProvider>,
    /// The project whose quota the calls count against, where one is named.
    pub(super) quota_project: Option<String>,
}

impl Credentials {
    /// A bearer token.
    pub(super) async fn token(&self) -> Result<Arc<gcp_auth::Token>, Failure> {
        let token = tokio::time::timeout(TIMEOUT, self.provider.token(&[SCOPE])).await;
        let failed = |why, said| Failure::new(why, said);
        match token {
            Ok(Ok(token)) => Ok(token),
            // What the libraries say may hold what was sent or answered, and is not shown.
            Ok(Err(_)) => Err(failed(GapReason::Unauthenticated, "the credentials gave no token")),
            Err(_) => Err(failed(GapReason::Timeout, "the credentials gave no token in time")),
        }
    }
}

/// The credentials of the environment.
pub(super) async fn find(hosts: &Hosts) -> Result<Credentials, CollectError> {
    let quota = variable("GOOGLE_CLOUD_QUOTA_PROJECT")?;
    let found = |provider, own: Option<String>| Ok(Credentials { provider, quota_project: quota.clone().or(own) });
    for name in TOKENS {
        if let Some(token) = variable(name)? {
            return found(Arc::new(Fixed::new(name, &token)?), None);
        }
    }
    if let Some(path) = variable(TOKEN_FILE)? {
        let text = file::read(&PathBuf::from(path), TOKEN_FILE)?;
        return found(Arc::new(Fixed::new(TOKEN_FILE, &text)?), None);
    }
    if let Some(path) = variable("GOOGLE_APPLICATION_CREDENTIALS")? {
        let path = PathBuf::from(path);
        let text = file::read(&path, "GOOGLE_APPLICATION_CREDENTIALS")?;
        let (provider, own) = file::provider(&path, &text, hosts)?;
        return found(provider, own);
    }
    if let Some(path) = application_default()?.filter(|path| path.is_file()) {
        let text = file::read(&path, "the application default credentials")?;
        let (provider, own) = file::provider(&path, &text, hosts)?;
        return found(provider, own);
    }
    if let Some(provider) = metadata(hosts).await? {
        return found(provider, None);
    }
    if let Some(provider) = gcloud().await {
        return found(provider, None);
    }
    Err(CollectError::Config {
        message: "no credentials for Google Cloud were found".into(),
        hint: Some(
            "sign in with `gcloud auth application-default login`, or set `GOOGLE_APPLICATION_CREDENTIALS` or `CLOUDSDK_AUTH_ACCESS_TOKEN`"
                .into(),
        ),
    })
}

fn application_default() -> Result<Option<PathBuf>, CollectError> {
    let folder = match variable("CLOUDSDK_CONFIG")? {
        Some(folder) => Some(PathBuf::from(folder)),
        None if cfg!(windows) => home().map(|home| home.join("gcloud")),
        None => home().map(|home| home.join(".config").join("gcloud")),
    };
    Ok(folder.map(|folder| folder.join("application_default_credentials.json")))
}

/// The service account of the machine, if there is a metadata server.
async fn metadata(hosts: &Hosts) -> Result<Option<Arc<dyn TokenProvider>>, CollectError> {
    let host = variable("GCE_METADATA_HOST")?;
    let endpoint = format!("http://{}", host.as_deref().unwrap_or("metadata.google.internal"));
    let url = hosts.check(&endpoint, Use::SubjectToken).map_err(|refused| CollectError::Config {
        message: format!("`GCE_METADATA_HOST` is set, and {refused}"),
        hint: None,
    })?;
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(PROBE)
        .timeout(PROBE)
        .build();
    let Ok(client) = client else { return Ok(None) };
    let answer = client.get(url).header("Metadata-Flavor", "Google").send().await;
    let there = answer.is_ok_and(|answer| answer.headers().get("metadata-flavor").is_some_and(|it| it == "Google"));
    if !there {
        return Ok(None);
    }
    let built = mds::Builder::default().with_endpoint(endpoint).with_scopes([SCOPE]).build_access_token_credentials();
    Ok(built.ok().map(|credentials| Arc::new(Exchanged::new(credentials)) as Arc<dyn TokenProvider>))
}

/// The account that gcloud is signed in with, if there is gcloud.
async fn gcloud() -> Option<Arc<dyn TokenProvider>> {
    let runtime = tokio::runtime::Handle::current();
    // It runs a program and waits for it, without letting anyone else work meanwhile.
    let found = tokio::task::spawn_blocking(move || runtime.block_on(GCloudAuthorizedUser::new()));
    let user = tokio::time::timeout(TIMEOUT, found).await.ok()?.ok()?.ok()?;
    Some(Arc::new(user))
}
