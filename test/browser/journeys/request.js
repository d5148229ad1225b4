// Help from the request to the receipt, played at both sides: each writes its
// own half, both sign one text, and what came short is a number of its own.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { press, recordEvent, told } from "../harness/desk.js";
import { arrives, eventually, hold } from "../harness/live.js";
import { story } from "../harness/story.js";

const title = "Help with cholera in the east";
const event = { name: "Cholera, Kampong Thom", summary: "Two districts report cases since the floods.", hazard: "cholera", grade: "Warning",
  place: "Kampong Thom", onset: "2026-11-01", cases: "214", asOf: "2026-11-20T08:00", source: "Provincial health office (sample)" };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const day = n => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);

export async function request(t, stage) {
  const s = { found: [] }, part = story(t, stage);
  await part("Cambodia writes what it needs, line by line", async () => {
    s.kh = await stage.enter("KH", "duty_officer");
    s.khApprover = await stage.enter("KH", "approver");
    await s.kh.locator("nav.rail").getByRole("link", { name: "Requests and offers" }).click();
    await audit(s.kh, "en", s.found);
    await recordEvent(s.kh, event);
    await s.kh.locator("#requests").getByRole("link", { name: "New request" }).click();
    await audit(s.kh, "en", s.found);
    const form = s.kh.locator("form#record");
    assert.equal(await form.getByLabel("Title").inputValue(), event.name);
    await form.getByLabel("Title").fill(title);
    await form.getByLabel("Authority").fill("Ministry of Health (sample)");
    await form.getByLabel(/^What happened/).fill("The wards of two districts are full.");
    await form.getByLabel(/^Answer wanted within/).fill("900");
    for (const name of ["Singapore", "Thailand", "ASEAN Secretariat"]) await form.getByRole("checkbox", { name, exact: true }).check();
    await line(form, 0, { category: "supplies", item: "Oral rehydration salts", qty: "1000", unit: "box", priority: "life_saving", place: "KH-12" });
    stage.complaints.expect(/health\/requests.* 400/);
    await press(s.kh, "Save");
    // What was typed is kept, and the field that is wrong is named.
    await s.kh.locator(".errsum, [role=alert]").first().waitFor();
    assert.equal(await form.locator("[name='lines.0.qty']").inputValue(), "1000");
    assert.equal(await form.locator("[name=hours]").getAttribute("aria-invalid"), "true");
    await audit(s.kh, "en", s.found);
    await form.getByLabel(/^Answer wanted within/).fill("24");
    await press(s.kh, "Save");
    s.at = await recordOf(s.kh);
    assert.match(await s.kh.locator("#status").innerText(), /Ask for clearance, by: /);
  });

  await part("nothing leaves before a second person has cleared it", async () => {
    await press(s.kh, "Ask for clearance");
    s.th = await stage.enter("TH", "duty_officer");
    assert.equal(await s.th.locator("#todo li").filter({ hasText: title }).count(), 0);
    await follow(s.khApprover, `Clear a request: ${title}`);
    await audit(s.khApprover, "en", s.found);
    await press(s.khApprover, "Clear");
    await s.kh.goto(s.kh.origin + s.at);
    await press(s.kh, "Issue");
    assert.match(await told(s.kh).innerText(), /Issued\. This page shows who has received/);
    await audit(s.kh, "en", s.found);
    await hold(s.kh);
  });

  await part("Thailand offers a part of it, on conditions", async () => {
    await eventually(s.th, todo(s.th, `Cambodia asks for help: ${title}`), "the request");
    await follow(s.th, `Cambodia asks for help: ${title}`);
    await audit(s.th, "en", s.found);
    await arrives(s.kh, s.kh.locator("#addressees tbody tr").filter({ hasText: "TH" }).locator("td").nth(1).filter({ hasNotText: "—" }), "that Thailand has opened it");
    await s.th.getByRole("link", { name: "Offer help" }).click();
    const form = s.th.locator("form#record");
    assert.equal(await form.locator("[name='lines.0.item']").inputValue(), "Oral rehydration salts");
    await form.getByLabel("Who gives it").fill("Central medical stores");
    await form.getByLabel("Authority").fill("Ministry of Public Health (sample)");
    await form.locator("[name='lines.0.qty']").fill("600");
    await form.locator("[name='lines.0.conditions']").fill("Repacked by the receiver.");
    await audit(s.th, "en", s.found);
    await press(s.th, "Save");
    s.offer = await recordOf(s.th);
    // Somebody is writing while the offer arrives: the words stay, and pressing
    // on what is no longer as it was is refused with the words kept.
    const words = s.kh.locator("#act [name='withdraw.words']");
    await s.kh.locator("#act summary", { hasText: "Withdraw" }).click();
    await words.fill("Written while an offer");
    s.thApprover = await issue(stage, s.th, "TH", s.offer, "Clear an offer");
    await arrives(s.kh, s.kh.locator("#match tbody tr").first().filter({ hasText: "600" }), "the offer");
    assert.equal(await words.inputValue(), "Written while an offer");
    stage.complaints.expect(/step\/withdraw.* 409/);
    await press(s.kh, "Withdraw");
    await s.kh.locator("[role=alert]").first().waitFor();
    assert.equal(await words.inputValue(), "Written while an offer");
    await s.kh.goto(s.kh.origin + s.at);
    await hold(s.kh);
  });

  await part("Cambodia takes it: committed in part, and nothing sent yet", async () => {
    await follow(s.khApprover, `Decide on an offer of Thailand: ${title}`);
    await audit(s.khApprover, "en", s.found);
    await press(s.khApprover, "Accept all");
    assert.match(await told(s.khApprover).innerText(), /Accepted; the offering member is told/);
    const row = s.kh.locator("#match tbody tr").first();
    await arrives(s.kh, row.filter({ hasText: /Partial\s*600/ }), "the commitment");
    assert.match(await row.innerText(), /1,000[^]*600[^]*Partial[^]*600[^]*None[^]*0[^]*None[^]*0/);
  });

  await part("an arrangement is in force when both have signed the same text, not before", async () => {
    await s.th.goto(s.th.origin + s.offer);
    await eventually(s.th, s.th.locator("#status").getByText("Accepted"), "the acceptance");
    await s.th.getByRole("link", { name: "Make an arrangement" }).click();
    const form = s.th.locator("form#record");
    await form.locator("[name=until]").fill(day(30));
    await form.getByLabel(/^Liability/).fill("Each side bears its own.");
    await audit(s.th, "en", s.found);
    await press(s.th, "Save");
    s.arrangement = await recordOf(s.th);
    await press(s.th, "Propose");
    await s.thApprover.goto(s.thApprover.origin + s.arrangement);
    await press(s.thApprover, "Sign");
    assert.doesNotMatch(await s.thApprover.locator("#status").innerText(), /In force/);
    await hold(s.thApprover);
    await s.khApprover.goto(s.khApprover.origin + "/");
    await follow(s.khApprover, `Sign with Thailand: ${title}`);
    await audit(s.khApprover, "en", s.found);
    await eventually(s.khApprover, s.khApprover.getByText("Signature valid").or(s.khApprover.locator(".reqsign li").filter({ hasText: "TH" })), "the signature of Thailand");
    await press(s.khApprover, "Sign");
    await s.khApprover.locator("#status").getByText("In force").waitFor();
    assert.equal(await s.khApprover.locator(".reqsign").first().locator("li").filter({ hasText: "valid" }).count(), 2);
    await arrives(s.thApprover, s.thApprover.locator("#status").getByText("In force"), "the signature of Cambodia");
    await audit(s.thApprover, "en", s.found);
  });

  await part("the consignment leaves Thailand", async () => {
    await s.th.goto(s.th.origin + s.offer);
    await s.th.getByRole("link", { name: "Send goods" }).click();
    const form = s.th.locator("form#record");
    await form.locator("[name='shipment.items.0.lot']").fill("L-7");
    await form.locator("[name=arrangement]").selectOption({ index: 1 });
    await audit(s.th, "en", s.found);
    await press(s.th, "Save");
    s.goods = await recordOf(s.th);
    const act = s.th.locator("#act");
    await act.getByLabel(/^Packages/).fill("30");
    await press(s.th, "Pack");
    assert.match(await told(s.th).innerText(), /Packed; the receiver sees what will come/);
    await act.locator("[name='ship.carrier']").fill("Air cargo (sample)");
    await act.locator("[name='ship.waybill']").fill("217-0001");
    await act.locator("[name='ship.eta']").fill(day(1));
    await press(s.th, "Ship");
    assert.match(await told(s.th).innerText(), /Shipped/);
    await audit(s.th, "en", s.found);
    await hold(s.th);
  });

  await part("Cambodia follows it on a phone: held at customs, let go, received short", async () => {
    s.field = await stage.enter("KH", "duty_officer", phone);
    await eventually(s.field, todo(s.field, `On the way from Thailand: ${title}`), "the consignment");
    await follow(s.field, `On the way from Thailand: ${title}`);
    await s.field.locator("summary", { hasText: "Note a customs hold" }).click();
    await s.field.locator("#act [name='hold.words']").fill("A permit is missing.");
    await press(s.field, "Note a customs hold");
    assert.match(await s.field.locator("#top").innerText(), /Held at customs[^]*A permit is missing/);
    await arrives(s.th, s.th.locator("#top").getByText("A permit is missing."), "the hold");
    assert.equal(await s.th.getByRole("button", { name: "Note the release" }).count(), 0, "the sender writes the receiver's half");
    await press(s.field, "Note the release");
    const act = s.field.locator("#act");
    await act.locator("[name='confirm.got.0.ok']").fill("500");
    await act.locator("[name='confirm.got.0.short']").fill("80");
    await act.locator("[name='confirm.got.0.damaged']").fill("10");
    stage.complaints.expect(/step\/confirm.* 400/);
    await press(s.field, "Confirm the receipt"); // 590 of 600
    await s.field.locator(".errsum, [role=alert]").first().waitFor();
    assert.equal(await act.locator("[name='confirm.got.0.short']").inputValue(), "80");
    await act.locator("[name='confirm.got.0.damaged']").fill("20");
    await press(s.field, "Confirm the receipt");
    assert.match(await told(s.field).innerText(), /The receipt is confirmed line by line/);
    await arrives(s.th, s.th.locator("#status").getByText("Received"), "the receipt");
    await audit(s.field, "en", s.found);
  });

  await part("Thailand reconciles, and both sides read the same numbers", async () => {
    await arrives(s.th, s.th.locator("#act [name='reconcile.words']"), "the form that the receipt makes possible");
    await s.th.locator("#act [name='reconcile.words']").fill("80 follow; 20 are written off.");
    await press(s.th, "Reconcile");
    await s.kh.goto(s.kh.origin + s.goods);
    await eventually(s.kh, s.kh.locator("#status").getByText("Reconciled"), "the end");
    for (const page of [s.th, s.kh]) assert.match((await page.locator("main").innerText()).replace(/\s+/g, " "), /600 .*500 80 20/);
    await audit(s.kh, "en", s.found);
    await s.kh.goto(s.kh.origin + s.at);
    assert.match(await s.kh.locator("#match tbody tr").first().innerText(), /1,000[^]*Partial[^]*600[^]*Partial[^]*500[^]*Partial[^]*500/);
  });

  await part("the regional desk sees on its board what is met and who is silent", async () => {
    s.asec = await stage.enter("ASEC", "secretariat_desk");
    await s.asec.goto(s.asec.origin + "/health/requests/board");
    const row = s.asec.locator("#lines tbody tr").filter({ hasText: "Oral rehydration salts" });
    await eventually(s.asec, row.filter({ hasText: "500" }), "the progress");
    assert.match(await row.innerText(), /1 silent/);
    await s.asec.locator("#where summary", { hasText: "Show as table" }).click();
    assert.match(await s.asec.locator("#where").innerText(), /Needed, 1 line: Oral rehydration salts/);
    await audit(s.asec, "en", s.found);
  });

  await part("every page on the way is accessible", () => assert.deepEqual(s.found, []));
}

const todo = (page, text) => page.locator("#todo li").filter({ hasText: text });

// follow opens what stands at the duty desk.
async function follow(page, text) {
  await page.goto(page.origin + "/");
  await eventually(page, todo(page, text), text);
  await todo(page, text).first().getByRole("link").last().click();
  await page.waitForURL(/\/health\/requests\/[0-9a-f-]{36}$/);
}

async function recordOf(page) {
  await page.waitForURL(/\/health\/requests\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname;
}

async function line(form, n, values) {
  for (const [name, value] of Object.entries(values)) {
    const input = form.locator(`[name='lines.${n}.${name}']`);
    if (await input.evaluate(e => e.tagName) === "SELECT") await input.selectOption(value);
    else await input.fill(value);
  }
}

// issue has a draft cleared by a second person of a member and sends it.
async function issue(stage, duty, member, at, item) {
  await press(duty, "Ask for clearance");
  const approver = await stage.enter(member, "approver");
  await follow(approver, `${item}: ${title}`);
  await press(approver, "Clear");
  await duty.goto(duty.origin + at);
  await press(duty, "Issue");
  return approver;
}
