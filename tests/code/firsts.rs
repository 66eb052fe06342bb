//! What a VPC has from the beginning, by the attributes that name it: they mean its first route table, security group and
//! network ACL, and never the VPC, in a folder and in its plan.

use std::collections::{BTreeMap, BTreeSet};

use egress_audit::code::{Evaluated, document};
use serde_json::{Value as Json, json};

use crate::verdicts::{failed, graph, judged, open, shown, snapshot, text, written};

/// A resource beside a VPC and a subnet of it that names a thing by an attribute of the VPC.
struct Case {
    kind: &'static str,
    attribute: &'static str,
    of_vpc: &'static str,
    /// Whether the attribute is a list, in a block `vpc_config`.
    in_block: bool,
    /// What else it says.
    rest: Json,
    /// Where that is to be found: a kind of record, its id, and a text in it.
    record: &'static str,
    id: &'static str,
    holds: &'static str,
}

const TABLE: &str = "rtb-(main of aws_vpc.v)";
const GROUP: &str = "sg-(default of aws_vpc.v)";
const ACL: &str = "acl-(default of aws_vpc.v)";

fn cases() -> Vec<Case> {
    let case = |kind, attribute, of_vpc, rest, (record, id, holds)| Case {
        kind,
        attribute,
        of_vpc,
        in_block: kind == "aws_lambda_function",
        rest,
        record,
        id,
        holds,
    };
    let route = json!({"destination_cidr_block": "198.51.100.0/24", "nat_gateway_id": "nat-1"});
    let routes = json!({"route": [{"cidr_block": "198.51.100.0/24", "nat_gateway_id": "nat-1"}]});
    let to = "198.51.100.0/24";
    let out = json!({"ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "198.51.100.0/24"});
    let function = json!({"function_name": "f", "runtime": "nodejs22.x", "role": "arn:aws:iam::123456789012:role/f"});
    let entry = json!({
        "rule_number": 7, "egress": true, "rule_action": "deny", "protocol": "-1", "cidr_block": "198.51.100.0/24",
    });
    let entries = json!({
        "egress": [{"rule_no": 7, "action": "deny", "protocol": "-1", "cidr_block": "198.51.100.0/24", "from_port": 0, "to_port": 0}],
    });
    let subnet = || json!({"subnet_id": "subnet-7"});
    let (table, group, acl) = ("ec2:route-table", "ec2:security-group", "ec2:network-acl");
    vec![
        case("aws_route", "route_table_id", "main_route_table_id", route.clone(), (table, TABLE, to)),
        case("aws_route", "route_table_id", "default_route_table_id", route, (table, TABLE, to)),
        case("aws_default_route_table", "default_route_table_id", "default_route_table_id", routes, (table, TABLE, to)),
        case(
            "aws_route_table_association",
            "route_table_id",
            "main_route_table_id",
            subnet(),
            (table, TABLE, "subnet-7"),
        ),
        case(
            "aws_vpc_security_group_egress_rule",
            "security_group_id",
            "default_security_group_id",
            out,
            (group, GROUP, to),
        ),
        case(
            "aws_lambda_function",
            "security_group_ids",
            "default_security_group_id",
            function,
            ("lambda:function", "function:f", GROUP),
        ),
        case("aws_network_acl_rule", "network_acl_id", "default_network_acl_id", entry, (acl, ACL, to)),
        case("aws_default_network_acl", "default_network_acl_id", "default_network_acl_id", entries, (acl, ACL, to)),
    ]
}

impl Case {
    /// The resource as JSON, with what stands for the attribute.
    fn body(&self, put: &Json) -> Json {
        let mut body = self.rest.clone();
        if self.in_block {
            body["vpc_config"] = json!([{"subnet_ids": ["subnet-7"], self.attribute: [put]}]);
        } else {
            body[self.attribute] = put.clone();
        }
        body
    }

    fn folder(&self) -> Evaluated {
        let code = json!({
            "provider": {"aws": {"region": "eu-west-1"}},
            "resource": {
                "aws_vpc": {"v": {"cidr_block": "10.0.0.0/16"}},
                self.kind: {"x": self.body(&json!(format!("${{aws_vpc.v.{}}}", self.of_vpc)))},
            },
        });
        let files = BTreeMap::from([("main.tf.json".to_owned(), code.to_string())]);
        egress_audit::code::folder(&files, &egress_audit::code::Options::default())
    }

    fn plan(&self) -> Evaluated {
        let change = |kind: &str, name: &str, after: Json, unknown: Json| {
            json!({
                "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
                "provider_name": "registry.terraform.io/hashicorp/aws",
                "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": unknown},
            })
        };
        let reference = json!({"references": [format!("aws_vpc.v.{}", self.of_vpc), "aws_vpc.v"]});
        let (unknown, expressions) = if self.in_block {
            let unknown = json!({"vpc_config": [{"subnet_ids": [false], self.attribute: [true]}]});
            (unknown, json!({"vpc_config": [{self.attribute: reference}]}))
        } else {
            (json!({self.attribute: true}), json!({self.attribute: reference}))
        };
        let vpc = json!({
            "id": true, "arn": true, "main_route_table_id": true, "default_route_table_id": true,
            "default_security_group_id": true, "default_network_acl_id": true,
        });
        let declared = |kind: &str, name: &str, expressions: Json| {
            json!({
                "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
                "provider_config_key": "aws", "expressions": expressions,
            })
        };
        let plan = json!({
            "format_version": "1.2", "terraform_version": "1.11.4",
            "resource_changes": [
                change("aws_vpc", "v", json!({"cidr_block": "10.0.0.0/16"}), vpc),
                change(self.kind, "x", self.body(&Json::Null), unknown),
            ],
            "configuration": {
                "provider_config": {"aws": {
                    "name": "aws", "full_name": "registry.terraform.io/hashicorp/aws",
                    "expressions": {"region": {"constant_value": "eu-west-1"}},
                }},
                "root_module": {"resources": [
                    declared("aws_vpc", "v", json!({"cidr_block": {"constant_value": "10.0.0.0/16"}})),
                    declared(self.kind, "x", expressions),
                ]},
            },
        });
        document("plan.json", &plan.to_string()).expect("a plan")
    }
}

#[test]
fn what_an_attribute_of_a_vpc_names_is_what_the_vpc_has_from_the_beginning() {
    let mut wrong = Vec::new();
    for case in cases() {
        for (form, code) in [("folder", case.folder()), ("plan", case.plan())] {
            let snapshot = snapshot(&code);
            let record = snapshot.records.iter().find(|it| it.kind == case.record && it.id.contains(case.id));
            let body = record.map(|record| record.body.get());
            if !body.is_some_and(|body| body.contains(case.holds)) {
                let (kind, attribute, of_vpc) = (case.kind, case.attribute, case.of_vpc);
                let ids: Vec<_> = snapshot.records.iter().map(|it| (&it.kind, &it.id)).collect();
                wrong.push(format!("{form}: {kind}.{attribute} = aws_vpc.v.{of_vpc}: {body:?} of {ids:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_function_in_the_first_group_of_its_vpc_is_judged_by_the_rules_of_that_group() {
    let main = text("aws/sound/main.tf");
    let from = "security_group_ids = [aws_security_group.orders.id]";
    assert!(main.contains(from), "{main}");
    let swapped = main.replace(from, "security_group_ids = [aws_vpc.main.default_security_group_id]");
    // A VPC's own group lets everything out.
    let changed = written(&swapped);
    assert_eq!(failed(&changed), BTreeSet::from(["default-security-group".to_owned()]), "{:#?}", shown(&changed));
    assert!(open(&changed).is_empty(), "{:#?}", shown(&changed));
    // Where the code takes it over and says nothing, nothing comes out, whichever of the two names it.
    for name in ["aws_vpc.main.default_security_group_id", "aws_default_security_group.own.id"] {
        let own = "resource \"aws_default_security_group\" \"own\" { vpc_id = aws_vpc.main.id }";
        let to = format!("security_group_ids = [{name}]");
        let graph = graph(&written(&format!("{}\n{own}\n", main.replace(from, &to))));
        let verdicts: Vec<_> = graph.workloads.iter().map(|workload| workload.egress.verdict.as_str()).collect();
        assert_eq!(verdicts, ["none"], "{name}");
    }
}

#[test]
fn a_subnet_that_is_put_into_the_first_acl_of_its_vpc_is_in_it() {
    let association = "resource \"aws_network_acl_association\" \"x\" {\n  for_each = local.zones\n  network_acl_id = aws_vpc.main.default_network_acl_id\n  subnet_id = aws_subnet.private[each.key].id\n}\n";
    let shut =
        "resource \"aws_default_network_acl\" \"x\" { default_network_acl_id = aws_vpc.main.default_network_acl_id }\n";
    let main = text("aws/sound/main.tf");
    let code = written(&format!("{main}{association}"));
    assert_eq!(judged(&code), judged(&written(&main)));
    let code = written(&format!("{main}{association}{shut}"));
    assert!(failed(&code).contains("broken-egress-path"), "{:#?}", shown(&code));
    let code = written(&format!(
        "variable \"x\" {{}}\n{main}{}{shut}",
        association.replace("aws_vpc.main.default_network_acl_id", "var.x")
    ));
    assert!(open(&code).contains("broken-egress-path"), "{:#?}", shown(&code));
}
