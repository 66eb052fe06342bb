//! API Gateway's REST APIs: what is deployed on their stages, and the domains that lead there.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_apigateway::{
    Client,
    types::{DomainName, EndpointConfiguration, EndpointType, RestApi, Stage},
};
use serde_json::{Value, json};

use super::{
    answers::ItemsOrNothing,
    body::Body,
    calls::{IN_FLIGHT, each},
    export::trimmed,
    failure::Failure,
    pages::Page,
    reader::{Reader, said},
};
use crate::snapshot::kinds::doors::{REST_API, REST_DOMAIN, REST_EXPORT, REST_MAPPINGS, REST_STAGES};

/// The most that a page of REST APIs holds; 25 where nothing is said.
const PAGE: i32 = 500;

/// REST APIs in one region.
pub(super) struct RestApis {
    client: Client,
    reader: Reader,
}

impl RestApis {
    /// REST APIs as this client sees them.
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
                REST_API,
                |token| {
                    let call = self.client.get_rest_apis().limit(PAGE).set_position(token);
                    call.customize().interceptor(ItemsOrNothing).send()
                },
                |output| Page { items: Some(output.items.unwrap_or_default()), next: output.position },
                |api: &RestApi| api.id.clone(),
            )
            .await;
        let ids: Vec<String> = listing.items.into_iter().filter_map(|api| api.id.and_then(said)).collect();
        self.reader.calls.expect(ids.len());
        let read = |id: String| {
            let apis = Arc::clone(&self);
            async move { apis.stages(&id).await }
        };
        each(ids, IN_FLIGHT, read).await;
        self.reader.end(&[REST_STAGES, REST_EXPORT], listing.failure.as_ref());
    }

    async fn stages(&self, api: &str) {
        // This list has no pages.
        let call = self.client.get_stages().rest_api_id(api).customize().interceptor(ItemsOrNothing).send();
        let answer = self.reader.make(REST_STAGES, call).await;
        let stages = match answer.and_then(|output| named(output.item.unwrap_or_default())) {
            Ok(stages) => stages,
            Err(failure) => {
                for kind in [REST_STAGES, REST_EXPORT] {
                    self.reader.ledger.gap(kind, Some(api), &failure);
                }
                return;
            }
        };
        let bodies: Vec<Value> = stages.iter().filter_map(|(_, stage)| stage.json()).collect();
        self.reader.ledger.record(REST_STAGES, api, json!({ "item": bodies }));
        self.reader.calls.expect(stages.len());
        for (name, _) in stages {
            self.reader.enter(REST_EXPORT, &format!("{api}/{name}"), self.export(api, &name).await);
        }
    }

    /// What callers of a stage meet: the API as it was when it was deployed there, not as it can be edited.
    async fn export(&self, api: &str, stage: &str) -> Result<Value, Failure> {
        let extensions = HashMap::from([("extensions".to_owned(), "apigateway".to_owned())]);
        let call = self.client.get_export().rest_api_id(api).stage_name(stage).export_type("oas30");
        let call = call.set_parameters(Some(extensions)).accepts("application/json").send();
        let output = self.reader.make(REST_EXPORT, call).await?;
        trimmed(output.body.unwrap_or_default().as_ref())
    }

    async fn domains(self: Arc<Self>) {
        let listing = self
            .reader
            .list(
                REST_DOMAIN,
                |token| {
                    let call = self.client.get_domain_names().limit(PAGE).set_position(token);
                    call.customize().interceptor(ItemsOrNothing).send()
                },
                |output| Page { items: Some(output.items.unwrap_or_default()), next: output.position },
                identity,
            )
            .await;
        self.reader.calls.expect(listing.items.len());
        let read = |domain: DomainName| {
            let apis = Arc::clone(&self);
            async move { apis.mappings(&domain).await }
        };
        each(listing.items, IN_FLIGHT, read).await;
        self.reader.end(&[REST_MAPPINGS], listing.failure.as_ref());
    }

    async fn mappings(&self, domain: &DomainName) {
        // One without a name is a gap of the list.
        let Some(id) = identity(domain) else {
            return self.reader.ledger.gap(REST_MAPPINGS, None, &Failure::malformed("a domain has no name"));
        };
        let private = domain.domain_name_id.clone().filter(|_| is_private(domain));
        let mappings = self.reader.all(
            REST_MAPPINGS,
            |token| {
                let call = self.client.get_base_path_mappings().set_domain_name(domain.domain_name.clone());
                let call = call.set_domain_name_id(private.clone()).limit(PAGE).set_position(token);
                call.customize().interceptor(ItemsOrNothing).send()
            },
            |output| Page { items: Some(output.items.unwrap_or_default()), next: output.position },
        );
        let body = mappings.await.map(|mappings| json!({ "items": mappings.json() }));
        self.reader.enter(REST_MAPPINGS, &id, body);
    }
}

/// What names a domain: private ones may share a name.
fn identity(domain: &DomainName) -> Option<String> {
    let name = if is_private(domain) { &domain.domain_name_arn } else { &domain.domain_name };
    name.clone().and_then(said)
}

fn is_private(domain: &DomainName) -> bool {
    let types = domain.endpoint_configuration().map(EndpointConfiguration::types).unwrap_or_default();
    types.contains(&EndpointType::Private)
}

/// The stages by name.
fn named(stages: Vec<Stage>) -> Result<Vec<(String, Stage)>, Failure> {
    let nameless = || Failure::malformed("a stage without a name");
    stages.into_iter().map(|stage| Ok((stage.stage_name.clone().and_then(said).ok_or_else(nameless)?, stage))).collect()
}
