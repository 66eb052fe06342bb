// The page by keyboard alone.

/** What Tab does not come to, of all that can be used; and how many stops there are. */
export async function reached(page) {
  const wanted = await page.evaluate(() => {
    const all = [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")];
    const shows = (it) => it.checkVisibility({ contentVisibilityAuto: false, visibilityProperty: true });
    const within = all.filter((it) => it.getClientRects().length > 0 && shows(it));
    within.forEach((it, nth) => { it.dataset.nth = nth; });
    return within.length;
  });
  const come = new Set();
  const unseen = new Set();
  for (let nth = 0; nth < 2 * wanted + 10 && come.size < wanted; nth += 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const own = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(own);
      return { nth: own.dataset.nth, seen: outlineStyle !== "none" && outlineWidth !== "0px", what: own.outerHTML.slice(0, 80) };
    });
    if (at.nth !== undefined) come.add(at.nth);
    if (at.nth !== undefined && !at.seen) unseen.add(at.what);
  }
  const missing = await page.evaluate((come) => [...document.querySelectorAll("[data-nth]")]
    .filter((it) => !come.includes(it.dataset.nth)).map((it) => it.outerHTML.slice(0, 120)), [...come]);
  return { wanted, missing, unseen: [...unseen] };
}

/** Goes by Tab to what has a name, from wherever one is. */
async function go(page, selector) {
  for (let nth = 0; nth < 400; nth += 1) {
    if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not come to ${selector}`);
}

const shown = async (page) => {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return page.evaluate(() => {
    const shows = (it) => it.getClientRects().length > 0;
    const cards = [...document.querySelectorAll(".card")].filter(shows);
    const findings = [...document.querySelectorAll(".finding")].filter(shows);
    const of = (name) => [...new Set(findings.map((it) => it.dataset[name]))].sort();
    return {
      said: document.getElementById("shown").textContent,
      names: cards.map((it) => it.querySelector("h3").textContent),
      cards: cards.length,
      findings: findings.length,
      severities: of("severity"),
      verdicts: of("verdict"),
      rules: of("rule"),
      families: of("family"),
      clouds: [...new Set(cards.map((it) => it.dataset.cloud))],
      egress: [...new Set(cards.map((it) => it.dataset.egress))],
      nothing: shows(document.getElementById("nothing")),
    };
  });
};

async function reset(page) {
  await go(page, "#reset");
  await page.keyboard.press("Enter");
}

/** Every filter, by keyboard. */
export async function filters(page, words) {
  const found = { all: await shown(page) };
  await go(page, "#search");
  await page.keyboard.type(words);
  found.search = await shown(page);
  await page.keyboard.type(" nothing-of-the-kind");
  found.none = await shown(page);
  await reset(page);
  found.reset = await shown(page);
  for (const [name, typed] of [["rule", "invoker-key"], ["family", "enc"], ["cloud", "gcp"], ["egress", "non"]]) {
    await go(page, `#by-${name}`);
    await page.keyboard.type(typed);
    found[name] = await shown(page);
    await reset(page);
  }
  for (const [name, value] of [["severity", "critical"], ["verdict", "not-evaluated"]]) {
    await go(page, `input[name=${name}][value=${value}]`);
    await page.keyboard.press("Space");
    found[name] = await shown(page);
    await reset(page);
  }
  await go(page, ".more > summary");
  await page.keyboard.press("Enter");
  await new Promise((done) => setTimeout(done, 100));
  found.explained = await page.evaluate(() => document.activeElement.parentElement.querySelector(".prose")?.textContent.length ?? 0);
  return found;
}
