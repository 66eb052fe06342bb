terraform {
  backend "s3" {
    access_key = "CANARY01backend"
    secret_key = "CANARY02backend"
  }
}
provider "aws" {
  region     = "us-west-2"
  access_key = "CANARY03provider"
  secret_key = "CANARY04provider"
  token = "CANARY05provider"
}
variable "secret" {
  default   = "CANARY06variable"
  sensitive = true
}
locals {
  hidden = sensitive("CANARY07local")
}
output "o" {
  value = "CANARY08output"
  sensitive = true
}
resource "aws_db_instance" "d" {
  password = "CANARY09password"
  identifier = "CANARY10dbident"
}
resource "aws_instance" "i" {
  user_data = "#!/bin/sh\nexport T=CANARY11userdata"
  ami = "x"
}
resource "aws_lambda_function" "f" {
  function_name = "orders"
  role          = aws_iam_role.r.arn
  description   = "CANARY12description"
  environment {
    variables = {
      PLAIN  = "CANARY13env"
      DB_PASSWORD = "CANARY14envpassword"
      FROMVAR = var.secret
      URL = "https://user:CANARY15url@x.example/"
      LOCAL = local.hidden
    }
  }
  tags = { token = "CANARY16tag", x = var.secret }
  kms_key_arn = var.secret
}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole", Condition = { StringEquals = { "sts:ExternalId" = var.secret } } }] })
}
resource "aws_lambda_permission" "p" {
  function_name = aws_lambda_function.f.function_name
  action = "lambda:InvokeFunction"
  principal = "alexa-appkit.amazon.com"
  event_source_token = "CANARY17eventtoken"
}
resource "aws_lambda_function" "bad" {
  function_name = var.secret
  role          = aws_iam_role.r.arn
  environment { 
    variables = { X = tonumber(var.secret), Z= jsondecode("CANARY19json") }
  }
}
resource "google_cloudfunctions2_function" "g" {
  name = "g"
  location = "europe-west1"
  build_config {
    runtime = "nodejs20"
    environment_variables = { B = "CANARY20build" }
  }
  service_config {
    environment_variables = { A = "CANARY21service", S = var.secret }
  }
}
resource "google_cloud_run_v2_service" "s" {
  name = "s"
  location = "europe-west1"
  template {
    containers {
      image = "i"
      env {
        name = "A"
        value = "CANARY23run"
      }
    }
  }
}
resource "aws_api_gateway_stage" "st" {
  stage_name = "prod"
  rest_api_id = "x"
  deployment_id = "y"
  variables = { pw_password = "CANARY24stagepassword" }
}
data "aws_secretsmanager_secret_version" "x" { secret_id = "CANARY25secretid" }
resource "aws_ssm_parameter" "x" { 
  name = "n"
  type = "SecureString"
  value = "CANARY26ssm" 
}
