// Two people change the same event: the second loses nothing that was typed.
import assert from "node:assert/strict";
import { press, recordEvent } from "../harness/desk.js";
import { story } from "../harness/story.js";

const event = { name: "Dengue, Siem Reap", summary: "First reports.", hazard: "dengue", grade: "Watch", place: "Siem Reap",
  onset: "2026-10-20", cases: "85", asOf: "2026-11-22T06:00", source: "Surveillance" };

export async function conflict(t, stage) {
  const s = {}, part = story(t, stage);
  await part("two people open the same form; the first one saves", async () => {
    s.duty = await stage.enter("KH", "duty_officer");
    s.event = await recordEvent(s.duty, event);
    s.epi = await stage.enter("KH", "epidemiologist");
    await s.epi.goto(s.epi.origin + new URL(s.event).pathname + "/edit");
    await s.duty.goto(s.event + "/edit");
    await s.epi.locator("[name=summary]").fill("The epidemiologist's words.");
    await press(s.epi, "Save");
    await s.epi.waitForURL(/\/health\/events\/[0-9a-f-]+$/);
  });

  await part("the second sees both versions", async () => {
    stage.complaints.expect(/edit .*status of 409/);
    await s.duty.locator("[name=summary]").fill("The duty officer's words.");
    await s.duty.locator("[name=name]").fill("Dengue, Siem Reap and around");
    await press(s.duty, "Save");
    const row = s.duty.locator("table.conflict tr").filter({ has: s.duty.locator("th", { hasText: "Summary" }) });
    await row.waitFor();
    assert.deepEqual((await row.locator("td").allInnerTexts()).map(x => x.trim()), ["The epidemiologist's words.", "The duty officer's words."]);
    assert.match(await s.duty.locator("main .lede").first().innerText(), /Epidemiologist, KH/);
  });

  await part("what was typed is in the form and can be saved over it", async () => {
    const form = s.duty.locator("form#conflict");
    assert.equal(await form.locator("[name=summary]").inputValue(), "The duty officer's words.");
    assert.equal(await form.locator("[name=name]").inputValue(), "Dengue, Siem Reap and around");
    assert.equal(await form.locator("[name=hazard]").inputValue(), "dengue");
    await press(s.duty, "Save mine over it");
    await s.duty.waitForURL(/\/health\/events\/[0-9a-f-]+$/);
    const page = await s.duty.locator("main").innerText();
    assert.match(page, /Dengue, Siem Reap and around/);
    assert.match(page, /The duty officer's words\./);
    assert.match(await s.duty.locator("#where, #details").allInnerTexts().then(x => x.join("\n")), /Siem Reap/);
    assert.doesNotMatch(await s.duty.locator("#details").innerText(), /The epidemiologist's words/);
  });
}
