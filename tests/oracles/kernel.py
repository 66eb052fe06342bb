#!/usr/bin/env python3
"""The Linux kernel as the judge of the egress walk: as root, with `ip` and `nft`.

    python3 tests/oracles/kernel.py --program target/debug/egress-audit --topologies 200 --seed 1

A random VPC is written twice: as a snapshot, whose functions the program traces, and as network namespaces, where every
interface is a veth to a router whose policy routing is the route tables, NAT gateways translate by nftables, and an internet
gateway gives public addresses to those who have one. A function sends to hosts of the internet, and the address that a host
sees must be the one that the program prints; where it prints none, nothing may arrive.

Filters, IPv6 and gateways other than these are not modelled here: other tests have them.
"""

import argparse
import ctypes
import ipaddress
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/corpus"))
from estate import ACCOUNT, Estate, fn_arn, route  # noqa: E402

NET = ipaddress.ip_network("172.30.0.0/16")
HOSTS = ["1.2.3.4", "8.8.8.8", "8.9.9.9", "51.1.1.1", "130.1.1.1", "200.1.1.1"]
# Destinations that tables tell apart, from wide to narrow.
RANGES = ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/7", "8.8.0.0/16", "8.8.8.8/32", "51.0.0.0/8", "130.1.0.0/16"]
PORT = 9
LIBC = ctypes.CDLL(None, use_errno=True)


