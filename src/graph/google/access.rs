//! Who holds a permission on something: by its own policy, and by those of everything above it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{
    condition::{self, Asked},
    place::project_of,
    principal::{Principal, PrincipalKind},
};
use crate::{
    evidence::{Gap, GapReason, Known},
    knowledge::role_holds,
    model::{
        Table,
        google::{Google, Policy},
    },
    snapshot::{
        ScopeId,
        unknown::{holds_placeholder, same},
    },
};

/// Where a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// On the resource itself.
    Resource,
    /// On the key ring of a key.
    KeyRing,
    /// On the project.
    Project,
    /// On a folder above it.
    Folder,
    /// On the organisation.
    Organization,
}

impl Level {
    /// As facts name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resource => "resource",
            Self::KeyRing => "key-ring",
            Self::Project => "project",
            Self::Folder => "folder",
            Self::Organization => "organization",
        }
    }
}

/// A grant of a role that may hold what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// To whom.
    pub principal: Principal,
    /// The role.
    pub role: String,
    /// Where it stands.
    pub level: Level,
    /// The canonical name of that.
    pub on: String,
    /// The expression under which it holds.
    pub condition: Option<String>,
    /// Whether the role holds the permission and the condition is met; never known to be false.
    pub holds: Known<bool>,
}

/// The grants of a permission, and why there may be others.
#[derive(Debug, Clone, Default)]
pub(super) struct Grants {
    /// Those that hold, or may.
    pub(super) list: Vec<Grant>,
    /// What was not read of the policies.
    pub(super) gap: Option<Gap>,
}

impl Grants {
    /// Whether somebody of these holds the permission.
    pub(super) fn any(&self, fits: impl Fn(&Principal) -> Known<bool>) -> Known<bool> {
        let listed = self.list.iter().map(|grant| fits(&grant.principal).and(grant.holds.clone()));
        let known = listed.fold(Known::Known(false), Known::or);
        match &self.gap {
            Some(gap) => known.or(Known::Unknown(gap.clone())),
            None => known,
        }
    }

    /// Whether everyone does.
    pub(super) fn everyone(&self) -> Known<bool> {
        self.any(|principal| Known::Known(principal.kind == PrincipalKind::Everyone))
    }

    /// Whether a service account does, by itself or because everyone does.
    pub(super) fn account(&self, email: &str) -> Known<bool> {
        let open = [PrincipalKind::Everyone, PrincipalKind::AnyGoogleAccount];
        let is = |principal: &Principal| match principal.account() {
            Some(own) => same(own, email),
            None => Known::Known(open.contains(&principal.kind)),
        };
        self.any(is)
    }
}

/// The policies that decide over something, from its own upwards.
#[derive(Debug, Clone, Default)]
pub(super) struct Chain<'a> {
    levels: Vec<(Level, String, Known<&'a Policy>)>,
    gap: Option<Gap>,
}

impl<'a> Chain<'a> {
    /// A policy of which it is not known what stands above it.
    pub(super) fn unknown(level: Level, on: &str, own: Known<&'a Policy>, gap: Gap) -> Self {
        Self { levels: vec![(level, on.to_owned(), own)], gap: Some(gap) }
    }

    /// The policies, each with its level and what it hangs on.
    pub(super) fn levels(&self) -> impl Iterator<Item = &(Level, String, Known<&'a Policy>)> {
        self.levels.iter()
    }

    /// Why it may lack levels.
    pub(super) fn gap(&self) -> Option<&Gap> {
        self.gap.as_ref()
    }

    /// The same without what stands on the resource itself.
    pub(super) fn above(&self) -> Self {
        let above = self.levels.iter().filter(|(level, ..)| *level > Level::KeyRing);
        Self { levels: above.cloned().collect(), gap: self.gap.clone() }
    }
}

/// Answers questions about policies.
#[derive(Debug)]
pub(in crate::graph) struct Access<'a> {
    pub(super) google: &'a Google,
    at: Timestamp,
    ids: BTreeMap<&'a str, &'a str>,
    /// The numbers of projects, by their ids and by themselves.
    numbers: BTreeMap<&'a str, &'a str>,
}

/// A policy that was asked for; a resource without one has an empty one.
pub(super) fn policy<'a>(table: &'a Table<Option<Policy>>, scope: &ScopeId, name: &str) -> Known<&'a Policy> {
    match table.get(scope, name) {
        Known::Known(Some(Some(policy))) => Known::Known(policy),
        Known::Known(_) => Known::Unknown(Gap::new(format!("the policy of {name}"), GapReason::GoneDuringScan)),
        Known::Unknown(gap) => Known::Unknown(gap),
    }
}

impl<'a> Access<'a> {
    pub(in crate::graph) fn new(google: &'a Google, at: Timestamp) -> Self {
        let projects = google.projects.iter().filter_map(|(_, project)| project.as_ref());
        let ids: BTreeMap<_, _> = projects.map(|project| (project.number.as_str(), project.id.as_str())).collect();
        let mut numbers = BTreeMap::new();
        for (number, id) in &ids {
            numbers.entry(*id).or_insert(*number);
            numbers.entry(*number).or_insert(*number);
        }
        Self { google, at, ids, numbers }
    }

