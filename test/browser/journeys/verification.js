// One state asks another whether a signal is true: both nodes show the same
// exchange and the same clocks, and the answer stands beside the signal.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { follow, press, told } from "../harness/desk.js";
import { arrives, eventually, hold } from "../harness/live.js";
import { story } from "../harness/story.js";

const title = "Workers from Champasak with pneumonia";
const questions = ["Have you seen pneumonia among farm workers?", "Were poultry ill?"];

export async function verification(t, stage) {
  const s = { found: [] }, part = story(t, stage);
  await part("a signal leads to the question, which begins with what was heard", async () => {
    s.kh = await stage.enter("KH", "duty_officer");
    await s.kh.locator("main").getByRole("link", { name: "Record a signal" }).click();
    await s.kh.getByLabel("What was reported").fill(title + ". Three were admitted in Stung Treng.");
    await s.kh.getByLabel("Suspected hazard").selectOption({ label: "Human influenza of a new subtype" });
    await s.kh.getByLabel("Place", { exact: true }).selectOption({ label: "Stung Treng" });
    await press(s.kh, "Save");
    s.signal = s.kh.url();
    await s.kh.locator("#verification").getByRole("link", { name: "Ask a state to verify" }).click();
    assert.match(await s.kh.getByLabel("What is it about?").inputValue(), /Workers from Champasak/);
    assert.match(await s.kh.getByLabel(/What we have heard/).inputValue(), /Three were admitted/);
    await s.kh.getByLabel("What is it about?").fill(title);
    await s.kh.getByRole("checkbox", { name: "Lao PDR" }).check();
    for (const [i, q] of questions.entries()) await s.kh.getByLabel(`Question ${i + 1}`).fill(q);
    await s.kh.locator("main form").getByRole("button", { name: "Save the draft" }).last().click();
    await s.kh.waitForURL(/\/health\/verification\/[0-9a-f-]{36}$/);
    s.at = new URL(s.kh.url()).pathname;
  });

  await part("what will leave is shown before it leaves", async () => {
    const preview = await s.kh.locator("#preview").innerText();
    for (const words of [...questions, "Three were admitted", "24 h", "3 days"]) assert.ok(preview.includes(words), `no ${words} in ${preview}`);
    s.la = await stage.enter("LA", "duty_officer");
    assert.equal(await s.la.locator("#todo").getByText(title).count(), 0);
    await hold(s.la);
    await press(s.kh, "Send");
    assert.match(await told(s.kh).innerText(), /clocks run/);
    await hold(s.kh);
  });

  await part("it reaches the other node by itself, with the first clock of 24 hours", async () => {
    const item = s.la.locator("#todo li").filter({ hasText: `Reply to Cambodia: ${title}` });
    await arrives(s.la, item, "the question");
    assert.match(await item.innerText(), /2[34] h|1 day/);
    await item.locator(".act a").click();
    assert.match(await s.la.locator("#dialogue").innerText(), /Three were admitted[^]*poultry/);
    await audit(s.la, "en", s.found);
  });

  await part("a first reply stops the first clock on both sides", async () => {
    await s.la.locator("#act-first_reply textarea").fill("We ask the hospital of Champasak.");
    await press(s.la, "Send a first reply");
    assert.match(await s.la.locator("#clocks").innerText(), /First reply[^]*in time[^]*Full answer[^]*running/);
    await arrives(s.kh, s.kh.locator("#dialogue").getByText("We ask the hospital of Champasak."), "the first reply");
    assert.match(await s.kh.locator("#clocks").innerText(), /First reply[^]*in time/);
  });

  await part("the full answer needs evidence and leaves only after clearance", async () => {
    stage.complaints.expect(/\/answer .*status of 400/);
    await follow(s.la, "Write the answer");
    await s.la.getByRole("radio", { name: /^Partly confirmed/ }).check();
    await s.la.getByRole("textbox", { name: /^Summary/ }).fill("Two of the three worked on one farm.");
    await s.la.getByLabel(questions[0], { exact: false }).fill("Two, both recovering.");
    await s.la.getByLabel("Not known").last().check();
    await press(s.la, "Save and submit for clearance");
    assert.match(await s.la.locator("#errors").innerText(), /evidence/i);
    await s.la.getByLabel("Source").fill("Hospital of Champasak (sample)");
    await s.la.getByLabel("As of").fill("2026-11-22");
    await s.la.getByLabel("What it shows").fill("Influenza A, subtype not yet known.");
    await press(s.la, "Save and submit for clearance");
    assert.match(await told(s.la).first().innerText(), /second person/);
    await s.kh.reload();
    assert.equal(await s.kh.getByText("Two of the three").count(), 0);
    await hold(s.kh);
    const approver = await stage.enter("LA", "approver");
    await approver.locator("#todo li").filter({ hasText: title }).getByRole("link", { name: /^Review/ }).click();
    await press(approver, "Clear and send");
  });

  await part("the answer stands beside the signal that made somebody ask", async () => {
    await eventually(s.kh, s.kh.locator("#answer").getByText("Two of the three worked on one farm."), "the answer");
    const answer = await s.kh.locator("#answer").innerText();
    assert.match(answer, /Partly confirmed[^]*Two, both recovering[^]*Not known[^]*Influenza A/);
    await audit(s.kh, "en", s.found);
    await s.kh.locator("main").getByRole("link", { name: "To the signal" }).click();
    assert.match(await s.kh.locator("#verification").innerText(), new RegExp(`${title}[^]*Partly confirmed`));
    const third = await stage.enter("TH", "duty_officer");
    const r = await third.request.get(third.origin + s.at);
    assert.equal(r.status(), 404, "a third state finds it");
  });

  await part("every page on the way is accessible", () => assert.deepEqual(s.found, []));
}
