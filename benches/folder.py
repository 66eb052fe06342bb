"""A Terraform folder of N functions, half of them on Google Cloud and half on AWS, in teams of fifty as people write them.

    python3 benches/folder.py 1000 FOLDER
"""

import pathlib
import sys

TEAM = 50

GOOGLE_NETWORK = """
resource "google_compute_network" "{t}" {{
  project                 = var.project
  name                    = "{t}"
  auto_create_subnetworks = false
}}
resource "google_compute_subnetwork" "{t}" {{
  project       = var.project
  name          = "{t}"
  region        = var.region
  network       = google_compute_network.{t}.id
  ip_cidr_range = cidrsubnet("10.0.0.0/8", 20, {n})
}}
resource "google_compute_address" "{t}" {{
  count   = 2
  project = var.project
  region  = var.region
  name    = "{t}-${{count.index}}"
}}
resource "google_compute_router" "{t}" {{
  project = var.project
  region  = var.region
  name    = "{t}"
  network = google_compute_network.{t}.id
}}
resource "google_compute_router_nat" "{t}" {{
  project                            = var.project
  region                             = var.region
  name                               = "{t}"
  router                             = google_compute_router.{t}.name
  nat_ip_allocate_option             = "MANUAL_ONLY"
  nat_ips                            = google_compute_address.{t}[*].self_link
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
  log_config {{
    enable = true
    filter = "ERRORS_ONLY"
  }}
}}
resource "google_vpc_access_connector" "{t}" {{
  project = var.project
  region  = var.region
  name    = "{t}"
  subnet {{
    name = google_compute_subnetwork.{t}.name
  }}
}}
resource "google_kms_key_ring" "{t}" {{
  project  = var.project
  name     = "{t}"
  location = var.region
}}
resource "google_kms_crypto_key" "{t}" {{
  name            = "{t}"
  key_ring        = google_kms_key_ring.{t}.id
  rotation_period = "7776000s"
}}
resource "google_service_account" "{t}_caller" {{
  project    = var.project
  account_id = "{t}-caller"
}}
"""

GOOGLE_FUNCTION = """
resource "google_service_account" "{f}" {{
  project    = var.project
  account_id = "{f}"
}}
resource "google_cloudfunctions2_function" "{f}" {{
  project      = var.project
  name         = "{f}"
  location     = var.region
  kms_key_name = google_kms_crypto_key.{t}.id
  build_config {{
    runtime     = "nodejs22"
    entry_point = "main"
  }}
  service_config {{
    ingress_settings              = {ingress}
    vpc_connector                 = google_vpc_access_connector.{t}.id
    vpc_connector_egress_settings = "ALL_TRAFFIC"
    service_account_email         = google_service_account.{f}.email
    environment_variables = {{
      STAGE = var.stage
      NAME  = "{f}"
    }}
  }}
  labels = merge(local.labels, {{ function = "{f}" }})
}}
resource "google_cloud_run_v2_service_iam_member" "{f}" {{
  project  = var.project
  location = google_cloudfunctions2_function.{f}.location
  name     = google_cloudfunctions2_function.{f}.name
  role     = "roles/run.invoker"
  member   = {member}
}}
"""

