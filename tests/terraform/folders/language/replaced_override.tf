resource "terraform_data" "replaced" {
  input = "it was overridden"
}
