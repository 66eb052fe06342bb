//! What is read of one function: its aliases, URLs, policies, code signing and details.

use std::{
    collections::HashMap,
    sync::{PoisonError, atomic::Ordering},
};

use aws_sdk_lambda::{
    operation::{get_code_signing_config::GetCodeSigningConfigOutput, get_function::GetFunctionOutput},
    types::{AliasConfiguration, FunctionUrlConfig},
};
use serde_json::{Map, Value, json};

use super::{
    Function, Lambda, is_absent, keys,
    policy::{Found, place},
};
use crate::{
    evidence::GapReason,
    snapshot::kinds::{ALIASES, CODE_SIGNING, CODE_SIGNING_CONFIG, FUNCTION_DETAIL, Kind, POLICY, URL_CONFIGS},
    source::aws::{
        answers::Holds,
        body::Body,
        failure::Failure,
        pages::{Page, pages},
    },
};

/// A URL by itself, where the endpoint does not list them.
const ONE_URL: Kind = Kind { call: "lambda:GetFunctionUrlConfig", ..URL_CONFIGS };

impl Lambda {
    /// Reads one function, and gives the keys that its details name.
    pub(super) async fn read_one(&self, function: &Function) -> Vec<String> {
        if let Some(names) = self.reader.ledger.resume(&function.arn) {
            // Of what was read with it, this one others name too.
            if let Some(config) = self.reader.ledger.text(CODE_SIGNING, &function.arn, "CodeSigningConfigArn") {
                self.code_signing_config(&config).await;
            }
            return names;
        }
        let names = self.read_anew(function).await;
        let alone = [FUNCTION_DETAIL, ALIASES, URL_CONFIGS, POLICY, CODE_SIGNING];
        self.reader.ledger.keep(&function.arn, &names, &alone);
        names
    }

    async fn read_anew(&self, function: &Function) -> Vec<String> {
        let aliases = self.aliases(function).await;
        let names = aliases.as_deref().unwrap_or_default();
        self.reader.calls.expect(names.len());

        let mut absent = Vec::new();
        let qualifiers = names.iter().chain(&function.versions).map(|name| Some(name.as_str()));
        for qualifier in std::iter::once(None).chain(qualifiers) {
            let place = place(function, qualifier);
            match self.policy(function, &place).await {
                Ok(Found::Body(body)) => self.reader.ledger.record(POLICY, &place.id, body),
                Ok(Found::None) => absent.push(place.id),
                Err(failure) => self.reader.ledger.gap(POLICY, Some(&place.id), &failure),
            }
        }
        match self.urls(function, aliases.as_deref()).await {
            Ok(urls) => self.reader.ledger.record(URL_CONFIGS, &function.arn, json!({ "FunctionUrlConfigs": urls })),
            Err(failure) => self.reader.ledger.gap(URL_CONFIGS, Some(&function.arn), &failure),
        }
        match self.code_signing(function).await {
            Ok(body) => {
                let config = body.get("CodeSigningConfigArn").and_then(Value::as_str).map(str::to_owned);
                self.reader.ledger.record(CODE_SIGNING, &function.arn, body);
                if let Some(config) = config {
                    self.code_signing_config(&config).await;
                }
            }
            Err(failure) => {
                // Nobody knows then whether it names a configuration.
                for kind in [CODE_SIGNING, CODE_SIGNING_CONFIG] {
                    self.reader.ledger.gap(kind, Some(&function.arn), &failure);
                }
            }
        }

        // Last, so that it vouches for what was "not found" before it: the function was there all along.
        let detail = self.detail(function).await;
        let gone = detail.as_ref().err().filter(|failure| failure.why == GapReason::GoneDuringScan);
        for id in absent {
            match gone {
                Some(failure) => self.reader.ledger.gap(POLICY, Some(&id), failure),
                None => self.reader.ledger.record(POLICY, &id, Value::Null),
            }
        }
        match detail {
            Ok((body, keys)) => {
                self.reader.ledger.record(FUNCTION_DETAIL, &function.arn, body);
                keys
            }
            Err(failure) => {
                self.reader.ledger.gap(FUNCTION_DETAIL, Some(&function.arn), &failure);
                Vec::new()
            }
        }
    }

