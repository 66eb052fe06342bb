//! Folders: instances, blocks, modules, providers, comments, and what is not known of them.

use std::{collections::BTreeMap, fs};

use egress_audit::{
    code::{Disk, Evaluated, Node, Options, Resource, Shape, Value, VarFile, Why, folder},
    evidence::GapReason,
};
use proptest::prelude::*;

use super::data;

fn of(files: &[(&str, &str)]) -> Evaluated {
    let files: BTreeMap<String, String> =
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    folder(&files, &Options::default())
}

fn find<'a>(all: &'a Evaluated, address: &str) -> &'a Resource {
    all.resources.iter().find(|resource| &*resource.address == address).expect("a resource")
}

fn get<'a>(resource: &'a Resource, name: &str) -> &'a Node {
    resource.body.get(name).expect("an attribute")
}

fn is(node: &Node) -> String {
    node.is.as_ref().expect("linked").to_string()
}

#[test]
fn an_attribute_knows_whose_it_is_whether_or_not_its_value_is_known() {
    let all = of(&[(
        "main.tf",
        r#"
        resource "google_compute_router" "r" { name = "router" }
        resource "google_compute_router_nat" "n" {
          router = google_compute_router.r.name
          id_of  = google_compute_router.r.id
          member = "serviceAccount:${google_service_account.a.email}"
        }
        resource "google_service_account" "a" { account_id = "a" }
        "#,
    )]);
    let nat = find(&all, "google_compute_router_nat.n");
    let router = get(nat, "router");
    assert_eq!(
        (router.text().map(|text| &**text), is(router)),
        (Some("router"), "google_compute_router.r.name".into())
    );
    assert_eq!(is(get(nat, "id_of")), "google_compute_router.r.id");
    let member = get(nat, "member").unknown().expect("unknown");
    assert_eq!(member.only_mention().expect("one").to_string(), "google_service_account.a.email");
    let Some(Shape::Text(pieces)) = &member.shape else { unreachable!("{member:?}") };
    assert_eq!(pieces[0].text().map(|text| &**text), Some("serviceAccount:"));
    assert_eq!(is(&pieces[1]), "google_service_account.a.email");
    assert_eq!(router.place.as_ref().map(|place| (place.line, place.column)), Some((4, 20)));
}

#[test]
fn instances_whose_number_nobody_knows_are_one_that_stands_for_all() {
    let all = of(&[(
        "main.tf",
        r#"
        variable "zones" {}
        variable "create" { type = bool }
        resource "aws_subnet" "s" {
          for_each = var.zones
          zone     = each.key
        }
        resource "aws_nat_gateway" "n" {
          count     = var.create ? 1 : 0
          subnet_id = aws_subnet.s["a"].id
        }
        resource "aws_route" "r" { nat = aws_nat_gateway.n[0].id }
        resource "aws_route" "all" { nats = aws_nat_gateway.n[*].id }
        "#,
    )]);
    let nat = find(&all, "aws_nat_gateway.n[*]");
    assert!(nat.symbolic && find(&all, "aws_subnet.s[*]").symbolic);
    assert_eq!(is(get(nat, "subnet_id")), "aws_subnet.s[*].id");
    assert_eq!(is(get(find(&all, "aws_route.r"), "nat")), "aws_nat_gateway.n[*].id");
    let nats = get(find(&all, "aws_route.all"), "nats").unknown().expect("unknown");
    assert_eq!((nats.why, nats.mentions.len()), (Why::Instances, 1));
    assert!(all.gaps.is_empty(), "{:?}", all.gaps);
}

#[test]
fn dynamic_blocks_are_blocks_and_an_unknown_stands_for_any_number_of_them() {
    let all = of(&[(
        "main.tf",
        r#"
        variable "hidden" {}
        resource "aws_security_group" "known" {
          egress { cidr_blocks = ["10.0.0.0/8"] }
          dynamic "egress" {
            for_each = { web = 443, dns = 53 }
            iterator = port
            content {
              description = port.key
              to_port     = port.value
              dynamic "inner" {
                for_each = [1, 2]
                content { sum = inner.value + port.value }
              }
            }
          }
        }
        resource "aws_security_group" "open" {
          egress { to_port = 1 }
          dynamic "egress" {
            for_each = var.hidden
            content { to_port = egress.value }
          }
        }
        resource "aws_x" "x" { size = length(aws_security_group.open.egress) }
        "#,
    )]);
    let blocks = get(find(&all, "aws_security_group.known"), "egress").blocks();
    assert_eq!(blocks.len(), 3);
    assert_eq!(blocks[1].get("description").and_then(Node::text).map(|text| &**text), Some("dns"));
    let inner = blocks[2].get("inner").expect("nested").blocks();
    assert_eq!(
        inner[1].get("sum"),
        Some(&Node { place: inner[1].get("sum").expect("set").place.clone(), ..Value::Number(445_i64.into()).into() })
    );
    let open = get(find(&all, "aws_security_group.open"), "egress").blocks();
    assert_eq!(open.len(), 2);
    assert_eq!(open[1].unknown().map(|unknown| unknown.why), Some(Why::Instances));
    assert!(get(find(&all, "aws_x.x"), "size").unknown().is_some());
}

