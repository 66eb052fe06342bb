//! Credentials of every kind, and where their secrets may go.

use serde_json::{Value, json};

use crate::{
    run::{Outcome, Run},
    stub::{Reply, Stub},
    world::serve,
};

/// Gives tokens: of another issuer, of the exchange, of the account, for a refresh token.
fn issuer() -> Stub {
    Stub::start(|request, _| match (request.method.as_str(), request.path.as_str()) {
        ("GET", "oidc") => match request.headers.get("authorization").map(String::as_str) {
            Some("Bearer github-request-token") => Reply::ok(json!({"value": "the-oidc-token"})),
            _ => Reply::text(401, "who are you?"),
        },
        ("POST", "v1/token") if request.body.contains("the-oidc-token") => Reply::ok(json!({
            "access_token": "the-federated-token", "token_type": "Bearer", "expires_in": 3600,
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"})),
        ("POST", "token") if request.body.contains("the-refresh-token") => {
            Reply::ok(json!({"access_token": "the-user-token", "token_type": "Bearer", "expires_in": 3600}))
        }
        ("POST", path) if path.ends_with(":generateAccessToken") => {
            match request.headers.get("authorization").map(String::as_str) {
                Some("Bearer the-federated-token" | "Bearer the-user-token") => {
                    Reply::ok(json!({"accessToken": "the-impersonated-token", "expireTime": "2099-01-01T00:00:00Z"}))
                }
                _ => Reply::text(401, "no"),
            }
        }
        _ => Reply::text(404, "no"),
    })
}

/// Runs with a file of credentials, and gives the tokens that the APIs saw.
fn tokens(file: &Value) -> (Outcome, Vec<String>) {
    let stub = serve(|_, _| None);
    let run = Run::new("gcp:projects/p", &stub.endpoint()).without("CLOUDSDK_AUTH_ACCESS_TOKEN");
    let path = run.file("credentials.json", &file.to_string());
    let outcome = run.set("GOOGLE_APPLICATION_CREDENTIALS", &path).go();
    let mut tokens: Vec<String> =
        stub.seen().iter().filter_map(|request| request.headers.get("authorization").cloned()).collect();
    tokens.sort();
    tokens.dedup();
    (outcome, tokens)
}

/// What google-github-actions/auth writes, for an issuer on this machine.
fn github(issuer: &str, account: Option<&str>) -> Value {
    let mut file = json!({
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/12/locations/global/workloadIdentityPools/github/providers/x",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("{issuer}/v1/token"),
        "credential_source": {
            "url": format!("{issuer}/oidc?api-version=2&audience=x"),
            "headers": {"Authorization": "Bearer github-request-token"},
            "format": {"type": "json", "subject_token_field_name": "value"}}});
    if let Some(account) = account {
        let url = format!("{issuer}/v1/projects/-/serviceAccounts/{account}:generateAccessToken");
        file["service_account_impersonation_url"] = json!(url);
    }
    file
}

fn user(issuer: &str) -> Value {
    json!({"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "the-refresh-token",
        "token_uri": format!("{issuer}/token"), "quota_project_id": "payer"})
}

#[test]
fn an_identity_of_github_reads_with_and_without_an_account() {
    let issuer = issuer();
    let (outcome, seen) = tokens(&github(&issuer.endpoint(), None));
    assert_eq!(seen, ["Bearer the-federated-token"], "{}", outcome.errors);
    assert_eq!(outcome.code, Some(0));
    let (outcome, seen) = tokens(&github(&issuer.endpoint(), Some("scan@p.iam.gserviceaccount.com")));
    assert_eq!(seen, ["Bearer the-impersonated-token"], "{}", outcome.errors);
    for secret in ["the-oidc-token", "the-federated-token", "the-impersonated-token", "github-request-token"] {
        assert!(!outcome.bytes.contains(secret) && !outcome.errors.contains(secret), "{secret}");
    }
}

#[test]
fn a_user_reads_from_a_file_at_any_path_and_says_who_pays() {
    let issuer = issuer();
    let stub = serve(|_, _| None);
    let run = Run::new("gcp:projects/p", &stub.endpoint()).without("CLOUDSDK_AUTH_ACCESS_TOKEN");
    let path = run.file("user.json", &user(&issuer.endpoint()).to_string());
    let outcome = run.set("GOOGLE_APPLICATION_CREDENTIALS", &path).go();
    assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
    let request = &stub.seen()[0];
    assert_eq!(request.headers.get("authorization").map(String::as_str), Some("Bearer the-user-token"));
    assert_eq!(request.headers.get("x-goog-user-project").map(String::as_str), Some("payer"));
}

#[test]
fn the_application_default_file_is_found_where_gcloud_keeps_it() {
    let issuer = issuer();
    let stub = serve(|_, _| None);
    let run = Run::new("gcp:projects/p", &stub.endpoint()).without("CLOUDSDK_AUTH_ACCESS_TOKEN");
    let path = run.file("application_default_credentials.json", &user(&issuer.endpoint()).to_string());
    let folder = path.trim_end_matches("/application_default_credentials.json").to_owned();
    let outcome = run.set("CLOUDSDK_CONFIG", &folder).go();
    assert_eq!(outcome.code, Some(0), "{}", outcome.errors);
}

#[test]
fn an_account_is_impersonated_by_a_user() {
    let issuer = issuer();
    let endpoint = issuer.endpoint();
    let (outcome, seen) = tokens(&json!({
        "type": "impersonated_service_account",
        "service_account_impersonation_url":
            format!("{endpoint}/v1/projects/-/serviceAccounts/scan@p.iam.gserviceaccount.com:generateAccessToken"),
        "source_credentials": user(&endpoint)}));
    assert_eq!(seen, ["Bearer the-impersonated-token"], "{}", outcome.errors);
}

#[test]
fn a_token_comes_from_a_variable_or_from_a_file_that_one_names() {
    let stub = serve(|_, _| None);
    let run = Run::new("gcp:projects/p", &stub.endpoint()).without("CLOUDSDK_AUTH_ACCESS_TOKEN");
    let path = run.file("token", "of-the-file\n");
    run.set("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", &path).go();
    assert_eq!(stub.seen()[0].headers.get("authorization").map(String::as_str), Some("Bearer of-the-file"));
    let run = Run::new("gcp:projects/p", &stub.endpoint()).set("CLOUDSDK_AUTH_ACCESS_TOKEN", "a b");
    let outcome = run.go();
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.errors.contains("CLOUDSDK_AUTH_ACCESS_TOKEN") && !outcome.errors.contains("a b"));
}

#[test]
fn secrets_do_not_go_where_a_file_sends_them() {
    let evil = "https://evil.example/x";
    let mut token_url = github("https://sts.googleapis.com", None);
    token_url["credential_source"] = json!({"url": evil});
    for file in [
        json!({"type": "service_account", "client_email": "a", "private_key": "p", "token_uri": evil}),
        github("https://evil.example", None),
        token_url,
    ] {
        let (outcome, seen) = tokens(&file);
        assert_eq!((outcome.code, seen.len()), (Some(2), 0));
        assert!(outcome.errors.contains("evil.example") && outcome.errors.contains("--allow-endpoint"));
    }
}

#[test]
fn a_type_that_is_not_read_is_named_with_a_way_out() {
    for (file, named) in [
        (json!({"type": "external_account_authorized_user"}), "external_account_authorized_user"),
        (json!({"type": "external_account", "credential_source": {"executable": {"command": "x"}}}), "executable"),
        (json!({"type": "external_account", "credential_source": {"environment_id": "aws1"}}), "environment_id"),
    ] {
        let (outcome, _) = tokens(&file);
        assert_eq!(outcome.code, Some(2));
        assert!(outcome.errors.contains(named) && outcome.errors.contains("hint"), "{}", outcome.errors);
    }
}

#[test]
fn without_credentials_there_is_an_error_that_says_how_to_get_some() {
    let stub = serve(|_, _| None);
    let outcome = Run::new("gcp:projects/p", &stub.endpoint()).without("CLOUDSDK_AUTH_ACCESS_TOKEN").go();
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.errors.contains("gcloud auth application-default login"), "{}", outcome.errors);
    assert!(stub.seen().is_empty());
}

#[test]
fn an_endpoint_elsewhere_must_be_allowed_and_plain_http_stays_here() {
    let stub = serve(|_, _| None);
    for (address, said) in
        [("https://proxy.example/run/", "proxy.example"), ("http://run.googleapis.com/", "without TLS")]
    {
        let outcome =
            Run::new("gcp:projects/p", &stub.endpoint()).set("CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN", address).go();
        assert_eq!(outcome.code, Some(2));
        assert!(outcome.errors.contains(said), "{}", outcome.errors);
    }
    assert!(stub.seen().is_empty());
}

#[test]
fn credentials_that_do_not_work_are_an_error() {
    let stub = Stub::start(|_, _| Reply::error(401, "", "the token has expired"));
    let outcome = Run::new("gcp:projects/p", &stub.endpoint()).go();
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.errors.contains("unauthenticated"), "{}", outcome.errors);
}
