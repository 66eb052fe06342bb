# One of everything that is followed, most of it broken somewhere; nobody says which project it goes into.
variable "project_id" {}
variable "host_id" { default = "host" }
variable "region" { default = "europe-west1" }
provider "google" {
  project = var.project_id
  region  = var.region
}
data "google_project" "own" {}
resource "google_project" "host" {
  name       = "Host"
  project_id = var.host_id
  org_id     = "123456789012"
}
resource "google_compute_network" "hub" {
  project = google_project.host.project_id
  name    = "hub"
}
resource "google_compute_subnetwork" "c" {
  project       = google_project.host.project_id
  name          = "connector"
  network       = google_compute_network.hub.self_link
  ip_cidr_range = "10.9.0.0/28"
}
resource "google_compute_route" "appliance" {
  project           = google_project.host.project_id
  name              = "half"
  network           = google_compute_network.hub.name
  dest_range        = "0.0.0.0/1"
  priority          = 900
  next_hop_instance = google_compute_instance.appliance.self_link
}
resource "google_compute_instance" "appliance" {
  name         = "appliance"
  machine_type = "e2-small"
  zone         = "europe-west1-b"
}
resource "google_compute_firewall" "out" {
  project            = google_project.host.project_id
  name               = "out"
  network            = google_compute_network.hub.id
  direction          = "EGRESS"
  destination_ranges = ["203.0.113.0/24"]
  deny {
    protocol = "tcp"
    ports    = ["25"]
  }
}
resource "google_compute_address" "nat" {
  count   = 2
  project = google_project.host.project_id
  name    = "nat-${count.index}"
}
resource "google_compute_router" "hub" {
  project = google_project.host.project_id
  name    = "hub"
  network = google_compute_network.hub.id
}
resource "google_compute_router_nat" "hub" {
  project                            = google_project.host.project_id
  name                               = "hub"
  router                             = google_compute_router.hub.name
  region                             = google_compute_router.hub.region
  nat_ip_allocate_option             = "MANUAL_ONLY"
  nat_ips                            = google_compute_address.nat[*].id
  source_subnetwork_ip_ranges_to_nat = "ALL_SUBNETWORKS_ALL_IP_RANGES"
  min_ports_per_vm                   = 128
}
resource "google_vpc_access_connector" "c" {
  name = "c"
  subnet {
    name       = google_compute_subnetwork.c.name
    project_id = google_compute_subnetwork.c.project
  }
  min_instances = 2
  max_instances = 3
}
resource "google_compute_subnetwork_iam_binding" "use" {
  project    = google_compute_subnetwork.c.project
  region     = google_compute_subnetwork.c.region
  subnetwork = google_compute_subnetwork.c.name
  role       = "roles/compute.networkUser"
  members    = ["serviceAccount:service-${data.google_project.own.number}@gcp-sa-vpcaccess.iam.gserviceaccount.com"]
}
resource "google_service_account" "run" { account_id = "run" }
resource "google_service_account" "caller" {
  project    = "partner-project"
  account_id = "caller"
}
resource "google_service_account_key" "caller" { service_account_id = google_service_account.caller.id }
resource "google_service_account_iam_member" "pool" {
  service_account_id = google_service_account.caller.name
  role               = "roles/iam.workloadIdentityUser"
  member             = "principalSet://iam.googleapis.com/${google_iam_workload_identity_pool.ci.name}/*"
}
resource "google_iam_workload_identity_pool" "ci" { workload_identity_pool_id = "ci" }
resource "google_iam_workload_identity_pool_provider" "github" {
  workload_identity_pool_id          = google_iam_workload_identity_pool.ci.workload_identity_pool_id
  workload_identity_pool_provider_id = "github"
  oidc { issuer_uri = "https://token.actions.githubusercontent.com" }
}
resource "google_project_iam_custom_role" "invoke" {
  role_id     = "invoke"
  title       = "Invoke"
  permissions = ["run.routes.invoke"]
}
resource "google_project_iam_member" "invoke" {
  project = var.project_id
  role    = google_project_iam_custom_role.invoke.id
  member  = google_service_account.caller.member
}
resource "google_project_iam_binding" "editor" {
  project = var.project_id
  role    = "roles/editor"
  members = ["serviceAccount:${google_service_account.run.email}", "group:ops@example.com"]
}
resource "google_kms_key_ring" "kr" {
  name     = "kr"
  location = var.region
}
resource "google_kms_crypto_key" "k" {
  name            = "k"
  key_ring        = google_kms_key_ring.kr.id
  rotation_period = "7776000s"
}
resource "google_kms_crypto_key_iam_binding" "k" {
  crypto_key_id = google_kms_crypto_key.k.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  members = [
    "serviceAccount:service-${data.google_project.own.number}@gcf-admin-robot.iam.gserviceaccount.com",
    "serviceAccount:service-${data.google_project.own.number}@gcp-sa-artifactregistry.iam.gserviceaccount.com",
    "serviceAccount:service-${data.google_project.own.number}@gs-project-accounts.iam.gserviceaccount.com",
    "serviceAccount:service-${data.google_project.own.number}@serverless-robot-prod.iam.gserviceaccount.com",
  ]
}
resource "google_artifact_registry_repository" "images" {
  repository_id = "images"
  location      = var.region
  format        = "DOCKER"
}
resource "google_cloudfunctions2_function" "f" {
  name         = "f"
  location     = var.region
  kms_key_name = google_kms_crypto_key.k.id
  labels       = { "egress-audit-egress" = "static" }
  build_config {
    runtime           = "nodejs20"
    docker_repository = google_artifact_registry_repository.images.id
  }
  service_config {
    vpc_connector                 = google_vpc_access_connector.c.id
    vpc_connector_egress_settings = "ALL_TRAFFIC"
    ingress_settings              = "ALLOW_INTERNAL_AND_GCLB"
    service_account_email         = google_service_account.run.email
    max_instance_count            = 4
    environment_variables         = { STAGE = "prod", TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyzAB" }
  }
}
data "google_iam_policy" "open" {
  binding {
    role    = "roles/run.invoker"
    members = ["allAuthenticatedUsers"]
  }
}
resource "google_cloud_run_v2_service_iam_policy" "f" {
  name        = google_cloudfunctions2_function.f.name
  location    = google_cloudfunctions2_function.f.location
  policy_data = data.google_iam_policy.open.policy_data
}
resource "google_cloud_run_service" "old" {
  name     = "old"
  location = var.region
  metadata {
    annotations = { "run.googleapis.com/ingress" = "all" }
  }
  template {
    metadata {
      annotations = {
        "run.googleapis.com/vpc-access-connector" = google_vpc_access_connector.c.name
        "run.googleapis.com/vpc-access-egress"    = "private-ranges-only"
      }
    }
    spec {
      service_account_name = google_service_account.run.email
      containers { image = "hello" }
    }
  }
}
resource "google_cloud_run_service_iam_member" "old" {
  service  = google_cloud_run_service.old.name
  location = google_cloud_run_service.old.location
  role     = "roles/run.invoker"
  member   = "serviceAccount:${google_service_account.caller.email}"
}
resource "google_cloud_run_v2_job" "j" {
  name     = "j"
  location = var.region
  template {
    template {
      service_account = google_service_account.run.email
      containers { image = "hello" }
    }
  }
}
resource "google_compute_region_network_endpoint_group" "f" {
  name   = "f"
  region = var.region
  cloud_run { service = google_cloudfunctions2_function.f.name }
}
resource "google_compute_backend_service" "f" {
  name                  = "f"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  backend { group = google_compute_region_network_endpoint_group.f.id }
}
resource "google_compute_url_map" "f" {
  name            = "f"
  default_service = google_compute_backend_service.f.id
}
resource "google_compute_target_https_proxy" "f" {
  name    = "f"
  url_map = google_compute_url_map.f.id
}
resource "google_compute_global_address" "f" { name = "front" }
resource "google_compute_global_forwarding_rule" "f" {
  name                  = "f"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  port_range            = "443"
  target                = google_compute_target_https_proxy.f.id
  ip_address            = google_compute_global_address.f.id
}
