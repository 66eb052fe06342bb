//! Credentials in a file: what it may hold, and where it may make us send something.

use std::{fs, io::Read as _, path::Path, sync::Arc};

use gcp_auth::{CustomServiceAccount, TokenProvider};
use google_cloud_auth::credentials::{external_account, impersonated, user_account};
use serde_json::Value;

use super::{
    super::{
        super::CollectError,
        hosts::{Hosts, Use},
    },
    SCOPE,
    tokens::Exchanged,
};

/// The largest file of credentials.
const MAX_BYTES: u64 = 1024 * 1024;
/// How deep credentials may stand in credentials.
const MAX_NESTING: usize = 4;

/// Where the addresses stand in a file, and what they are for.
const ADDRESSES: [(&str, Use); 5] = [
    ("/token_uri", Use::Token),
    ("/token_url", Use::Token),
    ("/service_account_impersonation_url", Use::Token),
    ("/token_info_url", Use::Token),
    ("/credential_source/url", Use::SubjectToken),
];

/// The text of a file that somebody named.
///
/// # Errors
/// Where it cannot be read; what stands in it is never shown.
#[expect(clippy::disallowed_methods, reason = "sources read the files that the environment names")]
pub(super) fn read(path: &Path, named_by: &str) -> Result<String, CollectError> {
    let failed = |why: String| CollectError::Config {
        message: format!("`{}`, which {named_by} names, cannot be read: {why}", path.display()),
        hint: None,
    };
    let metadata = fs::metadata(path).map_err(|error| failed(error.to_string()))?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return Err(failed("it is not a regular file of at most 1 MiB".into()));
    }
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    file.take(MAX_BYTES).read_to_string(&mut text).map_err(|_| failed("it is not UTF-8 text".into()))?;
    Ok(text)
}

/// The tokens of a file, and the project that it names for quota.
///
/// # Errors
/// Where it is of a type that is not read, or would make us send something to a host that it may not choose.
pub(super) fn provider(
    path: &Path,
    text: &str,
    hosts: &Hosts,
) -> Result<(Arc<dyn TokenProvider>, Option<String>), CollectError> {
    let file = File { name: path.display().to_string() };
    let json: Value = serde_json::from_str(text).map_err(|_| file.refuse("is not JSON", None))?;
    let kind = file.check(&json, hosts, 0)?;
    let quota = json.get("quota_project_id").and_then(Value::as_str).map(Into::into);
    let incomplete = || file.refuse(format!("is not complete credentials of the type `{kind}`"), None);
    let provider: Arc<dyn TokenProvider> = match kind {
        "service_account" => Arc::new(CustomServiceAccount::from_json(text).map_err(|_| incomplete())?),
        "authorized_user" => {
            let mut builder = user_account::Builder::new(json.clone());
            if let Some(address) = json.get("token_uri").and_then(Value::as_str) {
                builder = builder.with_token_uri(address);
            }
            Arc::new(Exchanged::new(builder.build_access_token_credentials().map_err(|_| incomplete())?))
        }
        "external_account" => {
            let builder = external_account::Builder::new(json.clone()).with_scopes([SCOPE]);
            Arc::new(Exchanged::new(builder.build_access_token_credentials().map_err(|_| incomplete())?))
        }
        _ => {
            let builder = impersonated::Builder::new(json.clone()).with_scopes([SCOPE]);
            Arc::new(Exchanged::new(builder.build_access_token_credentials().map_err(|_| incomplete())?))
        }
    };
    Ok((provider, quota))
}

/// A file of credentials, as errors name it.
struct File {
    name: String,
}

impl File {
    fn refuse(&self, what: impl std::fmt::Display, hint: Option<String>) -> CollectError {
        CollectError::Config { message: format!("`{}` {what}", self.name), hint }
    }

    /// The type of credentials, if it is one that is read and all its addresses may be asked.
    fn check<'a>(&self, json: &'a Value, hosts: &Hosts, depth: usize) -> Result<&'a str, CollectError> {
        let Some(kind) = json.get("type").and_then(Value::as_str) else {
            return Err(self.refuse("is not credentials of Google: it has no `type`", None));
        };
        let unread = |what: &str| {
            let hint = "sign in with `gcloud auth application-default login`, or pass a token: `CLOUDSDK_AUTH_ACCESS_TOKEN=$(gcloud auth print-access-token)`";
            self.refuse(format!("holds credentials {what}, which this version does not read"), Some(hint.into()))
        };
        match kind {
            "service_account" | "authorized_user" => {}
            "external_account" => {
                let source = json.get("credential_source");
                if let Some(other) = ["executable", "environment_id", "certificate"]
                    .iter()
                    .find(|name| source.is_some_and(|source| source.get(**name).is_some()))
                {
                    return Err(unread(&format!("of the type `external_account` with a source of `{other}`")));
                }
            }
            "impersonated_service_account" => {
                let Some(source) = json.get("source_credentials").filter(|_| depth < MAX_NESTING) else {
                    return Err(self.refuse("names no credentials to impersonate with", None));
                };
                self.check(source, hosts, depth + 1)?;
            }
            other => return Err(unread(&format!("of the type `{other}`"))),
        }
        for (place, purpose) in ADDRESSES {
            let Some(address) = json.pointer(place) else { continue };
            let address = address.as_str().unwrap_or_default();
            hosts.check(address, purpose).map_err(|refused| {
                let field = place.trim_start_matches('/').replace('/', ".");
                let hint = refused.host.as_ref().map(|host| format!("allow it with `--allow-endpoint {host}`"));
                self.refuse(format!("would send secrets away: its `{field}` is refused, since {refused}"), hint)
            })?;
        }
        match json.get("universe_domain").and_then(Value::as_str) {
            None | Some("googleapis.com") => Ok(kind),
            Some(other) => Err(self.refuse(format!("is for the universe `{other}`, which is not read"), None)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(json: &Value) -> Result<(), String> {
        let file = File { name: "key.json".into() };
        file.check(json, &Hosts::new(&[]), 0).map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn credentials_may_not_send_secrets_to_a_host_of_their_choice() {
        let evil = "https://evil.example/token";
        for json in [
            json!({"type": "service_account", "token_uri": evil}),
            json!({"type": "authorized_user", "token_uri": evil}),
            json!({"type": "external_account", "token_url": evil, "credential_source": {"file": "x"}}),
            json!({"type": "external_account", "token_url": "https://sts.googleapis.com/v1/token",
                   "credential_source": {"url": evil}}),
            json!({"type": "impersonated_service_account", "source_credentials":
                   {"type": "service_account", "token_uri": evil}}),
            json!({"type": "service_account", "token_uri": "http://oauth2.googleapis.com/token"}),
        ] {
            let error = check(&json).expect_err("refused");
            assert!(error.contains("evil.example") || error.contains("without TLS"), "{error}");
        }
        let fine = json!({"type": "external_account", "token_url": "https://sts.googleapis.com/v1/token",
            "credential_source": {"url": "https://x.actions.githubusercontent.com/y"}});
        assert_eq!(check(&fine), Ok(()));
    }

    #[test]
    fn a_type_that_is_not_read_is_named() {
        let error = check(&json!({"type": "external_account_authorized_user"})).expect_err("not read");
        assert!(error.contains("external_account_authorized_user"), "{error}");
        let command = json!({"type": "external_account", "credential_source": {"executable": {"command": "rm"}}});
        assert!(check(&command).expect_err("not read").contains("executable"));
    }
}
