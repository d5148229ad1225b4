// What people do at the duty desk, by the words that they see.
import assert from "node:assert/strict";
import { eventually } from "./live.js";

export const told = page => page.locator("main .notice[role=status], main .notice[role=alert]");

// save presses a button that leads to another page.
export async function press(page, name, options = {}) {
  await page.getByRole("button", { name, exact: true, ...options }).click();
}

export async function follow(page, name) {
  await page.getByRole("link", { name, exact: true }).click();
}

// recordEvent fills the form as a duty officer does, one row of figures
// included, and returns the address of the new event.
export async function recordEvent(page, e) {
  await page.goto(page.origin + "/");
  await page.locator("main").getByRole("link", { name: "Record an event" }).first().click();
  const form = page.locator("form#event");
  await form.locator("[name=name]").fill(e.name);
  await form.locator("[name=summary]").fill(e.summary);
  await form.locator("[name=hazard]").selectOption(e.hazard);
  await form.getByRole("radio", { name: new RegExp(e.grade) }).check();
  await form.getByRole("checkbox", { name: new RegExp(e.place) }).check();
  await form.locator("input[name=onset]").fill(e.onset);
  await form.locator("select[name=onset_precision]").selectOption("month");
  const row = form.locator(".factrow").first();
  await row.locator("[name$='.value']").fill(e.cases);
  await row.locator("[name$='.as_of']").fill(e.asOf);
  await row.locator("[name$='.source']").fill(e.source);
  await press(page, "Save");
  await page.waitForURL(/\/health\/events\/[0-9a-f-]{36}$/);
  assert.match(await page.locator("h1").innerText(), new RegExp(e.name));
  return page.url();
}

// addFigures gives an event a later total, and more of other sources.
export async function addFigures(page, event, rows) {
  await page.goto(`${event}/facts`);
  for (const [i, f] of rows.entries()) {
    const row = page.locator(".factrow").nth(i);
    await row.locator("[name$='.value']").fill(f.cases);
    await row.locator("[name$='.place']").selectOption(f.place);
    await row.locator("[name$='.as_of']").fill(f.asOf);
    await row.locator("[name$='.source']").fill(f.source);
  }
  await press(page, "Save");
  await page.waitForURL(/\/health\/events\/[0-9a-f-]{36}$/);
}

// shareFamily makes a family of the event that is open and shares it with every
// member; it returns the address at any node.
export async function shareFamily(duty, approver, name) {
  const at = async page => {
    await page.waitForURL(/\/health\/families\/[0-9a-f-]{36}$/);
    return new URL(page.url()).pathname;
  };
  await duty.getByRole("link", { name: "Make a family" }).click();
  await duty.locator("form#family [name=name]").fill(name);
  await duty.locator("form#family .act button[value=save]").click();
  const family = await at(duty);
  await approver.goto(approver.origin + family);
  await approver.getByRole("link", { name: "Share", exact: true }).click();
  for (const box of await approver.locator("main form input[type=checkbox]").all()) await box.check();
  await press(approver, "Share");
  return at(approver);
}

// todo opens what stands at the duty desk.
export async function todo(page, text) {
  await page.goto(page.origin + "/");
  const item = page.locator("#todo li").filter({ hasText: text });
  await eventually(page, item, text);
  await item.first().getByRole("link").last().click();
}

// compose writes a notification and returns the address of its draft.
export async function compose(page, event, n) {
  await page.goto(event);
  await page.getByRole("link", { name: "Notify other members" }).first().click();
  return writeNotification(page, n);
}

export async function writeNotification(page, n) {
  const form = page.locator("form#notification");
  if (n.title) await form.locator("[name=title]").fill(n.title);
  await form.locator("[name=message]").fill(n.message);
  await form.locator("[name=ack_hours]").fill(String(n.hours ?? 24));
  for (const [member, block] of n.withhold ?? []) await form.locator(`input[name="blocks.${member}"][value="${block}"]`).uncheck();
  await press(page, "Save and preview");
  await page.waitForURL(/\/health\/notifications\/[0-9a-f-]{36}$/);
  return page.url();
}

// step takes one step of a notification or event, with its confirmation.
export async function step(page, address, name, options = {}) {
  if (address) await page.goto(address);
  await page.locator("main").getByRole("link", { name: options.link ?? name, exact: true }).first().click();
  if (options.reason) await page.getByLabel("Reason").fill(options.reason);
  await page.locator("main form").getByRole("button", { name, exact: true }).click();
  if (!options.stays) await page.waitForURL(u => !u.pathname.includes("/step/") && !u.pathname.includes("/move/"));
}

// send has a draft submitted, cleared by a second person and released.
export async function send(duty, approver, draft) {
  await step(duty, draft, "Submit for clearance");
  await step(approver, new URL(draft).pathname.replace(/^/, approver.origin), "Clear");
  await step(duty, draft, "Release");
}
