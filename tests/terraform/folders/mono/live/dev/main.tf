variable "environment" { default = "overridden" }
variable "services" { type = map(number) }
variable "later" { default = 1 }
module "service" {
  source      = "../../modules/service"
  environment = var.environment
  services    = var.services
}
resource "terraform_data" "last" {
  input = [module.service.ids, module.service.services["api"].input.id, module.service.services["api"].id, var.later]
}
