//! Who may call a function by its URL and its resource policies.
//!
//! Whole classes of requests are put to the statements: everyone, any account, a service on behalf of a stranger. A
//! statement that cannot be decided makes the answer unknown wherever the answer hangs on it; so does a front, such as
//! API Gateway, whose own doors were not read.

mod by;
mod fronts;
mod invokers;
mod management;

use super::{
    doors::Doors,
    identity::Identities,
    policy::{Caller, Entry, Placed, Request, Statements, Step, Truth, parse},
};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Aws, Configuration, Function, FunctionUrl, UrlAuthentication},
    snapshot::ScopeId,
};

pub(super) use by::{Who, may_call};
pub use fronts::Entrance;
pub use invokers::{Dead, Invoker};

/// The permission to call a function.
pub(super) const INVOKE: &str = "lambda:InvokeFunction";
const INVOKE_URL: &str = "lambda:InvokeFunctionUrl";

/// Who may call a workload.
#[derive(Debug, Clone)]
pub struct Invoke {
    /// The URL by which it is called; none where it has none.
    pub url: Known<Option<FunctionUrl>>,
    /// What leads to it, its URL among it.
    pub doors: Vec<Entrance>,
    /// Whether anyone on the internet gets in, and how.
    pub anonymous: Answer,
    /// Whether everyone is authorised in part, and what is missing.
    pub latent: Answer,
    /// Whether any AWS account may call it, and by which statements.
    pub any_principal: Answer,
    /// Whether an alias or a version that leads here lets in a wider circle than the function itself.
    pub wider: Answer,
    /// Whether any AWS account may change or read it.
    pub management: Answer,
    /// The mappings that read event sources and call it with what they find.
    pub event_sources: Vec<String>,
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

