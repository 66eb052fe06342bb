//! Plans and states: their forms, what they leave open, and how their resources hang together.

use std::{fs, path::Path};

use egress_audit::code::{Action, Evaluated, Mode, Node, Resource, Value, Why, document};
use proptest::prelude::*;

use super::{data, read};

fn plan(text: &str) -> Evaluated {
    document("plan.json", text).expect("a plan")
}

fn find<'a>(all: &'a Evaluated, address: &str) -> &'a Resource {
    all.resources.iter().find(|resource| &*resource.address == address).expect("a resource")
}

fn mentions(node: &Node) -> Vec<String> {
    node.unknown().expect("unknown").mentions.iter().map(ToString::to_string).collect()
}

const PLAN: &str = r#"{"format_version": "1.2", "terraform_version": "1.11.4", "complete": true, "resource_changes": [
  {"address": "aws_vpc.v", "mode": "managed", "type": "aws_vpc", "provider_name": "registry.terraform.io/hashicorp/aws",
   "change": {"actions": ["no-op"], "after": {"id": "vpc-1", "cidr_block": "10.0.0.0/16"}}},
  {"address": "module.net[0].aws_subnet.s[0]", "mode": "managed", "type": "aws_subnet",
   "change": {"actions": ["create"], "after": {"vpc_id": "vpc-1", "secret": "x"}, "after_unknown": {"id": true},
              "after_sensitive": {"secret": true}}},
  {"address": "module.net[0].aws_subnet.s[1]", "mode": "managed", "type": "aws_subnet",
   "change": {"actions": ["delete", "create"], "after": {"vpc_id": "vpc-1"}, "after_unknown": {"id": true}}},
  {"address": "module.net[0].aws_nat.n[1]", "mode": "managed", "type": "aws_nat",
   "change": {"actions": ["create"], "after": {}, "after_unknown": {"subnet_id": true}}},
  {"address": "module.net[0].aws_nat.n[0]", "mode": "managed", "type": "aws_nat",
   "change": {"actions": ["create"], "after": {}, "after_unknown": {"subnet_id": true}}},
  {"address": "aws_lambda_function.f", "mode": "managed", "type": "aws_lambda_function",
   "change": {"actions": ["update"], "after": {"vpc_config": [{"subnet_ids": [null]}]},
              "after_unknown": {"vpc_config": [{"subnet_ids": [true]}], "arn": true}}},
  {"address": "aws_old.gone", "mode": "managed", "type": "aws_old", "change": {"actions": ["delete"], "after": null}},
  {"address": "aws_old.left", "mode": "managed", "type": "aws_old", "change": {"actions": ["forget"], "after": null}},
  {"address": "aws_old.deposed", "deposed": "1234", "mode": "managed", "type": "aws_old",
   "change": {"actions": ["create"], "after": {}}}],
 "prior_state": {"values": {"root_module": {"resources": [
   {"address": "data.aws_region.r", "mode": "data", "type": "aws_region", "values": {"name": "eu-west-1"}},
   {"address": "aws_old.gone", "mode": "managed", "type": "aws_old", "values": {}}]}}},
 "configuration": {
  "provider_config": {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "eu-west-1"},
                                                             "profile": {"references": ["var.profile"]}}}},
  "root_module": {
   "resources": [
    {"address": "aws_vpc.v", "provider_config_key": "aws", "expressions": {"cidr_block": {"constant_value": "10.0.0.0/16"}}},
    {"address": "aws_lambda_function.f", "provider_config_key": "aws",
     "expressions": {"vpc_config": [{"subnet_ids": {"references": ["module.net[0].ids", "module.net[0]", "module.net"]}}]}}],
   "module_calls": {"net": {"expressions": {"vpc": {"references": ["aws_vpc.v.id", "aws_vpc.v"]}}, "module": {
    "outputs": {"ids": {"expression": {"references": ["aws_subnet.s[0].id", "aws_subnet.s[0]", "aws_subnet.s"]}}},
    "resources": [
     {"address": "aws_subnet.s", "expressions": {"vpc_id": {"references": ["var.vpc"]}}},
     {"address": "aws_nat.n", "expressions": {"subnet_id": {"references": ["aws_subnet.s", "count.index"]}}}]}}}}}}"#;

