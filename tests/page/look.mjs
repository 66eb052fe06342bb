// Looks at one HTML report as a reader does, and prints what there is to see. What is asserted stands in `tests/cli/page.rs`.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { HtmlValidate } from "html-validate";
import { start } from "./browser.mjs";
import { filters, reached } from "./keys.mjs";

const file = process.argv[2];
const words = process.argv[3];
const address = pathToFileURL(file).href;
const { browser, stop } = await start();
const seen = { requests: [], dialogs: [], console: [], errors: [], violations: [] };

async function open({ scripts = true, width = 1280, scheme = "light" } = {}) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  await page.setJavaScriptEnabled(scripts);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  page.on("request", (it) => { if (it.url() !== address) seen.requests.push(it.url().slice(0, 200)); });
  page.on("dialog", (it) => { seen.dialogs.push(it.message()); it.dismiss(); });
  page.on("console", (it) => seen.console.push(it.text()));
  page.on("pageerror", (it) => seen.errors.push(it.message));
  await page.exposeFunction("violated", (what) => seen.violations.push(what));
  await page.evaluateOnNewDocument(() => {
    addEventListener("securitypolicyviolation", (it) => globalThis.violated(`${it.violatedDirective} ${it.blockedURI} ${it.sample}`));
  });
  await page.goto(address);
  return page;
}

/** What axe finds, with everything in sight and then with everything opened. */
async function accessible(page) {
  await page.evaluate(() => document.styleSheets[0].insertRule(".card, .rule { content-visibility: visible !important }", 0));
  await page.evaluate(axe.source);
  const run = () => page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations, passes, incomplete } = await globalThis.axe.run(document, { runOnly: tags, resultTypes: ["violations", "passes", "incomplete"] });
    const told = violations.map((it) => `${it.id}: ${it.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join("; ")}`);
    // What it cannot judge in pictures is judged below.
    const left = incomplete.map((it) => ({ ...it, nodes: it.nodes.filter((node) => !/svg|text|\.(l|n|k|lb|lu|m)\b/u.test(node.target.at(-1))) }));
    const unsure = left.filter((it) => it.nodes.length > 0).map((it) => `${it.id}: ${it.nodes.slice(0, 3).map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join("; ")}`);
    return { told, unsure, contrast: passes.some((it) => it.id === "color-contrast") };
  });
  const first = await run();
  await page.evaluate(() => { for (const it of document.querySelectorAll("details")) it.open = true; });
  await new Promise((done) => setTimeout(done, 100));
  const second = await run();
  return { violations: [...first.told, ...second.told], unsure: [...first.unsure, ...second.unsure], contrast: first.contrast && second.contrast };
}

/** The lowest contrast between a text of a picture and what it stands on: axe does not judge images. */
const contrast = (page) => page.evaluate(() => {
  const light = (color) => {
    const [r, g, b] = color.match(/[\d.]+/gu).slice(0, 3).map((it) => it / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const all = (selector, property) => new Set([...document.querySelectorAll(selector)].map((it) => getComputedStyle(it)[property]));
  const grounds = [...all(".picture .b", "fill"), ...all(".card", "backgroundColor")].map(light);
  const ratios = [...all(".picture text", "fill")].map(light).flatMap((text) => grounds.map((ground) => (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05)));
  return Math.min(...ratios);
});

const looks = (page) => page.evaluate(() => {
  const shows = (it) => it.getClientRects().length > 0;
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    background: getComputedStyle(document.body).backgroundColor,
    cards: all(".card").filter(shows).length,
    findings: all(".finding").filter(shows).length,
    filters: all("#filters").filter(shows).length,
    theme: all("#theme").filter(shows).length,
    pictures: all("svg.picture").filter(shows).length,
    drawn: all("svg.picture rect").every((it) => getComputedStyle(it).fill !== "rgb(0, 0, 0)"),
    wider: document.documentElement.scrollWidth > innerWidth,
    ids: all("[id]").length - new Set(all("[id]").map((it) => it.id)).size,
    elements: [...new Set(all("*").map((it) => it.localName))].sort(),
    scripts: all("script").length,
    handlers: all("*").flatMap((it) => it.getAttributeNames()).filter((name) => name.startsWith("on") || name === "style" || name === "src").length,
    links: [...new Set(all("[href]").map((it) => it.getAttribute("href").replace(/^(#|https:\/\/)[^]*/u, "$1")))].sort(),
    text: document.body.textContent.replace(/\s+/gu, " "),
  };
});

const found = { seen };
try {
  const page = await open();
  found.light = await looks(page);
  found.tab = await reached(page);
  if (words) found.filters = await filters(page, words);
  await page.close();

  for (const scheme of ["light", "dark"]) {
    const page = await open({ scheme });
    found[scheme === "dark" ? "axe_dark" : "axe_light"] = { ...await accessible(page), pictures: await contrast(page) };
    await page.close();
  }
  const narrow = await open({ width: 400, scheme: "dark" });
  found.narrow = await looks(narrow);
  await narrow.focus("#theme");
  await narrow.keyboard.press("Enter");
  found.toggled = await narrow.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await narrow.close();

  const printed = await open();
  await printed.emulateMediaType("print");
  found.printed = await printed.evaluate(() => ({
    hops: [...document.querySelectorAll(".card table")].every((it) => it.getBoundingClientRect().height > 20),
    search: document.getElementById("search").getClientRects().length,
  }));
  await printed.close();

  const bare = await open({ scripts: false });
  found.bare = await looks(bare);
  await bare.close();
} finally {
  await stop();
}

const validator = new HtmlValidate({
  extends: ["html-validate:recommended", "html-validate:document"],
  // How it is written, not whether it is right.
  rules: { "long-title": "off", "no-trailing-whitespace": "off", "no-inline-style": "error", "require-csp-nonce": "off" },
});
const report = await validator.validateString(readFileSync(file, "utf8"), file);
found.html = report.results.flatMap((it) => it.messages).map((it) => `${it.line}:${it.column} ${it.ruleId}: ${it.message}`);
console.log(JSON.stringify(found));
