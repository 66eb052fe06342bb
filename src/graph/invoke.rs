//! Who may call a function by its URL and its resource policies.
//!
//! Whole classes of requests are put to the statements: everyone, any account, a service on behalf of a stranger. A
//! statement that cannot be decided makes the answer unknown wherever the answer hangs on it; so does a front, such as
//! API Gateway, whose own doors were not read.

mod invokers;

use super::policy::{Caller, Entry, Placed, Request, Statements, Step, Truth, parse};
use crate::{
    evidence::{Gap, GapReason, Known},
    knowledge::front,
    model::{Configuration, Function, FunctionUrl, UrlAuthentication},
};

pub use invokers::{Dead, Invoker};

const INVOKE: &str = "lambda:InvokeFunction";
const INVOKE_URL: &str = "lambda:InvokeFunctionUrl";

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
    /// Whom the policies let in name by name, services apart.
    pub invokers: Vec<Invoker>,
    /// The statements that let nobody in.
    pub dead: Vec<Dead>,
    /// Why there may be other such statements.
    pub dead_gap: Option<Gap>,
    /// Why there may be others, services or not.
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
        invokers: Vec::new(),
        dead: Vec::new(),
        dead_gap: None,
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
        self.dead_gap.get_or_insert_with(|| gap.clone());
    }

    fn judge(&mut self, function: &Function, qualified: &Qualified<'_>) {
        let mut list = Vec::new();
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
            match parse(text) {
                Ok(found) => list.extend(found.into_iter().map(|statement| Placed { arn, statement })),
                Err(why) => {
                    let gap = Gap::new(format!("the policy of {arn}"), GapReason::Malformed).with_detail(why);
                    self.cannot_tell(&gap);
                }
            }
        }
        let url = function.urls.as_ref().map(|urls| {
            urls.iter().find(|url| url.qualifier.as_deref() == qualified.name).map(|url| &url.authentication)
        });
        let statements = Statements { arn: &qualified.arn, list };
        self.everyone(qualified, &url, &statements);
        self.services(&statements);
        self.list(&statements, &url);
        if let Known::Unknown(gap) = url {
            self.dead_gap.get_or_insert(gap);
        }
    }

    /// The truth table of function URLs: both actions, to everyone, for the way that the URL asks.
    fn everyone(
        &mut self,
        qualified: &Qualified<'_>,
        url: &Known<Option<&UrlAuthentication>>,
        statements: &Statements<'_>,
    ) {
        let ask = |request: &Request| {
            let decision = statements.ask(request);
            (statements.known(decision.truth), statements.names(&decision.by))
        };
        let stranger = || Caller::Aws { account: None, name: None };
        let (joint, joint_by) = ask(&Request::over_url(Caller::Anonymous, "NONE"));
        let one = |step: Step| ask(&Request { by_url: true, ..Request::new(Caller::Anonymous, vec![step]) }).0;
        let (url_open, by_url) = (one(Step::url("NONE")), one(Step::by_url("NONE")));
        let (by_api, api_by) = ask(&Request::new(stranger(), vec![Step::api(INVOKE)]));
        let (over_url, signed_by) = ask(&Request::over_url(stranger(), "AWS_IAM"));
        let asks = |wanted: &UrlAuthentication| url.as_ref().map(|own| own.is_some_and(|own| own == wanted));
        let (open, signed) = (asks(&UrlAuthentication::None), asks(&UrlAuthentication::Iam).and(over_url));
        let name = qualified.name.map_or_else(|| "its function URL".to_owned(), |name| format!("the URL of {name}"));

        self.anonymous.or(open.clone().and(joint), || {
            format!("{name} asks nobody who they are, and the policy lets everyone call it ({joint_by})")
        });

        let half = url_open.clone().and(by_url.clone().negate()).or(url_open.clone().negate().and(by_url));
        self.latent.or(open.clone().and(half), || {
            format!("{name} asks nobody who they are, and one of the two grants to everyone is missing")
        });
        // Where every account may call it already, that is the finding, not what one more setting would add.
        let stale = open.negate().and(url_open).and(by_api.clone().or(signed.clone()).negate());
        self.latent.or(stale, || {
            "the policy lets everyone call by a function URL without authentication, and only such a URL is missing"
                .into()
        });

        self.any_principal.or(by_api, || match qualified.name {
            None => format!("by the Invoke API ({api_by})"),
            Some(name) => format!("by the Invoke API, as {name} ({api_by})"),
        });
        self.any_principal.or(signed, || format!("by {name} ({signed_by})"));
    }

    fn services(&mut self, statements: &Statements<'_>) {
        let stranger = Caller::Aws { account: None, name: None };
        for (index, placed) in statements.list.iter().enumerate().filter(|(_, placed)| placed.statement.allow) {
            let concerned = [INVOKE, INVOKE_URL].map(|action| placed.statement.concerns(action, statements.arn));
            if concerned == [Some(false); 2] {
                continue;
            }
            if placed.statement.strange.is_some() {
                self.services_gap.get_or_insert_with(|| statements.gap_of(index));
                continue;
            }
            let action = if concerned[0] == Some(false) { INVOKE_URL } else { INVOKE };
            let step = if action == INVOKE { Step::api(INVOKE) } else { Step::url("AWS_IAM") };
            let principals = &placed.statement.principals;
            let everyone = principals.but || principals.entries.contains(&Entry::Everyone);
            let to = |caller: Caller| Request::new(caller, vec![step.clone()]).only(index);
            let named = principals.entries.iter().filter(|_| !principals.but).filter_map(|entry| match entry {
                Entry::Service(name) => Some(Some(name)),
                Entry::AnyService => Some(None),
                _ => None,
            });
            // Everyone is also every service, where no account may call it as itself.
            let also = everyone && statements.ask(&to(stranger.clone())).truth == Truth::No;
            for service in named.chain(also.then_some(None)) {
                let request = to(Caller::Service(service.cloned()));
                if statements.ask(&request).truth == Truth::No {
                    continue;
                }
                let open = statements.known(statements.ask(&request.for_a_stranger()).truth);
                self.services.push(ServiceGrant {
                    arn: placed.arn.to_owned(),
                    sid: placed.statement.sid.clone(),
                    service: service.map_or_else(|| "every service".to_owned(), Clone::clone),
                    bound: open.negate().into_result(),
                });
                if let Some(front) = service.and_then(|service| front(service)) {
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
