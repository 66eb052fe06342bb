variable "environment" {}
variable "services" {
  type    = map(any)
  default = {}
}
variable "delimiter" { default = null }
module "label" {
  source    = "../label"
  for_each  = var.services
  parts     = [var.environment, "", each.key]
  delimiter = var.delimiter
}
resource "terraform_data" "service" {
  for_each = module.label
  input    = { id = each.value.id, size = var.services[each.key], where = each.value.where, here = path.module }
}
output "ids" { value = { for key, label in module.label : key => label.id } }
output "services" { value = terraform_data.service }
