// A level of the region: proposed by one state, answered by three nodes, raised
// against one dissent that stays on the record everywhere, and over at its
// review date because nobody renewed it.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { clocked } from "../harness/clock.js";
import { press, recordEvent, shareFamily, step, todo } from "../harness/desk.js";
import { arrives, eventually, hold } from "../harness/live.js";
import { story } from "../harness/story.js";

const event = { name: "Cholera, Pursat", summary: "Cases along the lake (sample).", hazard: "cholera", grade: "Warning", place: "Pursat", cases: "114", source: "Provincial health office (sample)" };
const family = "Cholera around the lake", title = "Level 2 for cholera around the lake";
const states = { KH: "Cambodia", SG: "Singapore", TH: "Thailand", VN: "Viet Nam" };
const positions = [["TH", "agree", "Agrees", "We see it too."], ["SG", "disagree", "Disagrees", "The two cases are imported."], ["VN", "reserve", "Agrees with reservation", "For border provinces only."]];

export async function level(t, stage) {
  const own = await clocked(stage), s = { found: [] }, part = story(t, own.stage);
  await part("Cambodia proposes a level with the criteria that are met and a day on which it ends", async () => {
    for (const m of Object.keys(states)) s[m] = Object.assign(await own.stage.enter(m, "duty_officer"), { approver: await own.stage.enter(m, "approver") });
    await recordEvent(s.KH, { ...event, onset: await own.day(-5), asOf: await own.at(-6) });
    s.event = s.KH.url();
    await shareFamily(s.KH, s.KH.approver, family);
    await s.KH.goto(s.KH.origin + "/health/levels/new");
    await audit(s.KH, "en", s.found);
    const form = s.KH.locator("form#level");
    await form.locator("[name=family]").selectOption({ label: family });
    await form.locator("[name=title]").fill(title);
    await form.locator("[name=level][value='2']").check();
    await form.locator("[name=criteria][value=two_states]").check();
    await form.locator("[name=reasons]").fill("Two states report cases.");
    for (const box of await form.locator("[name=concerned]").all()) await box.setChecked(Object.hasOwn(states, await box.getAttribute("value")));
    await form.locator("[name=rule][value=all_but_one]").check();
    await form.locator("[name=window]").fill("12");
    await form.locator("[name=review]").fill(await own.at(72));
    await form.getByRole("button", { name: /^Save/ }).click();
    await s.KH.waitForURL(/\/health\/levels\/[0-9a-f-]{36}$/);
    s.at = new URL(s.KH.url()).pathname;
    await step(s.KH, null, "Submit for clearance");
    await step(s.KH.approver, s.KH.approver.origin + s.at, "Ask every member");
    await s.KH.goto(s.KH.origin + s.at);
    await hold(s.KH);
    assert.equal(await s.KH.locator("#steps").getByRole("link", { name: "Close and count" }).count(), 0, "it may be closed while members have time to answer");
  });

  for (const [m, stance, says, why] of positions)
    await part(`${states[m]} takes its own position; Cambodia's open page shows it`, async () => {
      await todo(s[m], `Take a position on “${title}”`);
      await s[m].getByRole("link", { name: "Take our position" }).click();
      const form = s[m].locator("form#level");
      await form.locator(`[name=stance][value=${stance}]`).check();
      await form.locator("[name=reasons]").fill(why);
      if (m === "SG") await audit(s[m], "en", s.found);
      await form.getByRole("button", { name: /^Save/ }).click();
      await s[m].waitForURL(u => u.pathname === s.at);
      await press(s[m], "Submit our position");
      await s[m].approver.goto(s[m].approver.origin + s.at);
      await press(s[m].approver, "Release our position");
      await arrives(s.KH, s.KH.locator("#positions tbody tr").filter({ hasText: states[m] }).filter({ hasText: says }), `the position of ${states[m]}`);
    });

  await part("all have answered, so Cambodia may close; it is adopted against one dissent", async () => {
    await arrives(s.KH, s.KH.locator("#steps").getByRole("link", { name: "Close and count" }), "the step that is possible now");
    await s.SG.goto(s.SG.origin + s.at);
    await hold(s.SG);
    await step(s.KH, null, "Close and count");
    await arrives(s.SG, s.SG.locator("#top .notice").filter({ hasText: "In force" }), "the decision");
    for (const m of Object.keys(states)) {
      await s[m].goto(s[m].origin + s.at);
      await eventually(s[m], s[m].locator("#top .notice").filter({ hasText: "In force" }), "the decision");
      assert.match(await s[m].locator("#positions").innerText(), /Singapore[^]*Disagrees[^]*The two cases are imported\./);
      assert.match(await s[m].locator("#asked").innerText(), /Cambodia, Singapore, Thailand, Viet Nam/);
    }
    await audit(s.KH, "en", s.found);
    await s.KH.emulateMedia({ media: "print" });
    assert.match(await s.KH.locator("main").innerText(), /In force[^]*Disagrees/);
    assert.equal(await s.KH.locator("nav.rail").isVisible(), false);
    await s.KH.emulateMedia({ media: "screen" });
    await s.KH.goto(s.event);
    assert.match(await s.KH.locator("#levels").innerText(), new RegExp(`${family}[^]*until|${family}[^]*Until`));
  });

  await part("a day before its end somebody is told; nobody renews it, and it is over everywhere", async () => {
    await own.pass(50);
    await s.KH.goto(s.KH.origin + "/");
    await eventually(s.KH, s.KH.locator("#todo li").filter({ hasText: `Renew, lower or let end: “${title}”` }), "that the level ends soon");
    for (const m of Object.keys(states)) {
      await s[m].goto(s[m].origin + s.at);
      assert.match(await s[m].locator("#top").innerText(), /In force/);
    }
    await own.pass(30);
    for (const m of Object.keys(states)) {
      await s[m].goto(s[m].origin + s.at);
      await eventually(s[m], s[m].locator("#top .notice").filter({ hasText: "It ended at its review date" }), "the end");
      assert.match(await s[m].locator("#positions").innerText(), /Singapore[^]*Disagrees/, "the record of the decision is gone");
    }
    await s.SG.goto(s.SG.url() + "?lang=id");
    await audit(s.SG, "id", s.found);
    await s.KH.goto(s.event);
    assert.match(await s.KH.locator("#levels").innerText(), /no level in force/);
  });

  await part("every page on the way is accessible", () => assert.deepEqual(s.found, []));
}