AWS_NETWORK = """
resource "aws_vpc" "{t}" {{
  cidr_block = "10.{n}.0.0/16"
}}
resource "aws_internet_gateway" "{t}" {{
  vpc_id = aws_vpc.{t}.id
}}
resource "aws_subnet" "{t}_public" {{
  vpc_id            = aws_vpc.{t}.id
  cidr_block        = cidrsubnet(aws_vpc.{t}.cidr_block, 8, 0)
  availability_zone = "eu-west-1a"
}}
resource "aws_subnet" "{t}_private" {{
  vpc_id            = aws_vpc.{t}.id
  cidr_block        = cidrsubnet(aws_vpc.{t}.cidr_block, 8, 1)
  availability_zone = "eu-west-1a"
}}
resource "aws_eip" "{t}" {{
  domain = "vpc"
}}
resource "aws_nat_gateway" "{t}" {{
  allocation_id = aws_eip.{t}.id
  subnet_id     = aws_subnet.{t}_public.id
}}
resource "aws_route_table" "{t}_public" {{
  vpc_id = aws_vpc.{t}.id
  route {{
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.{t}.id
  }}
}}
resource "aws_route_table" "{t}_private" {{
  vpc_id = aws_vpc.{t}.id
  route {{
    cidr_block     = "0.0.0.0/0"
    nat_gateway_id = aws_nat_gateway.{t}.id
  }}
}}
resource "aws_route_table_association" "{t}_public" {{
  subnet_id      = aws_subnet.{t}_public.id
  route_table_id = aws_route_table.{t}_public.id
}}
resource "aws_route_table_association" "{t}_private" {{
  subnet_id      = aws_subnet.{t}_private.id
  route_table_id = aws_route_table.{t}_private.id
}}
resource "aws_security_group" "{t}" {{
  name   = "{t}"
  vpc_id = aws_vpc.{t}.id
  egress {{
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }}
}}
resource "aws_kms_key" "{t}" {{
  enable_key_rotation = true
}}
"""

AWS_FUNCTION = """
resource "aws_iam_role" "{f}" {{
  name = "{f}"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "lambda.amazonaws.com" }} }}]
  }})
}}
resource "aws_iam_role_policy_attachment" "{f}" {{
  role       = aws_iam_role.{f}.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
}}
resource "aws_lambda_function" "{f}" {{
  function_name = "{f}"
  role          = aws_iam_role.{f}.arn
  runtime       = "python3.13"
  handler       = "main.handler"
  filename      = "{f}.zip"
  kms_key_arn   = aws_kms_key.{t}.arn
  vpc_config {{
    subnet_ids         = [aws_subnet.{t}_private.id]
    security_group_ids = [aws_security_group.{t}.id]
  }}
  environment {{
    variables = merge({{ STAGE = var.stage }}, {{ NAME = "{f}" }})
  }}
}}
resource "aws_lambda_permission" "{f}" {{
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.{f}.function_name
  principal      = {principal}
  source_account = "123456789012"
}}
"""

HEAD = {
    "google": 'variable "project" { default = "shop-prod" }\nvariable "region" { default = "europe-west1" }\n'
    'variable "stage" { default = "prod" }\nlocals { labels = { team = "shop" } }\n',
    "aws": 'provider "aws" { region = "eu-west-1" }\nvariable "stage" { default = "prod" }\n',
}


def write(folder: pathlib.Path, cloud: str, functions: int, network: str, function: str) -> None:
    own = folder / cloud
    own.mkdir(parents=True)
    (own / "main.tf").write_text(HEAD[cloud])
    for first in range(0, functions, TEAM):
        team, number = f"team{first // TEAM}", first // TEAM
        text = [network.format(t=team, n=number % 250)]
        for index in range(first, min(first + TEAM, functions)):
            odd = index % 20 == 0
            text.append(
                function.format(
                    t=team,
                    f=f"f{index}",
                    ingress='"ALLOW_ALL"' if odd else '"ALLOW_INTERNAL_ONLY"',
                    member='"allUsers"' if odd else f'"serviceAccount:${{google_service_account.{team}_caller.email}}"',
                    principal='"*"' if odd else '"events.amazonaws.com"',
                )
            )
        (own / f"{team}.tf").write_text("".join(text))


def generate(folder: pathlib.Path, functions: int) -> None:
    half = functions // 2
    write(folder, "google", half, GOOGLE_NETWORK, GOOGLE_FUNCTION)
    write(folder, "aws", functions - half, AWS_NETWORK, AWS_FUNCTION)


if __name__ == "__main__":
    generate(pathlib.Path(sys.argv[2]), int(sys.argv[1]))
