//! Egress by a transit gateway: what Terraform and templates say of one breaks the rules that the same thing breaks live.

use std::collections::BTreeSet;

use egress_audit::code::Evaluated;

use crate::{
    live::findings,
    stacked, stacks,
    verdicts::{failed, graph, open, shown, text, written},
};

/// What is changed in a text.
type Edits<'a> = &'a [(&'a str, &'a str)];

pub(crate) fn sound() -> [(&'static str, Evaluated); 2] {
    both(&[], &[])
}

fn both(terraform: Edits<'_>, stack: Edits<'_>) -> [(&'static str, Evaluated); 2] {
    let changed = |of: String, edits: Edits<'_>| {
        edits.iter().fold(of, |of, (from, to)| {
            assert!(of.contains(from), "{from}");
            of.replace(from, to)
        })
    };
    [
        ("hub", written(&changed(text("aws/hub/main.tf"), terraform))),
        ("hub of a stack", stacks::of(&changed(stacked::text("cloudformation/hub.yaml"), stack))),
    ]
}

#[test]
fn egress_by_a_hub_is_centralised_and_has_no_finding() {
    for (name, code) in sound() {
        assert!(failed(&code).is_empty() && open(&code).is_empty(), "{name} {:#?}", shown(&code));
        let graph = graph(&code);
        let egress = &graph.workloads.first().expect("a function").egress;
        assert_eq!(egress.verdict.as_str(), "centralised", "{name}");
    }
}

#[test]
fn a_hub_as_code_breaks_the_rules_that_it_breaks_live() {
    let table = "aws_ec2_transit_gateway_route_table.egress.id\n}\nresource \"aws_ec2_transit_gateway_route\"";
    let cases: [(&str, Edits<'_>, Edits<'_>); 8] = [
        ("to-egress-vpc", &[], &[]),
        (
            "that-is-not-attached",
            &[("vpc_id             = aws_vpc.spoke.id", "vpc_id = aws_vpc.egress.id")],
            &[("VpcId: !Ref Spoke, SubnetIds", "VpcId: !Ref Egress, SubnetIds")],
        ),
        (
            "without-association",
            &[("\"aws_ec2_transit_gateway_route_table_association\" \"spoke\"", "\"aws_x\" \"spoke\"")],
            &[(
                "  SpokeAssociation:\n    Type: AWS::EC2::TransitGatewayRouteTableAssociation",
                "  X:\n    Type: AWS::X::Y",
            )],
        ),
        (
            "without-route",
            &[("\"aws_ec2_transit_gateway_route\" \"out\"", "\"aws_x\" \"out\"")],
            &[("AWS::EC2::TransitGatewayRoute\n", "AWS::X::Y\n")],
        ),
        (
            "whose-table-does-not-know-the-spoke",
            &[("\"aws_ec2_transit_gateway_route_table_propagation\" \"back\"", "\"aws_x\" \"back\"")],
            &[("AWS::EC2::TransitGatewayRouteTablePropagation", "AWS::X::Y")],
        ),
        (
            "without-the-way-back",
            &[("\"aws_route\" \"back\"", "\"aws_x\" \"back\"")],
            &[("  Back:\n    Type: AWS::EC2::Route\n", "  Back:\n    Type: AWS::X::Y\n")],
        ),
        (
            "without-the-zone",
            &[(
                "subnet_ids         = values(aws_subnet.private)[*].id\n}\nresource \"aws_ec2",
                "subnet_ids = [aws_subnet.private[\"a\"].id]\n}\nresource \"aws_ec2",
            )],
            &[("!Ref Spoke, SubnetIds: [!Ref PrivateA, !Ref PrivateB]", "!Ref Spoke, SubnetIds: [!Ref PrivateA]")],
        ),
        (
            "where-a-static-route-wins",
            &[(
                table,
                "aws_ec2_transit_gateway_route_table.egress.id\n}\nresource \"aws_ec2_transit_gateway_route_table_propagation\" \"more\" {\n  transit_gateway_attachment_id = aws_ec2_transit_gateway_vpc_attachment.egress.id\n  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spokes.id\n}\nresource \"aws_ec2_transit_gateway_route\"",
            )],
            &[(
                "  Group:\n",
                "  More:\n    Type: AWS::EC2::TransitGatewayRouteTablePropagation\n    Properties: {TransitGatewayAttachmentId: !Ref EgressAttachment, TransitGatewayRouteTableId: !Ref SpokesTable}\n  Group:\n",
            )],
        ),
    ];
    let mut wrong = Vec::new();
    for (scenario, terraform, stack) in cases {
        let scenario = format!("transit-gateway-{scenario}");
        let live = (findings(&scenario, "fail"), findings(&scenario, "not-evaluated"));
        for (name, code) in both(terraform, stack) {
            if (failed(&code), open(&code)) != live {
                wrong.push(format!("{scenario} {name}: {live:?} {:#?}", shown(&code)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_blackhole_in_the_table_of_a_hub_drops_what_it_is_for() {
    let [(_, terraform), (_, stack)] = both(
        &[(
            "destination_cidr_block         = \"0.0.0.0/0\"",
            "blackhole = true\n  destination_cidr_block = \"0.0.0.0/0\"",
        )],
        &[(
            "{DestinationCidrBlock: 0.0.0.0/0, TransitGatewayAttachmentId: !Ref EgressAttachment, ",
            "{DestinationCidrBlock: 0.0.0.0/0, Blackhole: true, ",
        )],
    );
    for code in [terraform, stack] {
        assert_eq!(failed(&code), BTreeSet::from(["broken-egress-path".to_owned()]), "{:#?}", shown(&code));
    }
}

#[test]
fn the_table_that_a_hub_has_from_the_beginning_knows_every_attachment_unless_it_is_told_not_to() {
    let by_default: Edits<'_> = &[
        ("  default_route_table_association = \"disable\"\n", ""),
        ("  default_route_table_propagation = \"disable\"\n", ""),
        ("\"aws_ec2_transit_gateway_route_table_association\" \"spoke\"", "\"aws_x\" \"spoke\""),
        ("\"aws_ec2_transit_gateway_route_table_association\" \"egress\"", "\"aws_x\" \"egress\""),
        ("\"aws_ec2_transit_gateway_route_table_propagation\" \"back\"", "\"aws_x\" \"back\""),
        (
            "transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spokes.id\n}\nresource \"aws_x\" \"back\"",
            "transit_gateway_route_table_id = aws_ec2_transit_gateway.hub.association_default_route_table_id\n}\nresource \"aws_x\" \"back\"",
        ),
    ];
    let with = |more: Edits<'_>| {
        let [(_, code), _] = both(&[by_default, more].concat(), &[]);
        code
    };
    let code = with(&[]);
    assert!(failed(&code).is_empty() && open(&code).is_empty(), "{:#?}", shown(&code));
    let attachment = "vpc_id             = aws_vpc.spoke.id";
    let told = |what: &str| format!("{attachment}\n  transit_gateway_default_route_table_{what} = false");
    let code = with(&[(attachment, &told("association"))]);
    assert_eq!(failed(&code), BTreeSet::from(["broken-egress-path".to_owned()]), "{:#?}", shown(&code));
    // Then answers follow the default route, to where they come from.
    let code = with(&[(attachment, &told("propagation"))]);
    assert!(open(&code).contains("broken-egress-path"), "{:#?}", shown(&code));
    for off in ["association", "propagation"] {
        let told = format!("{attachment}\n  transit_gateway_default_route_table_{off} = var.x");
        let code = with(&[(attachment, &told), ("locals {", "variable \"x\" {}\nlocals {")]);
        assert!(open(&code).contains("broken-egress-path") && failed(&code).is_empty(), "{off} {:#?}", shown(&code));
    }
}

#[test]
fn what_a_hub_learns_from_what_is_not_followed_is_not_evaluated() {
    let variable = ("locals {", "variable \"x\" {}\nlocals {");
    let cases: [Edits<'_>; 7] = [
        &[("destination_cidr_block         = \"0.0.0.0/0\"", "destination_cidr_block = var.x")],
        &[(
            "transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.egress.id\n  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spokes.id",
            "transit_gateway_attachment_id = var.x\n  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spokes.id",
        )],
        &[(
            "transit_gateway_id = aws_ec2_transit_gateway.hub.id\n  vpc_id             = aws_vpc.spoke.id",
            "transit_gateway_id = var.x\n  vpc_id = aws_vpc.spoke.id",
        )],
        &[("subnet_ids         = values(aws_subnet.inner)[*].id", "subnet_ids = var.x")],
        &[(
            "locals {",
            "resource \"aws_ec2_transit_gateway_prefix_list_reference\" \"x\" {\n  prefix_list_id = var.x\n  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spokes.id\n}\nlocals {",
        )],
        &[(
            "locals {",
            "resource \"aws_ec2_transit_gateway_route\" \"x\" {\n  count = var.x\n  destination_cidr_block = \"1.0.0.0/8\"\n  blackhole = true\n  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spokes.id\n}\nlocals {",
        )],
        &[(
            "transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.spoke.id\n  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spokes.id",
            "transit_gateway_attachment_id = aws_ec2_transit_gateway_vpc_attachment.spoke.id\n  transit_gateway_route_table_id = var.x",
        )],
    ];
    for edits in cases {
        let [(_, code), _] = both(&[edits, &[variable]].concat(), &[]);
        assert!(
            failed(&code).is_empty() && open(&code).contains("broken-egress-path"),
            "{edits:?} {:#?}",
            shown(&code)
        );
    }
}
