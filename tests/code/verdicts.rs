//! What the rules say of infrastructure code: the same for a folder, its plan and its state; and never a pass for what
//! nobody knows.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::LazyLock,
};

use egress_audit::{
    code::{Evaluated, Options, document, folder},
    decode::decode,
    graph::{Graph, resolve},
    report::{Keep, Outcome, report},
    rule::RuleSet,
    snapshot::Snapshot,
    source::declared,
};
use jiff::Timestamp;

use crate::data;

// The stand-ins for what Terraform has not made yet are words in parentheses, here as in the records.

pub(crate) static RULES: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::embedded().expect("the rules are sound"));

/// What is changed in a text, and the rules that it is about.
pub(crate) type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

/// Verdicts by rule, subject and element.
pub(crate) type Verdicts = BTreeMap<(String, String, Option<String>), Outcome>;

pub(crate) fn snapshot(code: &Evaluated) -> Snapshot {
    let mut snapshot = declared(code, "2026-11-22T00:00:00Z".parse::<Timestamp>().expect("a time"));
    snapshot.sort();
    snapshot
}

pub(crate) fn graph(code: &Evaluated) -> Graph {
    resolve(&decode(&snapshot(code)))
}

/// The verdicts, and whether nothing is open.
pub(crate) fn judged(code: &Evaluated) -> (Verdicts, bool) {
    let snapshot = snapshot(code);
    let graph = resolve(&decode(&snapshot));
    let report = report(Vec::new(), &snapshot, &graph, &RULES, None, None, Keep::Everything);
    let all = report.findings.iter().chain(&report.rest);
    let verdicts = all.map(|it| ((it.rule.clone(), it.subject.id.clone(), it.element.clone()), it.verdict)).collect();
    (verdicts, report.complete())
}

pub(crate) fn verdicts(code: &Evaluated) -> Verdicts {
    judged(code).0
}

/// The rules that fail.
pub(crate) fn failed(code: &Evaluated) -> BTreeSet<String> {
    let all = verdicts(code).into_iter();
    all.filter(|(_, verdict)| *verdict == Outcome::Fail).map(|((rule, ..), _)| rule).collect()
}

/// The rules that could not be evaluated.
pub(crate) fn open(code: &Evaluated) -> BTreeSet<String> {
    let all = verdicts(code).into_iter();
    all.filter(|(_, verdict)| *verdict == Outcome::NotEvaluated).map(|((rule, ..), _)| rule).collect()
}

pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(data().join(path)).expect("a file")
}

/// A folder of one file.
pub(crate) fn written(main: &str) -> Evaluated {
    folder(&BTreeMap::from([("main.tf".to_owned(), main.to_owned())]), &Options::default())
}

pub(crate) fn seed(number: usize) -> Evaluated {
    written(&text(&format!("seeds/seed{number}/main.tf")))
}

pub(crate) fn sound() -> String {
    text("google/sound/main.tf")
}

/// The code that is in order, with parts of it changed.
fn changed(changes: &[(&str, &str)]) -> Evaluated {
    let mut main = sound();
    for (from, to) in changes {
        assert!(main.contains(from), "{from}");
        main = main.replace(from, to);
    }
    written(&main)
}

#[test]
fn code_that_is_in_order_has_no_finding_and_no_open_question() {
    let (verdicts, complete) = judged(&written(&sound()));
    assert!(complete, "{verdicts:#?}");
    assert!(verdicts.values().all(|it| matches!(it, Outcome::Pass | Outcome::NotApplicable)), "{verdicts:#?}");
    assert!(verdicts.values().filter(|it| **it == Outcome::Pass).count() > 20);
}

#[test]
fn an_address_that_is_known_after_the_apply_alone_is_static_before_it() {
    for code in [written(&sound()), seed(1), state(1)] {
        let graph = graph(&code);
        let verdicts: Vec<_> = graph.workloads.iter().map(|workload| workload.egress.verdict.as_str()).collect();
        assert_eq!(verdicts, ["static"]);
    }
}

