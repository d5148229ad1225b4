// A review from the page of an event: evidence locked, a finding on it, agreed
// by the participants, released; an action of the own state, verified by a
// second person; the review closed.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { press, recordEvent, step, told } from "../harness/desk.js";
import { eventually } from "../harness/live.js";
import { story } from "../harness/story.js";

const event = { name: "Cholera, Kampot coast", summary: "Cases in two fishing villages.", hazard: "cholera", grade: "Warning",
  place: "Kampot", onset: "2026-11-01", cases: "12", asOf: "2026-11-20T08:00", source: "Provincial health office (sample)" };
const finding = "Samples waited for a courier (sample)";

export async function review(t, stage) {
  const s = { found: [] }, part = story(t, stage);
  const shot = async (page, name) => {
    const dir = process.env.REVIEW_PICTURES;
    if (!dir) return;
    for (const [theme, width] of [["day", 1440], ["night", 1440], ["day", 390], ["night", 390]]) {
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(x => document.documentElement.setAttribute("data-theme", x), theme);
      await page.screenshot({ path: `${dir}/${name}-${theme}-${width}.png`, fullPage: true });
    }
    await page.emulateMedia({ media: "print" });
    await page.screenshot({ path: `${dir}/${name}-print.png`, fullPage: true });
    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize({ width: 1440, height: 900 });
  };
  const look = async (page, name) => { await audit(page, "en", s.found); await shot(page, name); };

  await part("a review is planned from the page of the event", async () => {
    s.duty = await stage.enter("KH", "duty_officer");
    s.approver = await stage.enter("KH", "approver");
    await recordEvent(s.duty, event);
    await s.duty.locator("#reviews").getByRole("link", { name: "Plan an early action review" }).click();
    const form = s.duty.locator("form#review");
    assert.equal(await form.getByRole("checkbox", { name: event.name }).isChecked(), true, "the event is not chosen");
    await look(s.duty, "form");
    await press(s.duty, "Save");
    await s.duty.waitForURL(/\/health\/reviews\/[0-9a-f-]{36}$/);
    s.at = new URL(s.duty.url()).pathname;
    s.page = s.duty.origin + s.at;
  });

  await part("the evidence is locked, and the check proves it", async () => {
    await s.duty.goto(s.page + "/timeline");
    const form = s.duty.locator("form#moment");
    await form.locator("[name=at]").fill(new Date(Date.now() - 9 * 86400e3).toISOString().slice(0, 16));
    await form.locator("[name=words]").fill("The laboratory was told by telephone (sample).");
    await form.locator("[name=source]").fill("Log of the duty officer");
    await press(s.duty, "Add the moment");
    await step(s.duty, s.page, "Lock the evidence");
    await s.duty.goto(s.page + "/timeline");
    await s.duty.locator("form#choose input[name=pick]").first().check();
    await look(s.duty, "timeline");
    await press(s.duty, "Save the choice");
    await s.duty.goto(s.page + "/check");
    assert.match(await s.duty.locator("main").innerText(), /The evidence is what was locked/);
    await look(s.duty, "check");
  });

  await part("a finding says why it happened and who was affected", async () => {
    await s.duty.goto(s.page);
    await s.duty.getByRole("link", { name: "Write a finding" }).click();
    const form = s.duty.locator("form#trail");
    await form.locator("[name=title]").fill(finding);
    await form.locator("[name=planned]").fill("Samples reach the laboratory within a day.");
    await form.locator("[name=happened]").fill("They took four days.");
    await form.locator("[name='why.0']").fill("There was no courier.");
    await form.locator("[name='why.1']").fill("The contract has no weekends.");
    await form.locator("[name=cause]").fill("The contract covers workdays only.");
    await form.locator("[name=theme]").selectOption("D1");
    await form.locator("[name=affected][value=women]").check();
    await form.locator("[name=evidence]").fill("Laboratory register.");
    await look(s.duty, "finding-form");
    await press(s.duty, "Save");
    await s.duty.waitForURL(/\/trail\/findings\/[0-9a-f-]{36}$/);
    s.finding = s.duty.url();
    await step(s.duty, null, "Settle the text");
    await look(s.duty, "finding");
    await s.duty.goto(s.duty.origin + "/trail/findings?group=women");
    assert.equal(await s.duty.getByRole("link", { name: finding }).count(), 1);
    await look(s.duty, "findings");
  });

  await part("the participants agree, a second person clears and releases", async () => {
    await s.duty.goto(s.page + "/edit");
    await s.duty.locator("form#review [name=summary]").fill("Samples waited for four days (sample).");
    await press(s.duty, "Save");
    await step(s.duty, s.page, "Put to the participants");
    const page = s.approver, at = page.origin + s.at;
    await page.goto(at + "/step/validate");
    await page.locator("[name=words]").fill("In the meeting, by all posts that took part.");
    await press(page, "Validate");
    await step(page, at, "Clear the report");
    await page.goto(at + "/step/release");
    await page.getByRole("checkbox", { name: "Thailand" }).check();
    await look(page, "release");
    await press(page, "Release to members");
    assert.match(await told(page).first().innerText(), /released/);
    await page.goto(at + "/report");
    assert.match(await page.locator("article").innerText(), /workdays only/);
    await look(page, "report");
  });

  await part("an action is taken on, done, and verified by a second person", async () => {
    await s.duty.goto(s.finding);
    await s.duty.getByRole("link", { name: "Propose an action" }).click();
    const form = s.duty.locator("form#trail");
    await form.locator("[name=title]").fill("Weekend courier (sample)");
    await form.locator("[name=deliverable]").fill("A contract that covers weekends.");
    await form.locator("[name=for]").selectOption("KH");
    await form.locator("[name=by]").fill(new Date(Date.now() + 60 * 86400e3).toISOString().slice(0, 10));
    await form.locator("[name=measure]").fill("Median time to the laboratory below a day.");
    await press(s.duty, "Save");
    await s.duty.waitForURL(/\/trail\/actions\/[0-9a-f-]{36}$/);
    s.action = new URL(s.duty.url()).pathname;
    const page = s.approver, at = page.origin + s.action;
    await step(page, at, "Send the proposal");
    await step(page, at, "Accept");
    await s.duty.goto(s.duty.origin + s.action);
    await s.duty.locator("#answered").getByRole("link", { name: "Finish", exact: true }).click();
    await s.duty.locator("[name=words]").fill("Contract 7, signed.");
    await press(s.duty, "Finish");
    await step(page, at, "Report as done");
    await look(page, "action");
    await page.goto(at);
    await page.locator("#asked").getByRole("link", { name: "Verify", exact: true }).click();
    await page.locator("[name=words]").fill("Two weekends in the register.");
    await press(page, "Verify");
    assert.match(await page.locator("main").innerText(), /Verified/);
  });

  await part("the review is closed; Thailand reads it", async () => {
    await step(s.duty, s.page, "Begin the follow-up");
    await step(s.approver, s.approver.origin + s.at, "Close the review");
    await look(s.approver, "review");
    const th = await stage.enter("TH", "duty_officer");
    await th.goto(th.origin + "/health/reviews");
    await eventually(th, th.locator("#list a").filter({ hasText: event.name }), "the review at Thailand");
    await look(th, "list");
    await th.goto(th.origin + "/trail/actions");
    await look(th, "actions");
  });

  await part("no page is wider than the screen or hard to read", () => assert.deepEqual(s.found, []));
}
