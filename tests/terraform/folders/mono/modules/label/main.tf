variable "parts" { type = list(string) }
variable "delimiter" {
  type     = string
  default  = "-"
  nullable = false
}
output "id" { value = join(var.delimiter, compact(var.parts)) }
output "where" { value = path.module }