#[test]
fn policy_documents_are_computed_from_their_own_arguments() {
    let all = of(&[(
        "main.tf",
        r#"
        data "aws_iam_policy_document" "open" {
          statement {
            sid       = "Call"
            actions   = ["lambda:InvokeFunction"]
            resources = ["*"]
            principals {
              type        = "AWS"
              identifiers = ["*"]
            }
            condition {
              test     = "StringEquals"
              variable = "aws:PrincipalOrgID"
              values   = ["o-1"]
            }
          }
        }
        data "aws_iam_policy_document" "hidden" {
          source_policy_documents = [data.aws_iam_policy_document.open.json]
          statement {
            actions   = ["s3:*", "sqs:*"]
            resources = [aws_s3_bucket.b.arn]
          }
        }
        resource "aws_s3_bucket" "b" {}
        data "google_iam_policy" "p" {
          binding {
            role    = "roles/run.invoker"
            members = ["allUsers"]
          }
        }
        resource "x" "y" {
          a = data.aws_iam_policy_document.open.json
          b = data.aws_iam_policy_document.hidden.json
          c = data.google_iam_policy.p.policy_data
          d = data.aws_caller_identity.me.account_id
        }
        data "aws_caller_identity" "me" {}
        "#,
    )]);
    let made = find(&all, "x.y");
    let json = |name: &str| -> serde_json::Value {
        serde_json::from_str(get(made, name).text().expect("known")).expect("JSON")
    };
    assert_eq!(
        json("a"),
        serde_json::json!({"Version": "2012-10-17", "Statement": [{"Sid": "Call", "Effect": "Allow",
        "Action": "lambda:InvokeFunction", "Resource": "*", "Principal": {"AWS": "*"},
        "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}]})
    );
    assert_eq!(json("c"), serde_json::json!({"bindings": [{"role": "roles/run.invoker", "members": ["allUsers"]}]}));
    let hidden = get(made, "b").unknown().expect("unknown");
    let Some(Shape::Json(tree)) = &hidden.shape else { unreachable!("{hidden:?}") };
    let statements = tree.get("Statement").expect("statements").blocks();
    assert_eq!(statements.len(), 2);
    assert_eq!(is(statements[1].get("Resource").expect("set")), "aws_s3_bucket.b.arn");
    assert_eq!(get(made, "d").unknown().map(|unknown| unknown.why), Some(Why::DataSource));
}

#[test]
fn a_module_from_elsewhere_is_a_gap_and_what_it_gives_is_not_known_unless_it_was_fetched() {
    let main = r#"
        module "vpc" {
          source  = "terraform-aws-modules/vpc/aws"
          version = "5.0.0"
        }
        resource "aws_x" "x" { subnets = module.vpc.private_subnets }
        "#;
    let all = of(&[("main.tf", main)]);
    assert_eq!(get(find(&all, "aws_x.x"), "subnets").unknown().map(|unknown| unknown.why), Some(Why::Module));
    let [gap] = &all.gaps[..] else { unreachable!("{:?}", all.gaps) };
    assert_eq!((gap.gap.why, gap.place.as_ref().map(|place| place.line)), (GapReason::UnresolvedModule, Some(2)));
    let modules = r#"{"Modules": [{"Key": "", "Dir": "."}, {"Key": "vpc", "Dir": ".terraform/modules/vpc"}]}"#;
    let fetched = of(&[
        ("main.tf", main),
        (".terraform/modules/modules.json", modules),
        (".terraform/modules/vpc/main.tf", "output \"private_subnets\" { value = [\"a\"] }"),
    ]);
    assert!(fetched.gaps.is_empty(), "{:?}", fetched.gaps);
    assert!(get(find(&fetched, "aws_x.x"), "subnets").is_known());
}

#[test]
fn providers_come_from_the_module_that_has_them_and_by_the_name_they_are_passed_by() {
    let all = of(&[
        (
            "main.tf",
            r#"
            variable "region" { default = "eu-west-1" }
            provider "aws" {
              region = var.region
              default_tags { tags = { team = "net" } }
            }
            provider "aws" {
              alias  = "east"
              region = "us-east-1"
            }
            module "m" {
              source    = "./m"
              providers = { aws.main = aws.east }
            }
            resource "google_x" "x" {}
            "#,
        ),
        ("m/main.tf", "resource \"aws_x\" \"a\" {}\nresource \"aws_x\" \"b\" { provider = aws.main }\n"),
    ]);
    let region = |address: &str| {
        let settings = find(&all, address).provider.settings.clone().expect("configured");
        settings.get("region").and_then(Node::text).expect("known").to_string()
    };
    assert_eq!(region("module.m.aws_x.a"), "eu-west-1");
    assert_eq!(region("module.m.aws_x.b"), "us-east-1");
    assert_eq!(find(&all, "google_x.x").provider.settings, None);
    assert!(all.resources.iter().all(|resource| resource.root.is_empty()));
}

#[test]
fn a_file_that_does_not_parse_is_a_gap_with_its_place_and_the_others_are_read() {
    let all = of(&[
        ("broken.tf", "resource \"a\" \"b\" {\n  x = [\n"),
        ("broken.tf.json", "{\"resource\": {\"a\": }}"),
        ("fine.tf", "resource \"a\" \"c\" { x = file(\"../../etc/passwd\") }\n"),
    ]);
    assert_eq!(all.resources.len(), 1);
    assert_eq!(get(&all.resources[0], "x").unknown().map(|unknown| unknown.why), Some(Why::File));
    let places: Vec<_> = all.gaps.iter().map(|gap| (gap.gap.why, gap.place.clone().expect("a place").line)).collect();
    assert_eq!(places.len(), 2);
    assert!(places.iter().all(|(why, line)| *why == GapReason::Malformed && *line >= 1), "{places:?}");
}

#[test]
fn a_variable_without_a_value_hides_what_hangs_on_it_and_nothing_else() {
    let all = of(&[(
        "main.tf",
        "variable \"who\" {}\nresource \"a\" \"b\" {\n  member = var.who\n  open = var.who == \"x\" || true\n  role = \"r\"\n}\n",
    )]);
    let made = find(&all, "a.b");
    let member = get(made, "member").unknown().expect("unknown");
    assert_eq!((member.why, &*member.what), (Why::NoValue, "var.who"));
    assert_eq!(get(made, "open").value, Value::Bool(true));
    assert!(get(made, "role").is_known());
    let files: BTreeMap<String, String> =
        [("main.tf".into(), "variable \"who\" {}\nresource \"a\" \"b\" { member = var.who }\n".into())].into();
    let values = VarFile::parse("prod.tfvars", "who = \"me\"\n").expect("values");
    let told = folder(&files, &Options { var_files: vec![values] });
    assert!(get(find(&told, "a.b"), "member").is_known());
}

#[test]
#[ignore = "reads a folder that EGRESS_AUDIT_FOLDER names, and says how long that takes"]
fn a_folder_of_somebody_is_read() {
    let path = std::env::var("EGRESS_AUDIT_FOLDER").expect("EGRESS_AUDIT_FOLDER names a folder");
    let start = std::time::Instant::now();
    let all = folder(&Disk::list(path.as_ref()).expect("a folder"), &Options::default());
    println!("{} resources, {} gaps in {:?}", all.resources.len(), all.gaps.len(), start.elapsed());
    for gap in &all.gaps {
        println!("{}: {:?} at {:?}", gap.gap, gap.gap.detail, gap.place);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_cut_and_no_change_of_real_code_makes_the_reader_panic(
        which in 0..4_usize, cut in 0.0..1.0_f64, with in "[\\[\\]{}\",:=$%a-z0-9 .\n<>-]{0,4}", whole in any::<bool>(),
    ) {
        let file = ["firewall/main.tf", "language/main.tf", "unknown/main.tf", "network/main.tf"][which];
        let text = fs::read_to_string(data().join("folders").join(file)).expect("a file");
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a text")]
        let at = (text.len() as f64 * cut) as usize;
        let (before, behind) = text.split_at_checked(at).unwrap_or((&text, ""));
        let _ = of(&[("main.tf", &format!("{before}{with}{}", if whole { behind } else { "" }))]);
    }
}
