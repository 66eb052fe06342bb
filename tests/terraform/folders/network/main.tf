# A network in the style of the modules that everybody uses: subnets by zone, one NAT gateway or one for each.
variable "cidr" {
  type    = string
  default = "10.20.0.0/16"
}
variable "zones" {
  type    = list(string)
  default = ["a", "b", "c"]
}
variable "single_nat" {
  type    = bool
  default = false
}
locals {
  name   = "shop-${terraform_data.suffix.input}"
  region = "eu-west-1"
  tags   = merge({ Name = local.name }, { team = "net", cost = 42 })
}
resource "terraform_data" "suffix" {
  input = lower("PROD")
}
module "vpc" {
  source          = "./modules/vpc"
  name            = local.name
  cidr            = var.cidr
  zones           = [for zone in var.zones : "${local.region}${zone}"]
  single_nat      = var.single_nat
  private_subnets = [for index, _ in var.zones : cidrsubnet(var.cidr, 8, index)]
  public_subnets  = [for index, _ in var.zones : cidrsubnet(var.cidr, 8, index + 100)]
  tags            = local.tags
}
module "other" {
  source = "./modules/vpc"
  count  = 2
  name   = format("other-%02d", count.index)
  zones  = ["x"]
}
resource "terraform_data" "uses" {
  input = {
    private = module.vpc.private
    routes  = module.vpc.routes
    first   = module.vpc.private[0].cidr
    others  = module.other[*].name
    vpc     = module.vpc.id
  }
}
output "private" {
  value = module.vpc.private[*].cidr
}
