// What holds for every page: WCAG 2.2 AA as far as a program can tell, nothing
// wider than the screen, targets that a thumb can hit.
import axe from "axe-core";

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

// Every page is looked at in two views of each language: each pair of language,
// colours and width occurs once in these four.
const views = {
  en: [{ theme: "day", width: 1440, height: 900 }, { theme: "night", width: 390, height: 844 }],
  id: [{ theme: "night", width: 1440, height: 900 }, { theme: "day", width: 390, height: 844 }],
};

// The pages that people see most are looked at in all eight: the duty desk, the
// lists and the pages of records. Their forms and steps share the parts of others.
export const most = /^\/($|sign-in$|health\/(events|notifications|notices|questions|signals|risk|verification|contacts)(\/[0-9a-f-]{36})?$)/;
const others = { en: views.id, id: views.en };

// Only these rules depend on colours and width; the others are asked once for
// each language.
const shape = ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable", "aria-hidden-focus", "label-content-name-mismatch"];

// audit looks at the page that is open in the views of a language.
export async function audit(page, lang, found) {
  const name = new URL(page.url()).pathname + new URL(page.url()).search;
  await page.evaluate(axe.source);
  const all = most.test(new URL(page.url()).pathname) ? [...views[lang], ...others[lang]] : views[lang];
  for (const [i, v] of all.entries()) {
    const where = `${name} [${lang} ${v.theme} ${v.width}]`;
    await page.setViewportSize({ width: v.width, height: v.height });
    await page.evaluate(theme => document.documentElement.setAttribute("data-theme", theme), v.theme);
    const runOnly = i === 0 ? { type: "tag", values: tags } : { type: "rule", values: shape };
    const violations = await page.evaluate(runOnly => window.axe.run(document, { runOnly,
      rules: { "target-size": { enabled: true } }, resultTypes: ["violations"], preload: false, elementRef: false })
      .then(r => r.violations.map(x => ({ id: x.id, help: x.help, nodes: x.nodes.map(n => ({ target: n.target.join(" "), why: n.failureSummary })) }))), runOnly);
    for (const x of violations)
      found.push(`${where} ${x.id}: ${x.nodes.slice(0, 3).map(n => `${n.target} (${n.why.split("\n")[1]?.trim()})`).join("; ")}${x.nodes.length > 3 ? ` and ${x.nodes.length - 3} more` : ""}`);
    for (const x of await page.evaluate(measure)) found.push(`${where} ${x}`);
  }
}

function measure() {
  const found = [], wide = document.documentElement.scrollWidth - innerWidth;
  const seen = e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !e.closest(".vh");
  const say = e => `<${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""} class="${e.getAttribute("class") || ""}"> ${(e.innerText || "").slice(0, 40)}`;
  if (wide > 0) {
    const guilty = [...document.querySelectorAll("main *, header *")].filter(e => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 0.5 && !e.closest(".scroll, .raw"));
    found.push(`wider than the screen by ${wide} px: ${guilty.slice(0, 2).map(say).join("; ")}`);
  }
  for (const e of document.querySelectorAll("button, summary, select, textarea, input:not([type=hidden])")) {
    if (!seen(e) || e.getAttribute("aria-hidden") === "true") continue;
    const r = (/checkbox|radio/.test(e.type) && e.closest("label") || e).getBoundingClientRect();
    if (r.width > 0 && (r.width < 23.9 || r.height < 23.9)) found.push(`target of ${Math.round(r.width)} × ${Math.round(r.height)} px: ${say(e)}`);
  }
  if (document.querySelectorAll("h1").length !== 1) found.push(`${document.querySelectorAll("h1").length} first headings`);
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id), twice = ids.filter((x, i) => ids.indexOf(x) !== i);
  if (twice.length) found.push(`ids that occur twice: ${[...new Set(twice)].join(" ")}`);
  // A word without a sentence is shown as its key; names of rights such as health.read are meant.
  const keys = document.body.innerText.match(/\b((health|operate|people|account|signal|verification|contact|risk|ihr|family|timeliness|handover|surveillance|sop)\.[a-z_]+|hit|region|layout|parts|web|fault|todo|action|role|block|purpose|basis|clock|ack)\.[a-z_]+(\.[a-z_]+)*\b/g);
  if (keys) found.push(`keys instead of words: ${[...new Set(keys)].join(" ")}`);
  return found;
}
