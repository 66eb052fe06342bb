//! Who may invoke a workload: the permission that its kind is guarded by, through every policy from its own upwards.

use super::{
    access::{Access, Chain, Grant, Grants, Level, Resource, policy},
    accounts::{Accounts, Impersonator},
    ingress::Ingress,
    place::last,
    principal::{Principal, PrincipalKind},
};
use crate::{
    evidence::{Gap, Known},
    graph::invoke::Answer,
    knowledge::is_platform_account,
    model::google::{CloudFunction, DenyRule, Generation, RunKind, RunResource},
    snapshot::ScopeId,
};

/// Who may invoke a workload of Google Cloud.
#[derive(Debug, Clone)]
pub struct Invokers {
    /// The permission that guards it; none for what nobody invokes.
    pub permission: Option<&'static str>,
    /// Whether nobody is asked for it.
    pub check_disabled: bool,
    /// Whether anyone on the internet gets in, and how.
    pub anonymous: Answer,
    /// Whether everyone is authorised, and no door is open.
    pub latent: Answer,
    /// Whether anyone with an account of Google gets in.
    pub any_account: Answer,
    /// Everyone who may, or may be allowed to.
    pub list: Vec<Invoker>,
    /// Why there may be others.
    pub gap: Option<Gap>,
    /// Grants that do nothing.
    pub dead: Vec<DeadGrant>,
    /// Why there may be others.
    pub dead_gap: Option<Gap>,
    /// Those who cannot invoke it, and can let themselves.
    pub self_granting: Vec<Grant>,
    /// Why there may be others.
    pub self_granting_gap: Option<Gap>,
    /// The delivery of its events; none where it has no trigger that needs to be let in.
    pub trigger: Option<Delivery>,
    /// Deny policies that speak of the permission. Whether they cover it is not documented: they are named, not counted.
    pub denied_by: Vec<String>,
}

/// Somebody who may invoke a workload.
#[derive(Debug, Clone)]
pub struct Invoker {
    /// The grant.
    pub grant: Grant,
    /// The project of the principal, by its id, as far as its name tells.
    pub project: Option<String>,
    /// Those who can become it.
    pub impersonators: Vec<Impersonator>,
    /// Why there may be others.
    pub impersonators_gap: Option<Gap>,
    /// How many keys of it somebody holds that work.
    pub keys: Known<usize>,
}

/// A grant that does nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeadGrant {
    /// To whom.
    pub principal: String,
    /// The role.
    pub role: String,
    /// Why it does nothing.
    pub because: String,
}

/// The delivery of events to a workload.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The account in whose name they come.
    pub account: Known<String>,
    /// Whether it may invoke the workload.
    pub delivers: Known<bool>,
}

/// What is asked about.
pub(super) struct Subject<'a> {
    /// The function, where it is one.
    pub(super) function: Option<&'a CloudFunction>,
    /// The Cloud Run resource, where one runs it; unknown where a function's is not known.
    pub(super) run: Option<Known<&'a RunResource>>,
}

/// The policy that decides over a workload, and what it is guarded by.
struct Guard<'a> {
    permission: &'static str,
    manage: [&'static str; 2],
    chain: Chain<'a>,
    resource: Resource<'a>,
    own: (Level, String),
}

