//! Random networks: three VPCs around a transit gateway, each with every kind of subnet in two zones.

use std::{collections::BTreeMap, net::Ipv4Addr};

use egress_audit::snapshot::{
    Coverage, ReadState, Record, Scope, ScopeId, Snapshot,
    kinds::{self, Kind},
};
use ipnet::Ipv4Net;
use serde_json::{Value, json};

/// Where packets start.
pub(crate) const STARTS: [&str; 2] = ["subnet-s-w-a", "subnet-s-w-b"];
const VPCS: [(&str, [u8; 2]); 3] = [("s", [172, 30]), ("e", [10, 100]), ("i", [10, 50])];
const SORTS: [&str; 4] = ["w", "t", "p", "f"];
const ZONES: [&str; 2] = ["a", "b"];

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum To {
    Local,
    Internet,
    Nat(String),
    Endpoint(String),
    Transit,
    Peering,
    Office,
    Blackhole,
}

#[derive(Debug, Clone)]
pub(crate) struct Subnet {
    pub(crate) vpc: &'static str,
    pub(crate) zone: &'static str,
    pub(crate) net: Ipv4Net,
    pub(crate) routes: BTreeMap<Ipv4Net, To>,
}

#[derive(Debug, Clone)]
pub(crate) struct Nat {
    pub(crate) subnet: String,
    pub(crate) available: bool,
    pub(crate) public: bool,
    pub(crate) private: Ipv4Addr,
}

#[derive(Debug, Clone)]
pub(crate) struct Attachment {
    /// The zones that it has a subnet in: `t` of each.
    pub(crate) zones: Vec<&'static str>,
    pub(crate) table: Option<usize>,
    pub(crate) appliance: bool,
}

/// Where a route of the transit gateway leads: a VPC, or out of sight, or nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hop {
    Vpc(&'static str),
    Office,
    Blackhole,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Topology {
    pub(crate) subnets: BTreeMap<String, Subnet>,
    pub(crate) nats: BTreeMap<String, Nat>,
    /// By id, with its subnet and whether it takes traffic.
    pub(crate) endpoints: BTreeMap<String, (String, bool)>,
    /// The VPCs whose internet gateway is attached.
    pub(crate) online: Vec<&'static str>,
    /// The tables of internet gateways, by VPC.
    pub(crate) edges: BTreeMap<&'static str, BTreeMap<Ipv4Net, To>>,
    pub(crate) attachments: BTreeMap<&'static str, Attachment>,
    pub(crate) tables: Vec<BTreeMap<Ipv4Net, Hop>>,
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("it is less than the sides")
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.roll(100) < chance
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())].clone()
    }
}

fn net(text: &str) -> Ipv4Net {
    text.parse().expect("a range")
}

pub(crate) fn range_of(vpc: &str) -> Ipv4Net {
    let (_, [a, b]) = VPCS.into_iter().find(|(id, _)| *id == vpc).expect("a VPC");
    Ipv4Net::new(Ipv4Addr::new(a, b, 0, 0), 16).expect("a range")
}

impl Topology {
    pub(crate) fn random(seed: u64) -> Self {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        for _ in 0..8 {
            dice.roll(2);
        }
        let mut own = Self::default();
        for (vpc, [a, b]) in VPCS {
            for (n, sort) in SORTS.into_iter().enumerate() {
                for (z, zone) in ZONES.into_iter().enumerate() {
                    let third = u8::try_from(n * 8 + z).expect("small");
                    let net = Ipv4Net::new(Ipv4Addr::new(a, b, third, 0), 24).expect("a range");
                    own.subnets.insert(
                        format!("subnet-{vpc}-{sort}-{zone}"),
                        Subnet { vpc, zone, net, routes: BTreeMap::new() },
                    );
                }
            }
            for zone in ZONES {
                let sort = if dice.percent(90) { "p" } else { dice.pick(&SORTS) };
                let subnet = format!("subnet-{vpc}-{sort}-{zone}");
                let [a, b, c, _] = own.subnets[&subnet].net.network().octets();
                let private = Ipv4Addr::new(a, b, c, if zone == "a" { 10 } else { 140 });
                let nat = Nat { subnet, available: dice.percent(95), public: dice.percent(85), private };
                own.nats.insert(format!("nat-{vpc}-{zone}"), nat);
                let sort = if dice.percent(90) { "f" } else { dice.pick(&SORTS) };
                own.endpoints
                    .insert(format!("vpce-{vpc}-{zone}"), (format!("subnet-{vpc}-{sort}-{zone}"), dice.percent(95)));
            }
            if dice.percent(93) {
                own.online.push(vpc);
            }
            if dice.percent(95) {
                let zones = if dice.percent(80) { ZONES.to_vec() } else { vec![dice.pick(&ZONES)] };
                let table =
                    dice.percent(96).then(|| if dice.percent(85) { own.attachments.len() } else { dice.roll(3) });
                own.attachments.insert(vpc, Attachment { zones, table, appliance: dice.percent(30) });
            }
        }
        own.routes(&mut dice);
        own.edges(&mut dice);
        own.transit(&mut dice);
        own
    }

