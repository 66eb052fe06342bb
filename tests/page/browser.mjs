// The browser of a package of npm, unpacked beside it once, with the libraries that come along: nothing of the machine but the C
// library and the compiler's runtime is used.

import { createReadStream, createWriteStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createBrotliDecompress } from "node:zlib";
import puppeteer from "puppeteer-core";
import { extract } from "tar-fs";

const here = dirname(fileURLToPath(import.meta.url));
const home = join(here, "unpacked");

async function unpack() {
  if (existsSync(home)) return;
  const packed = join(here, "node_modules/@sparticuz/chromium/bin");
  const half = `${home}-${process.pid}`;
  mkdirSync(half);
  const into = (name, sink) => pipeline(createReadStream(join(packed, `${name}.br`)), createBrotliDecompress(), sink);
  await into("chromium", createWriteStream(join(half, "chromium"), { mode: 0o755 }));
  await into("swiftshader.tar", extract(half));
  await into("al2023.tar", extract(half));
  await into("fonts.tar", extract(half));
  const fonts = `<dir>${join(home, "fonts")}</dir><cachedir>${join(home, "cache")}</cachedir>`;
  writeFileSync(join(half, "fonts.conf"), `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${fonts}</fontconfig>`);
  try {
    renameSync(half, home);
  } catch (error) {
    // Another test was faster.
    rmSync(half, { recursive: true });
    if (!existsSync(home)) throw error;
  }
}

/** Starts the browser: it has no name of the network to resolve, and nothing of the environment. */
export async function start() {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`the browser that looks at the HTML report is for linux on x64, and this is ${process.platform} on ${process.arch}`);
  }
  await unpack();
  const own = mkdtempSync(join(tmpdir(), "egress-audit-page-"));
  const browser = await puppeteer.launch({
    executablePath: join(home, "chromium"),
    headless: "shell",
    pipe: true,
    userDataDir: own,
    env: { HOME: own, LD_LIBRARY_PATH: join(home, "lib"), FONTCONFIG_FILE: join(home, "fonts.conf") },
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND", "--allow-file-access-from-files=false"],
  });
  return { browser, stop: () => browser.close().finally(() => rmSync(own, { recursive: true, force: true })) };
}