    /// The names of the aliases; none where they could not be read.
    async fn aliases(&self, function: &Function) -> Option<Vec<String>> {
        let listing = pages(|token| async {
            let call = self.client.list_aliases().function_name(&function.name).max_items(50).set_marker(token);
            let output = self.reader.make(ALIASES, call.send()).await?;
            Ok(Page { items: output.aliases, next: output.next_marker })
        });
        match named(function, listing.await.whole()) {
            Ok((names, list)) => {
                self.reader.ledger.record(ALIASES, &function.arn, json!({ "Aliases": list }));
                Some(names)
            }
            Err(failure) => {
                self.reader.ledger.gap(ALIASES, Some(&function.arn), &failure);
                None
            }
        }
    }

    async fn urls(&self, function: &Function, aliases: Option<&[String]>) -> Result<Vec<Value>, Failure> {
        if !self.lists_no_urls.load(Ordering::Relaxed) {
            let listing = pages(|token| async {
                let call = self.client.list_function_url_configs().function_name(&function.name).max_items(50);
                // The SDK makes an empty list of an answer that has none.
                let call = call.set_marker(token).customize().interceptor(Holds(&["FunctionUrlConfigs"])).send();
                let output = self.reader.make(URL_CONFIGS, call).await?;
                Ok(Page { items: Some(output.function_url_configs), next: output.next_marker })
            })
            .await;
            match listing.whole() {
                Err(failure) if failure.status == Some(404) && failure.code.is_none() => {
                    self.lists_no_urls.store(true, Ordering::Relaxed);
                }
                whole => return bodies(function, &whole?),
            }
        }
        let Some(aliases) = aliases else {
            return Err(Failure::new(GapReason::NotRead, "the aliases, which may have URLs, were not read"));
        };
        self.reader.calls.expect(aliases.len());
        let mut urls = Vec::new();
        for qualifier in std::iter::once(None).chain(aliases.iter().map(|name| Some(name.clone()))) {
            let call = self.client.get_function_url_config().function_name(&function.name).set_qualifier(qualifier);
            let call = call.customize().interceptor(Holds(&["FunctionUrl", "FunctionArn", "AuthType"])).send();
            match self.reader.make(ONE_URL, call).await {
                Ok(output) => {
                    function.is_meant(Some(output.function_arn()))?;
                    urls.extend(output.json().filter(|url| !urls.contains(url)));
                }
                Err(failure) if is_absent(&failure) => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(urls)
    }

    async fn code_signing(&self, function: &Function) -> Result<Value, Failure> {
        // An answer without a configuration says that there is none; one without the function says nothing.
        let call = self.client.get_function_code_signing_config().function_name(&function.name);
        let call = call.customize().interceptor(Holds(&["FunctionName"])).send();
        let output = self.reader.make(CODE_SIGNING, call).await?;
        if output.function_name().rsplit(':').next() != Some(&function.name) {
            return Err(Failure::speaks_of(output.function_name()));
        }
        match output.code_signing_config_arn() {
            "" => Ok(json!({ "FunctionName": output.function_name() })),
            arn => {
                self.reader.is_here(arn)?;
                Ok(json!({ "FunctionName": output.function_name(), "CodeSigningConfigArn": arn }))
            }
        }
    }

    /// Reads a code signing configuration, which many functions may name, once.
    async fn code_signing_config(&self, arn: &str) {
        if !self.signing.lock().unwrap_or_else(PoisonError::into_inner).insert(arn.to_owned()) {
            return;
        }
        self.reader.calls.expect(1);
        let call = self.client.get_code_signing_config().code_signing_config_arn(arn);
        let call = call.customize().interceptor(Holds(&["CodeSigningConfig"])).send();
        let policy = |output: GetCodeSigningConfigOutput| {
            let config =
                output.code_signing_config.ok_or_else(|| Failure::malformed("the answer lacks the configuration"))?;
            if config.code_signing_config_arn().is_empty() {
                return Err(Failure::malformed("a code signing configuration without an ARN"));
            }
            if config.code_signing_config_arn() != arn {
                return Err(Failure::speaks_of(config.code_signing_config_arn()));
            }
            Ok(json!({ "CodeSigningConfig": config.json() }))
        };
        let body = self.reader.make(CODE_SIGNING_CONFIG, call).await.and_then(policy);
        self.reader.enter(CODE_SIGNING_CONFIG, arn, body);
    }

    async fn detail(&self, function: &Function) -> Result<(Value, Vec<String>), Failure> {
        let call = self.client.get_function().function_name(&function.name).send();
        let output = self.reader.calls.make(FUNCTION_DETAIL.call, &self.get_function, call).await?;
        let (Some(configuration), Some(code)) = (&output.configuration, &output.code) else {
            return Err(Failure::malformed("the answer lacks the configuration or the code"));
        };
        if configuration.function_arn().is_none() {
            return Err(Failure::malformed("a function without an ARN"));
        }
        function.is_meant(configuration.function_arn())?;
        let source = code.source_kms_key_arn().filter(|key| !key.is_empty()).map(Into::into);
        let named = keys(configuration).chain(source).collect();
        let mut body = json!({ "Configuration": configuration.json(), "Code": code.json() });
        if let Some(object) = body.as_object_mut() {
            object.extend(labels(&output));
        }
        Ok((body, named))
    }
}

/// Of the tags those that are meant for us: the others are the owner's business, and may hold anything. Or the error that
/// stands in their place, where the caller may not see them.
fn labels(output: &GetFunctionOutput) -> Map<String, Value> {
    let ours = |tags: &HashMap<String, String>| {
        let ours = tags.iter().filter(|(key, _)| key.starts_with("egress-audit-"));
        Value::Object(ours.map(|(key, value)| (key.clone(), value.clone().into())).collect())
    };
    let tags = output.tags().map(|tags| ("Tags".to_owned(), ours(tags)));
    let error = output.tags_error().and_then(Body::json).map(|error| ("TagsError".to_owned(), error));
    tags.into_iter().chain(error).collect()
}

/// The bodies of a function's URLs.
fn bodies(function: &Function, urls: &[FunctionUrlConfig]) -> Result<Vec<Value>, Failure> {
    for url in urls {
        if url.function_url().is_empty() {
            return Err(Failure::malformed("a function URL without its address"));
        }
        function.is_meant(Some(url.function_arn()))?;
    }
    let mut urls: Vec<&FunctionUrlConfig> = urls.iter().collect();
    urls.sort_by_key(|url| (url.function_arn(), url.function_url()));
    urls.dedup_by_key(|url| (url.function_arn(), url.function_url()));
    Ok(urls.into_iter().filter_map(Body::json).collect())
}

/// The names of the aliases and their bodies.
fn named(
    function: &Function,
    aliases: Result<Vec<AliasConfiguration>, Failure>,
) -> Result<(Vec<String>, Vec<Value>), Failure> {
    let mut aliases = aliases?;
    let mut names = Vec::with_capacity(aliases.len());
    for alias in &aliases {
        function.is_meant(alias.alias_arn())?;
        names.push(alias.name().ok_or_else(|| Failure::malformed("an alias without a name"))?.to_owned());
    }
    // When pages shift, an alias may come twice.
    names.sort_unstable();
    names.dedup();
    aliases.sort_by(|a, b| a.name().cmp(&b.name()));
    aliases.dedup_by(|a, b| a.name() == b.name());
    Ok((names, aliases.iter().filter_map(Body::json).collect()))
}
