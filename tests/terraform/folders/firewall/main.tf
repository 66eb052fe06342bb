# Rules from nested lists, flattened and keyed: the idioms of firewall modules.
variable "rules" {
  default = [
    { name = "web", direction = "INGRESS", ranges = ["0.0.0.0/0"], allow = [{ protocol = "tcp", ports = ["80", "443"] }] },
    { name = "dns", direction = "EGRESS", ranges = ["8.8.8.8/32", "1.1.1.1/32"], allow = [{ protocol = "udp", ports = ["53"] }, { protocol = "tcp", ports = [53] }] },
    { name = "none", direction = "EGRESS", ranges = [], allow = [] },
  ]
}
variable "environments" {
  type    = set(string)
  default = ["prod", "dev", "dev"]
}
variable "limits" {
  type    = map(number)
  default = { dev = "10", prod = 1000 }
}
locals {
  flat = flatten([
    for rule in var.rules : [
      for range in rule.ranges : [
        for allow in rule.allow : {
          key      = "${rule.name}/${range}/${allow.protocol}"
          range    = range
          protocol = allow.protocol
          ports    = allow.ports
          open     = range == "0.0.0.0/0" && rule.direction == "INGRESS"
        }
      ]
    ]
  ])
  by_key      = { for rule in local.flat : rule.key => rule }
  by_protocol = { for rule in local.flat : rule.protocol => rule.key... }
  pairs       = { for pair in setproduct(var.environments, ["a", "b"]) : join("-", pair) => { environment = pair[0], zone = pair[1] } }
  addresses   = [for rule in local.flat : cidrhost(rule.range, 0)]
  kinds       = distinct([for rule in local.flat : rule.protocol])
  chunks      = chunklist([for rule in local.flat : rule.key], 2)
  parsed      = [for rule in local.flat : regex("^(?P<name>[a-z]+)/(?P<range>[^/]+)", rule.key)]
  ports       = sort(distinct(flatten([for rule in local.flat : [for port in rule.ports : tostring(port)]])))
  text        = <<-EOT
    rules: ${length(local.flat)}
      %{for key in keys(local.by_key)~}
      - ${key}
      %{endfor~}
    end
  EOT
}
resource "terraform_data" "rule" {
  for_each = local.by_key
  input    = merge(each.value, { name = replace(each.key, "/[^a-z0-9]+/", "-"), id = md5(each.key) })
}
resource "terraform_data" "pair" {
  for_each = local.pairs
  input    = [each.key, each.value.environment, lookup(var.limits, each.value.environment, 0), can(each.value.missing)]
}
resource "terraform_data" "all" {
  input = {
    by_protocol = local.by_protocol, addresses = local.addresses, kinds = local.kinds, chunks = local.chunks
    parsed      = local.parsed, ports = local.ports, text = local.text, size = length(var.environments)
    limit       = sum(values(var.limits)), names = terraform_data.rule["web/0.0.0.0/0/tcp"].input.name
    all         = [for rule in terraform_data.rule : rule.input.open], ids = [for k, r in terraform_data.rule : r.id]
  }
}
