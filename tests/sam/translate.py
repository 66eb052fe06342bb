"""What SAM's own transform makes of templates: their paths as arguments, JSON by path on standard output."""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.parser.parser import Parser  # noqa: E402
from samtranslator.translator.translator import Translator  # noqa: E402
from samtranslator.yaml_helper import yaml_parse  # noqa: E402

made = {}
for path in sys.argv[1:]:
    try:
        with open(path, encoding="utf-8") as file:
            template = yaml_parse(file.read())
        made[path] = Translator({}, Parser()).translate(sam_template=template, parameter_values={})
    except Exception as error:  # The test says what was refused.
        causes = getattr(error, "causes", [])
        made[path] = {"Error": "; ".join([str(error), *(cause.message for cause in causes)])}
json.dump(made, sys.stdout, default=str)
