//! Which permissions the caller holds, as Resource Manager tests them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::{
    super::{CollectError, Held, Options, spec::GoogleScope},
    auth,
    calls::Calls,
    endpoints::{Api, Endpoints},
    failure::Failure,
    hosts::Hosts,
    http::{Http, Request},
};
use crate::{evidence::GapReason, source::runner::Event};

/// How many permissions are tested by a call.
const AT_ONCE: usize = 100;

/// Asks which of these permissions the credentials hold on a project, a folder or an organisation.
pub(super) async fn ask(
    scope: &GoogleScope,
    options: &Options,
    wanted: &BTreeSet<String>,
    ears: UnboundedSender<Event>,
) -> Result<Held, CollectError> {
    let hosts = Hosts::new(&options.allow_endpoints);
    let endpoints = Endpoints::load(&hosts)?;
    let credentials = auth::find(&hosts).await?;
    let calls = Calls::new(&endpoints, ears);
    let http = Http::new(credentials, endpoints, calls)?;
    let mut held = Held::default();
    let all: Vec<String> = wanted.iter().cloned().collect();
    let mut waiting: Vec<&[String]> = all.chunks(AT_ONCE).collect();
    while let Some(some) = waiting.pop() {
        match test(&http, scope, some).await {
            Ok(granted) => held.missing.extend(some.iter().filter(|it| !granted.contains(*it)).cloned()),
            // One that cannot be tested here spoils the answer about all of them.
            Err(failure) if failure.status == Some(400) && some.len() > 1 => {
                let (left, right) = some.split_at(some.len() / 2);
                waiting.extend([left, right]);
            }
            Err(failure) if failure.why == GapReason::Unauthenticated => {
                return Err(CollectError::Config {
                    message: format!("{scope}: testIamPermissions failed ({})", failure.why),
                    hint: Some(
                        "no credentials that work were found: sign in with `gcloud auth application-default login`"
                            .into(),
                    ),
                });
            }
            Err(failure) => {
                let detail = failure.detail.map_or_else(String::new, |detail| format!(": {detail}"));
                held.open(some, &format!("testIamPermissions failed ({}){detail}", failure.why));
            }
        }
    }
    Ok(held)
}

async fn test(http: &Http, scope: &GoogleScope, permissions: &[String]) -> Result<BTreeSet<String>, Failure> {
    let path = format!("v3/{scope}:testIamPermissions");
    let call = "resourcemanager.testIamPermissions";
    let body = json!({ "permissions": permissions });
    let answer = http.ask(&Request::post(Api::ResourceManager, call, path, body)).await?;
    // Without any, the list is left out.
    let list = answer.get("permissions").map_or(Ok(&[][..]), |list| {
        list.as_array().map(Vec::as_slice).ok_or_else(|| Failure::malformed("`permissions` is no list"))
    })?;
    let text = |item: &Value| item.as_str().map(str::to_owned);
    let all: Option<BTreeSet<String>> = list.iter().map(text).collect();
    all.ok_or_else(|| Failure::malformed("a permission is no text"))
}
