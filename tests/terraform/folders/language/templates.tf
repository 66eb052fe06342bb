locals {
  one = <<EOT
foo
   %{~ if true ~}
   y
   %{~ endif ~}
  z
EOT
  two = <<-EOT
    a
      %{ if true }
      b
      %{ else }
      c
      %{ endif }
    d
  EOT
  three = <<-EOT
      first ${"x"}
    second
       ${"y"} third

    last
  EOT
  four = "a\n  ${~ "x" ~}  \n b"
  five = <<-EOT
    ${"x"}
      y
  EOT
  six = <<EOT
x $${a} %%{b} ${"v"}	tab
EOT
  seven = <<-EOT
    if [ 1 ]; then
    	tab
    fi
  EOT
  eight = <<EOT
%{ for i in [1, 2] ~}
item ${i}
%{ endfor ~}
end
EOT
}
resource "terraform_data" "templates" {
  input = [local.one, local.two, local.three, local.four, local.five, local.six, local.seven, local.eight]
}
