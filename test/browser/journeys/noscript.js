// The same work with scripts switched off: every page is links and forms.
import assert from "node:assert/strict";
import { compose, press, recordEvent, send, told } from "../harness/desk.js";
import { eventually } from "../harness/live.js";
import { story } from "../harness/story.js";

const title = "Cholera in Battambang";
const event = { name: "Cholera, Battambang", summary: "Twelve people with watery diarrhoea.", hazard: "cholera", grade: "Watch",
  place: "Battambang", onset: "2026-11-10", cases: "12", asOf: "2026-11-21T08:00", source: "Provincial hospital" };
const off = { javaScriptEnabled: false };

export async function noscript(t, stage) {
  const s = {}, part = story(t, stage);
  await part("an event is recorded; one more row and the filter of places keep what was typed", async () => {
    s.duty = await stage.click("KH", "duty_officer", off);
    await s.duty.goto(s.duty.origin + "/health/events/new");
    const form = s.duty.locator("form#event");
    await form.locator("[name=name]").fill("Typed before the buttons");
    const rows = await form.locator(".factrow").count();
    await press(s.duty, "One more row");
    assert.equal(await form.locator(".factrow").count(), rows + 1);
    await form.locator("[name=find]").fill("takeo");
    await press(s.duty, "Find");
    assert.equal(await form.locator("[name=name]").inputValue(), "Typed before the buttons");
    assert.equal(await form.locator("#places input[type=checkbox]").count(), 1);
    s.event = await recordEvent(s.duty, event);
  });

  await part("a form with mistakes comes back with them named and linked", async () => {
    stage.complaints.expect(/events\/new .*status of 400/);
    await s.duty.goto(s.duty.origin + "/health/events/new");
    await s.duty.locator("[name=summary]").fill("Kept.");
    await press(s.duty, "Save");
    const errors = s.duty.locator("#errors");
    assert.ok(await errors.locator("a").count() >= 2);
    for (const href of await errors.locator("a").evaluateAll(all => all.map(a => a.getAttribute("href"))))
      assert.equal(await s.duty.locator(href).count(), 1, `${href} leads nowhere`);
    assert.equal(await s.duty.locator("[name=summary]").inputValue(), "Kept.");
  });

  await part("a notification is composed, cleared by another person and released", async () => {
    await s.duty.goto(s.event + "/notify");
    await press(s.duty, "None");
    assert.equal(await s.duty.locator("input[name=to]:checked").count(), 0);
    await press(s.duty, "All, with everything");
    assert.equal(await s.duty.locator("input[name=to]:checked").count(), 11);
    const draft = await compose(s.duty, s.event, { title, message: "Oral rehydration kits are needed." });
    s.approver = await stage.enter("KH", "approver", off);
    await send(s.duty, s.approver, draft);
    s.note = draft;
    assert.match(await told(s.duty).first().innerText(), /Released/);
  });

  await part("another node acknowledges it and the owner sees that", async () => {
    s.sg = await stage.enter("SG", "duty_officer", off);
    const item = s.sg.locator("#todo li").filter({ hasText: title });
    await eventually(s.sg, item, "the notification");
    await item.getByRole("link", { name: `Acknowledge: ${title}` }).click();
    assert.match(await s.sg.locator("#content").innerText(), /Oral rehydration kits/);
    await s.sg.locator("form#answer-acknowledge textarea").fill("Noted without script.");
    await press(s.sg, "Acknowledge");
    assert.match(await told(s.sg).first().innerText(), /Acknowledged/);
    await s.duty.goto(s.note);
    await eventually(s.duty, s.duty.locator("#acks li").filter({ hasText: "Noted without script." }), "the acknowledgement");
  });

  await part("language and colours change", async () => {
    await s.duty.goto(s.duty.origin + "/");
    await s.duty.locator("details.menu summary").first().click();
    await press(s.duty, "Bahasa Indonesia");
    assert.equal(await s.duty.locator("html").getAttribute("lang"), "id");
    await s.duty.locator("details.menu summary").first().click();
    await s.duty.locator("button[name=theme][value=night]").click();
    assert.equal(await s.duty.locator("html").getAttribute("data-theme"), "night");
    assert.equal(await s.duty.locator("html").getAttribute("lang"), "id");
  });
}
