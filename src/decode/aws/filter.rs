//! Security groups, network ACLs, prefix lists.

use ipnet::IpNet;
use serde::Deserialize;

use super::{super::index::Index, network::net};
use crate::{
    evidence::{Gap, GapReason, Known},
    model::{AclEntry, NetworkAcl, Permission, Ports, PrefixList, Protocol, SecurityGroup},
    snapshot::{Record, kinds},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SecurityGroupWire {
    group_id: String,
    group_name: String,
    vpc_id: Option<String>,
    ip_permissions: Option<Vec<PermissionWire>>,
    ip_permissions_egress: Vec<PermissionWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PermissionWire {
    ip_protocol: String,
    from_port: Option<i64>,
    to_port: Option<i64>,
    ip_ranges: Option<Vec<RangeWire>>,
    ipv6_ranges: Option<Vec<Ipv6RangeWire>>,
    prefix_list_ids: Option<Vec<PrefixListWire>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RangeWire {
    cidr_ip: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Ipv6RangeWire {
    cidr_ipv6: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PrefixListWire {
    prefix_list_id: String,
}

pub(super) fn security_group(record: &Record, wire: SecurityGroupWire) -> Result<SecurityGroup, String> {
    Ok(SecurityGroup {
        id: wire.group_id,
        name: wire.group_name,
        vpc: wire.vpc_id,
        ingress: match wire.ip_permissions {
            Some(list) => Known::Known(list.into_iter().map(permission).collect::<Result<_, _>>()?),
            None => {
                Known::Unknown(Gap::new(format!("what the security group {} lets in", record.id), GapReason::NotRead))
            }
        },
        egress: wire.ip_permissions_egress.into_iter().map(permission).collect::<Result<_, _>>()?,
    })
}

fn permission(wire: PermissionWire) -> Result<Permission, String> {
    let v4 = wire.ip_ranges.iter().flatten().map(|range| net(&range.cidr_ip));
    let v6 = wire.ipv6_ranges.iter().flatten().map(|range| net(&range.cidr_ipv6));
    Ok(Permission {
        protocol: protocol(&wire.ip_protocol)?,
        ports: ports(wire.from_port, wire.to_port)?,
        nets: v4.chain(v6).collect::<Result<_, _>>()?,
        prefix_lists: wire.prefix_list_ids.into_iter().flatten().map(|list| list.prefix_list_id).collect(),
    })
}

/// A protocol by name or by number; `-1` is all of them.
fn protocol(text: &str) -> Result<Protocol, String> {
    Ok(match text {
        "-1" => Protocol::All,
        "tcp" => Protocol::Number(6),
        "udp" => Protocol::Number(17),
        "icmp" => Protocol::Number(1),
        "icmpv6" => Protocol::Number(58),
        number => Protocol::Number(number.parse().map_err(|_| format!("`{number}` is not a protocol"))?),
    })
}

/// A range of ports; absent or `-1` is all of them.
fn ports(from: Option<i64>, to: Option<i64>) -> Result<Ports, String> {
    match (from, to) {
        (None | Some(-1), None | Some(-1)) => Ok(Ports::ALL),
        (Some(from), Some(to)) => match (u16::try_from(from), u16::try_from(to)) {
            (Ok(from), Ok(to)) => Ok(Ports { from, to }),
            // ICMP writes its type and code here, which no port is compared with.
            _ => Ok(Ports::ALL),
        },
        _ => Err("a range of ports has one end".into()),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NetworkAclWire {
    network_acl_id: String,
    vpc_id: String,
    associations: Vec<AclAssociationWire>,
    entries: Vec<AclEntryWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AclAssociationWire {
    subnet_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AclEntryWire {
    rule_number: u32,
    egress: bool,
    rule_action: String,
    protocol: String,
    cidr_block: Option<String>,
    ipv6_cidr_block: Option<String>,
    port_range: Option<PortRangeWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PortRangeWire {
    from: Option<i64>,
    to: Option<i64>,
}

pub(super) fn network_acl(_: &Record, wire: NetworkAclWire) -> Result<NetworkAcl, String> {
    let mut entries: Vec<AclEntry> = wire.entries.into_iter().map(entry).collect::<Result<_, _>>()?;
    entries.sort_by_key(|entry| entry.number);
    Ok(NetworkAcl {
        id: wire.network_acl_id,
        vpc: wire.vpc_id,
        subnets: wire.associations.into_iter().map(|association| association.subnet_id).collect(),
        entries,
    })
}

fn entry(wire: AclEntryWire) -> Result<AclEntry, String> {
    let cidr = wire.cidr_block.or(wire.ipv6_cidr_block).ok_or("a rule of a network ACL has no range")?;
    Ok(AclEntry {
        number: wire.rule_number,
        egress: wire.egress,
        allow: match wire.rule_action.as_str() {
            "allow" => true,
            "deny" => false,
            other => return Err(format!("`{other}` is not an action of a network ACL")),
        },
        protocol: protocol(&wire.protocol)?,
        ports: match wire.port_range {
            Some(range) => ports(range.from, range.to)?,
            None => Ports::ALL,
        },
        net: net(&cidr)?,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListWire {
    prefix_list_id: String,
    prefix_list_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EntriesWire {
    entries: Vec<ListEntryWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListEntryWire {
    cidr: String,
}

pub(super) fn prefix_list(index: &Index<'_>, record: &Record, wire: ListWire) -> Result<PrefixList, String> {
    let id = wire.prefix_list_id;
    let document = index.document::<EntriesWire>(kinds::PREFIX_LIST_ENTRIES, &record.scope, &id);
    let malformed = |why: String| Gap::new(format!("the entries of {id}"), GapReason::Malformed).with_detail(why);
    let entries = document.into_result().and_then(|wire| {
        let wire = wire.ok_or_else(|| malformed("no body".into()))?;
        let nets: Result<Vec<IpNet>, String> = wire.entries.iter().map(|entry| net(&entry.cidr)).collect();
        nets.map_err(malformed)
    });
    Ok(PrefixList { name: wire.prefix_list_name.unwrap_or_else(|| id.clone()), entries: Known::from(entries), id })
}