#[test]
fn what_is_deleted_forgotten_or_deposed_is_not_in_the_estate() {
    let all = plan(PLAN);
    assert!(all.resources.iter().all(|resource| &*resource.kind != "aws_old"));
    assert_eq!(find(&all, "aws_vpc.v").action, Some(Action::Nothing));
    assert_eq!(find(&all, "module.net[0].aws_subnet.s[1]").action, Some(Action::Replace));
    let region = find(&all, "data.aws_region.r");
    assert_eq!((region.mode, region.action), (Mode::Data, Some(Action::Read)));
}

#[test]
fn resources_are_linked_through_modules_by_address() {
    let all = plan(PLAN);
    let subnet = find(&all, "module.net[0].aws_subnet.s[0]");
    let vpc = subnet.body.get("vpc_id").expect("set");
    assert_eq!(vpc.is.as_ref().expect("linked").to_string(), "aws_vpc.v.id");
    let function = find(&all, "aws_lambda_function.f");
    let subnets = function.body.get("vpc_config").and_then(|blocks| blocks.blocks()[0].get("subnet_ids")).expect("set");
    assert_eq!(mentions(&subnets.blocks()[0]), ["module.net[0].aws_subnet.s[0].id"]);
    // Both sides are counted alike: each by its own.
    for index in 0..2 {
        let nat = find(&all, &format!("module.net[0].aws_nat.n[{index}]"));
        assert_eq!(mentions(nat.body.get("subnet_id").expect("set")), [format!("module.net[0].aws_subnet.s[{index}]")]);
    }
}

#[test]
fn secrets_are_marked_and_never_shown_and_providers_keep_what_is_written() {
    let all = plan(PLAN);
    let subnet = find(&all, "module.net[0].aws_subnet.s[0]");
    let secret = subnet.body.get("secret").expect("set");
    assert!(secret.sensitive && secret.text().is_some_and(|text| &**text == "x"));
    assert!(!format!("{:?}", subnet.body).contains("\"x\""));
    let settings = find(&all, "aws_vpc.v").provider.settings.clone().expect("configured");
    assert_eq!(settings.get("region").and_then(Node::text).map(|text| &**text), Some("eu-west-1"));
    assert_eq!(settings.get("profile").and_then(Node::unknown).map(|unknown| unknown.why), Some(Why::Unsupported));
}

