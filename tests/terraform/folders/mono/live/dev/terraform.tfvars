environment = "dev"
services    = { api = "1", web = 2 }
later       = 2
