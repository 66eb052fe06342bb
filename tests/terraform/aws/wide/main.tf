# Everything that is followed of AWS, once each, with little that the code gives itself.
variable "region" {}
provider "aws" {
  region = var.region
}
data "aws_caller_identity" "me" {}
resource "aws_vpc" "v" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.1.0.0/24"
}
resource "aws_subnet" "private" {
  vpc_id          = aws_vpc.v.id
  cidr_block      = "10.1.1.0/24"
  ipv6_cidr_block = cidrsubnet(aws_vpc.v.ipv6_cidr_block, 8, 1)
}
resource "aws_internet_gateway" "igw" {}
resource "aws_internet_gateway_attachment" "igw" {
  internet_gateway_id = aws_internet_gateway.igw.id
  vpc_id              = aws_vpc.v.id
}
resource "aws_egress_only_internet_gateway" "six" {
  vpc_id = aws_vpc.v.id
}
resource "aws_route_table" "public" {
  vpc_id = aws_vpc.v.id
}
resource "aws_route" "public" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.igw.id
}
resource "aws_route_table_association" "public" {
  subnet_id      = aws_subnet.public.id
  route_table_id = aws_route_table.public.id
}
resource "aws_eip" "one" {}
resource "aws_eip" "two" {}
resource "aws_eip" "unused" {}
resource "aws_nat_gateway" "nat" {
  allocation_id            = aws_eip.one.allocation_id
  secondary_allocation_ids = [aws_eip.two.id]
  subnet_id                = aws_subnet.public.id
}
resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.v.default_route_table_id
  route {
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.nat.id
  }
  route {
    ipv6_cidr_block        = "::/0"
    egress_only_gateway_id = aws_egress_only_internet_gateway.six.id
  }
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id          = aws_vpc.v.id
  service_name    = "com.amazonaws.${var.region}.s3"
  route_table_ids = [aws_vpc.v.default_route_table_id]
}
resource "aws_security_group" "fn" {
  vpc_id = aws_vpc.v.id
  egress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_network_acl" "private" {
  vpc_id     = aws_vpc.v.id
  subnet_ids = [aws_subnet.private.id]
  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = "0.0.0.0/0"
    from_port  = 443
    to_port    = 443
  }
}
resource "aws_network_acl_rule" "answers" {
  network_acl_id = aws_network_acl.private.id
  rule_number    = 100
  egress         = false
  rule_action    = "allow"
  protocol       = "tcp"
  cidr_block     = "0.0.0.0/0"
  from_port      = 1024
  to_port        = 65535
}
resource "aws_iam_role" "fn" {
  name                = "fn"
  assume_role_policy  = "{}"
  managed_policy_arns = ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]
}
resource "aws_iam_role_policy" "fn" {
  role   = aws_iam_role.fn.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "${aws_s3_bucket.b.arn}/*" }] })
}
resource "aws_s3_bucket" "b" {}
resource "aws_kms_key" "k" {}
resource "aws_kms_alias" "k" {
  name          = "alias/k"
  target_key_id = aws_kms_key.k.key_id
}
resource "aws_lambda_function" "fn" {
  function_name = "fn"
  role          = aws_iam_role.fn.arn
  runtime       = "python3.13"
  kms_key_arn   = aws_kms_alias.k.arn
  publish       = true
  tags          = { "egress-audit-egress" = "static", other = aws_s3_bucket.b.id }
  vpc_config {
    subnet_ids                  = [aws_subnet.private.id]
    security_group_ids          = [aws_security_group.fn.id]
    ipv6_allowed_for_dual_stack = true
  }
  environment {
    variables = { BUCKET = aws_s3_bucket.b.id }
  }
}
resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.fn.function_name
  function_version = aws_lambda_function.fn.version
}
resource "aws_lambda_function_url" "live" {
  function_name      = aws_lambda_function.fn.function_name
  qualifier          = aws_lambda_alias.live.name
  authorization_type = "AWS_IAM"
}
resource "aws_lambda_permission" "bucket" {
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.fn.function_name
  principal      = "s3.amazonaws.com"
  source_arn     = aws_s3_bucket.b.arn
  source_account = data.aws_caller_identity.me.account_id
}
resource "aws_lambda_permission" "balancer" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.fn.arn
  qualifier     = aws_lambda_alias.live.name
  principal     = "elasticloadbalancing.amazonaws.com"
  source_arn    = aws_lb_target_group.fn.arn
}
resource "aws_lambda_event_source_mapping" "queue" {
  function_name    = aws_lambda_function.fn.arn
  event_source_arn = aws_sqs_queue.q.arn
}
resource "aws_sqs_queue" "q" {}
resource "aws_apigatewayv2_api" "http" {
  name          = "http"
  protocol_type = "HTTP"
}
resource "aws_apigatewayv2_integration" "fn" {
  api_id           = aws_apigatewayv2_api.http.id
  integration_type = "AWS_PROXY"
  integration_uri  = aws_lambda_function.fn.invoke_arn
}
resource "aws_apigatewayv2_route" "fn" {
  api_id             = aws_apigatewayv2_api.http.id
  route_key          = "GET /fn"
  authorization_type = "JWT"
  target             = "integrations/${aws_apigatewayv2_integration.fn.id}"
}
resource "aws_apigatewayv2_stage" "live" {
  api_id      = aws_apigatewayv2_api.http.id
  name        = "$default"
  auto_deploy = true
}
resource "aws_lambda_permission" "http" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.fn.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.http.execution_arn}/*/*"
}
resource "aws_security_group" "lb" {
  vpc_id = aws_vpc.v.id
}
resource "aws_security_group_rule" "lb" {
  security_group_id = aws_security_group.lb.id
  type              = "ingress"
  from_port         = 443
  to_port           = 443
  protocol          = "tcp"
  cidr_blocks       = ["192.0.2.0/24"]
}
resource "aws_lb" "front" {
  name            = "front"
  security_groups = [aws_security_group.lb.id]
  subnets         = [aws_subnet.public.id]
}
resource "aws_lb_target_group" "fn" {
  name        = "fn"
  target_type = "lambda"
}
resource "aws_lb_target_group_attachment" "fn" {
  target_group_arn = aws_lb_target_group.fn.arn
  target_id        = aws_lambda_alias.live.arn
}
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.front.arn
  port              = 443
  default_action {
    type = "fixed-response"
  }
}
resource "aws_lb_listener_rule" "fn" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10
  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.fn.arn
  }
  condition {
    path_pattern {
      values = ["/fn"]
    }
  }
}
