// Puts the questions of `aws_policy.py` to the npm package @cloud-copilot/iam-simulate, which is AGPL and so stays a process
// of its own: fetched by a test, never shipped.
//
//     node aws_simulate.cjs FOLDER < requests.ndjson > answers.ndjson
//
// FOLDER holds `node_modules`. Each line of input is {"policy": POLICY, "requests": [REQUEST, …]}; each line of output is a list
// of {"answer": "allow" | "no" | "error", "ignored": [the keys that it does not take for this action]}.
const path = require("node:path");
const readline = require("node:readline");
const { createRequire } = require("node:module");
const { runSimulation, anonymousPrincipal } = createRequire(path.join(path.resolve(process.argv[2]), "anchor.js"))(
  "@cloud-copilot/iam-simulate");

// The resource is said to be of an account that nobody is of, so that the resource policy decides: the identity policy of
// whoever asks allows everything.
const OWNER = "555555555555";
const EVERYTHING = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };

async function answer(policy, { principal, action, resource, context }) {
  const anonymous = principal.kind === "anonymous";
  const simulation = {
    request: {
      principal: anonymous ? anonymousPrincipal : principal.arn ?? principal.name,
      action,
      resource: { resource, accountId: OWNER },
      contextVariables: context,
    },
    identityPolicies: anonymous ? [] : [{ name: "everything", policy: EVERYTHING }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: policy,
  };
  try {
    const found = await runSimulation(simulation, {});
    if (found.resultType === "error") return { answer: "error", why: JSON.stringify(found.errors).slice(0, 300), ignored: [] };
    const ignored = found.result?.ignoredContextKeys ?? [];
    return { answer: found.overallResult === "Allowed" ? "allow" : "no", ignored };
  } catch (error) {
    return { answer: "error", why: String(error).slice(0, 300), ignored: [] };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { policy, requests } = JSON.parse(line);
    const answers = [];
    for (const request of requests) answers.push(await answer(policy, request));
    console.log(JSON.stringify(answers));
  }
}

main();
