//! Who may call a function by its URL and its resource policies.
//!
//! Only what is understood counts. A statement that this version cannot follow makes the answer unknown wherever the
//! answer could hang on it; so does a front, such as API Gateway, whose own doors were not read.

mod condition;
mod policy;

use crate::{
    evidence::{Gap, GapReason, Known},
    knowledge::front,
    model::{Configuration, Function, FunctionUrl, UrlAuthentication},
};

use policy::{Grant, Policy, Who};

/// Who may call a workload.
#[derive(Debug, Clone)]
pub struct Invoke {
    /// The URL by which it is called; none where it has none.
    pub url: Known<Option<FunctionUrl>>,
    /// Whether anyone on the internet gets in, and how.
    pub anonymous: Answer,
    /// Whether everyone is authorised in part, and what is missing.
    pub latent: Answer,
    /// Whether any AWS account may call it, and by which statements.
    pub any_principal: Answer,
    /// The grants to service principals.
    pub services: Vec<ServiceGrant>,
    /// Why there may be others.
    pub services_gap: Option<Gap>,
}

/// Yes, no or unknown; and by what.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The answer.
    pub is: Known<bool>,
    /// What makes it yes, in words; empty where it is no.
    pub because: Vec<String>,
}

impl Answer {
    pub(super) fn no() -> Self {
        Self { is: Known::Known(false), because: Vec::new() }
    }

    pub(super) fn or(&mut self, is: Known<bool>, because: impl FnOnce() -> String) {
        if is == Known::Known(true) {
            self.because.push(because());
        }
        let was = std::mem::replace(&mut self.is, Known::Known(false));
        self.is = was.or(is);
    }
}

/// A grant to a service principal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceGrant {
    /// The ARN whose policy it is in.
    pub arn: String,
    /// The statement.
    pub sid: String,
    /// The service.
    pub service: String,
    /// Whether a condition ties the service to an account, a resource or an organisation.
    pub bound: Result<bool, Gap>,
}

/// A name by which a version is called: `$LATEST` has none, then there are versions and aliases.
struct Qualified<'a> {
    name: Option<&'a str>,
    arn: String,
}

/// Who may call a function at one version.
pub fn invoke(function: &Function, at: &Configuration) -> Invoke {
    let mut found = Invoke {
        url: url_of(function, at),
        anonymous: Answer::no(),
        latent: Answer::no(),
        any_principal: Answer::no(),
        services: Vec::new(),
        services_gap: None,
    };
    for qualified in qualifiers(function, at) {
        found.judge(function, &qualified);
    }
    // An alias that was not read may lead here, with a URL and a policy of its own.
    if let Known::Unknown(gap) = &function.aliases {
        found.cannot_tell(gap);
    }
    found.services.sort();
    found.services.dedup();
    found
}

fn qualifiers<'a>(function: &'a Function, at: &'a Configuration) -> Vec<Qualified<'a>> {
    let own = if at.version == "$LATEST" {
        Qualified { name: None, arn: function.arn.clone() }
    } else {
        Qualified { name: Some(&at.version), arn: format!("{}:{}", function.arn, at.version) }
    };
    let aliases = match &function.aliases {
        Known::Known(aliases) => aliases.as_slice(),
        Known::Unknown(_) => &[],
    };
    let leading = aliases.iter().filter(|alias| alias.versions.contains(&at.version));
    std::iter::once(own)
        .chain(leading.map(|alias| Qualified { name: Some(&alias.name), arn: alias.arn.clone() }))
        .collect()
}

fn url_of(function: &Function, at: &Configuration) -> Known<Option<FunctionUrl>> {
    let names = qualifiers(function, at);
    function.urls.as_ref().map(|urls| {
        let own = |url: &&FunctionUrl| names.iter().any(|name| name.name == url.qualifier.as_deref());
        urls.iter().find(own).cloned()
    })
}

impl Invoke {
    fn cannot_tell(&mut self, gap: &Gap) {
        for answer in [&mut self.anonymous, &mut self.latent, &mut self.any_principal] {
            answer.or(Known::Unknown(gap.clone()), String::new);
        }
        self.services_gap.get_or_insert_with(|| gap.clone());
    }

