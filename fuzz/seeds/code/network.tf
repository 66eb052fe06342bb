variable "n" {
  default = 2
}
locals {
  names = [for i in range(var.n) : "s-${i}"]
}
resource "aws_vpc" "a" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "a" {
  for_each   = toset(local.names)
  vpc_id     = aws_vpc.a.id
  cidr_block = cidrsubnet(aws_vpc.a.cidr_block, 8, length(each.key))
}
resource "aws_lambda_function" "f" {
  function_name = format("%s-%03d", "f", 1)
  vpc_config {
    subnet_ids = [for s in aws_subnet.a : s.id]
  }
  dynamic "environment" {
    for_each = [1]
    content {
      variables = merge({ A = "b" }, { C = jsonencode({ d = replace("x", "/x/", "$0$0") }) })
    }
  }
}
----
{"output":{"o":{"value":"${aws_vpc.a.id}"}}}