#[test]
fn a_format_that_nobody_knows_is_refused_in_clear_words() {
    let refused = |text: &str| document("x.json", text).expect_err("refused").to_string();
    assert_eq!(
        refused(r#"{"format_version": "2.0", "resource_changes": []}"#),
        "`x.json` is a plan of format 2.0, and this version reads 0.x and 1.x"
    );
    assert_eq!(
        refused(r#"{"version": 3, "lineage": "a", "modules": []}"#),
        "`x.json` is a file of state of format 3, and this version reads 4"
    );
    assert!(refused("{}").contains("`terraform show -json` writes both"));
    assert!(refused("[1").contains("line 1"));
    assert!(refused(r#"{"format_version": "1.2", "format_version": "1.2"}"#).contains("neither"));
}

#[test]
fn a_state_skips_what_is_deposed_and_marks_what_is_secret() {
    let all = document(
        "terraform.tfstate",
        r#"{"version": 4, "lineage": "x", "outputs": {"o": {"value": "hidden", "sensitive": true}}, "resources": [
          {"module": "module.m[\"a\"]", "mode": "managed", "type": "aws_db", "name": "d",
           "provider": "module.m.provider[\"registry.terraform.io/hashicorp/aws\"].east", "instances": [
            {"index_key": "k", "attributes": {"password": "p", "tags": [{"v": "s"}]},
             "sensitive_attributes": [[{"type": "get_attr", "value": "password"}],
               [{"type": "get_attr", "value": "tags"}, {"type": "index", "value": {"value": 0, "type": "number"}}]]},
            {"index_key": "k", "deposed": "1", "attributes": {}},
            {"index_key": "old", "attributes_flat": {"a": "b"}}]}]}"#,
    )
    .expect("a state");
    let [resource] = &all.resources[..] else { unreachable!("{:?}", all.resources) };
    assert_eq!(&*resource.address, "module.m[\"a\"].aws_db.d[\"k\"]");
    assert_eq!((&*resource.provider.name, &*resource.provider.alias), ("aws", "east"));
    assert!(resource.body.get("password").expect("set").sensitive);
    assert!(resource.body.get("tags").expect("set").blocks()[0].sensitive);
    assert!(all.outputs[&(String::new(), "o".to_owned())].sensitive);
    assert_eq!(all.gaps.len(), 1, "{:?}", all.gaps);
}

/// Counts the leaves of a tree: all, those that are not known, and those of them that hang on a resource.
fn leaves(node: &Node, counts: &mut [usize; 3]) {
    match &node.value {
        Value::List(list) => list.iter().for_each(|node| leaves(node, counts)),
        Value::Map(map) => map.values().for_each(|node| leaves(node, counts)),
        Value::Unknown(unknown) => {
            counts[0] += 1;
            counts[1] += 1;
            counts[2] += usize::from(!unknown.mentions.is_empty());
        }
        _ => counts[0] += 1,
    }
}

#[test]
#[ignore = "reads the plans of third parties, which are not part of this repository: EGRESS_AUDIT_PLANS names their folder"]
fn every_plan_of_a_corpus_is_read_without_a_gap() {
    let folder = std::env::var("EGRESS_AUDIT_PLANS").expect("EGRESS_AUDIT_PLANS names a folder of plans");
    let (mut plans, mut resources, mut counts) = (0, 0, [0; 3]);
    for entry in fs::read_dir(Path::new(&folder)).expect("a folder") {
        let all = read(&entry.expect("an entry").path());
        assert!(all.gaps.is_empty(), "{:?}", all.gaps);
        plans += 1;
        resources += all.resources.len();
        all.resources.iter().for_each(|resource| leaves(&resource.body, &mut counts));
    }
    println!("{plans} plans, {resources} resources, leaves, unknown, linked: {counts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_cut_and_no_change_of_a_plan_or_a_state_makes_the_reader_panic(
        seed in 1..5_usize, which in 0..2_usize, cut in 0.0..1.0_f64, with in "[\\[\\]{}\",:0-9a-z]{0,3}", whole in any::<bool>(),
    ) {
        let name = ["plan.json", "state.json"][which];
        let text = fs::read_to_string(data().join(format!("seeds/seed{seed}")).join(name)).expect("a file");
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a text")]
        let at = (text.len() as f64 * cut) as usize;
        let (before, behind) = text.split_at_checked(at).unwrap_or((&text, ""));
        let _ = document(name, &format!("{before}{with}{}", if whole { behind } else { "" }));
    }

    #[test]
    fn whatever_stands_in_the_place_of_a_part_of_a_plan_it_is_read(
        path in proptest::sample::select(&PARTS[..]), by in proptest::sample::select(&["null", "1", "\"x\"", "[]", "{}", "[{}]", "true", "[[1]]"][..]),
    ) {
        let mut json: serde_json::Value = serde_json::from_str(PLAN).expect("JSON");
        if let Some(part) = json.pointer_mut(path) {
            *part = serde_json::from_str(by).expect("JSON");
        }
        let _ = document("plan.json", &json.to_string());
    }
}

const PARTS: [&str; 16] = [
    "/resource_changes",
    "/resource_changes/0",
    "/resource_changes/0/change",
    "/resource_changes/0/change/actions",
    "/resource_changes/1/address",
    "/resource_changes/1/change/after",
    "/resource_changes/1/change/after_unknown",
    "/resource_changes/1/change/after_sensitive",
    "/resource_changes/5/change/after_unknown/vpc_config",
    "/prior_state/values/root_module/resources",
    "/configuration",
    "/configuration/provider_config/aws",
    "/configuration/root_module/resources/1/expressions",
    "/configuration/root_module/resources/1/expressions/vpc_config",
    "/configuration/root_module/module_calls/net",
    "/configuration/root_module/module_calls/net/module/outputs/ids",
];
