// From a call to the hotline to the acknowledgement of another state: recorded
// on a phone, claimed, triaged, verified as an event, notified, acknowledged.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { compose, follow, press, send, step, told } from "../harness/desk.js";
import { arrives, eventually, hold } from "../harness/live.js";
import { story } from "../harness/story.js";

const words = "Caller from Kep hospital: six children of one village with fever and rash, two cannot stand.";
const event = "Measles, Kep", title = "Measles in Kep";
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

export async function signal(t, stage) {
  const s = { found: [] }, part = story(t, stage);
  await part("a call is recorded on a phone in under a minute", async () => {
    s.phone = await stage.enter("KH", "duty_officer", phone);
    const began = performance.now();
    await s.phone.locator("nav.bottom").getByRole("link", { name: /Signals/ }).tap();
    await s.phone.getByRole("link", { name: "Record a signal" }).tap();
    const form = s.phone.locator("form#signal");
    await form.waitFor();
    assert.ok(await form.getByRole("button", { name: "Save", exact: true }).evaluate(b => b.getBoundingClientRect().bottom <= innerHeight - 58),
      "the button cannot be seen without scrolling");
    await form.getByLabel("What was reported").pressSequentially(words, { delay: 40 });
    await form.getByLabel("Place", { exact: true }).selectOption({ label: "Kep" });
    await form.getByLabel("Cases").fill("6");
    await form.getByRole("button", { name: "Save", exact: true }).tap();
    await s.phone.waitForURL(/\/health\/signals\/[0-9a-f-]{36}$/);
    const took = performance.now() - began;
    assert.ok(took < 60_000, `it took ${Math.round(took / 1000)} s`);
    assert.match(await told(s.phone).innerText(), /Recorded\. Reference/);
    assert.match(await s.phone.locator("#text").innerText(), /six children[^]*Cases\s+6[^]*Deaths\s+not reported/);
    assert.equal(await s.phone.evaluate(() => document.documentElement.scrollWidth), 390, "wider than the phone");
    s.path = new URL(s.phone.url()).pathname;
    await audit(s.phone, "en", s.found);
  });

  await part("it waits at the desk with its clock; whoever claims it is seen by the others", async () => {
    s.duty = await stage.enter("KH", "duty_officer");
    const item = s.duty.locator("#todo li").filter({ hasText: "six children" });
    assert.match(await item.innerText(), /2[34] h|1 day/);
    await item.getByRole("link", { name: /^Triage: / }).last().click();
    s.epi = await stage.enter("KH", "epidemiologist");
    await s.epi.goto(s.epi.origin + s.path);
    await press(s.epi, "Claim");
    assert.match(await s.epi.locator("#state").innerText(), /Who works on it\s+yours/);
    await s.duty.reload();
    assert.match(await s.duty.locator("#top").innerText(), /Epidemiologist, KH/);
    await press(s.epi, "Give back");
  });

  await part("it is triaged: two marks of concern, reliability and credibility", async () => {
    await s.duty.reload();
    await press(s.duty, "Claim");
    await follow(s.duty, "Take up for verification");
    for (const [question, answer] of [["May cross a border", "Yes"], ["Serious or unexpected impact", "Yes"]])
      await s.duty.getByRole("group", { name: question }).getByRole("radio", { name: answer }).check();
    await s.duty.getByLabel("Reliability of the source").selectOption({ label: "B · usually reliable" });
    await s.duty.getByLabel("Credibility of the information").selectOption({ label: "2 · probably true" });
    await press(s.duty, "Take up for verification");
    assert.match(await told(s.duty).innerText(), /Triaged/);
    assert.match(await s.duty.locator("#judged").innerText(), /May cross a border\s+Yes/);
  });

  await part("an event needs somebody who confirmed it", async () => {
    stage.complaints.expect(/\/verify .*status of 400/);
    await follow(s.duty, "Begin verification");
    await press(s.duty, "Begin verification");
    await follow(s.duty, "Confirm as event");
    await press(s.duty, "Confirm as event");
    assert.match(await s.duty.locator("#errors").innerText(), /confirmed/i);
    await s.duty.getByLabel("Suspected hazard").selectOption({ label: "Measles" });
    await s.duty.getByLabel("Confirmed by").fill("National laboratory (sample)");
    await s.duty.getByLabel(/^Name of the new event/).fill(event);
    await press(s.duty, "Confirm as event");
    await s.duty.waitForURL(/\/health\/events\//);
    s.event = s.duty.url();
    assert.match(await s.duty.locator("h1").innerText(), new RegExp(event));
    assert.match(await s.duty.locator("#signals").innerText(), /six children[^]*Verified event/);
  });

  await part("the other states are told, and the acknowledgement comes back by itself", async () => {
    s.approver = await stage.enter("KH", "approver");
    const draft = await compose(s.duty, s.event, { title, message: "Look for children with rash who came from Kep." });
    await send(s.duty, s.approver, draft);
    await hold(s.duty);
    s.vn = await stage.enter("VN", "duty_officer", phone);
    const item = s.vn.locator("#todo li").filter({ hasText: title });
    await eventually(s.vn, item, "the notification");
    await item.getByRole("link", { name: `Acknowledge: ${title}` }).tap();
    await s.vn.locator("form#answer-acknowledge textarea").fill("Border posts are told.");
    await s.vn.locator("form#answer-acknowledge").getByRole("button", { name: "Acknowledge" }).tap();
    await arrives(s.duty, s.duty.locator("#acks li").filter({ hasText: "Viet Nam" }).filter({ hasText: "Border posts are told." }), "the acknowledgement");
    await audit(s.duty, "en", s.found);
  });

  await part("every page on the way is accessible", () => assert.deepEqual(s.found, []));
}
