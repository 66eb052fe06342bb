//! What Lambda runs besides event functions: web functions and MicroVMs, and the network connectors that they leave by.

use std::{collections::BTreeSet, sync::Arc};

use aws_sdk_lambdamicrovms::types::{MicrovmItem, MicrovmState};
use aws_sdk_lambdaweb::types::{FunctionEndpointSummary, FunctionSummary, RevisionWeight};
use serde_json::{Value, json};

use super::{
    answers::Holds,
    body::Body,
    calls::{IN_FLIGHT, each},
    failure::Failure,
    pages::Page,
    reader::Reader,
};
use crate::{
    evidence::GapReason,
    snapshot::kinds::{MICROVM, MICROVM_DETAIL, NETWORK_CONNECTOR, WEB_ENDPOINTS, WEB_FUNCTION, WEB_REVISION},
};

/// How many MicroVMs are looked at one by one. They come and go by the thousand, and each is a call.
const MOST_MICROVMS: usize = 1_000;

/// Web functions, MicroVMs and network connectors in one region.
pub(super) struct Others {
    web: aws_sdk_lambdaweb::Client,
    microvms: aws_sdk_lambdamicrovms::Client,
    connectors: aws_sdk_lambdacore::Client,
    reader: Reader,
}

/// The endpoints, if all of them are of this function.
fn of_function(arn: &str, endpoints: Vec<FunctionEndpointSummary>) -> Result<Vec<FunctionEndpointSummary>, Failure> {
    for endpoint in &endpoints {
        match endpoint.endpoint_arn() {
            "" => return Err(Failure::malformed("an endpoint without an ARN")),
            own if own.strip_prefix(arn).is_some_and(|rest| rest.starts_with([':', '/'])) => {}
            other => return Err(Failure::speaks_of(other)),
        }
    }
    Ok(endpoints)
}

/// What the revisions and MicroVMs that were read name.
#[derive(Default)]
struct Named {
    keys: BTreeSet<String>,
    connectors: BTreeSet<String>,
}

impl Others {
    /// All of it as these clients see it.
    pub(super) fn new(
        (web, microvms, connectors): (
            aws_sdk_lambdaweb::Client,
            aws_sdk_lambdamicrovms::Client,
            aws_sdk_lambdacore::Client,
        ),
        reader: Reader,
    ) -> Self {
        Self { web, microvms, connectors, reader }
    }

    /// Reads all of it, and gives the keys that web functions name. Where a list is not read, the gap is the list's: nothing is
    /// known then that would name a key or a connector.
    pub(super) async fn read(self: Arc<Self>) -> BTreeSet<String> {
        let (named, connectors) = tokio::join!(Arc::clone(&self).web_functions(), Arc::clone(&self).all_microvms());
        let wanted: BTreeSet<String> = named.connectors.into_iter().chain(connectors).collect();
        self.reader.calls.expect(wanted.len());
        let read = |name: String| {
            let others = Arc::clone(&self);
            async move { others.reader.enter(NETWORK_CONNECTOR, &name, others.connector(&name).await) }
        };
        each(wanted.into_iter().collect(), IN_FLIGHT, read).await;
        self.reader.end(&[NETWORK_CONNECTOR], None);
        named.keys
    }

    async fn web_functions(self: Arc<Self>) -> Named {
        let listing = self
            .reader
            .list_of_ours(
                WEB_FUNCTION,
                |token| {
                    let call = self.web.list_web_functions().max_results(50).set_next_token(token);
                    // The SDK makes an empty list of an answer that has none.
                    call.customize().interceptor(Holds(&["functions"])).send()
                },
                |output| Page { items: Some(output.functions), next: output.next_token },
                |function: &FunctionSummary| self.reader.here(Some(function.function_arn())),
            )
            .await;
        self.reader.calls.expect(listing.items.len());
        let read = |function: FunctionSummary| {
            let others = Arc::clone(&self);
            async move { others.web_function(&function).await }
        };
        let mut named = Named::default();
        for of_one in each(listing.items, IN_FLIGHT, read).await {
            named.keys.extend(of_one.keys);
            named.connectors.extend(of_one.connectors);
        }
        self.reader.end(&[WEB_ENDPOINTS, WEB_REVISION], listing.failure.as_ref());
        named
    }

