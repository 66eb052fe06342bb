//! What the identities of AWS accounts may do by the policies that they hold.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::policy::{Caller, Placed, Request, Statement, Statements, Step, account_of, parse_identity};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{Aws, Identity, IdentityKind, NamedPolicy},
    snapshot::ScopeId,
};

/// What was asked before: an action, who, and the answer.
type Asked = BTreeMap<(&'static str, String), May>;

/// The identities of every account that was read.
#[derive(Debug)]
pub struct Identities {
    people: BTreeMap<String, Person>,
    /// The ARNs of those of each account.
    accounts: BTreeMap<String, BTreeSet<String>>,
    /// Why the lists of an account are not whole; none where they are.
    gaps: BTreeMap<String, Option<Gap>>,
    /// What was asked before of those whose policies speak of everything alike.
    asked: Mutex<Asked>,
    /// What was asked before of whole accounts.
    granting: Mutex<BTreeMap<String, Arc<Granting>>>,
}

/// Those of an account who may not do something, and can let themselves.
#[derive(Debug, Default)]
pub(super) struct Granting {
    /// Those of whom it holds for every resource alike: who, the permission that lets them, and whether it does.
    pub(super) alike: Vec<(String, &'static str, May)>,
    /// The others, by the permission, one resource at a time.
    pub(super) others: Vec<(String, &'static str)>,
}

/// A user or a role, with everything that it holds.
#[derive(Debug)]
struct Person {
    kind: IdentityKind,
    account: String,
    /// Each statement, and the name of the policy that it is in.
    held: Vec<(String, Arc<Statement>)>,
    /// The statements that bound it, where something does.
    bounds: Known<Option<Vec<Arc<Statement>>>>,
    /// What of what it holds was not read or understood.
    gap: Option<Gap>,
}

/// Whether an identity may do something, and by which policies.
#[derive(Debug, Clone)]
pub struct May {
    /// Whether it may.
    pub is: Known<bool>,
    /// The policies by which it may.
    pub by: BTreeSet<String>,
}

/// What is known of an identity beside what others grant it.
#[derive(Debug, Clone)]
pub(super) struct Side {
    /// Whether its own policies let it, within its boundary.
    pub(super) may: May,
    /// Whether one of them denies it.
    pub(super) denied: Known<bool>,
    /// Which do.
    pub(super) denied_by: Vec<String>,
    /// Whether its boundary allows it.
    pub(super) within: Known<bool>,
    /// Whether it is a user.
    pub(super) is_user: bool,
    /// Whether it is there, as far as is known.
    pub(super) exists: bool,
}

/// An identity that may do something.
#[derive(Debug, Clone)]
pub struct Able {
    /// Its ARN.
    pub arn: String,
    /// A user or a role.
    pub kind: IdentityKind,
    /// By which policies; and whether it certainly may.
    pub may: May,
}

impl Identities {
    /// Everything that was read of IAM.
    pub(super) fn of(aws: &Aws) -> Self {
        let (mut people, mut gaps) = (BTreeMap::new(), BTreeMap::new());
        let mut accounts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (scope, _) in aws.functions.iter() {
            let whole = scope.everywhere();
            let lists = [aws.users.incomplete(&whole), aws.roles.incomplete(&whole)];
            gaps.entry(scope.account.clone()).or_insert_with(|| lists.into_iter().flatten().next());
        }
        for (scope, identity) in aws.users.iter().chain(aws.roles.iter()) {
            people.insert(identity.arn.clone(), Person::of(aws, scope, identity));
            accounts.entry(scope.account.clone()).or_default().insert(identity.arn.clone());
        }
        Self { people, accounts, gaps, asked: Mutex::default(), granting: Mutex::default() }
    }

    /// Why nobody can say who of an account may do what; none where everyone was read.
    pub fn gap(&self, account: &str) -> Option<Gap> {
        self.gaps.get(account).cloned().flatten()
    }

    /// Everyone of an account.
    fn of_account(&self, account: &str) -> impl Iterator<Item = (&String, &Person)> + use<'_> {
        let account = self.accounts.get_key_value(account);
        account.into_iter().flat_map(|(account, arns)| {
            let people = arns.iter().filter_map(|arn| self.people.get_key_value(arn));
            people.filter(move |(_, person)| person.account == *account)
        })
    }

    /// Whether an identity may do something to a resource, as far as its own policies go.
    pub(super) fn may(&self, arn: &str, action: &'static str, resource: &str) -> May {
        if let Some(person) = self.people.get(arn) {
            return self.ask(arn, person, action, resource);
        }
        let account = account_of(arn).unwrap_or_default();
        let unread = || Gap::new(format!("the identity policies of {arn}"), GapReason::NotRead);
        let is = match self.gaps.get(account) {
            Some(Some(gap)) => Known::Unknown(gap.clone()),
            Some(None) => Known::Known(false),
            None => Known::Unknown(unread()),
        };
        May { is, by: BTreeSet::new() }
    }

    /// Everything about an identity, or the role of a session, that decides over actions of which all are needed.
    pub(super) fn side(&self, arn: &str, actions: &[&'static str], resource: &str) -> Side {
        let arn = self.role_of(arn).unwrap_or(arn);
        let mut may = May { is: Known::Known(true), by: BTreeSet::new() };
        for action in actions {
            let one = self.may(arn, action, resource);
            may.is = may.is.and(one.is);
            may.by.extend(one.by);
        }
        let Some(person) = self.people.get(arn) else {
            let gap = match &may.is {
                Known::Unknown(gap) => Some(gap.clone()),
                Known::Known(_) => None,
            };
            let open = |when_gone: bool| gap.clone().map_or(Known::Known(when_gone), Known::Unknown);
            let (denied, within, exists) = (open(false), open(true), gap.is_some());
            return Side { may, denied, denied_by: Vec::new(), within, is_user: arn.contains(":user/"), exists };
        };
        let (mut denied, mut denied_by, mut within) = (Known::Known(false), Vec::new(), Known::Known(true));
        for action in actions {
            let (is, by) = person.denies(arn, action, resource);
            denied = denied.or(is);
            denied_by.extend(by);
            within = within.and(person.within(arn, action, resource));
        }
        Side { may, denied, denied_by, within, is_user: person.kind == IdentityKind::User, exists: true }
    }

    /// The role of a session, where it is known.
    fn role_of(&self, session: &str) -> Option<&str> {
        let (_, rest) = session.split_once(":assumed-role/")?;
        let (name, _) = rest.split_once('/')?;
        let account = account_of(session)?;
        let own = self.of_account(account);
        let mut roles = own.map(|(arn, _)| arn.as_str()).filter(|arn| arn.contains(":role/"));
        roles.find(|arn| arn.rsplit('/').next() == Some(name))
    }

    /// Everyone of an account who may have one of these permissions, by which they let themselves do something that they may
    /// not.
    pub(super) fn granting(&self, account: &str, by: &[&'static str], wanted: &'static str) -> Arc<Granting> {
        let before = || self.granting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = before().get(account) {
            return Arc::clone(before);
        }
        let mut found = Granting::default();
        for (arn, person) in self.of_account(account) {
            for action in by.iter().copied().filter(|action| person.mentions(action)) {
                if !person.speaks_of_everything(action) || !person.speaks_of_everything(wanted) {
                    found.others.push((arn.clone(), action));
                    continue;
                }
                let may = person.may(arn, action, "*");
                let is = may.is.and(person.may(arn, wanted, "*").is.negate());
                if is != Known::Known(false) {
                    found.alike.push((arn.clone(), action, May { is, by: may.by }));
                }
            }
        }
        let found = Arc::new(found);
        before().insert(account.to_owned(), Arc::clone(&found));
        found
    }

    /// Everyone of an account who may do something to a resource, or of whom that cannot be said.
    pub fn able(&self, account: &str, action: &'static str, resource: &str) -> Vec<Able> {
        let own = self.of_account(account).filter(|(_, person)| person.mentions(action));
        let able = own.map(|(arn, person)| Able {
            arn: arn.clone(),
            kind: person.kind,
            may: self.ask(arn, person, action, resource),
        });
        able.filter(|able| able.may.is != Known::Known(false)).collect()
    }

    /// Whether a role may do everything, and by which policies.
    pub(super) fn is_administrator(&self, arn: &str) -> May {
        match self.people.get(arn) {
            None => self.may(arn, "iam:CreateUser", "*"),
            Some(person) => {
                let all = person.held.iter().filter(|(_, statement)| statement.allows_everything());
                let by: BTreeSet<String> = all.map(|(name, _)| name.clone()).collect();
                let holds = match &person.gap {
                    Some(gap) if by.is_empty() => Known::Unknown(gap.clone()),
                    _ => Known::Known(!by.is_empty()),
                };
                let everything = |own: &Vec<Arc<Statement>>| own.iter().any(|it| it.allows_everything());
                let within = person.bounds.as_ref().map(|bounds| bounds.as_ref().is_none_or(everything));
                May { is: holds.and(within), by }
            }
        }
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self, arn: &str, person: &Person, action: &'static str, resource: &str) -> May {
        let alike = person.speaks_of_everything(action);
        if alike && let Some(before) = self.asked().get(&(action, arn.to_owned())) {
            return before.clone();
        }
        let answer = person.may(arn, action, resource);
        if alike {
            self.asked().insert((action, arn.to_owned()), answer.clone());
        }
        answer
    }
}

impl Person {
    fn of(aws: &Aws, scope: &ScopeId, identity: &Identity) -> Self {
        let mut person = Self {
            kind: identity.kind,
            account: scope.account.clone(),
            held: Vec::new(),
            bounds: Known::Known(None),
            gap: None,
        };
        let mut inline: Vec<&NamedPolicy> = identity.inline.iter().collect();
        let mut managed: Vec<&String> = identity.managed.iter().collect();
        for name in &identity.groups {
            let groups = aws.groups.list_of(scope, name, |group| group.name == *name && group.account == scope.account);
            let Some(group) = groups.items.first() else {
                let gone = || Gap::new(format!("the group {name} of {}", identity.arn), GapReason::GoneDuringScan);
                person.gap = Some(groups.incomplete.unwrap_or_else(gone));
                continue;
            };
            inline.extend(&group.inline);
            managed.extend(&group.managed);
        }
        for policy in inline {
            match parse_identity(&policy.text) {
                Ok(list) => person.held.extend(list.into_iter().map(|statement| (policy.name.clone(), statement))),
                Err(why) => person.gap = Some(malformed(&policy.name, &identity.arn, why)),
            }
        }
        for arn in managed {
            match statements(aws, scope, arn, &identity.arn) {
                Ok((name, list)) => person.held.extend(list.into_iter().map(|statement| (name.clone(), statement))),
                Err(gap) => person.gap = Some(gap),
            }
        }
        if let Some(arn) = &identity.boundary {
            match statements(aws, scope, arn, &identity.arn) {
                Ok((_, list)) => person.bounds = Known::Known(Some(list)),
                Err(gap) => person.bounds = Known::Unknown(gap),
            }
        }
        person
    }

    fn mentions(&self, action: &str) -> bool {
        self.gap.is_some() || self.held.iter().any(|(_, statement)| statement.allow && statement.mentions(action))
    }

    /// Whether all that it holds about an action is about every resource alike.
    fn speaks_of_everything(&self, action: &str) -> bool {
        let bounds = match &self.bounds {
            Known::Known(bounds) => bounds.iter().flatten(),
            Known::Unknown(_) => return false,
        };
        let all = self.held.iter().map(|(_, statement)| statement).chain(bounds);
        all.filter(|statement| statement.mentions(action)).all(|statement| statement.is_about_everything())
    }

    fn may(&self, arn: &str, action: &'static str, resource: &str) -> May {
        let request = self.request(arn, action);
        let relevant: Vec<&(String, Arc<Statement>)> =
            self.held.iter().filter(|(_, statement)| statement.mentions(action)).collect();
        let held = placed(resource, relevant.iter().map(|(_, statement)| statement));
        let decision = held.ask(&request);
        let mut is = held.known(decision.truth);
        if let Some(gap) = &self.gap {
            // What was not read may allow or deny.
            is = Known::Unknown(gap.clone());
        }
        let is = is.and(self.within(arn, action, resource));
        let by = decision.by.iter().filter_map(|at| relevant.get(*at)).map(|(name, _)| name.clone()).collect();
        May { is, by }
    }

    /// Whether its boundary allows something.
    fn within(&self, arn: &str, action: &'static str, resource: &str) -> Known<bool> {
        match &self.bounds {
            Known::Known(None) => Known::Known(true),
            Known::Known(Some(bounds)) => {
                let within = placed(resource, bounds.iter());
                within.known(within.ask(&self.request(arn, action)).truth)
            }
            Known::Unknown(gap) => Known::Unknown(gap.clone()),
        }
    }

    /// Whether a policy that it holds, or its boundary, denies something outright; and which.
    fn denies(&self, arn: &str, action: &'static str, resource: &str) -> (Known<bool>, Vec<String>) {
        let request = self.request(arn, action);
        let bounds = self.bounds.as_ref().into_result().ok().into_iter().flatten().flatten();
        let boundary = || "its permissions boundary".to_owned();
        let held = self.held.iter().map(|(name, statement)| (name.clone(), statement));
        let all = held.chain(bounds.map(|statement| (boundary(), statement)));
        let (mut is, mut by) = (Known::Known(false), Vec::new());
        for (name, statement) in all.filter(|(_, statement)| !statement.allow && statement.mentions(action)) {
            let alone = placed(resource, std::iter::once(statement));
            let denied = alone.known(alone.denies(&request));
            if denied == Known::Known(true) {
                by.push(name);
            }
            is = is.or(denied);
        }
        let unread = self.gap.clone().into_iter().chain(self.bounds.as_ref().into_result().err());
        let is = unread.fold(is, |is, gap| is.or(Known::Unknown(gap)));
        (is, by)
    }

    fn request(&self, arn: &str, action: &'static str) -> Request {
        let caller = Caller::Aws { account: Some(self.account.clone()), name: Some(arn.to_owned()) };
        Request::new(caller, vec![Step::api(action)])
    }
}

/// Statements as if they stood in the policy of a resource.
fn placed<'a, 'b>(resource: &'a str, statements: impl Iterator<Item = &'b Arc<Statement>>) -> Statements<'a> {
    let list = statements.map(|statement| Placed { arn: resource, statement: Arc::clone(statement) }).collect();
    Statements { arn: resource, list }
}

/// The statements of a managed policy, with its name.
fn statements(aws: &Aws, scope: &ScopeId, arn: &str, of: &str) -> Result<(String, Vec<Arc<Statement>>), Gap> {
    let unread = |why| Gap::new(format!("the policy {arn} of {of}"), why);
    match aws.managed_policies.get(scope, arn) {
        Known::Unknown(gap) => Err(gap),
        Known::Known(None) => Err(unread(GapReason::GoneDuringScan)),
        Known::Known(Some(policy)) => {
            let list = parse_identity(&policy.text).map_err(|why| malformed(&policy.name, of, why))?;
            Ok((policy.name.clone(), list))
        }
    }
}

fn malformed(policy: &str, of: &str, why: String) -> Gap {
    Gap::new(format!("the policy {policy} of {of}"), GapReason::Malformed).with_detail(why)
}
