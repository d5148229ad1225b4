// A joint review from the page of an event: Cambodia leads, Thailand writes its
// own half; each locks its own evidence and writes its own finding; the reports
// are agreed, cleared and released. An action for Thailand is accepted by
// Thailand alone, done, verified by who asked for it; then the review closes.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { press, recordEvent, step, todo, told } from "../harness/desk.js";
import { arrives, eventually, hold } from "../harness/live.js";
import { story } from "../harness/story.js";

const event = { name: "Cholera, Kampot coast", summary: "Cases in two fishing villages.", hazard: "cholera", grade: "Warning",
  place: "Kampot", onset: "2026-11-01", cases: "12", asOf: "2026-11-20T08:00", source: "Provincial health office (sample)" };
const finding = "Samples waited for a courier (sample)", theirs = "Samples came in time (sample)", action = "Weekend courier (sample)";

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

  await part("a joint review is planned from the page of the event, and Thailand is invited", async () => {
    s.duty = await stage.enter("KH", "duty_officer");
    s.approver = await stage.enter("KH", "approver");
    s.th = await stage.enter("TH", "duty_officer");
    s.th.approver = await stage.enter("TH", "approver");
    await recordEvent(s.duty, event);
    await s.duty.locator("#reviews").getByRole("link", { name: "Plan an early action review" }).click();
    const form = s.duty.locator("form#review");
    assert.equal(await form.getByRole("checkbox", { name: event.name }).isChecked(), true, "the event is not chosen");
    await form.getByRole("checkbox", { name: "Thailand" }).check();
    await look(s.duty, "form");
    await press(s.duty, "Save");
    s.at = await at(s.duty, "health/reviews");
    s.page = s.duty.origin + s.at;
    await step(s.approver, s.approver.origin + s.at, "Invite the members");
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
    s.finding = await found(s.duty, s.at, finding, "They took four days.", { look: () => look(s.duty, "finding-form") });
    await look(s.duty, "finding");
    await s.duty.goto(s.duty.origin + "/trail/findings?group=women");
    assert.equal(await s.duty.getByRole("link", { name: finding }).count(), 1);
    await look(s.duty, "findings");
  });

  await part("Thailand writes its own half, with its own evidence, and releases it", async () => {
    await todo(s.th, `Join the review: `);
    await look(s.th, "invited");
    await press(s.th, "Begin our half");
    await s.th.waitForURL(/\/edit$/);
    await press(s.th, "Save");
    s.half = await at(s.th, "health/reviews");
    assert.notEqual(s.half, s.at);
    assert.match(await s.th.locator("#top").innerText(), /your half of a joint review that Cambodia leads/);
    await s.th.goto(s.th.origin + s.half + "/timeline");
    const form = s.th.locator("form#moment");
    await form.locator("[name=at]").fill(new Date(Date.now() - 8 * 86400e3).toISOString().slice(0, 16));
    await form.locator("[name=words]").fill("The samples arrived (sample).");
    await form.locator("[name=source]").fill("Laboratory register");
    await press(s.th, "Add the moment");
    await step(s.th, s.th.origin + s.half, "Lock the evidence");
    await found(s.th, s.half, theirs, "They came in time.", { sort: "practice" });
    await agreed(s.th, s.half, "Samples came in time (sample).", ["Cambodia"]);
    await s.duty.goto(s.page);
    await eventually(s.duty, s.duty.locator("#findings tbody tr").filter({ hasText: theirs }), "the finding of Thailand");
    await s.duty.locator("#findings").getByRole("link", { name: theirs }).click();
    assert.equal(await s.duty.locator("#steps").getByRole("link", { name: "Mend and release again" }).count(), 0, "Cambodia may change a finding of Thailand");
    await s.duty.goto(s.page);
    await look(s.duty, "joint");
  });

  await part("the participants agree, a second person clears and releases", async () => {
    s.duty.approver = s.approver;
    await agreed(s.duty, s.at, "Samples waited for four days (sample).", ["Thailand"], () => look(s.approver, "release"));
    assert.match(await told(s.approver).first().innerText(), /released/);
    await s.approver.goto(s.approver.origin + s.at + "/report");
    assert.match(await s.approver.locator("article").first().innerText(), /workdays only/);
    await look(s.approver, "report");
  });

  await part("an action is asked of Thailand, which alone can take it on", async () => {
    await s.duty.goto(s.finding);
    await s.duty.getByRole("link", { name: "Propose an action" }).click();
    const form = s.duty.locator("form#trail");
    await form.locator("[name=title]").fill(action);
    await form.locator("[name=deliverable]").fill("A contract that covers weekends.");
    await form.locator("[name=for]").selectOption("TH");
    await form.locator("[name=by]").fill(new Date(Date.now() + 60 * 86400e3).toISOString().slice(0, 10));
    await form.locator("[name=measure]").fill("Median time to the laboratory below a day.");
    await press(s.duty, "Save");
    s.action = await at(s.duty, "trail/actions");
    await step(s.approver, s.approver.origin + s.action, "Send the proposal");
    await s.approver.goto(s.approver.origin + s.action);
    assert.equal(await s.approver.locator("#answered").getByRole("link", { name: "Accept" }).count(), 0, "Cambodia may accept for Thailand");
    await hold(s.approver);
    await todo(s.th.approver, `Answer: ${action}`);
    await step(s.th.approver, null, "Accept");
    await arrives(s.approver, s.approver.locator("#answered").getByText("Accepted"), "the answer of Thailand");
  });

  await part("Thailand does it, a second person reports it, Cambodia verifies it", async () => {
    await s.th.goto(s.th.origin + s.action);
    await s.th.locator("#answered").getByRole("link", { name: "Finish", exact: true }).click();
    await s.th.locator("[name=words]").fill("Contract 7, signed.");
    await press(s.th, "Finish");
    await step(s.th.approver, s.th.approver.origin + s.action, "Report as done");
    await look(s.th.approver, "action");
    await todo(s.approver, `Verify: ${action}`);
    await s.approver.locator("#asked").getByRole("link", { name: "Verify", exact: true }).click();
    await s.approver.locator("[name=words]").fill("Two weekends in the register.");
    await press(s.approver, "Verify");
    assert.match(await s.approver.locator("main").innerText(), /Verified/);
  });

  await part("the review is closed; Thailand reads it", async () => {
    await step(s.duty, s.page, "Begin the follow-up");
    await step(s.approver, s.approver.origin + s.at, "Close the review");
    await look(s.approver, "review");
    await s.th.goto(s.th.origin + s.at);
    await eventually(s.th, s.th.locator("#top").getByText("Closed").first(), "the end of the review");
    await s.th.goto(s.th.origin + "/health/reviews");
    await look(s.th, "list");
    await s.th.goto(s.th.origin + "/trail/actions");
    assert.match(await s.th.locator("#list tbody tr").filter({ hasText: action }).innerText(), /Verified/);
    await look(s.th, "actions");
  });

  await part("no page is wider than the screen or hard to read", () => assert.deepEqual(s.found, []));
}