fn guard<'a>(access: &Access<'a>, subject: &Subject<'a>) -> Result<Option<Guard<'a>>, Gap> {
    let policies = &access.google.policies;
    let first = subject.function.filter(|function| function.generation == Generation::First);
    let project = "resourcemanager.projects.setIamPolicy";
    let (permission, manage, table, name, place, service, kind) = match (first, &subject.run) {
        (Some(function), _) => (
            "cloudfunctions.functions.invoke",
            ["cloudfunctions.functions.setIamPolicy", project],
            &policies.functions,
            &function.name,
            &function.place,
            "cloudfunctions.googleapis.com",
            "cloudfunctions.googleapis.com/CloudFunction",
        ),
        (None, Some(Known::Known(run))) => match run.kind {
            RunKind::Service => (
                "run.routes.invoke",
                ["run.services.setIamPolicy", project],
                &policies.services,
                &run.name,
                &run.place,
                "run.googleapis.com",
                "run.googleapis.com/Service",
            ),
            RunKind::Job => (
                "run.jobs.run",
                ["run.jobs.setIamPolicy", project],
                &policies.jobs,
                &run.name,
                &run.place,
                "run.googleapis.com",
                "run.googleapis.com/Job",
            ),
            RunKind::WorkerPool => return Ok(None),
        },
        (None, Some(Known::Unknown(gap))) => return Err(gap.clone()),
        (None, None) => return Ok(None),
    };
    let own = (Level::Resource, name.clone());
    let chain = access.chain(vec![(own.0, own.1.clone(), policy(table, &place.scope(), name))], &place.project);
    Ok(Some(Guard { permission, manage, chain, resource: Resource { name, service, kind }, own }))
}

/// Who may invoke a workload.
pub(super) fn of<'a>(
    access: &Access<'a>,
    accounts: &mut Accounts,
    subject: &Subject<'a>,
    ingress: &Ingress,
) -> Invokers {
    let guard = match guard(access, subject) {
        Ok(Some(guard)) => guard,
        Ok(None) => return Invokers::nobody(),
        Err(gap) => {
            let unread = Grants { list: Vec::new(), gap: Some(gap.clone()) };
            let trigger = subject.function.and_then(|function| trigger(access, function, &unread));
            return Invokers { trigger, ..Invokers::unknown(&gap) };
        }
    };
    let run = match &subject.run {
        Some(Known::Known(run)) => Some(*run),
        _ => None,
    };
    let check_disabled = run.is_some_and(|run| run.invoker_check_disabled);
    let grants = access.grants(&guard.chain, &[guard.permission], guard.resource);
    let door = if guard.permission == "run.jobs.run" {
        (Known::Known(true), "the Cloud Run API".to_owned())
    } else {
        (ingress.reachable.clone(), ingress.reachable_by.clone())
    };
    let guarded = Guarded::of(access, run, check_disabled, &grants);
    let mut found = Invokers {
        permission: Some(guard.permission),
        check_disabled,
        denied_by: denied_by(access, &guard),
        ..Invokers::nobody()
    };
    let (reachable, by) = &door;
    let unreachable = match &ingress.setting {
        _ if ingress.by_events => "it is called by events alone",
        Known::Known(crate::model::google::Ingress::All) => "no address of it works",
        _ => "ingress is closed to the internet",
    };
    found.anonymous.or(guarded.everyone.clone().and(reachable.clone()), || format!("{by}, and {}", guarded.because));
    found.latent.or(guarded.everyone.and(reachable.clone().negate()), || {
        format!("{}, and only a door is missing: {unreachable}", guarded.because)
    });
    found.any_account.or(guarded.any_account.and(reachable.clone()), || {
        format!("{by}, and {}", grants.said(PrincipalKind::AnyGoogleAccount))
    });
    found.gap.clone_from(&grants.gap);
    found.list = grants.list.iter().map(|grant| invoker(access, accounts, grant)).collect();
    found.list.sort_by(|a, b| {
        (&a.grant.principal, a.grant.level, &a.grant.role).cmp(&(&b.grant.principal, b.grant.level, &b.grant.role))
    });
    (found.dead, found.dead_gap) = dead(access, accounts, subject, &guard);
    let managers = access.grants(&guard.chain, &guard.manage, guard.resource);
    let may = |grant: &Grant| grants.list.iter().any(|own| own.principal == grant.principal);
    let platform = |grant: &Grant| grant.principal.account().is_some_and(is_platform_account);
    found.self_granting = managers.list.into_iter().filter(|grant| !may(grant) && !platform(grant)).collect();
    found.self_granting_gap = managers.gap.or_else(|| grants.gap.clone());
    found.trigger = subject.function.and_then(|function| trigger(access, function, &grants));
    found
}

