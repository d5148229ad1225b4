// The region decides and reports: a level from three nodes against one dissent,
// and one report in which the silent state is named, never counted as zero.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { press, recordEvent, step } from "../harness/desk.js";
import { eventually } from "../harness/live.js";
import { story } from "../harness/story.js";

const event = { name: "Cholera, Pursat", summary: "Cases along the lake.", hazard: "cholera", grade: "Warning", place: "Pursat", onset: "2026-11-01", cases: "114",
  asOf: "2026-11-20T08:00", source: "Provincial health office (sample)" };
const family = "Cholera around the lake", level = "Level 2 for cholera around the lake", report = "Cholera around the lake: the region";
const states = { KH: "Cambodia", SG: "Singapore", TH: "Thailand" };

export async function response(t, stage) {
  const s = { found: [] }, part = story(t, stage);
  await part("the event becomes a family that everybody sees", async () => {
    for (const m of Object.keys(states)) {
      s[m] = await stage.enter(m, "duty_officer");
      s[m].approver = await stage.enter(m, "approver");
    }
    await recordEvent(s.KH, event);
    await s.KH.getByRole("link", { name: "Make a family" }).click();
    await s.KH.locator("form#family [name=name]").fill(family);
    await s.KH.locator("form#family .act button[value=save]").click();
    s.family = await at(s.KH, "families");
    const sharing = s.KH.approver;
    await sharing.goto(sharing.origin + s.family);
    await sharing.getByRole("link", { name: "Share", exact: true }).click();
    for (const box of await sharing.locator("main form input[type=checkbox]").all()) await box.check();
    await press(sharing, "Share");
    await at(sharing, "families");
    await s.SG.goto(s.SG.origin + "/health/families");
    await eventually(s.SG, s.SG.getByRole("link", { name: family }), "the family");
  });

  await part("Cambodia proposes a level with the criteria that are met", async () => {
    await s.KH.goto(s.KH.origin + "/health/levels/new");
    await audit(s.KH, "en", s.found);
    const form = s.KH.locator("form#level");
    await form.locator("[name=family]").selectOption({ label: family });
    await form.locator("[name=title]").fill(level);
    await form.locator("[name=level][value='2']").check();
    await form.locator("[name=criteria][value=two_states]").check();
    await form.locator("[name=reasons]").fill("Two states report cases.");
    for (const box of await form.locator("[name=concerned]").all()) await box.setChecked(Object.hasOwn(states, await box.getAttribute("value")));
    await form.locator("[name=rule][value=all_but_one]").check();
    await form.getByRole("button", { name: /^Save/ }).click();
    s.level = await at(s.KH, "levels");
    await step(s.KH, null, "Submit for clearance");
    await step(s.KH.approver, s.KH.approver.origin + s.level, "Ask every member");
    await audit(s.KH.approver, "en", s.found);
  });

  for (const [m, stance] of [["TH", "agree"], ["SG", "disagree"]])
    await part(`${states[m]} takes its own position, released by a second person`, async () => {
      await s[m].goto(s[m].origin + s.level).catch(() => {});
      await todo(s[m], `Take a position on “${level}”`);
      await s[m].getByRole("link", { name: "Take our position" }).click();
      await s[m].locator(`form#level [name=stance][value=${stance}]`).check();
      await s[m].locator("form#level [name=reasons]").fill(stance === "agree" ? "We see it too." : "The two cases are imported.");
      await audit(s[m], "en", s.found);
      await s[m].locator("form#level").getByRole("button", { name: /^Save/ }).click();
      await at(s[m], "levels");
      await press(s[m], "Submit our position");
      await s[m].approver.goto(s[m].approver.origin + s.level);
      await press(s[m].approver, "Release our position");
      await s.KH.goto(s.KH.origin + s.level);
      await eventually(s.KH, s.KH.locator("#positions tbody tr").filter({ hasText: states[m] }).filter({ hasText: stance === "agree" ? "Agrees" : "Disagrees" }), "the position");
    });

  await part("it is adopted against one dissent, which stays on the record at every node", async () => {
    await step(s.KH, s.KH.origin + s.level, "Close and count");
    for (const m of Object.keys(states)) {
      await s[m].goto(s[m].origin + s.level);
      await eventually(s[m], s[m].locator("#top .notice").filter({ hasText: /until|Until/ }), "the decision");
      assert.match(await s[m].locator("#positions").innerText(), /Singapore[^]*Disagrees[^]*The two cases are imported\./);
    }
    await audit(s.KH, "en", s.found);
  });

  await part("every page on the way is accessible", () => assert.deepEqual(s.found, []));
}

async function at(page, kind) {
  await page.waitForURL(new RegExp(`/health/${kind}/[0-9a-f-]{36}$`));
  return new URL(page.url()).pathname;
}

// todo opens what stands at the duty desk.
async function todo(page, text) {
  await page.goto(page.origin + "/");
  const item = page.locator("#todo li").filter({ hasText: text });
  await eventually(page, item, text);
  await item.first().getByRole("link").last().click();
}
