// Goods of the regional reserve from the shelf to the debt: specified, stocked,
// promised by a neighbour, asked for because of an event, divided by the
// formula, sent, received short on a phone, owed, put back in part. Every book
// balances.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { clocked } from "../harness/clock.js";
import { press, recordEvent, step, todo, told } from "../harness/desk.js";
import { arrives, eventually, hold } from "../harness/live.js";
import { story } from "../harness/story.js";

const base = "/health/reserve", item = "Oral rehydration salts (sample)", asked = "Salts for the east", division = "Salts, first division", event = "Cholera, Prey Veng";
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

export async function reserve(t, stage) {
  const own = await clocked(stage), s = { found: [] }, part = story(t, own.stage);
  await part("Cambodia specifies an item, and a second person publishes it", async () => {
    for (const m of ["KH", "TH", "SG"]) s[m] = Object.assign(await own.stage.enter(m, "duty_officer"), { approver: await own.stage.enter(m, "approver") });
    s.ASEC = Object.assign(await own.stage.enter("ASEC", "secretariat_desk"), { approver: await own.stage.enter("ASEC", "approver") });
    await s.KH.locator("nav.rail").getByRole("link", { name: "Regional reserve" }).click();
    await audit(s.KH, "en", s.found);
    await fill(s.KH, "items/new", { name: item, code: "ORS-1L", unit: "sachet for 1 litre", atc: "A07CA" });
    s.item = await at(s.KH, "items");
    await step(s.KH.approver, s.KH.approver.origin + s.item, "Publish to all members");
    await audit(s.KH.approver, "en", s.found);
    for (const m of ["TH", "SG", "ASEC"]) {
      await s[m].goto(s[m].origin + base + "/items");
      await eventually(s[m], s[m].getByRole("link", { name: item }), "the item");
    }
  });

  await part("Thailand has stock, Singapore pledges, and the members state their books", async () => {
    await fill(s.TH, "stock/new", { item, number: "A-1", maker: "Sample maker", expires: await own.day(400), holder: "Thailand", warehouse: "CENTRAL", qty: "300" });
    await at(s.TH, "lots");
    await audit(s.TH, "en", s.found);
    await fill(s.SG, "pledges/new", { item, qty: "400", notice: "48", until: await own.day(60), blackout: "Not while dengue is at level 3." });
    const pledge = await at(s.SG, "pledges");
    await step(s.SG.approver, s.SG.approver.origin + pledge, "Pledge to all members");
    for (const m of ["KH", "TH", "SG", "ASEC"]) {
      await s[m].approver.goto(s[m].approver.origin + base + "/proof");
      await s[m].approver.getByRole("link", { name: "Open our standing statement" }).click();
      await press(s[m].approver, "Open our standing statement");
      await s[m].approver.waitForURL(u => !u.pathname.endsWith("/open"));
    }
  });

  await part("Cambodia asks because of an event, which shows it from then on", async () => {
    await recordEvent(s.KH, { name: event, summary: "Wards are full (sample).", hazard: "cholera", grade: "Warning", place: "Prey Veng", onset: await own.day(-5), cases: "114", asOf: await own.at(-6), source: "Provincial health office (sample)" });
    s.event = new URL(s.KH.url()).pathname;
    assert.equal(await s.KH.locator("#reserve").count(), 0, "the event shows a reserve that nobody asked");
    await fill(s.KH, `draws/new?event=${s.event.split("/").pop()}`, { title: asked, item, qty: "500", needed_by: await own.day(7), reasons: "Two wards are full.", need: "700", have: "100", persons: "120000", risk: "3 high", source: "Line list (sample)", as_of: await own.day(-1) }, s.found);
    s.draw = await at(s.KH, "draws");
    await step(s.KH.approver, s.KH.approver.origin + s.draw, "Clear and send to all members");
    await s.KH.goto(s.KH.origin + s.event);
    await s.KH.locator("#reserve").getByRole("link", { name: asked }).waitFor();
  });

  await part("the regional desk tries a division, and proposes it by the published formula", async () => {
    await s.ASEC.goto(s.ASEC.origin + base + "/draws");
    await eventually(s.ASEC, s.ASEC.getByRole("link", { name: asked }), "the request");
    await s.ASEC.getByRole("link", { name: asked }).click();
    await s.ASEC.getByRole("link", { name: "Try a division" }).last().click();
    await eventually(s.ASEC, s.ASEC.locator("#simulate [name=stock][value='700']"), "the stock of both members");
    await s.ASEC.locator("#simulate [name='asked.0']").fill("650");
    await press(s.ASEC, "Divide");
    await s.ASEC.locator("#simulate [name='asked.0'][value='650']").waitFor();
    await s.ASEC.locator("#result tr").filter({ hasText: "Cambodia" }).filter({ hasText: /650[^]*650/ }).first().waitFor();
    await audit(s.ASEC, "en", s.found);
    await s.ASEC.getByRole("link", { name: "Propose a division" }).click();
    await fill(s.ASEC, null, { title: division, rationale: "By the published formula (sample).", adopt: "silence", window: "1" }, s.found);
    s.division = await at(s.ASEC, "allocations");
    assert.match((await s.ASEC.locator("#lines").innerText()).replace(/\s+/g, " "), /Thailand .*Cambodia 300 .*Singapore .*Cambodia 200/);
    await step(s.ASEC.approver, s.ASEC.approver.origin + s.division, "Put to the vote");
    await audit(s.ASEC.approver, "en", s.found);
  });

  await part("states vote, the window passes, and the request is allocated everywhere", async () => {
    await todo(s.TH, `Vote on the division “${division}”`);
    await s.TH.getByRole("link", { name: "Vote", exact: true }).click();
    await fill(s.TH, null, { stance: "agree" }, s.found);
    await s.TH.waitForURL(u => u.pathname === s.division);
    await step(s.TH.approver, s.TH.approver.origin + s.division, "Give the vote", { link: "Give our vote: Agrees" });
    await s.ASEC.goto(s.ASEC.origin + s.division);
    await eventually(s.ASEC, s.ASEC.locator("#votes tbody tr").filter({ hasText: "Thailand" }).filter({ hasText: "Agrees" }), "the vote");
    await s.KH.goto(s.KH.origin + s.event);
    await hold(s.KH);
    await own.pass(2);
    await step(s.ASEC, s.ASEC.origin + s.division, "Close");
    await arrives(s.KH, s.KH.locator("#reserve").getByText("Allocated in full"), "the decision");
    assert.match((await s.KH.locator("#reserve").innerText()).replace(/\s+/g, " "), /500 of 500 decided/);
    await audit(s.KH, "en", s.found);
    await s.KH.goto(s.KH.origin + s.draw);
    assert.match((await s.KH.locator("#came").innerText()).replace(/\s+/g, " "), /Allocated 500 .*Not allocated 0 /);
  });

  await part("Thailand sends what was decided", async () => {
    await todo(s.TH, `Send what was decided: “${division}”`);
    await s.TH.getByRole("link", { name: "Prepare 300" }).click();
    await fill(s.TH, null, { carrier: "Road (sample)", waybill: "TH-1" }, s.found);
    s.goods = await at(s.TH, "movements");
    await step(s.TH, null, "Dispatch");
    assert.match(await told(s.TH).innerText(), /booked out/);
    await audit(s.TH, "en", s.found);
    await hold(s.TH);
  });

  await part("Cambodia counts on a phone: what is short must be explained", async () => {
    const field = s.field = await own.stage.enter("KH", "duty_officer", phone);
    await todo(field, "Say what arrived of");
    await field.getByRole("link", { name: "Say what arrived", exact: true }).click();
    assert.match(await field.locator("h1").innerText(), /^Say what arrived: Oral rehydration salts/);
    const form = field.locator("form#step");
    for (const [name, value] of Object.entries({ warehouse: "PHNOM-PENH", "ok.1": "270", "short.1": "20", "damaged.1": "10" })) await form.locator(`[name="${name}"]`).fill(value);
    own.stage.complaints.expect(/step\/receive.* 400/);
    await press(field, "Say what arrived");
    await field.locator("#errors").getByRole("link", { name: /say what happened/ }).click();
    assert.equal(await field.evaluate(() => document.activeElement.name), "words.1");
    assert.equal(await form.locator("[name='short.1']").inputValue(), "20");
    await audit(field, "en", s.found);
    await form.locator("[name='words.1']").fill("One carton was wet, two bags were torn.");
    await press(field, "Say what arrived");
    await at(field, "arrivals");
    assert.match(await told(field).innerText(), /booked in/);
    await audit(field, "en", s.found);
    await arrives(s.TH, s.TH.locator("#arrival").getByText("One carton was wet"), "the receipt");
  });

  await part("what came is owed, and a part of it is put back", async () => {
    await s.field.getByRole("link", { name: "Open what is owed" }).click();
    s.debt = await at(s.field, "debts");
    assert.match((await s.field.locator("#debt").innerText()).replace(/\s+/g, " "), /Thailand .*270 /);
    await fill(s.KH, "stock/new", { item, number: "K-9", maker: "Sample maker", expires: await own.day(500), holder: "Cambodia", kind: "supply", warehouse: "PHNOM-PENH", qty: "100" });
    await at(s.KH, "lots");
    await s.KH.goto(s.KH.origin + s.debt);
    await s.KH.getByRole("link", { name: "Send a replacement" }).click();
    await fill(s.KH, null, { qty: "100", carrier: "Road (sample)" });
    await at(s.KH, "movements");
    await step(s.KH, null, "Dispatch");
    await todo(s.TH, "Say what arrived of");
    await s.TH.getByRole("link", { name: "Say what arrived", exact: true }).click();
    await s.TH.locator("form#step [name=warehouse]").fill("CENTRAL");
    await press(s.TH, "Say what arrived");
    await at(s.TH, "arrivals");
    await s.KH.goto(s.KH.origin + s.debt);
    await eventually(s.KH, s.KH.locator("#debt").getByText(/^170 /), "what is left");
    await audit(s.KH, "en", s.found);
  });

  await part("the proof says at every node that the books balance", async () => {
    for (const m of ["ASEC", "TH", "KH"]) {
      await s[m].goto(`${s[m].origin}${base}/proof?item=${s.item.split("/").pop()}`);
      const proof = s[m].locator(`#item-${s.item.split("/").pop()}`);
      await eventually(s[m], proof.locator("tr").filter({ hasText: /Thailand: Due from Cambodia\s+170\s+Cambodia: Owed to Thailand\s+.170\s+nothing\s+0/ }), "both books with the same debt");
      await eventually(s[m], proof.getByText("Balanced", { exact: true }), "the balance");
      await eventually(s[m], proof.locator("tr").filter({ hasText: "Owed to others" }).filter({ hasText: "170" }), "what is owed");
    }
    await audit(s.KH, "en", s.found);
    await press(s.KH, "Check our whole book again");
    await s.KH.locator("#audit").getByText(/^Sound:/).waitFor();
  });

  await part("every page on the way is accessible", () => assert.deepEqual(s.found, []));
}

async function at(page, kind) {
  await page.waitForURL(new RegExp(`${base}/${kind}/[0-9a-f-]{36}$`));
  return new URL(page.url()).pathname;
}

// fill opens a form, or takes the one that is open, writes what is given and
// sends it.
async function fill(page, path, values, found) {
  if (path) await page.goto(`${page.origin}${base}/${path}`);
  const form = page.locator("form#reserve");
  for (const [name, value] of Object.entries(values)) {
    const field = form.locator(`[name="${name}"]`), first = field.first();
    const kind = await first.evaluate(e => e.tagName === "SELECT" ? "select" : e.type);
    if (kind === "select") await pick(first, value);
    else if (kind === "radio") await form.locator(`[name="${name}"][value="${value}"]`).check();
    else await first.fill(value);
  }
  if (found) await audit(page, "en", found);
  await form.locator(".act button[type=submit]").click();
}

async function pick(select, words) {
  const value = await select.locator("option").filter({ hasText: words }).first().getAttribute("value");
  await select.selectOption(value);
}