async function at(page, kind) {
  await page.waitForURL(new RegExp(`/${kind}/[0-9a-f-]{36}$`));
  return new URL(page.url()).pathname;
}

// found is a settled finding of a review; it returns the address.
async function found(page, review, title, happened, { sort = "gap", look = async () => {} } = {}) {
  await page.goto(page.origin + review);
  await page.getByRole("link", { name: "Write a finding" }).click();
  const form = page.locator("form#trail");
  await form.locator("[name=title]").fill(title);
  await form.locator(`[name=sort][value=${sort}]`).check();
  await form.locator("[name=planned]").fill("Samples reach the laboratory within a day.");
  await form.locator("[name=happened]").fill(happened);
  await form.locator("[name='why.0']").fill("There was no courier.");
  await form.locator("[name='why.1']").fill("The contract has no weekends.");
  await form.locator("[name=cause]").fill("The contract covers workdays only.");
  await form.locator("[name=theme]").selectOption("D1");
  await form.locator("[name=affected][value=women]").check();
  await form.locator("[name=evidence]").fill("Laboratory register.");
  await look();
  await press(page, "Save");
  const address = page.origin + await at(page, "trail/findings");
  await step(page, null, "Settle the text");
  return address;
}

// agreed takes a review from its findings to its release by two people.
async function agreed(page, review, summary, to, look = async () => {}) {
  await page.goto(page.origin + review + "/edit");
  await page.locator("form#review [name=summary]").fill(summary);
  await press(page, "Save");
  await step(page, page.origin + review, "Put to the participants");
  const second = page.approver, there = second.origin + review;
  await second.goto(there + "/step/validate");
  await second.locator("[name=words]").fill("In the meeting, by all posts that took part.");
  await press(second, "Validate");
  await step(second, there, "Clear the report");
  await second.goto(there + "/step/release");
  for (const name of to) {
    const box = second.getByRole("checkbox", { name });
    if (await box.isEnabled()) await box.check();
  }
  await look();
  await press(second, "Release to members");
}