class Topology:
    """A random VPC, and what stands in it."""

    def __init__(self, dice):
        self.subnets = [f"subnet-{n}" for n in range(dice.randint(2, 5))]
        self.cidr = {subnet: f"172.30.{n}.0/24" for n, subnet in enumerate(self.subnets)}
        self.next = {subnet: 10 for subnet in self.subnets}
        self.gateway = dice.random() < 0.9
        # Name: subnet, private address, public address or none.
        self.nats, self.instances = {}, {}
        for n in range(dice.choice([0, 1, 1, 2, 2, 3])):
            subnet = dice.choice(self.subnets[:2])
            public = f"52.0.0.{n + 1}" if dice.random() < 0.8 else None
            self.nats[f"nat-{n}"] = (subnet, self.address(subnet), public, dice.random() < 0.9)
        if dice.random() < 0.3:
            subnet = dice.choice(self.subnets)
            public = "52.0.1.1" if dice.random() < 0.8 else None
            self.instances["i-0"] = (subnet, self.address(subnet), public, dice.random() < 0.3)
        self.tables = {"rtb-main": self.routes(dice)}
        for n in range(dice.randint(1, 3)):
            self.tables[f"rtb-{n}"] = self.routes(dice)
        self.table_of = {subnet: dice.choice([*self.tables, "rtb-main"]) for subnet in self.subnets}
        # Half of what translates stands in a subnet that leads out, so that packets arrive.
        if self.gateway and dice.random() < 0.8:
            self.tables["rtb-public"] = {"0.0.0.0/0": "igw-main", **({} if dice.random() < 0.8 else self.routes(dice))}
            for subnet in {it[0] for it in [*self.nats.values(), *self.instances.values()] if dice.random() < 0.7}:
                self.table_of[subnet] = "rtb-public"
        self.functions = {f"f-{n}": (subnet, self.address(subnet)) for n, subnet in enumerate(self.subnets)}

    def address(self, subnet):
        self.next[subnet] += 1
        return str(ipaddress.ip_network(self.cidr[subnet])[self.next[subnet]])

    def routes(self, dice):
        """Which destinations go where; a blackhole is a target that is gone."""
        targets = [*self.nats, *self.instances, *(["igw-main"] if self.gateway else []), "nat-gone"]
        weights = [0.3 if target == "nat-gone" else 1 for target in targets]
        found = {}
        if dice.random() < 0.85:
            found["0.0.0.0/0"] = dice.choices(targets, weights)[0]
        for _ in range(dice.choice([0, 0, 1, 2, 3])):
            found[dice.choice(RANGES)] = dice.choices(targets, weights)[0]
        return found

    # -- as a snapshot ------------------------------------------------------------------------------------------------------

    def snapshot(self):
        e = Estate()
        e.vpc()
        e.bpa()
        e.igw(attached=self.gateway)
        e.sg()
        for n, subnet in enumerate(self.subnets):
            e.subnet(subnet, self.cidr[subnet], "abc"[n % 3])
        e.acl("acl-default", self.subnets)
        for name, (subnet, _, public, works) in self.nats.items():
            e.nat(name, subnet, [public] if public else [], ConnectivityType="public" if public else "private",
                  State="available" if works else "failed")
        for name, (subnet, private, public, check) in self.instances.items():
            eni = {"NetworkInterfaceId": f"eni-{name}", "SubnetId": subnet, "VpcId": "vpc-main", "OwnerId": ACCOUNT,
                   "PrivateIpAddress": private, "SourceDestCheck": check, "Status": "in-use", "Groups": [],
                   "InterfaceType": "interface", "Attachment": {"InstanceId": name, "Status": "attached"},
                   "PrivateIpAddresses": [{"PrivateIpAddress": private, "Primary": True}]}
            if public:
                eni["Association"] = {"PublicIp": public, "IpOwnerId": ACCOUNT}
                e.eip(public, f"eni-{name}")
            e.put("ec2:network-interface", f"eni-{name}", eni)
        for table, routes in self.tables.items():
            own = [subnet for subnet, of in self.table_of.items() if of == table and table != "rtb-main"]
            e.table(table, [self.route(at, to) for at, to in routes.items()], own, main=table == "rtb-main")
        for name, (subnet, _) in self.functions.items():
            e.function(name, subnets=[subnet])
        return e.text()

    def route(self, destination, target):
        if target in self.instances:
            return route(destination, f"eni-{target}", InstanceId=target)
        return route(destination, target, **({"State": "blackhole"} if target == "nat-gone" else {}))

    # -- as namespaces ------------------------------------------------------------------------------------------------------

    def build(self, names):
        """The commands of `ip`, by namespace, and the translations."""
        router, world = names.make("vpc"), names.make("world")
        rules = {}
        sysctl(router)
        if self.gateway:
            hook(router, world, "igw", "100.64.0.1", via="100.64.0.2")
            # One box is the gateway and the internet behind it: the hosts are its own addresses.
            pairs = [(private, public) for _, private, public, *_ in [*self.nats.values(), *self.instances.values()] if public]
            rules[world] = gateway(pairs)
        for host in HOSTS:
            ip(world, f"addr add {host}/32 dev lo")
        ends = {**{name: it[1] for name, it in self.functions.items()},
                **{name: it[1] for name, it in self.nats.items() if it[3]},
                **{name: it[1] for name, it in self.instances.items()}}
        for name, private in ends.items():
            end = names.make(name)
            hook(router, end, name, private)
            if name in self.nats or name in self.instances:
                sysctl(end, forward=name in self.nats or not self.instances[name][3])
                rules[end] = source_nat(private)
        ip(router, f"rule add to {NET} lookup main priority 10")
        for n, (table, routes) in enumerate(self.tables.items()):
            for destination, target in routes.items():
                there = target in ends or target == "igw-main"
                box = "igw" if target == "igw-main" else target
                way = f"via {ends.get(target, '100.64.0.1')} dev v-{box} onlink" if there else ""
                ip(router, f"route add {'' if there else 'blackhole '}{destination} {way} table {100 + n}")
            ip(router, f"route add blackhole default metric 9999 table {100 + n}")
            for subnet in (subnet for subnet, of in self.table_of.items() if of == table):
                ip(router, f"rule add from {self.cidr[subnet]} lookup {100 + n} priority {100 + n}")
        for space, text in rules.items():
            subprocess.run(["ip", "netns", "exec", space, "nft", "-f", "-"], input=text, text=True, check=True)
        return world


def source_nat(private):
    return f"""table ip nat {{
  chain post {{
    type nat hook postrouting priority 100
    ip saddr != {private} snat to {private}
  }}
}}
"""


def gateway(pairs):
    """One to one for those who have a public address; nothing for others."""
    known = ", ".join(f"{private} : {public}" for private, public in pairs)
    private = ", ".join(private for private, _ in pairs)
    only = f"ip saddr != {{ {private} }} drop" if pairs else "drop"
    translate = f"ip saddr {{ {private} }} snat to ip saddr map {{ {known} }}" if pairs else ""
    return f"""table ip world {{
  chain before {{
    type filter hook prerouting priority -300
    iif lo accept
    {only}
  }}
  chain enter {{
    type nat hook input priority 100
    {translate}
  }}
}}
"""


