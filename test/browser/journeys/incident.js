// An operations centre at work: activated, staffed, a plan that a second person
// approves, a line from a phone, something that rings and is acknowledged, the
// next period, release and closing. Nothing of it leaves the node.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { press, recordEvent, step, told } from "../harness/desk.js";
import { arrives, eventually, hold } from "../harness/live.js";
import { story } from "../harness/story.js";

const event = { name: "Cholera, Koh Kong coast", summary: "Cases in four fishing villages.", hazard: "cholera", grade: "Warning",
  place: "Koh Kong", onset: "2026-11-01", cases: "41", asOf: "2026-11-20T08:00", source: "Provincial health office (sample)" };
const name = "Cholera response, coast (sample)";
const objective = "Case fatality below 1 % by Friday noon";
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

export async function incident(t, stage) {
  const s = { found: [] }, part = story(t, stage);
  const tab = (page, path = "") => page.goto(page.origin + s.at + path);

  await part("the centre is activated for an event, from the page of the event", async () => {
    s.duty = await stage.enter("KH", "duty_officer");
    s.manager = await stage.enter("KH", "epidemiologist");
    s.phone = await stage.enter("KH", "approver", phone);
    await recordEvent(s.duty, event);
    await s.duty.locator("#incidents").getByRole("link", { name: "Open an incident" }).click();
    const form = s.duty.locator("form#incident");
    assert.equal(await form.getByRole("checkbox", { name: event.name }).isChecked(), true, "the event is not chosen");
    await form.locator("[name=name]").fill(name);
    await form.locator("[name=trigger]").fill("Two provinces report cases; wards fill up.");
    await form.locator("[name=decided_by]").fill("Director of the centre (sample)");
    await form.locator("[name=since]").fill(stampOf(-60));
    await audit(s.duty, "en", s.found);
    await press(s.duty, "Open the incident");
    await s.duty.waitForURL(/\/health\/incidents\/[0-9a-f-]{36}\/organisation$/);
    s.at = new URL(s.duty.url()).pathname.replace("/organisation", "");
    assert.equal(await s.duty.locator("#chart svg .ov").count(), 8, "a function that nobody holds is not drawn as vacant");
  });

  await part("a shift is filled; who is named takes over, nobody else can", async () => {
    const fill = s.duty.locator("form#fill");
    await named(fill, "manager", "Epidemiologist");
    await named(fill, "planning", "Duty officer");
    await named(fill, "operations", "Approver");
    await press(s.duty, "Put on the roster");
    assert.match(await told(s.duty).innerText(), /3 people/);
    assert.match(await s.duty.locator("#mine").innerText(), /Planning/);
    await audit(s.duty, "en", s.found);
    for (const page of [s.duty, s.manager, s.phone]) {
      await tab(page, "/organisation");
      await page.locator("#mine").getByRole("button", { name: "Take over" }).click();
      assert.match(await told(page).innerText(), /on duty now/);
    }
    await tab(s.duty, "/organisation");
    assert.equal(await s.duty.locator("#chart svg .ov").count(), 5);
  });

  await part("the action plan is written, and a second person approves it", async () => {
    await tab(s.duty, "/plans");
    await press(s.duty, "Write the next action plan");
    await plan(s.duty);
    await audit(s.duty, "en", s.found);
    await press(s.duty, "Save");
    await s.duty.waitForURL(/\/plans\/[0-9a-f-]{36}$/);
    await step(s.duty, null, "Submit for approval");
    assert.equal(await s.duty.getByRole("button", { name: "Approve" }).isDisabled(), true, "its author may approve it");
    const item = s.manager.locator("#todo li").filter({ hasText: `Approve the action plan: ${name}` });
    await s.manager.goto(s.manager.origin + "/");
    await eventually(s.manager, item, "the plan that waits");
    await item.getByRole("link", { name: "Read" }).click();
    await step(s.manager, null, "Approve");
    assert.match(await s.manager.locator("#steps").innerText(), /In force/);
    assert.equal(await s.manager.getByRole("link", { name: "Edit", exact: true }).count(), 0, "an approved plan can be edited");
    await audit(s.manager, "en", s.found);
  });

  await part("a line is written from a phone, backdated, and is shown as such", async () => {
    await tab(s.phone);
    const quick = s.phone.locator("form#log");
    await quick.locator("[name=text]").fill("Water truck arrived at the second village.");
    await quick.locator("summary").tap();
    await quick.locator("[name=at]").fill(stampOf(-45));
    await quick.getByText("Notable").tap();
    await quick.getByRole("button", { name: "Write into the log" }).tap();
    const line = s.phone.locator("#entries li").filter({ hasText: "Water truck" });
    assert.match(await line.innerText(), /Operations[^]*Notable[^]*written/i);
    await audit(s.phone, "en", s.found);
    await s.phone.setViewportSize(phone.viewport);
  });

  await part("what must be told at once rings on the phone of the function that is named", async () => {
    await tab(s.duty, "/requirements");
    const form = s.duty.locator("form#require");
    await form.locator("[name=text]").fill("A health worker falls ill");
    await form.locator("[name=tell]").selectOption({ label: "Operations" });
    await form.locator("[name=minutes]").fill("15");
    await press(s.duty, "Add the requirement");
    await tab(s.phone);
    await hold(s.phone);
    await tab(s.manager);
    await hold(s.manager);
    await s.duty.locator("#required [name=words]").fill("Nurse at the district hospital.");
    await press(s.duty, "This has happened");
    await arrives(s.phone, s.phone.locator("#ringing li").filter({ hasText: "Nurse at the district hospital." }), "the ring");
    await arrives(s.manager, s.manager.locator("#ringing li"), "the ring at the manager");
    assert.equal(await s.manager.locator("#ringing").getByRole("button", { name: "Acknowledge" }).count(), 0, "another function may answer");
    await audit(s.duty, "en", s.found);
  });

  await part("it is acknowledged, with words and minutes", async () => {
    await s.phone.locator("#ringing [name=words]").fill("Isolated; contacts are traced.");
    await s.phone.locator("#ringing").getByRole("button", { name: "Acknowledge" }).tap();
    assert.match(await told(s.phone).innerText(), /Acknowledged/);
    await s.manager.locator("#ringing li").waitFor({ state: "hidden" });
    await tab(s.duty, "/requirements");
    assert.match(await s.duty.locator("#past").innerText(), /Nurse at[^]*Acknowledged by Approver, KH after \d+ min[^]*Isolated/);
    await tab(s.duty, "/log");
    assert.match(await s.duty.locator("#entries").innerText(), /RING for Operations/);
    await audit(s.duty, "en", s.found);
  });

  await part("the next period begins with what is not reached", async () => {
    await tab(s.duty);
    const quick = s.duty.locator("form#log");
    await quick.locator("[name=text]").fill("No free beds since noon.");
    await quick.locator("summary").click();
    await quick.locator("[name=objective]").selectOption({ label: objective });
    await quick.locator("[name=status]").selectOption({ label: "Behind" });
    await press(s.duty, "Write into the log");
    await tab(s.duty, "/plans");
    await press(s.duty, "Write the next action plan");
    assert.equal(await s.duty.locator("[name='o_text.1']").inputValue(), objective, "an objective was lost");
    await s.duty.locator("[name=from]").fill(stampOf(-1));
    await press(s.duty, "Save");
    await step(s.duty, null, "Submit for approval");
    const at = new URL(s.duty.url()).pathname;
    await step(s.manager, s.manager.origin + at, "Approve");
    await tab(s.duty, "/plans");
    assert.match(await s.duty.locator("#plans").innerText(), /Period 2[^]*In force[^]*Period 1[^]*Over/);
    assert.match(await s.duty.locator("#objectives").innerText(), /Behind[^]*No free beds since noon[^]*set in period 1/);
    await audit(s.duty, "id", s.found);
  });

  await part("the booklet has every sheet, each on a page of its own", async () => {
    await tab(s.duty, "/booklet");
    for (const form of ["201", "202", "203", "204", "205", "214", "221"]) assert.equal(await s.duty.locator(`#s${form}`).count(), 1, `no sheet ${form}`);
    assert.match(await s.duty.locator("#s201").innerText(), /41[^]*Provincial health office/);
    await audit(s.duty, "en", s.found);
    await s.duty.emulateMedia({ media: "print" });
    assert.equal(await s.duty.locator("#s202").evaluate(e => getComputedStyle(e).breakBefore), "page");
    await s.duty.emulateMedia({ media: "screen" });
  });

  await part("standing down releases each function, and then it is closed", async () => {
    await tab(s.manager, "/demobilisation");
    await step(s.manager, null, "Begin to stand down", { reason: "No case for ten days." });
    assert.equal(await s.manager.locator("#checkouts tbody tr").count(), 3);
    await audit(s.manager, "en", s.found);
    await s.manager.locator("#checkouts tbody tr").first().getByRole("link", { name: "Check out" }).click();
    stage.complaints.expect(/\/checkouts\/.*400/); // something is still owed
    await s.manager.locator("[name='i_text.1']").fill("Two radios");
    await press(s.manager, "Release");
    assert.match(await s.manager.locator("main").innerText(), /still owed/);
    await s.manager.locator("[name='i_to.1']").fill("Logistics store");
    await audit(s.manager, "en", s.found);
    await press(s.manager, "Release");
    for (let n = 0; n < 2; n++) {
      await s.manager.getByRole("link", { name: "Check out" }).first().click();
      await press(s.manager, "Release");
    }
    await tab(s.manager);
    await s.manager.getByRole("link", { name: "Close the incident" }).click();
    assert.match(await s.manager.locator("main").innerText(), /Still on duty: Incident manager/);
    await s.manager.getByLabel("Reason").fill("Relieved by this closing.");
    await press(s.manager, "Close the incident");
    await s.manager.waitForURL(u => u.pathname === s.at);
    assert.match(await s.manager.locator(".head").innerText(), /Closed/);
    assert.equal(await s.manager.locator("form#log").count(), 0, "a closed incident offers to write");
    await audit(s.manager, "en", s.found);
    await tab(s.manager, "/booklet");
    assert.match(await s.manager.locator("#s201").innerText(), /Period 2[^]*was closed at[^]*Approved by/, "the last plan is not in the record");
    assert.match(await s.manager.locator("#s202").innerText(), new RegExp(objective));
    assert.match(await s.manager.locator("#s203").innerText(), /Incident manager[^]*Epidemiologist, KH/);
    await audit(s.manager, "en", s.found);
    await s.duty.goto(s.duty.origin + "/health/incidents");
    assert.match(await s.duty.locator("#incidents").innerText(), new RegExp(`${name.replace(/[()]/g, ".")}[^]*Closed`));
    await audit(s.duty, "en", s.found);
  });

  await part("every page on the way is accessible", () => assert.deepEqual(s.found, []));
}

// stampOf is a time as a form wants it, so many minutes from now, in UTC.
function stampOf(minutes) {
  return new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 16);
}

async function named(form, key, post) {
  const select = form.locator(`[name='holder.${key}']`);
  const label = await select.locator("option").filter({ hasText: `${post}, KH` }).first().innerText();
  await select.selectOption({ label });
}

async function plan(page) {
  const form = page.locator("form#plan"), fill = (field, text) => form.locator(`[name='${field}']`).fill(text);
  await fill("situation", "Four villages; rain until Sunday.");
  await fill("o_text.1", objective);
  await fill("o_measure.1", "Deaths over cases, daily at 08:00");
  await form.locator("[name='o_function.1']").selectOption({ label: "Operations" });
  await form.locator("[name='a_function.1']").selectOption({ label: "Operations" });
  await fill("a_task.1", "Open a second treatment centre");
  await fill("a_place.1", "Koh Kong town");
  await form.locator("[name='c_function.1']").selectOption({ label: "Incident manager" });
  await fill("c_means.1", "Phone");
  await fill("c_number.1", "+999 0000 0000");
  await fill("safety", "Boots and gloves. Drink; rest in the shade from noon to two.");
}
