"use strict";
{
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const root = document.documentElement;

  const theme = one("theme");
  const dark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = dark() ? "Light theme" : "Dark theme"; };
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; name(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  theme.hidden = false;
  name();

  const search = one("search");
  const selects = all("#filters select");
  const boxes = all("#filters input[type=checkbox]");
  const cards = all(".card").map((card) => ({ card, findings: all(".finding", card), text: undefined }));
  const total = cards.reduce((sum, { findings }) => sum + findings.length, 0);

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/u).filter(Boolean);
    const chosen = Object.fromEntries(selects.map((select) => [select.dataset.of, select.value]));
    const ticked = (name) => new Set(boxes.filter((box) => box.name === name && box.checked).map((box) => box.value));
    const severities = ticked("severity");
    const verdicts = ticked("verdict");
    const narrow = severities.size > 0 || verdicts.size > 0 || chosen.rule !== "" || chosen.family !== "";
    let shownCards = 0;
    let shownFindings = 0;
    for (const own of cards) {
      let fitting = 0;
      for (const finding of own.findings) {
        const { severity, verdict, rule, family } = finding.dataset;
        const fits = (severities.size === 0 || severities.has(severity)) && (verdicts.size === 0 || verdicts.has(verdict))
          && (chosen.rule === "" || chosen.rule === rule) && (chosen.family === "" || chosen.family === family);
        finding.hidden = !fits;
        fitting += fits ? 1 : 0;
      }
      const { cloud, egress } = own.card.dataset;
      if (words.length > 0) own.text ??= own.card.textContent.toLowerCase();
      const fits = (!narrow || fitting > 0) && (chosen.cloud === "" || chosen.cloud === cloud)
        && (chosen.egress === "" || chosen.egress === egress) && words.every((word) => own.text.includes(word));
      own.card.hidden = !fits;
      if (fits) {
        shownCards += 1;
        shownFindings += fitting;
      }
    }
    one("shown").textContent = `Showing ${shownCards} of ${cards.length} cards, with ${shownFindings} of ${total} findings`;
    one("nothing").hidden = shownCards > 0 || cards.length === 0;
  };

  let waiting = false;
  const soon = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; filter(); });
  };
  search.addEventListener("input", soon);
  for (const control of [...selects, ...boxes]) control.addEventListener("change", soon);
  one("reset").addEventListener("click", () => {
    search.value = "";
    for (const select of selects) select.value = "";
    for (const box of boxes) box.checked = false;
    filter();
    search.focus();
  });
  one("filters").hidden = false;
  filter();

  // What a rule says stands in the page once; a finding that is opened shows it in place.
  for (const more of all("details.more")) {
    more.addEventListener("toggle", () => {
      const note = one(more.dataset.note)?.querySelector(".prose");
      if (!more.open || !note || more.querySelector(".prose")) return;
      more.append(note.cloneNode(true));
    }, { once: true });
  }
}
