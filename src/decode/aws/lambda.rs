//! Lambda functions and what hangs on them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{super::index::Index, required};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{
        Alias, Attachment, CapacityProvider, Configuration, Credential, Function, FunctionUrl, Table, UntrustedCode,
        UrlAuthentication,
    },
    snapshot::{Record, ScopeId, kinds, looks_like, unknown},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConfigurationWire {
    function_name: String,
    version: Option<String>,
    runtime: Option<Known<String>>,
    package_type: Option<Known<String>>,
    vpc_config: Option<Known<VpcConfigWire>>,
    environment: Option<EnvironmentWire>,
    #[serde(rename = "KMSKeyArn")]
    key: Option<Known<String>>,
    master_arn: Option<String>,
    role: Option<Known<String>>,
    layers: Option<Known<Vec<LayerWire>>>,
    capacity_provider_config: Option<Value>,
    durable_config: Option<DurableWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VpcConfigWire {
    subnet_ids: Option<Vec<String>>,
    security_group_ids: Option<Vec<String>>,
    ipv6_allowed_for_dual_stack: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnvironmentWire {
    variables: Option<Known<BTreeMap<String, Known<Value>>>>,
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LayerWire {
    arn: String,
}

#[derive(Deserialize)]
struct DurableWire {
    #[serde(rename = "KMSKeyArn")]
    key: Option<String>,
}

/// Every function, with its versions and what hangs on it.
pub(super) fn functions(index: &Index<'_>) -> Table<Function> {
    let mut versions: BTreeMap<(ScopeId, String), Vec<Configuration>> = BTreeMap::new();
    for record in index.of_kind(kinds::VERSION) {
        match unknown::body::<ConfigurationWire>(record.body.get()) {
            Ok(wire) => {
                let key = (record.scope.clone(), wire.function_name.clone());
                versions.entry(key).or_default().push(configuration(record, wire));
            }
            Err(why) => {
                index.lost(record, why);
            }
        }
    }
    for list in versions.values_mut() {
        list.sort_by_key(|version| version.version.parse::<u64>().unwrap_or(u64::MAX));
    }
    index.table(kinds::FUNCTION, |record, wire: ConfigurationWire| {
        let name = wire.function_name.clone();
        let latest = configuration(record, wire);
        let versions = versions.get(&(record.scope.clone(), name.clone())).cloned();
        let versions = versions.into_iter().flatten().collect::<Vec<_>>();
        let aliases = aliases(index, record);
        let mut arns = vec![record.id.clone()];
        arns.extend(versions.iter().map(|version| format!("{}:{}", record.id, version.version)));
        if let Known::Known(aliases) = &aliases {
            arns.extend(aliases.iter().map(|alias| alias.arn.clone()));
        }
        let policies = arns.into_iter().map(|arn| {
            let policy = policy(index, &record.scope, &arn);
            (arn, policy)
        });
        let (code_key, labels) = detail(index, record);
        Ok::<_, String>(Function {
            arn: record.id.clone(),
            name,
            latest,
            policies: policies.collect(),
            versions,
            aliases,
            urls: urls(index, record),
            code_key,
            code_signing: code_signing(index, record),
            labels,
        })
    })
}

fn configuration(record: &Record, wire: ConfigurationWire) -> Configuration {
    // After it is detached, a function keeps a `VpcConfig` with empty lists.
    let attached = |config: VpcConfigWire| {
        let mut subnets = config.subnet_ids.filter(|subnets| !subnets.is_empty())?;
        let mut security_groups: Vec<String> = config.security_group_ids.into_iter().flatten().collect();
        subnets.sort();
        security_groups.sort();
        Some(Attachment { subnets, security_groups, dual_stack: config.ipv6_allowed_for_dual_stack == Some(true) })
    };
    let set = |text: Option<Known<String>>| Known::given(text).map(|text| text.filter(|text| !text.is_empty()));
    let image = match wire.package_type {
        Some(Known::Known(kind)) => kind == "Image",
        // Of an image nobody knows the runtime, and neither here.
        Some(Known::Unknown(_)) => true,
        None => false,
    };
    let provider = wire.capacity_provider_config.as_ref().filter(|config| !config.is_null()).map(|config| {
        let arn = config.pointer("/LambdaManagedInstancesCapacityProviderConfig/CapacityProviderArn");
        arn.and_then(Value::as_str).unwrap_or("a capacity provider that is not named").to_owned()
    });
    Configuration {
        version: wire.version.unwrap_or_else(|| "$LATEST".into()),
        image,
        runtime: set(wire.runtime),
        attachment: Known::given(wire.vpc_config).map(|config| config.and_then(attached)),
        capacity_provider: provider,
        connector: None,
        role: set(wire.role),
        layers: Known::given(wire.layers).map(|layers| layers.into_iter().flatten().map(|layer| layer.arn).collect()),
        edge_replica: wire.master_arn.is_some_and(|arn| !arn.is_empty()),
        key: set(wire.key),
        durable_key: wire.durable_config.and_then(|config| config.key).filter(|key| !key.is_empty()),
        credentials: credentials(record, wire.environment),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ProviderWire {
    capacity_provider: ProviderBodyWire,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProviderBodyWire {
    state: String,
    vpc_config: ProviderVpcWire,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ProviderVpcWire {
    subnet_ids: Vec<String>,
    security_group_ids: Option<Vec<String>>,
}

pub(super) fn capacity_provider(_: &Record, wire: ProviderWire) -> Result<CapacityProvider, String> {
    let ProviderVpcWire { subnet_ids: mut subnets, security_group_ids } = wire.capacity_provider.vpc_config;
    let mut security_groups = security_group_ids.unwrap_or_default();
    subnets.sort();
    security_groups.sort();
    let attachment = Attachment { subnets, security_groups, dual_stack: true };
    Ok(CapacityProvider { state: wire.capacity_provider.state, attachment })
}

/// The variables that looked like credentials when they were read. A value that is still there is judged and dropped.
fn credentials(record: &Record, environment: Option<EnvironmentWire>) -> Known<Vec<Credential>> {
    let Some(environment) = environment else { return Known::Known(Vec::new()) };
    if let Some(error) = environment.error.filter(|error| !error.is_null()) {
        let code = error.pointer("/ErrorCode").and_then(Value::as_str).unwrap_or("Error");
        let why = if code.contains("AccessDenied") { GapReason::Denied } else { GapReason::Partial };
        return Known::Unknown(Gap::new(format!("the environment of {}", record.id), why).with_detail(code));
    }
    let variables = match environment.variables {
        None => return Known::Known(Vec::new()),
        Some(Known::Unknown(gap)) => return Known::Unknown(gap),
        Some(Known::Known(variables)) => variables,
    };
    flagged(variables)
}

/// Of these variables those that looked like credentials.
pub(super) fn flagged(variables: BTreeMap<String, Known<Value>>) -> Known<Vec<Credential>> {
    let mut flagged = Vec::new();
    let mut hidden = None;
    for (name, value) in variables {
        let what = match value {
            Known::Unknown(gap) => {
                hidden = Some(gap);
                continue;
            }
            Known::Known(Value::Object(flag)) => flag.get("looks_like").and_then(Value::as_str).map(str::to_owned),
            Known::Known(Value::String(text)) => looks_like(&name, &text).map(str::to_owned),
            Known::Known(_) => None,
        };
        flagged.extend(what.map(|looks_like| Credential { name, looks_like }));
    }
    // What was found is there, whatever else is.
    match hidden.filter(|_| flagged.is_empty()) {
        Some(gap) => Known::Unknown(gap),
        None => Known::Known(flagged),
    }
}

fn aliases(index: &Index<'_>, record: &Record) -> Known<Vec<Alias>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Wire {
        aliases: Vec<AliasWire>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct AliasWire {
        name: String,
        alias_arn: Option<String>,
        function_version: String,
        routing_config: Option<RoutingWire>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct RoutingWire {
        additional_version_weights: Option<BTreeMap<String, f64>>,
    }
    let document = index.document::<Wire>(kinds::ALIASES, &record.scope, &record.id);
    required(document, kinds::ALIASES, &record.id).map(|wire| {
        let aliases = wire.aliases.into_iter().map(|alias| {
            let more = alias.routing_config.and_then(|routing| routing.additional_version_weights);
            let more = more.into_iter().flatten().map(|(version, _)| version);
            Alias {
                arn: alias.alias_arn.unwrap_or_else(|| format!("{}:{}", record.id, alias.name)),
                name: alias.name,
                versions: std::iter::once(alias.function_version).chain(more).collect(),
            }
        });
        aliases.collect()
    })
}

fn urls(index: &Index<'_>, record: &Record) -> Known<Vec<FunctionUrl>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Wire {
        function_url_configs: Vec<UrlWire>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct UrlWire {
        function_url: String,
        function_arn: String,
        auth_type: String,
        cors: Option<Known<CorsWire>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct CorsWire {
        allow_origins: Option<Known<Vec<Known<String>>>>,
    }
    let document = index.document::<Wire>(kinds::URL_CONFIGS, &record.scope, &record.id);
    required(document, kinds::URL_CONFIGS, &record.id).map(|wire| {
        let urls = wire.function_url_configs.into_iter().map(|url| {
            let qualifier = url.function_arn.strip_prefix(&record.id).and_then(|rest| rest.strip_prefix(':'));
            FunctionUrl {
                qualifier: qualifier.filter(|qualifier| *qualifier != "$LATEST").map(str::to_owned),
                authentication: match url.auth_type.as_str() {
                    "NONE" => UrlAuthentication::None,
                    "AWS_IAM" => UrlAuthentication::Iam,
                    other => UrlAuthentication::Other(other.into()),
                },
                open_cors: match url.cors {
                    None => Known::Known(false),
                    Some(Known::Known(cors)) => open(cors.allow_origins),
                    Some(Known::Unknown(gap)) => Known::Unknown(gap),
                },
                url: url.function_url,
            }
        });
        urls.collect()
    })
}

/// Whether everyone is among the origins.
fn open(origins: Option<Known<Vec<Known<String>>>>) -> Known<bool> {
    let every = |origin: Known<String>| origin.map(|origin| origin == "*");
    let any = |origins: Vec<Known<String>>| origins.into_iter().map(every).fold(Known::Known(false), Known::or);
    match origins {
        None => Known::Known(false),
        Some(Known::Known(origins)) => any(origins),
        Some(Known::Unknown(gap)) => Known::Unknown(gap),
    }
}

fn policy(index: &Index<'_>, scope: &ScopeId, arn: &str) -> Known<Option<String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Wire {
        policy: String,
    }
    index.document::<Wire>(kinds::POLICY, scope, arn).map(|wire| wire.map(|wire| wire.policy))
}

/// What is done with code of a function that nobody trusted signed.
fn code_signing(index: &Index<'_>, record: &Record) -> Known<Option<UntrustedCode>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Wire {
        code_signing_config_arn: Option<Known<String>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct ConfigWire {
        code_signing_config: BodyWire,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct BodyWire {
        code_signing_policies: PoliciesWire,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct PoliciesWire {
        untrusted_artifact_on_deployment: Known<String>,
    }
    let document = index.document::<Wire>(kinds::CODE_SIGNING, &record.scope, &record.id);
    let named = match required(document, kinds::CODE_SIGNING, &record.id) {
        Known::Known(wire) => Known::given(wire.code_signing_config_arn).map(|arn| arn.filter(|arn| !arn.is_empty())),
        Known::Unknown(gap) => return Known::Unknown(gap),
    };
    let arn = match named {
        Known::Known(Some(arn)) => arn,
        Known::Known(None) => return Known::Known(None),
        Known::Unknown(gap) => return Known::Unknown(gap),
    };
    let document = index.document::<ConfigWire>(kinds::CODE_SIGNING_CONFIG, &record.scope, &arn);
    let policy = match required(document, kinds::CODE_SIGNING_CONFIG, &arn) {
        Known::Known(wire) => wire.code_signing_config.code_signing_policies.untrusted_artifact_on_deployment,
        Known::Unknown(gap) => return Known::Unknown(gap),
    };
    let what = |policy: String| match policy.as_str() {
        "Enforce" => Known::Known(Some(UntrustedCode::Refused)),
        "Warn" => Known::Known(Some(UntrustedCode::Warned)),
        other => Known::Unknown(Gap::new(format!("what the code signing policy {other} does"), GapReason::Unsupported)),
    };
    match policy {
        Known::Known(policy) => what(policy),
        Known::Unknown(gap) => Known::Unknown(gap),
    }
}

/// What only `GetFunction` tells.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DetailWire {
    code: CodeWire,
    tags: Option<BTreeMap<String, String>>,
    tags_error: Option<TagsErrorWire>,
}

#[derive(Deserialize)]
struct CodeWire {
    #[serde(rename = "SourceKMSKeyArn")]
    key: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TagsErrorWire {
    error_code: Option<String>,
}

/// The key of a function's package, and what its tags declare.
fn detail(index: &Index<'_>, record: &Record) -> (Known<Option<String>>, Known<BTreeMap<String, String>>) {
    let document = index.document::<DetailWire>(kinds::FUNCTION_DETAIL, &record.scope, &record.id);
    match required(document, kinds::FUNCTION_DETAIL, &record.id) {
        Known::Unknown(gap) => (Known::Unknown(gap.clone()), Known::Unknown(gap)),
        Known::Known(wire) => {
            let labels = match wire.tags_error {
                Some(error) => {
                    let gap = Gap::new(format!("the tags of {}", record.id), GapReason::Denied);
                    Known::Unknown(error.error_code.into_iter().fold(gap, Gap::with_detail))
                }
                None => Known::Known(wire.tags.unwrap_or_default()),
            };
            (Known::Known(wire.code.key.filter(|key| !key.is_empty())), labels)
        }
    }
}
