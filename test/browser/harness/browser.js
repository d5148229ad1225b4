// The browser, and contexts that note every complaint of a page: script
// errors, violations of the content security policy, failed requests.
import { mkdir, writeFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
  "--no-first-run", "--disable-quic"];

export async function startBrowser() {
  await mkdir("out", { recursive: true });
  return chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", headless: true, args: flags });
}

// Complaints gathers what no page may say. A journey that provokes a refusal
// names what it expects: a pattern of the address and the words of the console.
export class Complaints {
  found = [];
  #expected = [];

  expect(pattern) { this.#expected.push(pattern); }

  add(kind, page, text, url = "") {
    if (this.#expected.some(p => p.test(`${url} ${text}`))) return;
    this.found.push(`${kind} on ${page}: ${text}${url ? ` (${url})` : ""}`);
  }

  watch(context) {
    context.on("console", m => {
      if (m.type() === "error" || m.type() === "warning") this.add("console", m.page()?.url(), m.text(), m.location().url);
    });
    context.on("weberror", e => this.add("script error", e.page()?.url(), String(e.error())));
    // A page that is left aborts its live stream; that is no failure.
    context.on("requestfailed", r => {
      const why = r.failure()?.errorText || "";
      if (why !== "net::ERR_ABORTED") this.add("request", r.frame().url(), why, r.url());
    });
  }
}

export class Stage {
  constructor(browser, region) {
    this.browser = browser;
    this.region = region;
    this.complaints = new Complaints();
  }

  // page opens a page in a browser of its own, with its own cookies.
  async page(options = {}) {
    const context = await this.browser.newContext({ locale: "en-GB", timezoneId: "UTC", viewport: { width: 1440, height: 900 },
      colorScheme: "light", reducedMotion: "reduce", ...options });
    context.setDefaultTimeout(30_000);
    this.complaints.watch(context);
    return context.newPage();
  }

  // enter signs in at a node as the front page does, without drawing that page.
  async enter(member, role, options) {
    const page = await this.page(options);
    const r = await fetch(`${this.region.front}/enter/${member}`, { method: "POST", body: new URLSearchParams({ role }) });
    const to = r.headers.get("refresh")?.match(/url=(.+)/)?.[1];
    if (!to) throw new Error(`no way in at ${member} as ${role}: ${r.status}`);
    await page.goto(to);
    return this.arrived(page);
  }

  // click signs in with one click on the front page, as people do.
  async click(member, role, options) {
    const page = await this.page(options);
    await page.goto(this.region.front);
    await page.locator(`#node-${member} form.region-seats button[value="${role}"]`).click();
    await page.waitForURL(u => u.origin !== this.region.front && u.pathname === "/");
    return this.arrived(page);
  }

  arrived(page) {
    page.origin = new URL(page.url()).origin;
    return page;
  }

  // clear closes every page, so that a journey does not slow down the next.
  async clear() {
    await Promise.all(this.browser.contexts().map(c => c.close()));
  }

  // pictures keeps what every open page shows and said.
  async pictures(name) {
    let n = 0;
    for (const context of this.browser.contexts())
      for (const page of context.pages()) {
        await page.screenshot({ path: `out/${name}-${++n}.png`, fullPage: true }).catch(() => {});
        await writeFile(`out/${name}-${n}.txt`, page.url() + "\n\n" + await page.locator("body").innerText().catch(String));
      }
  }
}

export const shot = (page, name, options = {}) => page.screenshot({ path: `out/${name}.png`, ...options });
