//! API Gateway's HTTP and WebSocket APIs: their stages, routes and integrations, and the domains that lead there.

use std::sync::Arc;

use aws_sdk_apigatewayv2::{
    Client,
    types::{Api, DomainName, ProtocolType, Stage},
};
use serde_json::{Value, json};

use super::{
    body::Body,
    calls::{IN_FLIGHT, each},
    export::trimmed,
    failure::Failure,
    pages::Page,
    reader::{Reader, said},
};
use crate::snapshot::kinds::{
    Kind,
    doors::{HTTP_API, HTTP_DOMAIN, HTTP_EXPORT, HTTP_INTEGRATIONS, HTTP_MAPPINGS, HTTP_ROUTES, HTTP_STAGES},
};

/// The most that a page holds. It is sent as text.
const PAGE: &str = "500";

/// The kinds that are read API by API.
const OF_EACH: [Kind; 4] = [HTTP_STAGES, HTTP_ROUTES, HTTP_INTEGRATIONS, HTTP_EXPORT];

/// HTTP and WebSocket APIs in one region.
pub(super) struct HttpApis {
    client: Client,
    reader: Reader,
}

/// Reads all pages of one list of an API or a domain, as one body.
macro_rules! all {
    ($apis:ident, $kind:ident, $operation:ident, $of:ident, $id:expr) => {
        $apis.reader.all(
            $kind,
            |token| $apis.client.$operation().$of($id).max_results(PAGE).set_next_token(token).send(),
            |output| Page { items: output.items, next: output.next_token },
        )
    };
}

impl HttpApis {
    /// HTTP and WebSocket APIs as this client sees them.
    pub(super) fn new(client: Client, reader: Reader) -> Self {
        Self { client, reader }
    }

    /// Reads all of it.
    pub(super) async fn read(self: Arc<Self>) {
        tokio::join!(Arc::clone(&self).apis(), self.domains());
    }

    async fn apis(self: Arc<Self>) {
        let listing = self
            .reader
            .list(
                HTTP_API,
                |token| self.client.get_apis().max_results(PAGE).set_next_token(token).send(),
                |output| Page { items: output.items, next: output.next_token },
                |api: &Api| api.api_id.clone(),
            )
            .await;
        self.reader.calls.expect(3 * listing.items.len());
        let read = |api: Api| {
            let apis = Arc::clone(&self);
            async move { apis.api(&api).await }
        };
        each(listing.items, IN_FLIGHT, read).await;
        self.reader.end(&OF_EACH, listing.failure.as_ref());
    }

    async fn api(&self, api: &Api) {
        let Some(id) = api.api_id().filter(|id| !id.is_empty()) else {
            // A gap of the list.
            return self.reader.end(&OF_EACH, Some(&Failure::malformed("an API has no id")));
        };
        let (apis, items) = (self, |body: Option<Value>| json!({ "Items": body }));
        let routes = all!(apis, HTTP_ROUTES, get_routes, api_id, id).await;
        self.reader.enter(HTTP_ROUTES, id, routes.map(|routes| items(routes.json())));
        let integrations = all!(apis, HTTP_INTEGRATIONS, get_integrations, api_id, id).await;
        self.reader.enter(HTTP_INTEGRATIONS, id, integrations.map(|integrations| items(integrations.json())));
        let stages = all!(apis, HTTP_STAGES, get_stages, api_id, id).await;
        let stages = match stages.and_then(|stages| deployed_by_hand(api, &stages).map(|names| (stages, names))) {
            Ok((stages, names)) => {
                self.reader.ledger.record(HTTP_STAGES, id, items(stages.json()));
                names
            }
            Err(failure) => {
                for kind in [HTTP_STAGES, HTTP_EXPORT] {
                    self.reader.ledger.gap(kind, Some(id), &failure);
                }
                return;
            }
        };
        self.reader.calls.expect(stages.len());
        for stage in stages {
            self.reader.enter(HTTP_EXPORT, &format!("{id}/{stage}"), self.export(id, &stage).await);
        }
    }

    /// What callers of a stage meet: the API as it was when it was deployed there, not as it can be edited.
    async fn export(&self, api: &str, stage: &str) -> Result<Value, Failure> {
        let call = self.client.export_api().api_id(api).stage_name(stage).specification("OAS30");
        let call = call.output_type("JSON").include_extensions(true).send();
        let output = self.reader.make(HTTP_EXPORT, call).await?;
        trimmed(output.body.unwrap_or_default().as_ref())
    }

    async fn domains(self: Arc<Self>) {
        let listing = self
            .reader
            .list(
                HTTP_DOMAIN,
                |token| self.client.get_domain_names().max_results(PAGE).set_next_token(token).send(),
                |output| Page { items: output.items, next: output.next_token },
                |domain: &DomainName| domain.domain_name.clone(),
            )
            .await;
        let names: Vec<String> =
            listing.items.into_iter().filter_map(|domain| domain.domain_name.and_then(said)).collect();
        self.reader.calls.expect(names.len());
        let read = |name: String| {
            let apis = Arc::clone(&self);
            async move {
                let mappings = all!(apis, HTTP_MAPPINGS, get_api_mappings, domain_name, &name).await;
                let body = mappings.map(|mappings| json!({ "Items": mappings.json() }));
                apis.reader.enter(HTTP_MAPPINGS, &name, body);
            }
        };
        each(names, IN_FLIGHT, read).await;
        self.reader.end(&[HTTP_MAPPINGS], listing.failure.as_ref());
    }
}

/// The stages of an HTTP API whose routes may differ from those that can be edited. A WebSocket API cannot be exported.
fn deployed_by_hand(api: &Api, stages: &[Stage]) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for stage in stages {
        let name = stage.stage_name.clone().and_then(said);
        let name = name.ok_or_else(|| Failure::malformed("a stage without a name"))?;
        if stage.auto_deploy() != Some(true) && api.protocol_type() != Some(&ProtocolType::Websocket) {
            names.push(name);
        }
    }
    Ok(names)
}