/// Who gets past the guard, once at the door.
struct Guarded {
    everyone: Known<bool>,
    any_account: Known<bool>,
    because: String,
}

impl Guarded {
    fn of(access: &Access<'_>, run: Option<&RunResource>, check_disabled: bool, grants: &Grants) -> Self {
        if let Some(run) = run.filter(|run| run.identity_aware_proxy) {
            return Self::by_proxy(access, run);
        }
        if check_disabled {
            let because = "the check of invokers is off".to_owned();
            return Self { everyone: Known::Known(true), any_account: Known::Known(false), because };
        }
        Self {
            everyone: grants.everyone(),
            any_account: grants.any(|principal| Known::Known(principal.kind == PrincipalKind::AnyGoogleAccount)),
            because: grants.said(PrincipalKind::Everyone),
        }
    }

    /// Identity-Aware Proxy asks first, and its own policy decides.
    fn by_proxy(access: &Access<'_>, run: &RunResource) -> Self {
        let own = policy(&access.google.policies.proxies, &run.place.scope(), &run.name);
        let chain = access.chain(vec![(Level::Resource, run.name.clone(), own)], &run.place.project);
        let resource =
            Resource { name: &run.name, service: "iap.googleapis.com", kind: "iap.googleapis.com/WebService" };
        let grants = access.grants(&chain, &["iap.webServiceVersions.accessViaIAP"], resource);
        Self {
            everyone: grants.everyone(),
            any_account: grants.any(|principal| Known::Known(principal.kind == PrincipalKind::AnyGoogleAccount)),
            because: format!("Identity-Aware Proxy lets everyone in: {}", grants.said(PrincipalKind::Everyone)),
        }
    }
}

impl Grants {
    /// The first grant to a kind of principal, in words.
    fn said(&self, kind: PrincipalKind) -> String {
        let grant = self.list.iter().find(|grant| grant.principal.kind == kind && grant.holds == Known::Known(true));
        grant.map_or_else(String::new, |grant| {
            let on = if grant.level == Level::Resource { "it".to_owned() } else { grant.on.clone() };
            format!("{} holds {} on {on}", grant.principal.text, grant.role)
        })
    }
}

fn invoker(access: &Access<'_>, accounts: &mut Accounts, grant: &Grant) -> Invoker {
    let own = grant.principal.account().filter(|email| !is_platform_account(email));
    let account = own.map(|email| accounts.of(access, email));
    let keys = account.as_ref().map(|account| account.keys.clone());
    Invoker {
        project: grant.principal.project().map(|project| access.project(project).to_owned()),
        impersonators: account.as_ref().map(|account| account.impersonators.clone()).unwrap_or_default(),
        impersonators_gap: account.and_then(|account| account.gap),
        keys: keys.map_or(Known::Known(0), |keys| keys.map(|keys| keys.iter().filter(|key| !key.disabled).count())),
        grant: grant.clone(),
    }
}

