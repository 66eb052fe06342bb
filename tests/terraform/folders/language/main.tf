# Corners of the language.
locals {
  a       = local.b + 1
  b       = local.c * 2
  c       = 20
  object  = { "quoted key" = 1, (local.name) = 2, plain : 3, 4 = "four" }
  name    = "computed"
  splat   = [{ x = [1, 2] }, { x = [3] }]
  nothing = null
  heredoc = <<EOT
line "one"
  ${local.name} $${kept} %%{kept}
\n no escape
EOT
  trimmed = "a ${~local.name~} b"
  nested  = "${"${local.name}"}-${true}-${1.50}"
  loop    = "%{for k, v in local.object}${k}=${v};%{endfor}"
  chosen  = local.nothing == null ? "null" : local.nothing.missing
  mixed   = [1, "a", true, null, [], {}]
  unicode = "é${length("日本語")}${upper("straße")}"
}
variable "secret" {
  type      = string
  default   = "hidden"
  sensitive = true
}
check "health" {
  assert {
    condition     = local.a == 41
    error_message = "it is not"
  }
}
moved {
  from = terraform_data.old
  to   = terraform_data.values
}
resource "terraform_data" "values" {
  input = {
    a = local.a, object = local.object, splat = local.splat[*].x[0], attr = local.splat.*.x[1], heredoc = local.heredoc
    trimmed = local.trimmed, nested = local.nested, loop = local.loop, chosen = local.chosen, mixed = local.mixed
    unicode = local.unicode, none = local.nothing[*], single = local.name[*], legacy = local.splat.0.x.1
    numbers = [1e2, 0.1 + 0.2, 7 / 2, -7 % 3, 1 / 4], logic = [true || false, !true, 1 < 2 && 2 < 3]
    equal   = [local.object == local.object, [1] == [1], toset([1]) == toset([1]), "1" == 1]
    index   = local.mixed[length(local.mixed) - 2], root = path.root, module = path.module
  }
  lifecycle {
    ignore_changes = [triggers_replace]
    precondition {
      condition     = local.a == 41
      error_message = "never"
    }
  }
}
resource "terraform_data" "replaced" {
  input            = "by the other file"
  triggers_replace = [terraform_data.values.id]
}
resource "terraform_data" "none" {
  count = 0
  input = "never"
}
resource "terraform_data" "secret" {
  input = { password = var.secret, length = length(var.secret) }
}
output "none" { value = [one(terraform_data.none[*].id), length(terraform_data.none), try(terraform_data.none[0].id, "no")] }
