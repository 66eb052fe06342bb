# Functions from one map of settings, with policies, templates and files.
variable "functions" {
  type = map(object({
    runtime     = optional(string, "python3.13")
    memory      = optional(number, 128)
    environment = optional(map(string), {})
    public      = optional(bool)
    layers      = optional(list(string))
    vpc = optional(object({
      subnets = list(string)
      egress  = optional(string, "ALL")
    }))
  }))
}
locals {
  defaults = yamldecode(file("${path.module}/defaults.yaml"))
  public   = toset([for name, function in var.functions : name if coalesce(function.public, false)])
  account  = "123456789012"
  arns     = { for name, function in terraform_data.function : name => "arn:aws:lambda:eu-west-1:${local.account}:function:${name}" }
}
resource "terraform_data" "role" {
  for_each = var.functions
  input = {
    name = substr(replace("${each.key}-role", "/[^a-z-]/", ""), 0, 12)
    assume = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
    })
  }
}
resource "terraform_data" "function" {
  for_each = var.functions
  input = {
    name        = each.key
    runtime     = each.value.runtime
    memory      = max(each.value.memory, local.defaults.memory)
    role        = terraform_data.role[each.key].id
    role_name   = terraform_data.role[each.key].output
    environment = merge(local.defaults.environment, each.value.environment, { NAME = upper(each.key) })
    subnets     = try(each.value.vpc.subnets, [])
    egress      = try(each.value.vpc.egress, "NONE")
    in_vpc      = each.value.vpc != null
    layers      = each.value.layers == null ? [] : each.value.layers
    startup     = templatefile("${path.module}/templates/startup.tftpl", { name = each.key, ports = [80, 443], tls = true })
  }
}
resource "terraform_data" "door" {
  for_each = local.public
  input    = { function = terraform_data.function[each.value].input.name, key = each.key, who = "*" }
}
resource "terraform_data" "policy" {
  input = [for name in sort(keys(local.arns)) : local.arns[name]]
}
output "unknown_policy" {
  value = jsonencode({ Resource = terraform_data.policy.id })
}
output "count" {
  value = { all = length(var.functions), public = length(local.public), any = anytrue([for f in var.functions : f.vpc != null]) }
}