    fn judge(&mut self, function: &Function, qualified: &Qualified<'_>) {
        let mut policies = Vec::new();
        // A policy of the function itself may name its versions and aliases; whether it then speaks for them is not
        // documented, and counted as if it did.
        let arns = [Some(function.arn.as_str()), Some(qualified.arn.as_str()).filter(|arn| *arn != function.arn)];
        for arn in arns.into_iter().flatten() {
            let text = match function.policies.get(arn) {
                Some(Known::Known(Some(text))) => text,
                Some(Known::Known(None)) => continue,
                Some(Known::Unknown(gap)) => {
                    self.cannot_tell(gap);
                    continue;
                }
                None => {
                    self.cannot_tell(&Gap::new(format!("lambda:GetPolicy of {arn}"), GapReason::NotRead));
                    continue;
                }
            };
            match Policy::parse(text) {
                Ok(policy) => policies.push((arn, policy)),
                Err(why) => {
                    let gap = Gap::new(format!("the policy of {arn}"), GapReason::Malformed).with_detail(why);
                    self.cannot_tell(&gap);
                }
            }
        }
        let url = function.urls.as_ref().map(|urls| {
            urls.iter().find(|url| url.qualifier.as_deref() == qualified.name).map(|url| &url.authentication)
        });
        let grants: Vec<Grant<'_>> =
            policies.iter().flat_map(|(arn, policy)| policy.grants(arn, &qualified.arn)).collect();
        self.everyone(qualified, &url, &grants);
        self.services(&grants);
    }

    /// The truth table of function URLs: both actions, to everyone, for the way that the URL asks.
    fn everyone(&mut self, qualified: &Qualified<'_>, url: &Known<Option<&UrlAuthentication>>, grants: &[Grant<'_>]) {
        let any = |test: &dyn Fn(&Grant<'_>) -> Known<bool>| {
            grants.iter().fold(Known::Known(false), |sum, grant| sum.or(test(grant)))
        };
        let url_open = |authentication: &'static str| any(&move |grant| grant.lets_url(authentication));
        let by_url = any(&|grant| grant.lets_invoke(true));
        let by_api = any(&|grant| grant.lets_invoke(false));
        let asks = |wanted: &UrlAuthentication| url.as_ref().map(|own| own.is_some_and(|own| own == wanted));
        let (open, signed) = (asks(&UrlAuthentication::None), asks(&UrlAuthentication::Iam));
        let name = qualified.name.map_or_else(|| "its function URL".to_owned(), |name| format!("the URL of {name}"));

        let anonymous = open.clone().and(url_open("NONE")).and(by_url.clone());
        self.anonymous
            .or(anonymous.clone(), || format!("{name} asks nobody who they are, and the policy lets everyone call it"));

        let half = url_open("NONE").and(by_url.clone().negate()).or(url_open("NONE").negate().and(by_url.clone()));
        self.latent.or(open.clone().and(half), || {
            format!("{name} asks nobody who they are, and one of the two grants to everyone is missing")
        });
        let signed = signed.and(url_open("AWS_IAM")).and(by_url);
        // Where every account may call it already, that is the finding, not what one more setting would add.
        let stale = open.negate().and(url_open("NONE")).and(by_api.clone().or(signed.clone()).negate());
        self.latent.or(stale, || {
            "the policy lets everyone call by a function URL without authentication, and only such a URL is missing"
                .into()
        });

        self.any_principal.or(by_api, || {
            qualified.name.map_or_else(|| "by the Invoke API".into(), |name| format!("by the Invoke API, as {name}"))
        });
        self.any_principal.or(signed, || format!("by {name}"));
    }

    fn services(&mut self, grants: &[Grant<'_>]) {
        for grant in grants {
            if let Some(gap) = grant.not_understood() {
                self.services_gap.get_or_insert_with(|| gap.clone());
                continue;
            }
            let Who::Services(services) = &grant.who else { continue };
            for service in services {
                let bound = grant.bound();
                self.services.push(ServiceGrant {
                    arn: grant.arn.to_owned(),
                    sid: grant.sid.to_owned(),
                    service: service.clone(),
                    bound: bound.into_result(),
                });
                if let Some(front) = front(service) {
                    let gap = Gap::new(format!("who may come in through {front}"), GapReason::Unsupported);
                    self.anonymous.or(Known::Unknown(gap), String::new);
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "invoke/tests.rs"]
mod tests;