    fn routes(&mut self, dice: &mut Dice) {
        let ids: Vec<String> = self.subnets.keys().cloned().collect();
        for id in ids {
            let (vpc, zone, sort) = (self.subnets[&id].vpc, self.subnets[&id].zone, id[9..10].to_owned());
            let mut routes = BTreeMap::from([(range_of(vpc), To::Local)]);
            let nat = To::Nat(format!("nat-{vpc}-{zone}"));
            let endpoint = To::Endpoint(format!("vpce-{vpc}-{zone}"));
            let usual = match sort.as_str() {
                "w" => vec![nat.clone(), To::Transit, To::Transit, endpoint.clone()],
                "t" if vpc == "i" => vec![endpoint.clone(), To::Transit, nat.clone()],
                "t" => vec![nat.clone(), nat.clone(), endpoint.clone()],
                "p" => vec![To::Internet, To::Internet, To::Internet, endpoint.clone(), To::Transit],
                _ if vpc == "i" => vec![To::Transit, To::Transit, nat.clone()],
                _ => vec![To::Internet, nat.clone()],
            };
            let far = To::Nat(format!("nat-{vpc}-{}", dice.pick(&ZONES)));
            let all = [nat, far, endpoint.clone(), To::Internet, To::Transit, To::Peering, To::Office, To::Blackhole];
            let any = |dice: &mut Dice| if dice.percent(75) { dice.pick(&usual) } else { dice.pick(&all) };
            for (range, chance) in
                [("0.0.0.0/0", 95), ("0.0.0.0/1", 8), ("128.0.0.0/1", 8), ("8.8.0.0/16", 12), ("203.0.112.0/20", 12)]
            {
                if dice.percent(chance) {
                    routes.insert(net(range), any(dice));
                }
            }
            // The way back, to other VPCs and to subnets of this one.
            for (other, _) in VPCS.into_iter().filter(|(other, _)| *other != vpc) {
                if dice.percent(80) {
                    let mut to =
                        if dice.percent(80) { To::Transit } else { dice.pick(&[endpoint.clone(), To::Blackhole]) };
                    if vpc != "i" && other != "i" && dice.percent(25) {
                        to = To::Peering;
                    }
                    routes.insert(range_of(other), to);
                }
            }
            let inside: Vec<Ipv4Net> = self.subnets.values().map(|subnet| subnet.net).collect();
            for range in inside {
                if dice.percent(if range_of(vpc).contains(&range) { 12 } else { 3 }) {
                    let narrow =
                        if dice.percent(80) { range } else { Ipv4Net::new(range.network(), 25).expect("a range") };
                    routes.insert(narrow, if dice.percent(80) { endpoint.clone() } else { To::Transit });
                }
            }
            self.subnets.get_mut(&id).expect("it is there").routes = routes;
        }
    }

    fn edges(&mut self, dice: &mut Dice) {
        for (vpc, _) in VPCS {
            if dice.percent(40) {
                let mut routes = BTreeMap::from([(range_of(vpc), To::Local)]);
                for zone in ZONES {
                    if dice.percent(50) {
                        let to = To::Endpoint(format!("vpce-{vpc}-{zone}"));
                        routes.insert(self.subnets[&format!("subnet-{vpc}-p-{zone}")].net, to);
                    }
                }
                self.edges.insert(vpc, routes);
            }
        }
    }

    fn transit(&mut self, dice: &mut Dice) {
        let known: Vec<&'static str> = self.attachments.keys().copied().collect();
        for _ in 0..3 {
            let mut routes = BTreeMap::new();
            let outwards = [Hop::Vpc("e"), Hop::Vpc("e"), Hop::Vpc("i"), Hop::Vpc("s"), Hop::Office, Hop::Blackhole];
            for (range, chance) in [("0.0.0.0/0", 95), ("8.8.0.0/16", 10), ("203.0.112.0/20", 10), ("128.0.0.0/1", 5)] {
                if dice.percent(chance) {
                    routes.insert(net(range), dice.pick(&outwards));
                }
            }
            for (vpc, _) in VPCS {
                if dice.percent(85) {
                    let hop = if dice.percent(92) { Hop::Vpc(vpc) } else { dice.pick(&outwards) };
                    routes.insert(range_of(vpc), hop);
                }
            }
            if dice.percent(10) {
                routes.insert(net("172.30.0.0/25"), Hop::Blackhole);
            }
            routes.retain(|_, hop| !matches!(hop, Hop::Vpc(vpc) if !known.contains(vpc)));
            self.tables.push(routes);
        }
    }

