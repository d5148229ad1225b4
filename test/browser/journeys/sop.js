// A playbook from its sample to what it taught: written, published by a second
// person, started on an event, one step done and verified, one blocked, one not
// executable; what the Secretariat sees of it, and what the next version is told.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { follow, press, recordEvent, step, told } from "../harness/desk.js";
import { eventually } from "../harness/live.js";
import { story } from "../harness/story.js";

const event = { name: "Ill traveller, Poipet crossing", summary: "One traveller with fever and rash at the crossing.", hazard: "cholera", grade: "Watch",
  place: "Banteay Meanchey", onset: "2026-11-01", cases: "1", asOf: "2026-11-20T08:00", source: "Post at the crossing (sample)" };
const title = "Point of entry: ill traveller";
const blocked = "The ambulance is at the other crossing (sample)";
const not = "No seat numbers exist on a bus (sample)";
const evidence = "Call at 08:10 UTC; ward 3 expects the patient (sample)";
const record = /\/health\/sop[a-z-]*\/[0-9a-f-]{36}$/;

export async function sop(t, stage) {
  const s = { found: [] }, part = story(t, stage);
  const look = async (page, name) => {
    await audit(page, "en", s.found);
    await pictures(page, name);
  };

  await part("a playbook is drafted from a sample; a wrong line is named", async () => {
    s.duty = await stage.enter("KH", "duty_officer");
    s.second = await stage.enter("KH", "approver");
    await s.duty.locator("nav.rail").getByRole("link", { name: "Playbooks" }).click();
    await look(s.duty, "books");
    await s.duty.locator("#samples").getByRole("link", { name: `Read and take: ${title}` }).click();
    const text = s.duty.locator("form#playbook [name=text]"), sample = await text.inputValue();
    await text.fill(sample.replace("within 30m of start", "within soon of start"));
    stage.complaints.expect(/health\/sops.* 400/);
    await press(s.duty, "Save the draft");
    await s.duty.locator("#errors").waitFor();
    assert.match(await text.inputValue(), /within soon of start/, "what was typed is lost");
    await look(s.duty, "form");
    await text.fill(sample);
    await press(s.duty, "Save the draft");
    await s.duty.waitForURL(record);
    s.book = new URL(s.duty.url()).pathname;
    await step(s.duty, null, "Send to review");
    await s.duty.goto(`${s.duty.origin}${s.book}`);
    assert.equal(await s.duty.locator("#next").getByRole("link", { name: "Publish" }).count(), 0, "its author may publish it");
  });

  await part("a second person publishes it", async () => {
    await step(s.second, s.second.origin + s.book, "Publish");
    assert.match(await s.second.locator(".head").innerText(), /Published/);
    await look(s.second, "book");
  });

  await part("it is started from the page of the event", async () => {
    await recordEvent(s.duty, event);
    await s.duty.locator("#sops").getByRole("link", { name: "Start a playbook" }).click();
    const form = s.duty.locator("form#start");
    assert.equal(await form.locator("[name=event] option:checked").innerText(), event.name);
    await form.locator("[name=playbook]").selectOption({ label: `${title}, version 1` });
    await look(s.duty, "start");
    await press(s.duty, "Start a playbook");
    await s.duty.waitForURL(record);
    s.run = new URL(s.duty.url()).pathname;
    assert.match(await s.duty.locator("#counts").innerText(), /Planned\s*\d/);
  });

  await part("a step is asked of a colleague, who reads it at the duty desk and accepts", async () => {
    await task(s, s.second, "P1");
    assert.match(await s.second.locator("#next").innerText(), /This step is for the role Duty officer\. Here that is: /);
    await s.second.locator("#next").getByRole("link", { name: "Ask somebody else …" }).click();
    await s.second.locator("form#step [name=who]").selectOption({ index: 1 });
    await s.second.locator("form#step [name=words]").fill("Before noon (sample).");
    await look(s.second, "ask");
    await press(s.second, "Ask somebody else …");
    await s.duty.goto(s.duty.origin + "/");
    const item = s.duty.locator("#todo li").filter({ hasText: "You are asked" });
    await eventually(s.duty, item, "what is asked");
    await item.getByRole("link").last().click();
    assert.match(await s.duty.locator("#top").innerText(), /Before noon \(sample\)\./);
    await look(s.duty, "asked");
    await press(s.duty, "Accept");
    assert.equal(await s.duty.locator("#next").getByRole("button", { name: "Take over" }).count(), 0, "one may take over what one has");
  });

  await part("one step is done with its evidence, and another person verifies it", async () => {
    await s.duty.locator("#files [type=file]").setInputFiles([{ name: "call-log.csv", mimeType: "text/csv", buffer: Buffer.from("time,call\n08:10,ward 3\n") }]);
    await press(s.duty, "Attach");
    await s.duty.locator("#files li").filter({ hasText: "On this node only" }).waitFor();
    await look(s.duty, "files");
    await s.duty.locator("#next").getByRole("link", { name: "Done", exact: true }).click();
    await s.duty.locator("form#step [name=evidence]").fill(evidence);
    await look(s.duty, "done");
    await s.duty.locator("form#step").getByRole("button", { name: "Done", exact: true }).click();
    await s.duty.waitForURL(record);
    assert.match(await s.duty.locator("#went").innerText(), /ward 3 expects/);
    assert.equal(await s.duty.locator("#next").getByRole("button", { name: "Verify" }).isDisabled(), true, "who did it may verify it");
    await task(s, s.second, "P1");
    await press(s.second, "Verify");
    assert.match(await told(s.second).first().innerText(), /verified/);
    assert.match(await s.second.locator(".head").innerText(), /Verified/);
  });

  await part("one is blocked with its reason, one is not executable here", async () => {
    await task(s, s.duty, "P2");
    await press(s.duty, "Accept");
    await step(s.duty, null, "Blocked …", { reason: blocked });
    assert.match(await s.duty.locator("#top").innerText(), /ambulance is at the other/);
    await look(s.duty, "task");
    await task(s, s.duty, "P3");
    const who = await s.duty.locator("#next").getByRole("link", { name: "Not executable here …" }).count() ? s.duty : await other(s, stage);
    await task(s, who, "P3");
    await step(who, null, "Not executable here …", { reason: not });
    await s.duty.goto(s.duty.origin + s.run);
    assert.match(await s.duty.locator("#counts").innerText(), /Blocked\s*1[^]*Verified\s*1[^]*Not executable here\s*1/);
    await look(s.duty, "run");
  });

  await part("the Secretariat is told how far it is, and nobody else", async () => {
    await s.second.goto(`${s.second.origin}${s.run}/step/release`);
    await s.second.getByRole("checkbox", { name: "ASEAN Secretariat" }).check();
    await s.second.getByRole("checkbox", { name: /call-log/ }).check();
    const preview = await s.second.locator("form#step table").innerText();
    assert.match(preview, /No seat numbers/);
    assert.doesNotMatch(preview, /ambulance|ward 3/, "a block or evidence leaves the node");
    await look(s.second, "release");
    await press(s.second, "Tell members how far it is");
    await s.second.waitForURL(record);
  });

  await part("the board of the Secretariat shows it, with the file, and asks nobody else", async () => {
    s.asec = await stage.enter("ASEC", "secretariat_desk");
    await s.asec.goto(s.asec.origin + "/health/sop-progress?code=ill-traveller");
    const board = s.asec.locator("#boards");
    await eventually(s.asec, board.getByText("No seat numbers exist"), "the progress");
    const row = (await board.locator("tbody tr").filter({ hasText: "P1 " }).first().innerText()).replace(/\s+/g, " ");
    assert.match(row, /Verified/);
    assert.doesNotMatch(row, /no report/, "a playbook on one event asks nobody else");
    assert.match(await board.innerText(), /only its state is asked[^]*call-log\.csv/);
    assert.doesNotMatch(await board.innerText(), /ambulance|ward 3/);
    await look(s.asec, "board");
  });

  await part("what was told is taken back, and the board says why", async () => {
    await s.second.goto(`${s.second.origin}${s.run}`);
    await step(s.second, null, "Take back what was told …", { reason: "The list names the wrong ward (sample)" });
    const back = s.asec.locator("#boards").getByText("The list names the wrong ward (sample)");
    await eventually(s.asec, back, "the withdrawal");
    assert.doesNotMatch(await s.asec.locator("#boards").innerText(), /call-log/);
    await look(s.asec, "back");
  });

  await part("plan and reality: what did not go as planned, and the way to mend it", async () => {
    await s.duty.goto(`${s.duty.origin}${s.book}/drift`);
    const reasons = await s.duty.locator("#reasons").innerText();
    assert.match(reasons, /ambulance is at the other[^]*No seat numbers/);
    await look(s.duty, "drift");
    await follow(s.duty, "Write the next version");
    assert.match(await s.duty.locator("form#playbook [name=text]").inputValue(), /playbook ill-traveller/);
  });

  await part("every page on the way is accessible", () => assert.deepEqual(s.found, []));
}

// task opens a step of the run at a desk.
async function task(s, page, code) {
  await page.goto(page.origin + s.run);
  await page.locator("#steps tbody").getByRole("link", { name: new RegExp(`^${code} `) }).first().click();
  await page.waitForURL(record);
}

// other is a person of the role that the third step names.
async function other(s, stage) {
  s.other ??= await stage.enter("KH", "epidemiologist");
  return s.other;
}

async function pictures(page, name) {
  const dir = process.env.SOP_PICTURES;
  if (!dir) return;
  for (const [theme, width] of [["day", 1440], ["night", 1440], ["day", 390], ["night", 390]]) {
    await page.setViewportSize({ width, height: 900 });
    await page.evaluate(x => document.documentElement.setAttribute("data-theme", x), theme);
    await page.screenshot({ path: `${dir}/${name}-${theme}-${width}.png`, fullPage: true });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
