variable "name" { type = string }
variable "cidr" {
  type    = string
  default = "10.0.0.0/16"
}
variable "zones" { type = list(string) }
variable "private_subnets" {
  type    = list(string)
  default = []
}
variable "public_subnets" {
  type    = list(string)
  default = []
}
variable "single_nat" {
  type    = bool
  default = true
}
variable "tags" {
  type    = map(string)
  default = {}
}
locals {
  max       = max(length(var.private_subnets), length(var.public_subnets))
  nat_count = var.single_nat ? 1 : length(var.zones)
  create    = length(var.private_subnets) > 0
}
resource "terraform_data" "vpc" {
  input = { cidr = var.cidr, tags = merge({ "Name" = var.name }, var.tags) }
}
resource "terraform_data" "private" {
  count = local.create ? length(var.private_subnets) : 0
  input = {
    vpc  = terraform_data.vpc.id
    cidr = element(concat(var.private_subnets, [""]), count.index)
    zone = length(regexall("^[a-z]{2}-", element(var.zones, count.index))) > 0 ? element(var.zones, count.index) : null
    tags = merge(var.tags, { Name = format("%s-private-%s", var.name, element(var.zones, count.index)) })
  }
}
resource "terraform_data" "public" {
  for_each = { for index, cidr in var.public_subnets : var.zones[index] => cidr }
  input    = { cidr = each.value, zone = each.key, vpc = terraform_data.vpc.id }
}
resource "terraform_data" "nat" {
  count = length(var.public_subnets) > 0 ? local.nat_count : 0
  input = {
    subnet = values(terraform_data.public)[var.single_nat ? 0 : count.index].id
    cidr   = values(terraform_data.public)[var.single_nat ? 0 : count.index].input.cidr
    name   = "${var.name}-${element(var.zones, var.single_nat ? 0 : count.index)}"
  }
}
resource "terraform_data" "route" {
  count = length(terraform_data.private)
  input = {
    nat    = try(terraform_data.nat[count.index].id, terraform_data.nat[0].id, null)
    subnet = terraform_data.private[count.index].id
    name   = terraform_data.private[count.index].input.tags.Name
  }
}
output "id" { value = terraform_data.vpc.id }
output "name" { value = var.name }
output "private" { value = [for subnet in terraform_data.private : { id = subnet.id, cidr = subnet.input.cidr }] }
output "routes" { value = { for route in terraform_data.route : route.input.name => route.input.nat } }