#[test]
fn what_is_broken_breaks_its_rules_and_no_others() {
    let cases: [Case<'_>; 14] = [
        (&[("\"ALL_TRAFFIC\"", "\"PRIVATE_RANGES_ONLY\"")], &["private-ranges-only-egress", "idle-nat"]),
        (&[("egress = \"ALL_TRAFFIC\"", "")], &["private-ranges-only-egress", "idle-nat"]),
        (
            &[("name    = \"shop\"\n  network", "name    = \"shop\"\n  region = \"europe-west1\"\n  network")],
            &["broken-egress-path"],
        ),
        (
            &[
                ("nat_ip_allocate_option             = \"MANUAL_ONLY\"", "nat_ip_allocate_option = \"AUTO_ONLY\""),
                ("nat_ips                            = google_compute_address.exit.*.self_link", ""),
            ],
            &["automatic-nat-address", "unused-nat-address"],
        ),
        (
            &[(
                "source_ip_ranges_to_nat = [\"ALL_IP_RANGES\"]",
                "source_ip_ranges_to_nat = [\"LIST_OF_SECONDARY_IP_RANGES\"]",
            )],
            &["broken-egress-path"],
        ),
        (&[("enable = true", "enable = false")], &["nat-without-logging"]),
        (&[("INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "INGRESS_TRAFFIC_ALL")], &["open-ingress"]),
        (&[("google_service_account.caller.member", "\"allUsers\"")], &["latent-anonymous-invocation"]),
        (
            &[
                ("google_service_account.caller.member", "\"allUsers\""),
                ("INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "INGRESS_TRAFFIC_ALL"),
            ],
            &["anonymous-invocation", "open-ingress"],
        ),
        (&[("rotation_period = \"7776000s\"", "")], &["unrotated-key"]),
        (&[("serverless-robot-prod", "gcf-admin-robot")], &["key-permission-missing"]),
        (
            &[(
                "location = \"us-central1\"\n}\nresource \"google_kms_crypto_key\"",
                "location = \"europe-west1\"\n}\nresource \"google_kms_crypto_key\"",
            )],
            &["key-in-another-place"],
        ),
        (&[("service_account = google_service_account.orders.email", "")], &["default-runtime-identity"]),
        (
            &[(
                "data \"google_project\"",
                "resource \"google_service_account_key\" \"file\" {\n  service_account_id = google_service_account.caller.name\n}\ndata \"google_project\"",
            )],
            &["invoker-key"],
        ),
    ];
    let mut wrong = Vec::new();
    for (changes, rules) in cases {
        let code = changed(changes);
        let expected: BTreeSet<String> = rules.iter().map(ToString::to_string).collect();
        // What the platform granted to its own account is in no code.
        let own: &[&str] =
            if rules.contains(&"default-runtime-identity") { &["privileged-runtime-identity"] } else { &[] };
        if failed(&code) != expected || open(&code) != own.iter().map(ToString::to_string).collect() {
            wrong.push(format!("{changes:?}\n  {:?}, open {:?}", failed(&code), open(&code)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A state of a seed. Where a real provider fills its own project and region in, and forms of ids, the stand-in that made
/// these writes words of its own.
fn state(number: usize) -> Evaluated {
    let mut text = text(&format!("seeds/seed{number}/state.json"));
    let own = if number == 1 { "seed-project" } else { "(provider.google.project)" };
    let account = "projects/client-project/serviceAccounts/cloud-invoke-test@client-project.iam.gserviceaccount.com";
    for (from, to) in [
        ("\"echo-name-1d684b52\"", format!("{account:?}").as_str()),
        (r"ExtType\([^/]*\)", own),
        ("echo-project(-[0-9a-f]{8})?", own),
        ("echo-region-[0-9a-f]{8}", "us-central1"),
        ("\"location\": null", "\"location\": \"us-central1\""),
        ("\"echo-[a-z_0-9-]*\"", "null"),
        ("(regions|locations)/us-central1/compute_network/", "global/networks/"),
        ("/compute_address/", "/addresses/"),
        ("/compute_router/", "/routers/"),
        ("(regions|locations)/us-central1/vpc_access_connector/", "locations/us-central1/connectors/"),
        ("/kms_key_ring/", "/keyRings/"),
        ("/kms_crypto_key/", "/keyRings/kr/cryptoKeys/"),
    ] {
        text = regex::Regex::new(from).expect("a pattern").replace_all(&text, to).into_owned();
    }
    document("state.json", &text).expect("a state")
}

/// What fails and what is open, by rule and subject.
pub(crate) fn shown(code: &Evaluated) -> Vec<String> {
    let snapshot = snapshot(code);
    let graph = resolve(&decode(&snapshot));
    let report = report(Vec::new(), &snapshot, &graph, &RULES, None, None, Keep::Everything);
    let line = |it: &egress_audit::report::Finding| {
        format!("{} {} {} {:?} {:?}", it.verdict.as_str(), it.rule, it.subject.name, it.element, it.gaps)
    };
    report.findings.iter().map(line).collect()
}

#[test]
fn a_folder_and_its_plan_give_the_same_verdicts() {
    for number in 1..=3 {
        let plan = document("plan.json", &text(&format!("seeds/seed{number}/plan.json"))).expect("a plan");
        assert_eq!(verdicts(&seed(number)), verdicts(&plan), "seed {number}");
    }
}

#[test]
fn the_seeds_fail_what_they_were_made_to_fail() {
    let expected: [(&[&str], &[&str]); 3] = [
        (
            &["anonymous-invocation", "default-runtime-identity", "open-ingress", "plaintext-trigger"],
            &["privileged-runtime-identity"],
        ),
        (
            &[
                "anonymous-invocation",
                "default-runtime-identity",
                "key-permission-missing",
                "open-ingress",
                "unrotated-key",
            ],
            &[
                "broken-egress-path",
                "ephemeral-egress-address",
                "ipv6-beside-nat",
                "private-ranges-only-egress",
                "privileged-runtime-identity",
                "uneven-egress",
            ],
        ),
        (
            &["default-runtime-identity", "deprecated-runtime", "invoker-key", "plaintext-trigger"],
            &["privileged-runtime-identity"],
        ),
    ];
    for (number, (fails, opens)) in (1..).zip(expected) {
        let code = seed(number);
        assert_eq!(failed(&code).iter().collect::<Vec<_>>(), fails, "seed {number}");
        assert_eq!(open(&code).iter().collect::<Vec<_>>(), opens, "seed {number}");
    }
}

#[test]
fn a_state_gives_the_verdicts_of_its_folder_where_those_were_known() {
    for number in 1..=3 {
        let (before, after) = (verdicts(&seed(number)), verdicts(&state(number)));
        assert_eq!(failed(&seed(number)), failed(&state(number)), "seed {number}: {:#?}", shown(&state(number)));
        for (key, verdict) in &before {
            if matches!(verdict, Outcome::Pass | Outcome::Fail)
                && !matches!(after.get(key), Some(Outcome::NotEvaluated))
            {
                let same = after.get(key) == Some(verdict) || !after.keys().any(|other| other.1 == key.1);
                assert!(
                    same,
                    "seed {number} {key:?}: {verdict:?} became {:?}\n{:#?}",
                    after.get(key),
                    shown(&state(number))
                );
            }
        }
    }
}

#[test]
fn what_others_manage_is_not_evaluated_and_never_a_pass() {
    let network = "google_compute_network.shop.id";
    let subnet = "subnetwork = google_compute_subnetwork.run.id";
    let cases: [Case<'_>; 9] = [
        // By a variable, by a data source, by its name: a subnet that the code does not manage.
        (&[(subnet, "subnetwork = var.subnet")], &["ephemeral-egress-address", "broken-egress-path"]),
        (&[(subnet, "subnetwork = data.google_compute_subnetwork.run.id")], &["ephemeral-egress-address"]),
        (&[(subnet, "subnetwork = \"elsewhere\"")], &["ephemeral-egress-address", "broken-egress-path"]),
        (&[(network, "var.network")], &["ephemeral-egress-address"]),
        (
            &[("nat_ips                            = google_compute_address.exit.*.self_link", "nat_ips = var.ips")],
            &["ephemeral-egress-address"],
        ),
        (
            &[("egress = \"ALL_TRAFFIC\"", "egress = var.mode")],
            &["ephemeral-egress-address", "private-ranges-only-egress"],
        ),
        (
            &[
                ("google_service_account.caller.member", "var.who"),
                ("INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "INGRESS_TRAFFIC_ALL"),
            ],
            &["anonymous-invocation", "any-principal-invocation"],
        ),
        (
            &[("service_account = google_service_account.orders.email", "service_account = var.account")],
            &["default-runtime-identity", "privileged-runtime-identity"],
        ),
        (&[("encryption_key  = google_kms_crypto_key.shop.id", "encryption_key = var.key")], &["unusable-key"]),
    ];
    for (changes, rules) in cases {
        let code = changed(changes);
        let open = open(&code);
        for rule in rules {
            assert!(open.contains(*rule), "{changes:?} {rule}: {open:?}, failed {:?}", failed(&code));
        }
        let allowed = ["unused-nat-address", "idle-nat"].map(str::to_owned);
        assert!(failed(&code).iter().all(|rule| allowed.contains(rule)), "{changes:?} {:?}", failed(&code));
    }
}

#[test]
fn a_member_of_a_known_kind_is_not_everyone_and_may_be_anyone_of_its_kind() {
    let code = changed(&[("google_service_account.caller.member", "\"serviceAccount:${var.who}\"")]);
    let all = verdicts(&code);
    let of = |wanted: &str| all.iter().find(|((rule, ..), _)| rule == wanted).map(|(_, verdict)| *verdict);
    assert_eq!(of("anonymous-invocation"), Some(Outcome::Pass));
    assert_eq!(of("latent-anonymous-invocation"), Some(Outcome::Pass));
    assert_eq!(of("invoker-key"), Some(Outcome::NotEvaluated));
    assert_eq!(of("invoker-impersonation"), Some(Outcome::NotEvaluated));
}

#[test]
fn what_could_not_be_read_of_code_lets_nothing_pass_that_hangs_on_lists_and_hides_nothing_that_was_found() {
    let files = |broken: &str| {
        BTreeMap::from([
            ("main.tf".to_owned(), sound().replace("\"ALL_TRAFFIC\"", "\"PRIVATE_RANGES_ONLY\"")),
            ("nat.tf".to_owned(), broken.to_owned()),
        ])
    };
    for broken in
        ["resource \"google_compute_route\" \"x\" {\n", "module \"net\" {\n  source = \"example.com/net/google\"\n}\n"]
    {
        let code = folder(&files(broken), &Options::default());
        let (verdicts, complete) = judged(&code);
        assert!(!complete);
        let of = |wanted: &str| verdicts.iter().find(|((rule, ..), _)| rule == wanted).map(|(_, verdict)| *verdict);
        assert_eq!(of("private-ranges-only-egress"), Some(Outcome::Fail), "{broken}");
        for rule in ["anonymous-invocation", "latent-anonymous-invocation", "invoker-key"] {
            assert_eq!(of(rule), Some(Outcome::NotEvaluated), "{broken} {rule}");
        }
        let snapshot = snapshot(&code);
        let gap = snapshot.gaps.iter().find(|gap| gap.kind == "code").expect("a gap");
        assert!(gap.call.contains("nat.tf") || gap.call.contains("net"), "{gap:?}");
    }
}

#[test]
fn how_many_there_are_is_not_known_where_a_count_is_not() {
    let code = changed(&[(
        "resource \"google_cloud_run_v2_service_iam_member\" \"caller\" {",
        "resource \"google_cloud_run_v2_service_iam_member\" \"caller\" {\n  count = var.n",
    )]);
    assert!(open(&code).contains("anonymous-invocation"), "{:?}", open(&code));
    let code = changed(&[(
        "resource \"google_compute_router_nat\" \"shop\" {",
        "resource \"google_compute_router_nat\" \"shop\" {\n  count = var.n",
    )]);
    assert!(open(&code).contains("broken-egress-path"), "{:?}", open(&code));
    let code = changed(&[(
        "resource \"google_cloud_run_v2_service\" \"orders\" {",
        "resource \"google_cloud_run_v2_service\" \"orders\" {\n  count = var.n",
    )]);
    assert!(!judged(&code).1);
}

#[test]
fn instances_whose_names_nobody_knows_are_told_apart_by_address() {
    let main = "resource \"random_id\" \"x\" { byte_length = 2 }
        resource \"google_cloud_run_v2_service\" \"s\" {
          for_each = { open = \"INGRESS_TRAFFIC_ALL\", shut = \"INGRESS_TRAFFIC_ALL\" }
          name     = \"${each.key}-${random_id.x.hex}\"
          location = \"europe-west1\"
          project  = \"p\"
          ingress  = each.value
          template {}
        }
        resource \"google_cloud_run_v2_service_iam_member\" \"all\" {
          name   = google_cloud_run_v2_service.s[\"open\"].name
          role   = \"roles/run.invoker\"
          member = \"allUsers\"
        }";
    let all = verdicts(&written(main));
    let of = |key: &str| {
        let mut own = all.iter().filter(|((rule, id, _), _)| rule == "anonymous-invocation" && id.contains(key));
        own.next().map(|(_, verdict)| *verdict)
    };
    assert_eq!((of("open"), of("shut")), (Some(Outcome::Fail), Some(Outcome::Pass)), "{all:#?}");
}

#[test]
fn what_a_plan_does_not_know_and_the_code_writes_is_no_default_of_the_provider() {
    let plan = |expression: &str| {
        let text = r#"{"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": [{
            "address": "google_cloud_run_v2_service.s[\"a\"]", "mode": "managed", "type": "google_cloud_run_v2_service",
            "name": "s", "index": "a", "provider_name": "registry.terraform.io/hashicorp/google",
            "change": {"actions": ["create"], "before": null, "after": {"name": "s", "project": "p", "location": "r",
                "template": [{"containers": []}]}, "after_unknown": {"template": [{"service_account": true}]}}}],
            "configuration": {"root_module": {"resources": [{
                "address": "google_cloud_run_v2_service.s", "mode": "managed", "type": "google_cloud_run_v2_service",
                "name": "s", "expressions": {"template": [{EXPRESSION}]}}]}}}"#;
        document("plan.json", &text.replace("EXPRESSION", expression)).expect("a plan")
    };
    let default = "default-runtime-identity";
    assert!(failed(&plan("")).contains(default));
    for expression in
        [r#""service_account": {"references": ["each.value.account", "each.value"]}"#, r#""service_account": {}"#]
    {
        let code = plan(expression);
        assert!(open(&code).contains(default) && !failed(&code).contains(default), "{:?}", shown(&code));
    }
}
