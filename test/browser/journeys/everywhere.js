// Every page that a link leads to, for every role, and the pages that only a
// mistake shows: accessible, day and night, in both languages, on both screens.
import assert from "node:assert/strict";
import { audit, most } from "../harness/audit.js";
import { compose, press, recordEvent, send, step } from "../harness/desk.js";
import { eventually } from "../harness/live.js";
import { story } from "../harness/story.js";

const event = { name: "Rabies, Pursat", summary: "A child was bitten.", hazard: "rabies", grade: "Warning", place: "Pursat",
  onset: "2020-01-02", cases: "1", asOf: "2020-01-03T06:00", source: "District hospital" };
const title = "Rabies in Pursat";

// kind tells pages of one template apart from those of another.
const kind = u => u.pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ":id").replace(/\/\d+(?=\/|$)/g, "/:n")
  .replace(/\/[A-Z]{2,4}(-[A-Z0-9]+)?(?=\/|$)/g, "/:place") || "/";

// Crawler audits pages and follows their links to pages of a kind that it has
// not seen.
class Crawler {
  found = [];
  seen = new Set();

  async visit(page, path, status = 200, languages = ["en", "id"]) {
    for (const lang of languages) {
      const u = new URL(path, page.origin);
      u.searchParams.set("lang", lang);
      const r = await page.goto(u.href);
      if (r.status() !== status) this.found.push(`${path}: ${r.status()} instead of ${status}`);
      if (await page.locator("html").getAttribute("lang") !== lang) this.found.push(`${path}: not in ${lang}`);
      await audit(page, lang, this.found);
    }
  }

  async crawl(page, start) {
    const queue = [...start];
    while (queue.length) {
      const path = queue.shift(), k = kind(new URL(path, page.origin));
      if (this.seen.has(k)) continue;
      this.seen.add(k);
      // The pages that people see most in both languages, the others in turn.
      const both = most.test(new URL(path, page.origin).pathname);
      await this.visit(page, path, 200, both ? ["en", "id"] : [this.seen.size % 2 ? "en" : "id"]);
      for (const href of await page.locator("a[href]").evaluateAll(all => all.map(a => a.getAttribute("href")))) {
        const u = new URL(href, page.url());
        u.searchParams.delete("lang");
        if (u.origin === page.origin && !/\.(csv|xlsx|xml|json|atom|pem|vcf|ics|svg|png|txt)$|^\/(api|feed)\b|\/download/.test(u.pathname) && !u.searchParams.has("format")) queue.push(u.pathname + u.search);
      }
    }
  }
}

export async function everywhere(t, stage) {
  const s = {}, c = new Crawler(), part = story(t, stage);
  const look = (name, at) => t.test(name, { skip: name !== "the front page" && !s.waiting }, at); // on its own: one bad page hides no other
  const clean = () => { const all = c.found; c.found = []; assert.deepEqual(all, []); };

  stage.complaints.expect(/nowhere.*404|admin\/accounts.*403|01900000-.*404|events\/new .*400|\/edit .*409/);
  await look("the front page", async () => {
    const page = await stage.page();
    page.origin = stage.region.front;
    await c.visit(page, "/");
    clean();
  });

  await part("records in several states", async () => {
    s.duty = await stage.enter("KH", "duty_officer");
    s.approver = await stage.enter("KH", "approver");
    s.event = await recordEvent(s.duty, event);
    const words = { title, message: "Vaccines are needed.", withhold: [["TH", "facts"], ["VN", "dates"]] };
    s.released = await compose(s.duty, s.event, words);
    await send(s.duty, s.approver, s.released);
    s.th = await stage.enter("TH", "duty_officer");
    await eventually(s.th, s.th.locator("#todo").getByText(`Acknowledge: ${title}`), "the notification");
    await s.th.locator("#todo").getByRole("link", { name: `Acknowledge: ${title}` }).click();
    await s.th.waitForURL(/\/notices\//);
    s.notice = s.th.url();
    await s.th.locator("#answer").getByText("Ask a question").click();
    await s.th.locator("form#answer-ask textarea").fill("How many doses?");
    await press(s.th, "Send the question");
    await s.duty.goto(s.duty.origin + "/");
    await eventually(s.duty, s.duty.locator("#todo").getByText("How many doses?"), "the question");
    s.draft = await compose(s.duty, s.event, words);
    s.waiting = await compose(s.duty, s.event, { ...words, title: "Rabies, once more" });
    await step(s.duty, s.waiting, "Submit for clearance");
  });

  await look("everything that a duty officer can reach", async () => {
    await c.visit(s.duty, s.draft);
    await c.visit(s.duty, s.released);
    await c.crawl(s.duty, ["/", new URL(s.event).pathname, "/search?q=rabies", "/health/events?q=nothing+of+this+kind"]);
    clean();
  });

  await look("a received notification at the recipient", async () => {
    await c.visit(s.th, s.notice);
    await c.crawl(s.th, [new URL(s.notice).pathname]);
    clean();
  });

  await look("what the approver, the administrator and the auditor reach besides", async () => {
    await c.visit(s.approver, new URL(s.waiting).pathname);
    await c.crawl(s.approver, [new URL(s.waiting).pathname + "/step/clear", new URL(s.waiting).pathname + "/step/return"]);
    for (const role of ["administrator", "auditor"]) {
      const page = await stage.enter("KH", role);
      await c.visit(page, "/");
      await c.crawl(page, (await page.locator("nav.rail a[href], details.menu a[href]").evaluateAll(all => all.map(a => a.pathname))));
    }
    clean();
    for (const must of ["/account", "/admin/accounts", "/admin/agencies", "/node/exchange", "/node/exchange/quarantine", "/node/exchange/directory",
      "/node/history", "/node/history/checkpoints", "/node/history/verification", "/node/rules", "/health/questions/:id", "/health/events/:id/facts"])
      assert.ok(c.seen.has(must), `no link leads to ${must}`);
  });

  await look("signing in, and what mistakes show", async () => {
    const anybody = await stage.page();
    anybody.origin = s.duty.origin;
    await c.visit(anybody, "/sign-in");
    await c.visit(anybody, "/nowhere", 404);
    await c.visit(s.duty, "/admin/accounts", 403);
    await c.visit(s.duty, "/health/events/01900000-0000-7000-8000-000000000000", 404);
    s.epi = await stage.enter("KH", "epidemiologist");
    for (const lang of ["en", "id"]) {
      await s.duty.goto(s.duty.origin + "/health/events/new?lang=" + lang);
      await s.duty.locator("[name='fact.0.value']").fill("many");
      await s.duty.locator("main form#event button[value=save].primary").click();
      await s.duty.locator("#errors").waitFor();
      await audit(s.duty, lang, c.found);
      await conflicting(s, lang, c.found);
    }
    clean();
  });
}

// conflicting provokes the page with both versions.
async function conflicting(s, lang, found) {
  const path = new URL(s.event).pathname + "/edit";
  await s.duty.goto(s.duty.origin + path + "?lang=" + lang);
  await s.epi.goto(s.epi.origin + path);
  await s.epi.locator("[name=summary]").fill(`Changed for ${lang}.`);
  await s.epi.locator("form#event button[value=save].primary").click();
  await s.epi.waitForURL(u => !u.pathname.endsWith("/edit"));
  await s.duty.locator("[name=summary]").fill(`Mine for ${lang}.`);
  await s.duty.locator("form#event button[value=save].primary").click();
  await s.duty.locator("table.conflict").waitFor();
  await audit(s.duty, lang, found);
}