    /// Reads what one web function serves, and at which endpoints.
    async fn web_function(&self, function: &FunctionSummary) -> Named {
        let arn = function.function_arn();
        let mut named = Named::default();
        let endpoints = self.reader.all(
            WEB_ENDPOINTS,
            |token| {
                let call = self.web.list_web_function_endpoints().function_name(arn).max_results(50);
                call.set_next_token(token).customize().interceptor(Holds(&["endpoints"])).send()
            },
            |output| Page { items: Some(output.endpoints), next: output.next_token },
        );
        let endpoints = match endpoints.await.and_then(|endpoints| of_function(arn, endpoints)) {
            Ok(endpoints) => endpoints,
            Err(failure) => {
                for kind in [WEB_ENDPOINTS, WEB_REVISION] {
                    self.reader.ledger.gap(kind, Some(arn), &failure);
                }
                return named;
            }
        };
        self.reader.ledger.record(WEB_ENDPOINTS, arn, json!({ "endpoints": endpoints.json() }));
        let weights = endpoints.iter().flat_map(FunctionEndpointSummary::revision_weights);
        let serving: BTreeSet<&str> = weights.map(RevisionWeight::revision_id).collect();
        self.reader.calls.expect(serving.len());
        for id in serving {
            let revision = self.revision(arn, id, &mut named).await;
            self.reader.enter(WEB_REVISION, &format!("{arn}:{id}"), revision);
        }
        named
    }

    async fn revision(&self, function: &str, id: &str, named: &mut Named) -> Result<Value, Failure> {
        let call = self.web.get_web_function_revision().function_name(function).revision_id(id);
        let call = call.customize().interceptor(Holds(&["revisionId", "functionArn", "serviceConfig"])).send();
        let output = self.reader.make(WEB_REVISION, call).await?;
        if output.function_arn() != function || output.revision_id() != id {
            return Err(Failure::speaks_of(&format!("{}:{}", output.function_arn(), output.revision_id())));
        }
        named.keys.extend(output.kms_key_arn().filter(|key| !key.is_empty()).map(Into::into));
        let connector = output.service_config().and_then(|service| service.egress_network_connector_arn());
        named.connectors.extend(connector.filter(|connector| !connector.is_empty()).map(Into::into));
        output.json().ok_or_else(|| Failure::malformed("the answer says nothing"))
    }

    async fn all_microvms(self: Arc<Self>) -> BTreeSet<String> {
        let listing = self
            .reader
            .list(
                MICROVM,
                |token| {
                    let call = self.microvms.list_microvms().set_next_token(token);
                    call.customize().interceptor(Holds(&["items"])).send()
                },
                |output| Page { items: Some(output.items), next: output.next_token },
                |vm: &MicrovmItem| Some(vm.microvm_id.clone()),
            )
            .await;
        let ended = |vm: &MicrovmItem| matches!(vm.state, MicrovmState::Terminated | MicrovmState::Terminating);
        let mut running: Vec<MicrovmItem> = listing.items.into_iter().filter(|vm| !ended(vm)).collect();
        let beyond = running.split_off(running.len().min(MOST_MICROVMS));
        for vm in &beyond {
            let failure = Failure::new(GapReason::Limit, format!("more than {MOST_MICROVMS} MicroVMs run"));
            self.reader.ledger.gap(MICROVM_DETAIL, Some(&vm.microvm_id), &failure);
        }
        self.reader.calls.expect(running.len());
        let read = |vm: MicrovmItem| {
            let others = Arc::clone(&self);
            async move {
                let (body, connectors) = others.microvm(&vm.microvm_id).await;
                others.reader.enter(MICROVM_DETAIL, &vm.microvm_id, body);
                connectors
            }
        };
        let connectors = each(running, IN_FLIGHT, read).await.into_iter().flatten();
        // Lambda's own connector, which is nobody's to read.
        let connectors = connectors.filter(|connector| !connector.ends_with("INTERNET_EGRESS")).collect();
        self.reader.end(&[MICROVM_DETAIL], listing.failure.as_ref());
        connectors
    }

    /// One MicroVM, and the connectors that it leaves by.
    async fn microvm(&self, id: &str) -> (Result<Value, Failure>, Vec<String>) {
        let call = self.microvms.get_microvm().microvm_identifier(id);
        let call = call.customize().interceptor(Holds(&["microvmId", "imageVersion"])).send();
        match self.reader.make(MICROVM_DETAIL, call).await {
            Err(failure) => (Err(failure), Vec::new()),
            Ok(output) if output.microvm_id() != id => (Err(Failure::speaks_of(output.microvm_id())), Vec::new()),
            Ok(output) => {
                let body = output.json().ok_or_else(|| Failure::malformed("the answer says nothing"));
                (body, output.egress_network_connectors().to_vec())
            }
        }
    }

    async fn connector(&self, name: &str) -> Result<Value, Failure> {
        let call = self.connectors.get_network_connector().identifier(name);
        let call = call.customize().interceptor(Holds(&["Arn", "State", "Configuration"])).send();
        let output = self.reader.make(NETWORK_CONNECTOR, call).await?;
        if !name.starts_with(output.arn()) && name != output.name() && name != output.id() {
            return Err(Failure::speaks_of(output.arn()));
        }
        output.json().ok_or_else(|| Failure::malformed("the answer says nothing"))
    }
}
