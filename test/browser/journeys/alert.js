// An alert from one member to the others: recorded, cleared by a second
// person, released, received, acknowledged, asked about, replaced, withdrawn.
import assert from "node:assert/strict";
import { compose, recordEvent, send, step, told, writeNotification } from "../harness/desk.js";
import { arrives, hold } from "../harness/live.js";
import { story } from "../harness/story.js";

const event = { name: "Avian influenza, Kampot", summary: "Two poultry workers fell ill.\n\nContacts are followed up.", hazard: "influenza_new_subtype",
  grade: "Warning", place: "Kampot", onset: "2026-11-01", cases: "1234", asOf: "2026-11-20T10:00", source: "Ministry line list" };
const title = "Avian influenza in Kampot", newer = "Avian influenza in Kampot, update";
const words = "Received at the national EOC; border posts are told.";

export async function alert(t, stage) {
  const s = {}, part = story(t, stage);
  await part("a duty officer records an event with a figure and its source", async () => {
    s.duty = await stage.click("KH", "duty_officer");
    s.event = await recordEvent(s.duty, event);
    assert.match(await told(s.duty).innerText(), /The event is recorded/);
    const facts = await s.duty.locator("#facts").innerText();
    assert.match(facts, /1,234/);
    assert.match(facts, /Ministry line list/);
    assert.match(await s.duty.locator("#timeline").innerText(), /Event recorded/);
  });

  await part("the preview shows each recipient's own view and what is withheld", async () => {
    s.note = await compose(s.duty, s.event, { title, message: "Please check your border posts.", withhold: [["TH", "facts"]] });
    const groups = s.duty.locator("#previews .preview");
    assert.equal(await groups.count(), 2);
    const most = await groups.filter({ hasText: "Singapore" }).innerText(), thai = await groups.filter({ hasText: "Thailand" }).innerText();
    assert.match(most, /1,234/);
    assert.doesNotMatch(most, /Not sent by the owner/);
    assert.doesNotMatch(most, /Thailand/);
    assert.match(thai, /Not sent by the owner\s+Figures/);
    assert.doesNotMatch(thai, /1,234/);
  });

  await part("whoever wrote it cannot clear it, and nothing leaves before", async () => {
    await step(s.duty, s.note, "Submit for clearance");
    assert.match(await told(s.duty).first().innerText(), /Submitted for clearance/);
    assert.equal(await s.duty.getByRole("link", { name: "Clear", exact: true }).count(), 0);
    assert.equal(await s.duty.getByRole("link", { name: "Release", exact: true }).count(), 0);
    const refused = await s.duty.request.post(s.note + "/step/clear", { form: { version: "2" }, headers: { origin: s.duty.origin } });
    assert.equal(refused.status(), 403);
    s.sg = await stage.enter("SG", "duty_officer");
    assert.equal(await s.sg.locator("#todo").getByText(title).count(), 0);
  });

  await part("an approver clears it", async () => {
    s.approver = await stage.enter("KH", "approver");
    const item = s.approver.locator("#todo li").filter({ hasText: `Clear or return: ${title}` });
    await item.getByRole("link", { name: "Review" }).click();
    await step(s.approver, null, "Clear");
    assert.match(await s.approver.locator("#top").innerText(), /Cleared/);
  });

  await part("released, it appears at another node by itself and is acknowledged with words", async () => {
    await hold(s.sg);
    await step(s.duty, s.note, "Release");
    await hold(s.duty);
    const item = s.sg.locator("#todo li").filter({ hasText: `Acknowledge: ${title}` });
    await arrives(s.sg, item, "the notification");
    assert.match(await item.innerText(), /\d+ (h|min)/);
    await item.getByRole("link", { name: `Acknowledge: ${title}` }).click();
    await s.sg.waitForURL(/\/health\/notices\//);
    s.notice = s.sg.url();
    assert.match(await s.sg.locator("#content").innerText(), /1,234/);
    await arrives(s.duty, s.duty.locator("#acks li").filter({ hasText: "Singapore" }).filter({ hasText: "opened" }), "that Singapore opened it");
    const form = s.sg.locator("form#answer-acknowledge");
    await form.locator("textarea").fill(words);
    await form.getByRole("button", { name: "Acknowledge" }).click();
    await s.sg.locator("#top").getByText("Acknowledged").first().waitFor();
    assert.equal(await s.sg.locator("form#answer-acknowledge").count(), 0);
    const line = s.duty.locator("#acks li").filter({ hasText: "Singapore" });
    await arrives(s.duty, line.filter({ hasText: words }), "the acknowledgement");
    assert.equal(await s.duty.locator("#acks .acksum .acted", { hasText: "SG" }).count(), 1);
    assert.match(await s.duty.locator("#acks .acksum").getAttribute("aria-label"), /Singapore/);
  });

  await part("a question is asked, answered and read", async () => {
    await s.duty.goto(s.duty.origin + "/");
    await hold(s.duty);
    s.th = await stage.enter("TH", "duty_officer");
    await s.th.locator("#todo").getByRole("link", { name: `Acknowledge: ${title}` }).click();
    const content = await s.th.locator("#content").innerText();
    assert.match(content, /Not sent by the owner\s+Figures/);
    assert.doesNotMatch(content, /1,234/);
    await s.th.locator("#answer").getByText("Ask a question").click();
    const form = s.th.locator("form#answer-ask");
    await form.locator("textarea").fill("Are flights affected?");
    await form.getByRole("button", { name: "Send the question" }).click();
    await s.th.locator("#questions").getByText("Are flights affected?").waitFor();
    await hold(s.th);
    const item = s.duty.locator("#todo li").filter({ hasText: "Answer Thailand" });
    await arrives(s.duty, item, "the question");
    await item.locator(".act").getByRole("link", { name: "Answer" }).click();
    await s.duty.locator("form#answer textarea").fill("No, land crossings only.");
    await s.duty.getByRole("button", { name: "Send the answer" }).click();
    await arrives(s.th, s.th.locator("#questions").getByText("No, land crossings only."), "the answer");
  });

  await part("an update takes the place of the first notification", async () => {
    await s.sg.goto(s.notice);
    await hold(s.sg);
    await s.duty.goto(s.note);
    await s.duty.getByRole("link", { name: "Compose an update" }).click();
    s.update = await writeNotification(s.duty, { title: newer, message: "A third person fell ill." });
    await send(s.duty, s.approver, s.update);
    await arrives(s.sg, s.sg.locator("#top").getByText("This notification is out of date"), "the update");
    await s.sg.locator("#top").getByRole("link", { name: "Open the newer one" }).click();
    await s.sg.waitForURL(u => u.href !== s.notice);
    assert.match(await s.sg.locator("h1").innerText(), /update/);
    s.notice = s.sg.url();
    await s.duty.goto(s.note);
    assert.match(await s.duty.locator("#top").innerText(), /Replaced by a newer notification/);
  });

  await part("withdrawn, it leaves a tombstone with the reason", async () => {
    await hold(s.sg);
    await step(s.duty, s.update, "Withdraw", { reason: "The laboratory result was wrong." });
    await arrives(s.sg, s.sg.locator("#top").getByText("Cambodia has withdrawn this notification"), "the withdrawal");
    await s.sg.reload();
    const page = await s.sg.locator("main").innerText();
    assert.match(page, /The laboratory result was wrong/);
    assert.doesNotMatch(page, /A third person fell ill|1,234|poultry/);
    assert.equal(await s.sg.locator("form").filter({ has: s.sg.locator("textarea") }).count(), 0);
  });

  await part("the sender sees who has read the withdrawal", async () => {
    await s.duty.goto(s.update);
    await s.duty.locator("#acks li", { hasText: "Singapore" }).filter({ hasText: /opened/ }).first().waitFor();
    assert.match(await s.duty.locator("#acks").innerText(), /Have read the withdrawal/);
  });
  return s;
}