    fn absorb(&mut self, other: Self) {
        self.because.extend(other.because);
        let was = std::mem::replace(&mut self.is, Known::Known(false));
        self.is = was.or(other.is);
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

/// Where else the answer comes from: what stands before functions, and who holds what.
pub(super) struct Around<'a> {
    /// Everything that was read of AWS.
    pub(super) aws: &'a Aws,
    /// The doors.
    pub(super) doors: &'a Doors,
    /// The identities.
    pub(super) identities: &'a Identities,
}

/// Who may call a function at one version.
pub(super) fn invoke(around: &Around<'_>, scope: &ScopeId, function: &Function, at: &Configuration) -> Invoke {
    let mut found = Invoke { url: url_of(function, at), ..Invoke::nobody() };
    let view = View { around, scope, function };
    // What the function itself lets in is the measure for its aliases and versions.
    let own = view.judge(&Qualified { name: None, arn: function.arn.clone() });
    for qualified in qualifiers(function, at) {
        let judged = if qualified.name.is_none() { own.clone() } else { view.judge(&qualified) };
        if let Some(name) = qualified.name {
            let wider = judged.is_wider_than(&own);
            found.wider.or(wider, || format!("{name} lets in {}", judged.widest()));
        }
        found.absorb(judged);
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

/// The statements that may speak for one name of a function, and why there may be others.
fn statements_of<'a>(function: &'a Function, qualified: &Qualified<'_>) -> (Vec<Placed<'a>>, Vec<Gap>) {
    let (mut list, mut gaps) = (Vec::new(), Vec::new());
    // A policy of the function itself may name its versions and aliases; whether it then speaks for them is not documented,
    // and counted as if it did.
    let arns = [Some(function.arn.as_str()), Some(qualified.arn.as_str()).filter(|arn| *arn != function.arn)];
    for arn in arns.into_iter().flatten() {
        let Some((arn, policy)) = function.policies.get_key_value(arn) else {
            gaps.push(Gap::new(format!("lambda:GetPolicy of {arn}"), GapReason::NotRead));
            continue;
        };
        match policy {
            Known::Known(None) => {}
            Known::Unknown(gap) => gaps.push(gap.clone()),
            Known::Known(Some(text)) => match parse(text) {
                Ok(found) => list.extend(found.into_iter().map(|statement| Placed { arn, statement })),
                Err(why) => {
                    let what = format!("the policy of {arn}");
                    gaps.push(Gap::new(what, GapReason::Malformed).with_detail(why));
                }
            },
        }
    }
    (list, gaps)
}

fn url_of(function: &Function, at: &Configuration) -> Known<Option<FunctionUrl>> {
    let names = qualifiers(function, at);
    function.urls.as_ref().map(|urls| {
        let own = |url: &&FunctionUrl| names.iter().any(|name| name.name == url.qualifier.as_deref());
        urls.iter().find(own).cloned()
    })
}

impl Invoke {
    /// Nobody at all.
    pub(super) fn nobody() -> Self {
        Self {
            url: Known::Known(None),
            doors: Vec::new(),
            anonymous: Answer::no(),
            latent: Answer::no(),
            any_principal: Answer::no(),
            wider: Answer::no(),
            management: Answer::no(),
            services: Vec::new(),
            invokers: Vec::new(),
            event_sources: Vec::new(),
            dead: Vec::new(),
            dead_gap: None,
            services_gap: None,
        }
    }

    /// Takes in what was found for one more name.
    fn absorb(&mut self, other: Self) {
        self.anonymous.absorb(other.anonymous);
        self.latent.absorb(other.latent);
        self.any_principal.absorb(other.any_principal);
        self.management.absorb(other.management);
        self.doors.extend(other.doors);
        self.services.extend(other.services);
        self.invokers.extend(other.invokers);
        self.event_sources.extend(other.event_sources);
        self.dead.extend(other.dead);
        self.dead_gap = self.dead_gap.take().or(other.dead_gap);
        self.services_gap = self.services_gap.take().or(other.services_gap);
    }

    fn cannot_tell(&mut self, gap: &Gap) {
        for answer in
            [&mut self.anonymous, &mut self.latent, &mut self.any_principal, &mut self.wider, &mut self.management]
        {
            answer.or(Known::Unknown(gap.clone()), String::new);
        }
        self.services_gap.get_or_insert_with(|| gap.clone());
        self.dead_gap.get_or_insert_with(|| gap.clone());
    }

    /// Whether it lets in a wider circle than another: everyone, any account, any resource of a service.
    fn is_wider_than(&self, other: &Self) -> Known<bool> {
        let beyond = |own: &Answer, other: &Answer| own.is.clone().and(other.is.clone().negate());
        let unbound = |it: &Self| {
            let start = it.services_gap.clone().map_or(Known::Known(false), Known::Unknown);
            it.services.iter().fold(start, |sum, grant| sum.or(Known::from(grant.bound.clone()).negate()))
        };
        beyond(&self.anonymous, &other.anonymous)
            .or(beyond(&self.any_principal, &other.any_principal))
            .or(unbound(self).and(unbound(other).negate()))
    }

    /// The widest circle that it certainly lets in, in words.
    fn widest(&self) -> &'static str {
        let certain = |answer: &Answer| answer.is == Known::Known(true);
        match (certain(&self.anonymous), certain(&self.any_principal)) {
            (true, _) => "anyone on the internet",
            (false, true) => "every AWS account",
            (false, false) => "any resource of a service",
        }
    }
}

/// A function, and what stands around it.
struct View<'a> {
    around: &'a Around<'a>,
    scope: &'a ScopeId,
    function: &'a Function,
}

impl View<'_> {
    /// Who may call by one name.
    fn judge(&self, qualified: &Qualified<'_>) -> Invoke {
        let function = self.function;
        let mut found = Invoke::nobody();
        let (list, gaps) = statements_of(function, qualified);
        for gap in gaps {
            found.cannot_tell(&gap);
        }
        let url = function.urls.as_ref().map(|urls| urls.iter().find(|url| url.qualifier.as_deref() == qualified.name));
        let asks = url.as_ref().map(|url| url.map(|url| &url.authentication));
        let statements = Statements { arn: &qualified.arn, list };
        found.everyone(qualified, &asks, &statements);
        found.management(&statements);
        found.services(&statements);
        found.list(&statements, &asks);
        self.enter(&mut found, &statements, &url);
        self.event_sources(&mut found, &qualified.arn);
        if let Known::Unknown(gap) = url {
            found.dead_gap.get_or_insert(gap);
        }
        found
    }
}

impl Invoke {
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
            }
        }
    }
}

#[cfg(test)]
#[path = "invoke/tests.rs"]
mod tests;
