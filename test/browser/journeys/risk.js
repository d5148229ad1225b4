// A regional risk assessment and the positions of three states: each its own,
// dissent shown, nothing averaged, the silent named until they speak.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { press, recordEvent, step, told } from "../harness/desk.js";
import { arrives, eventually, hold } from "../harness/live.js";
import { story } from "../harness/story.js";

const event = { name: "Cholera, Koh Kong", summary: "Cases on both sides of the coast road.", hazard: "cholera", grade: "Warning",
  place: "Koh Kong", onset: "2026-11-01", cases: "40", asOf: "2026-11-20T08:00", source: "Provincial health office (sample)" };
const title = "Cholera along the coast road";
const own = { "Likelihood of importation and onward spread": "Likely, 30 to 69 %", "Consequence in your territory": "Moderate", Vector: "does not apply",
  Immunity: "favours spread", Season: "partly favours it", "Capacity to detect and respond": "Sufficient" };
const positions = {
  TH: { name: "Thailand", stance: /^Agree/, says: "agrees", level: "High" },
  VN: { name: "Viet Nam", stance: /^Dissent/, held: "Very high", reasons: "Floods cut off three districts.", says: "dissents", level: "Very high" },
  LA: { name: "Lao PDR", stance: /^Dissent/, held: "Moderate", reasons: "No road leads there in this season.", says: "dissents", level: "Moderate" },
};

export async function risk(t, stage) {
  const s = { found: [] }, part = story(t, stage);
  await part("a regional assessment is drafted, reviewed, approved and published", async () => {
    s.kh = await stage.enter("KH", "duty_officer");
    s.epi = await stage.enter("KH", "epidemiologist");
    s.approver = await stage.enter("KH", "approver");
    await recordEvent(s.kh, event);
    await s.kh.getByRole("link", { name: "New assessment" }).click();
    await draft(s.kh.locator("form#risk"));
    await press(s.kh, "Save");
    await s.kh.waitForURL(/\/health\/risk\/[0-9a-f-]{36}$/);
    s.at = new URL(s.kh.url()).pathname;
    assert.match(await s.kh.locator(".head").innerText(), /High\. Likelihood: Likely\. Consequence: Moderate\./);
    assert.equal(await s.kh.getByRole("button", { name: "Confirm the review" }).isDisabled(), true, "who wrote it may review it");
    await step(s.kh, null, "Ask for review");
    await step(s.epi, s.epi.origin + s.at, "Confirm the review");
    await step(s.approver, s.approver.origin + s.at, "Approve");
    await step(s.kh, s.kh.origin + s.at, "Publish");
    assert.match(await told(s.kh).innerText(), /Published/);
    assert.match(await s.kh.locator("#spread").innerText(), /0 agree, 0 dissent, 3 without a position[^]*No position from/);
    await audit(s.kh, "en", s.found);
  });

  for (const [member, p] of Object.entries(positions))
    await part(`${p.name} takes its own position, cleared by a second person`, async () => {
      await hold(s.kh);
      const duty = await stage.enter(member, "duty_officer");
      const item = duty.locator("#todo li").filter({ hasText: `Take a position: ${title}` });
      await eventually(duty, item, "the question");
      await item.locator(".act a").click();
      assert.equal(await duty.locator("a[href^='/health/events/']").count(), 0, "a link to an event that this node does not have");
      await duty.getByRole("link", { name: "Take a position" }).click();
      await duty.getByRole("radio", { name: p.stance }).check();
      for (const [label, choice] of Object.entries(own)) await duty.getByLabel(label, { exact: true }).selectOption({ label: choice });
      if (p.held) await duty.getByLabel(/^Level that your state holds for the region/).selectOption({ label: p.held });
      if (p.reasons) await duty.getByLabel(/^Reasons/).fill(p.reasons);
      await press(duty, "Save");
      await duty.waitForURL(/\/health\/positions\//);
      await step(duty, null, "Submit for clearance");
      assert.equal(await s.kh.locator("#spread tbody tr").filter({ hasText: p.name }).getByText(p.says).count(), 0, "it was seen before the clearance");
      const approver = await stage.enter(member, "approver");
      await approver.locator("#todo li").filter({ hasText: title }).locator(".act a").click();
      await step(approver, null, "Clear and release");
      await arrives(s.kh, s.kh.locator("#spread tbody tr").filter({ hasText: p.name }).filter({ hasText: p.says }), `the position of ${p.name}`);
      s.last = duty;
    });

  await part("all positions stand side by side, with the reasons of those who dissent", async () => {
    const spread = s.kh.locator("#spread");
    assert.match(await spread.innerText(), /1 agree, 2 dissent, 0 without a position/);
    for (const p of Object.values(positions)) {
      const row = await spread.locator("tbody tr").filter({ hasText: p.name }).innerText();
      assert.match(row, new RegExp(`${p.says}[^]*${p.level}`));
      if (p.reasons) assert.ok(row.includes(p.reasons), row);
    }
    assert.match(await s.kh.locator(".head").innerText(), /High\. Likelihood/, "the level of the assessor has moved");
    assert.equal(await s.kh.getByText("No position from").count(), 0);
    await audit(s.kh, "en", s.found);
  });

  await part("every state that was asked sees the same positions", async () => {
    await s.last.goto(s.last.origin + s.at);
    await eventually(s.last, s.last.locator("#spread").getByText("Floods cut off three districts."), "the position of another state");
    assert.match(await s.last.locator("#spread").innerText(), /1 agree, 2 dissent/);
  });

  await part("every page on the way is accessible", () => assert.deepEqual(s.found, []));
}

async function draft(form) {
  await form.getByLabel("Title", { exact: true }).fill(title);
  await form.getByRole("radio", { name: "Regional" }).check();
  await form.locator("[name=questions]").fill("How likely is spread to the neighbours within four weeks?");
  for (const [part, words] of Object.entries({ hazard: "Cholera, O1.", exposure: "Fishing villages without safe water.", context: "The rains end in three weeks." })) {
    await form.locator(`[name=${part}_part]`).fill(words);
    await form.locator(`[name='${part}_part.as_of']`).fill("2026-11-20");
    await form.locator(`[name='${part}_part.source']`).fill("Ministry line list (sample)");
  }
  await form.getByLabel("Likelihood").first().selectOption({ label: "Likely, 30 to 69 %" });
  await form.getByLabel("Consequence").first().selectOption({ label: "Moderate" });
  await form.locator("[name=confidence]").and(form.getByRole("radio", { name: "Moderate" })).check();
  await form.locator("[name=actions]").fill("Safe water for the fishing villages.");
  for (const p of Object.values(positions)) await form.getByRole("checkbox", { name: p.name }).check();
}