    /// The network as its owner's account reads it.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let scope = ScopeId::aws("1", "us-west-2");
        let mut snapshot = Snapshot::empty("2026-11-22T06:00:00Z".parse().expect("a time"));
        snapshot.scopes.push(Scope { id: scope.clone(), principal: None, endpoint: None, calls: None, as_of: None });
        for kind in kinds::AWS {
            snapshot.coverage.push(Coverage {
                scope: scope.clone(),
                kind: kind.name.into(),
                call: kind.call.into(),
                state: ReadState::Read,
                count: 0,
            });
        }
        for (kind, id, body) in self.bodies() {
            snapshot.records.push(Record::new(kind.name, id, scope.clone(), body).expect("a body"));
        }
        snapshot
    }

    fn bodies(&self) -> Vec<(Kind, String, Value)> {
        let mut all = Vec::new();
        let arn = "arn:aws:lambda:us-west-2:1:function:f";
        all.push((
            kinds::FUNCTION,
            arn.into(),
            json!({
                "FunctionName": "f", "FunctionArn": format!("{arn}:$LATEST"), "Version": "$LATEST",
                "VpcConfig": {"VpcId": "vpc-s", "SubnetIds": STARTS, "SecurityGroupIds": ["sg"]},
            }),
        ));
        let open = json!([{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
        all.push((
            kinds::SECURITY_GROUP,
            "sg".into(),
            json!({
                "GroupId": "sg", "GroupName": "g", "IpPermissions": [], "IpPermissionsEgress": open,
            }),
        ));
        let mode = json!({"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "off"}});
        all.push((kinds::BLOCK_PUBLIC_ACCESS, "options".into(), mode));
        let entry = |egress: bool| json!({"RuleNumber": 100, "Egress": egress, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"});
        let named: Vec<_> = self.subnets.keys().map(|id| json!({"SubnetId": id})).collect();
        all.push((
            kinds::NETWORK_ACL,
            "acl".into(),
            json!({
                "NetworkAclId": "acl", "VpcId": "vpc", "Associations": named, "Entries": [entry(true), entry(false)],
            }),
        ));
        for (id, subnet) in &self.subnets {
            let vpc = format!("vpc-{}", subnet.vpc);
            all.push((
                kinds::SUBNET,
                id.clone(),
                json!({
                    "SubnetId": id, "VpcId": vpc, "CidrBlock": subnet.net.to_string(),
                    "AvailabilityZone": subnet.zone, "AvailabilityZoneId": format!("az-{}", subnet.zone),
                }),
            ));
            all.push((
                kinds::ROUTE_TABLE,
                format!("rtb-{id}"),
                json!({
                    "RouteTableId": format!("rtb-{id}"), "VpcId": vpc, "Associations": [{"SubnetId": id}],
                    "Routes": written(&subnet.routes, subnet.vpc),
                }),
            ));
        }
        for (vpc, routes) in &self.edges {
            all.push((
                kinds::ROUTE_TABLE,
                format!("rtb-edge-{vpc}"),
                json!({
                    "RouteTableId": format!("rtb-edge-{vpc}"), "VpcId": format!("vpc-{vpc}"),
                    "Associations": [{"GatewayId": format!("igw-{vpc}")}], "Routes": written(routes, vpc),
                }),
            ));
        }
        for (vpc, _) in VPCS {
            let attached = json!([{"VpcId": format!("vpc-{vpc}"), "State": "available"}]);
            all.push((
                kinds::INTERNET_GATEWAY,
                format!("igw-{vpc}"),
                json!({
                    "InternetGatewayId": format!("igw-{vpc}"),
                    "Attachments": if self.online.contains(&vpc) { attached } else { json!([]) },
                }),
            ));
        }
        for (id, nat) in &self.nats {
            let mut address = json!({"PrivateIp": nat.private.to_string(), "Status": "succeeded"});
            if nat.public {
                address["PublicIp"] = "198.51.100.7".into();
                address["AllocationId"] = "eipalloc-1".into();
            }
            all.push((
                kinds::NAT_GATEWAY,
                id.clone(),
                json!({
                    "NatGatewayId": id, "VpcId": format!("vpc-{}", &id[4..5]), "SubnetId": nat.subnet,
                    "State": if nat.available { "available" } else { "failed" },
                    "ConnectivityType": if nat.public { "public" } else { "private" }, "NatGatewayAddresses": [address],
                }),
            ));
        }
        for (id, (subnet, available)) in &self.endpoints {
            all.push((kinds::VPC_ENDPOINT, id.clone(), json!({
                "VpcEndpointId": id, "VpcEndpointType": "GatewayLoadBalancer", "VpcId": format!("vpc-{}", &id[5..6]),
                "State": if *available { "available" } else { "rejected" }, "SubnetIds": [subnet], "ServiceName": "firewall",
            })));
        }
        all.extend(self.transit_bodies());
        all
    }

    fn transit_bodies(&self) -> Vec<(Kind, String, Value)> {
        let gateway = json!({"TransitGatewayId": "tgw", "OwnerId": "1", "State": "available"});
        let mut all = vec![(kinds::TRANSIT_GATEWAY, "tgw".to_owned(), gateway)];
        for (vpc, attachment) in &self.attachments {
            let id = format!("tgw-attach-{vpc}");
            let mut body = json!({"TransitGatewayAttachmentId": id, "TransitGatewayId": "tgw", "ResourceType": "vpc"});
            if let Some(table) = attachment.table {
                body["Association"] =
                    json!({"TransitGatewayRouteTableId": format!("tgw-rtb-{table}"), "State": "associated"});
            }
            all.push((kinds::TRANSIT_GATEWAY_ATTACHMENT, id.clone(), body));
            let subnets: Vec<_> = attachment.zones.iter().map(|zone| format!("subnet-{vpc}-t-{zone}")).collect();
            let body = json!({
                "TransitGatewayAttachmentId": id, "TransitGatewayId": "tgw", "VpcId": format!("vpc-{vpc}"), "SubnetIds": subnets,
                "State": "available", "Options": {"ApplianceModeSupport": if attachment.appliance { "enable" } else { "disable" }},
            });
            all.push((kinds::TRANSIT_GATEWAY_VPC_ATTACHMENT, id, body));
        }
        for (nth, routes) in self.tables.iter().enumerate() {
            let id = format!("tgw-rtb-{nth}");
            all.push((kinds::TRANSIT_GATEWAY_ROUTE_TABLE, id.clone(), json!({"TransitGatewayRouteTableId": id})));
            let route = |(range, hop): (&Ipv4Net, &Hop)| match hop {
                Hop::Blackhole => {
                    json!({"DestinationCidrBlock": range.to_string(), "Type": "static", "State": "blackhole"})
                }
                Hop::Office => to_attachment(*range, "tgw-attach-office", "vpn"),
                Hop::Vpc(vpc) => to_attachment(*range, &format!("tgw-attach-{vpc}"), "vpc"),
            };
            let routes: Vec<_> = routes.iter().map(route).collect();
            all.push((
                kinds::TRANSIT_GATEWAY_ROUTES,
                id,
                json!({"Routes": routes, "AdditionalRoutesAvailable": false}),
            ));
        }
        all
    }
}

fn to_attachment(range: Ipv4Net, id: &str, kind: &str) -> Value {
    let hop = json!({"TransitGatewayAttachmentId": id, "ResourceType": kind, "ResourceId": id});
    json!({"DestinationCidrBlock": range.to_string(), "Type": "static", "State": "active", "TransitGatewayAttachments": [hop]})
}

fn written(routes: &BTreeMap<Ipv4Net, To>, vpc: &str) -> Vec<Value> {
    let route = |(range, to): (&Ipv4Net, &To)| {
        let (key, id) = match to {
            To::Local => ("GatewayId", "local".to_owned()),
            To::Internet => ("GatewayId", format!("igw-{vpc}")),
            To::Nat(id) => ("NatGatewayId", id.clone()),
            To::Endpoint(id) => ("GatewayId", id.clone()),
            To::Transit => ("TransitGatewayId", "tgw".into()),
            // One connects two of them; what the other one leads to is nowhere.
            To::Peering if vpc == "i" => ("VpcPeeringConnectionId", "pcx-i".into()),
            To::Peering => ("VpcPeeringConnectionId", "pcx-se".into()),
            To::Office => ("GatewayId", "vgw-1".into()),
            To::Blackhole => ("NatGatewayId", "nat-gone".into()),
        };
        let state = if *to == To::Blackhole { "blackhole" } else { "active" };
        json!({"DestinationCidrBlock": range.to_string(), key: id, "State": state})
    };
    routes.iter().map(route).collect()
}