/// Grants on the workload itself that do nothing, and those on the face of a function whose service is what counts.
fn dead(
    access: &Access<'_>,
    accounts: &mut Accounts,
    subject: &Subject<'_>,
    guard: &Guard<'_>,
) -> (Vec<DeadGrant>, Option<Gap>) {
    let mut found = Vec::new();
    let mut gap = None;
    let mut look = |policy: &Known<&crate::model::google::Policy>, face: bool| {
        let policy = match policy {
            Known::Known(policy) => policy,
            Known::Unknown(unread) => {
                gap.get_or_insert_with(|| unread.clone());
                return;
            }
        };
        gap = gap.take().or_else(|| policy.incomplete.clone());
        for binding in &policy.bindings {
            let invokes = binding.role.to_lowercase().contains("invoker");
            let holds = access.role_holds(&binding.role, guard.permission);
            let met = access.condition(binding.condition.as_deref(), guard.resource);
            for member in &binding.members {
                let principal = Principal::of(member);
                let own = principal.account().filter(|email| !is_platform_account(email));
                let exists = own.map_or(Known::Known(true), |email| accounts.of(access, email).exists);
                let because = if face && invokes {
                    "the service behind a function of the second generation is what is asked, not the function"
                } else if principal.kind == PrincipalKind::Deleted {
                    "the principal was deleted"
                } else if exists == Known::Known(false) {
                    "the account does not exist"
                } else if met == Known::Known(false) {
                    "its condition is not met any more"
                } else if invokes && holds == Known::Known(false) {
                    "the role does not hold the permission that is asked for"
                } else if access.role_is_off(&binding.role) == Known::Known(true) {
                    "the role is off, deleted or empty"
                } else {
                    // What was not read may be what makes it do nothing.
                    let doubts = [&exists, &met, &holds, &access.role_is_off(&binding.role)];
                    let unread = doubts.into_iter().find_map(|doubt| match doubt {
                        Known::Unknown(unread) => Some(unread.clone()),
                        Known::Known(_) => None,
                    });
                    gap = gap.take().or(unread);
                    continue;
                };
                found.push(DeadGrant {
                    principal: principal.text,
                    role: binding.role.clone(),
                    because: because.into(),
                });
            }
        }
    };
    for (level, on, policy) in guard.chain.levels() {
        if (*level, on) == (guard.own.0, &guard.own.1) {
            look(policy, false);
        }
    }
    if let Some(function) = subject.function.filter(|function| function.generation == Generation::Second) {
        look(&policy(&access.google.policies.functions, &function.place.scope(), &function.name), true);
    }
    found.sort();
    found.dedup();
    (found, gap)
}

/// Whether the account that delivers a function's events may invoke it. The first generation needs none.
fn trigger(access: &Access<'_>, function: &CloudFunction, grants: &Grants) -> Option<Delivery> {
    let trigger = function.trigger.as_ref().filter(|_| function.generation == Generation::Second)?;
    let account = match &trigger.service_account {
        Some(account) => Known::Known(account.clone()),
        None => access
            .number(&function.place.project)
            .map(|number| format!("{number}-compute@developer.gserviceaccount.com")),
    };
    let delivers = match &account {
        Known::Known(account) => grants.account(account),
        Known::Unknown(gap) => Known::Unknown(gap.clone()),
    };
    Some(Delivery { account, delivers })
}

/// The deny policies on the project and above that name the permission, in words.
fn denied_by(access: &Access<'_>, guard: &Guard<'_>) -> Vec<String> {
    let denied = guard
        .permission
        .split_once('.')
        .map_or_else(String::new, |(service, rest)| format!("{service}.googleapis.com/{rest}"));
    let names = |rule: &DenyRule| rule.permissions.contains(&denied) && !rule.exceptions.contains(&denied);
    let mut found = Vec::new();
    for (level, on, _) in guard.chain.above().levels() {
        let account = if *level == Level::Project { last(on) } else { on.as_str() };
        let scope = ScopeId::gcp(account, ScopeId::GLOBAL);
        let Known::Known(Some(Some(rules))) = access.google.deny_rules.get(&scope, on) else { continue };
        found.extend(rules.iter().filter(|rule| names(rule)).map(|rule| format!("{} on {on}", rule.policy)));
    }
    found.dedup();
    found
}

impl Invokers {
    fn nobody() -> Self {
        Self {
            permission: None,
            check_disabled: false,
            anonymous: Answer::no(),
            latent: Answer::no(),
            any_account: Answer::no(),
            list: Vec::new(),
            gap: None,
            dead: Vec::new(),
            dead_gap: None,
            self_granting: Vec::new(),
            self_granting_gap: None,
            trigger: None,
            denied_by: Vec::new(),
        }
    }

    fn unknown(gap: &Gap) -> Self {
        let mut found = Self::nobody();
        for answer in [&mut found.anonymous, &mut found.latent, &mut found.any_account] {
            answer.or(Known::Unknown(gap.clone()), String::new);
        }
        found.gap = Some(gap.clone());
        found.dead_gap = Some(gap.clone());
        found.self_granting_gap = Some(gap.clone());
        found
    }
}
