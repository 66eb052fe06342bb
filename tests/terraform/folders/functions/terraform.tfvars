functions = {
  api = {
    memory      = "512"
    environment = { MODE = "prod", RETRIES = 3 }
    public      = true
    vpc         = { subnets = ["a", "b"] }
    unused      = "dropped"
  }
  "nightly-job" = { runtime = "nodejs22.x", layers = ["one"] }
  hook = { public = "true", vpc = { subnets = [], egress = "PRIVATE" } }
}
