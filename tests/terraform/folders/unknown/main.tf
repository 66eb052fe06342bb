# What nobody knows before the apply, and what it does not hide.
resource "terraform_data" "a" { input = "a" }
resource "terraform_data" "many" {
  count = 3
  input = count.index
}
locals {
  id  = terraform_data.a.id
  ids = terraform_data.many[*].id
}
resource "terraform_data" "known" {
  input = {
    length   = length(local.ids), keys = keys({ x = local.id, y = 1 }), both = local.id == "x" && false, either = true || local.id == "x"
    first    = [local.id, "b"][1], branch = false ? local.id : "known", merged = merge({ p = local.id }, { q = 2 }).q
    tried    = try({ a = 1 }.b, "fallback"), inputs = terraform_data.many[*].input, zipped = keys(zipmap(["k"], [local.id]))
    concat   = length(concat(local.ids, ["x"])), element = element(concat(["known"], local.ids), 0)
    filtered = [for i, id in local.ids : i if i > 0], looked = lookup({ a = local.id, b = "known" }, "b", "")
    reversed = reverse([local.id, "last"])[0], slice = slice([local.id, 1, 2], 1, 3), chunk = length(chunklist(local.ids, 2))
  }
}
resource "terraform_data" "unknown" {
  input = {
    text     = "prefix-${local.id}", sum = length(local.id) + 1, compare = local.id == "x", list = [local.id, "b"]
    branch   = local.id == "" ? "a" : "b", json = jsonencode({ id = local.id, known = true }), set = toset(local.ids)
    upper    = upper(local.id), joined = join(",", local.ids), format = format("%s/%s", "a", local.id)
    contains = contains(local.ids, "x"), coalesce = coalesce(local.id, "x"), split = split("-", local.id)
    output   = terraform_data.a.output, flat = flatten([local.ids, ["x"]]), sorted = sort(local.ids), not = !(local.id == "x")
  }
}