    /// A project's id, by its id or number.
    pub(super) fn project<'p>(&self, project: &'p str) -> &'p str
    where
        'a: 'p,
    {
        self.ids.get(project).copied().unwrap_or(project)
    }

    /// A project's number.
    pub(super) fn number(&self, project: &str) -> Known<&'a str> {
        let gap = || Gap::new(format!("the number of project {project}"), GapReason::NotRead);
        Known::from(self.numbers.get(project).copied().ok_or_else(gap))
    }

    /// The policies above and on something in a project.
    pub(super) fn chain(&self, own: Vec<(Level, String, Known<&'a Policy>)>, project: &str) -> Chain<'a> {
        let project = self.project(project);
        let scope = ScopeId::gcp(project, ScopeId::GLOBAL);
        let name = format!("projects/{project}");
        let mut levels = own;
        levels.push((Level::Project, name.clone(), policy(&self.google.policies.projects, &scope, &name)));
        let ancestry = match self.google.ancestries.get(&scope, &name) {
            Known::Known(Some(Some(ancestors))) => Ok(ancestors),
            Known::Known(_) => Err(Gap::new(format!("what stands above {name}"), GapReason::GoneDuringScan)),
            Known::Unknown(gap) => Err(gap),
        };
        let gap = match ancestry {
            Err(gap) => Some(gap),
            Ok(ancestors) => {
                for ancestor in ancestors.iter().filter(|ancestor| !ancestor.starts_with("projects/")) {
                    let (level, table) = if ancestor.starts_with("folders/") {
                        (Level::Folder, &self.google.policies.folders)
                    } else {
                        (Level::Organization, &self.google.policies.organizations)
                    };
                    let scope = ScopeId::gcp(ancestor, ScopeId::GLOBAL);
                    levels.push((level, ancestor.clone(), policy(table, &scope, ancestor)));
                }
                None
            }
        };
        Chain { levels, gap }
    }

    /// Whether a role holds a permission.
    pub(super) fn role_holds(&self, role: &str, permission: &str) -> Known<bool> {
        if let Some(holds) = role_holds(role, permission) {
            return Known::Known(holds);
        }
        let owner = match role.split_once("/roles/") {
            Some((owner, _)) if owner.starts_with("projects/") => project_of(owner).to_owned(),
            Some((owner, _)) => owner.to_owned(),
            None => ScopeId::GLOBAL.to_owned(),
        };
        match self.google.roles.get(&ScopeId::gcp(owner, ScopeId::GLOBAL), role) {
            Known::Known(Some(Some(role))) => Known::Known(role.permissions.iter().any(|own| own == permission)),
            // One that does not exist grants nothing.
            Known::Known(_) => Known::Known(false),
            Known::Unknown(_) => Known::Unknown(Gap::new(format!("what role {role} holds"), GapReason::NotRead)),
        }
    }

    /// Whether a role of the customer's own grants nothing at all: it is off, deleted, or empty.
    pub(super) fn role_is_off(&self, role: &str) -> Known<bool> {
        let Some((owner, _)) = role.split_once("/roles/") else { return Known::Known(false) };
        let owner = if owner.starts_with("projects/") { project_of(owner) } else { owner };
        match self.google.roles.get(&ScopeId::gcp(owner, ScopeId::GLOBAL), role) {
            Known::Known(role) => {
                Known::Known(role.and_then(Option::as_ref).is_none_or(|role| role.permissions.is_empty()))
            }
            Known::Unknown(_) => Known::Unknown(Gap::new(format!("what role {role} holds"), GapReason::NotRead)),
        }
    }

    /// Every grant of one of these permissions along a chain. `asked` is what conditions see of the resource.
    pub(super) fn grants(&self, chain: &Chain<'a>, permissions: &[&str], asked: Resource<'_>) -> Grants {
        let mut grants = Grants { list: Vec::new(), gap: chain.gap.clone() };
        for (level, on, policy) in &chain.levels {
            let policy = match policy {
                Known::Known(policy) => policy,
                Known::Unknown(gap) => {
                    grants.gap.get_or_insert_with(|| gap.clone());
                    continue;
                }
            };
            if let Some(gap) = &policy.incomplete {
                grants.gap.get_or_insert_with(|| gap.clone());
            }
            for binding in &policy.bindings {
                let holds = permissions.iter().map(|permission| self.role_holds(&binding.role, permission));
                let holds =
                    holds.fold(Known::Known(false), Known::or).and(self.condition(binding.condition.as_deref(), asked));
                if holds == Known::Known(false) {
                    continue;
                }
                grants.list.extend(binding.members.iter().map(|member| Principal::of(member)).filter_map(
                    |principal| {
                        // What was deleted can do nothing.
                        (principal.kind != PrincipalKind::Deleted).then(|| Grant {
                            principal,
                            role: binding.role.clone(),
                            level: *level,
                            on: on.clone(),
                            condition: binding.condition.clone(),
                            holds: holds.clone(),
                        })
                    },
                ));
            }
        }
        grants
    }

    /// Whether the condition of a binding holds; without one it does.
    pub(super) fn condition(&self, condition: Option<&str>, asked: Resource<'_>) -> Known<bool> {
        let Some(condition) = condition else { return Known::Known(true) };
        if holds_placeholder(asked.name) && condition.contains("resource.name") {
            let what = format!("whether {condition} holds for {}", asked.name);
            return Known::Unknown(Gap::new(what, GapReason::UnknownValue));
        }
        condition::holds(condition, Asked { at: self.at, name: asked.name, service: asked.service, kind: asked.kind })
    }
}

/// A resource, as conditions see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resource<'a> {
    /// Its canonical name.
    pub(super) name: &'a str,
    /// Its service.
    pub(super) service: &'a str,
    /// Its type.
    pub(super) kind: &'a str,
}
