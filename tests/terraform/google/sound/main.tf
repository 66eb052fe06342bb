# Everything in order: a service in a subnet, behind a NAT with a reserved address, under a key, for one caller.
provider "google" {
  project = "shop-prod"
  region  = "us-central1"
}
resource "google_compute_network" "shop" {
  name                    = "shop"
  auto_create_subnetworks = false
}
resource "google_compute_subnetwork" "run" {
  name                     = "run"
  network                  = google_compute_network.shop.id
  ip_cidr_range            = "10.1.0.0/24"
  private_ip_google_access = true
}
resource "google_compute_address" "exit" {
  name = "exit"
}
resource "google_compute_router" "shop" {
  name    = "shop"
  network = google_compute_network.shop.id
}
resource "google_compute_router_nat" "shop" {
  name                               = "shop"
  router                             = google_compute_router.shop.name
  nat_ip_allocate_option             = "MANUAL_ONLY"
  nat_ips                            = google_compute_address.exit.*.self_link
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"
  subnetwork {
    name                    = google_compute_subnetwork.run.id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }
  log_config {
    enable = true
    filter = "ERRORS_ONLY"
  }
}
data "google_project" "own" {}
resource "google_kms_key_ring" "shop" {
  name     = "shop"
  location = "us-central1"
}
resource "google_kms_crypto_key" "shop" {
  name            = "shop"
  key_ring        = google_kms_key_ring.shop.id
  rotation_period = "7776000s"
}
resource "google_kms_crypto_key_iam_member" "run" {
  crypto_key_id = google_kms_crypto_key.shop.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-${data.google_project.own.number}@serverless-robot-prod.iam.gserviceaccount.com"
}
resource "google_service_account" "orders" { account_id = "orders" }
resource "google_service_account" "caller" { account_id = "caller" }
resource "google_cloud_run_v2_service" "orders" {
  name     = "orders"
  location = "us-central1"
  ingress  = "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  template {
    service_account = google_service_account.orders.email
    encryption_key  = google_kms_crypto_key.shop.id
    scaling {
      max_instance_count = 10
    }
    containers {
      image = "us-docker.pkg.dev/cloudrun/container/hello"
      env {
        name  = "STAGE"
        value = "prod"
      }
    }
    vpc_access {
      network_interfaces {
        network    = google_compute_network.shop.id
        subnetwork = google_compute_subnetwork.run.id
      }
      egress = "ALL_TRAFFIC"
    }
  }
}
resource "google_cloud_run_v2_service_iam_member" "caller" {
  name   = google_cloud_run_v2_service.orders.name
  role   = "roles/run.invoker"
  member = google_service_account.caller.member
}