class Names:
    """Namespaces that go when the test does."""

    def __init__(self, prefix):
        self.prefix, self.all = prefix, []

    def make(self, name):
        space = f"{self.prefix}-{name}"
        subprocess.run(["ip", "netns", "add", space], check=True)
        self.all.append(space)
        ip(space, "link set lo up")
        return space

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for space in self.all:
            subprocess.run(["ip", "netns", "del", space], check=False)


def ip(space, command):
    subprocess.run(["ip", "-n", space, *command.split()], check=True)


def sysctl(space, forward=True):
    for name, value in [("ip_forward", int(forward)), ("conf/all/rp_filter", 0), ("conf/default/rp_filter", 0)]:
        subprocess.run(["ip", "netns", "exec", space, "sh", "-c", f"echo {value} > /proc/sys/net/ipv4/{name}"], check=True)


def hook(router, end, name, address, via="169.254.0.1"):
    """An interface of the router, and the end of it that has an address."""
    subprocess.run(["ip", "-n", router, "link", "add", f"v-{name}", "type", "veth", "peer", "name", "eth0", "netns", end],
                   check=True)
    ip(router, f"link set v-{name} up")
    ip(router, f"addr add {via}/32 dev v-{name}")
    ip(router, f"route add {address}/32 dev v-{name}")
    ip(end, "link set eth0 up")
    ip(end, f"addr add {address}/32 dev eth0")
    ip(end, f"route add {via}/32 dev eth0")
    ip(end, f"route add default via {via} dev eth0")


def inside(space, make):
    """What `make` gives while this process is in a namespace."""
    with open("/proc/self/ns/net") as own, open(f"/var/run/netns/{space}") as other:
        if LIBC.setns(other.fileno(), 0):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            return make()
        finally:
            LIBC.setns(own.fileno(), 0)


def seen(topology, names, world):
    """The address that each host sees of each function; none where nothing arrives."""
    def listen():
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("0.0.0.0", PORT))
        server.settimeout(0.05)
        return server

    server = inside(world, listen)
    found = {}
    for name in topology.functions:
        client = inside(f"{names.prefix}-{name}", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        for host in HOSTS:
            mark = f"{name} {host}".encode()
            found[name, host] = None
            try:
                client.sendto(mark, (host, PORT))
                while True:
                    text, (address, _) = server.recvfrom(100)
                    if text == mark:
                        found[name, host] = address
                        break
            except OSError:
                pass
        client.close()
    server.close()
    return found


def traced(program, topology):
    """The address that the program prints for each function and host; none where it says that nothing gets there."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(topology.snapshot())
        file.flush()
        found = {}
        for name in topology.functions:
            run = subprocess.run([program, "trace", fn_arn(name), file.name, "--format", "json"], capture_output=True, text=True)
            if run.returncode not in (0, 1, 3):
                raise SystemExit(run.stderr)
            paths = json.loads(run.stdout)["paths"]
            for host in HOSTS:
                found[name, host] = answer(paths, ipaddress.ip_address(host))
        return found


def answer(paths, host):
    fits = [path for path in paths if any(host in ipaddress.ip_network(net) for net in path["destinations"])]
    fits = fits or [path for path in paths if not path["destinations"]]
    [path] = fits
    if path["reaches_internet"] is None:
        return "unknown"
    return path["addresses"] if path["reaches_internet"] else None


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--program", default=str(ROOT / "target/debug/egress-audit"))
    arguments.add_argument("--topologies", type=int, default=20)
    arguments.add_argument("--seed", type=int, default=1)
    arguments = arguments.parse_args()
    same, arrived, unknown, wrong = 0, 0, 0, []
    for number in range(arguments.topologies):
        seed = arguments.seed * 1_000_000 + number
        topology = Topology(random.Random(seed))
        printed = traced(arguments.program, topology)
        with Names(f"ea{os.getpid()}x{number}") as names:
            world = topology.build(names)
            real = seen(topology, names, world)
        for at, address in real.items():
            if printed[at] == "unknown":
                unknown += 1
            elif (printed[at] is None and address is None) or (printed[at] and address in printed[at]):
                same += 1
                arrived += address is not None
            else:
                wrong.append(f"seed {seed}: {at}: printed {printed[at]}, seen {address}\n  {vars(topology)}")
    print(f"{arguments.topologies} topologies, {same} packets as printed ({arrived} arrived), {unknown} not known, {len(wrong)} otherwise")
    for one in wrong[:5]:
        print(one)
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
