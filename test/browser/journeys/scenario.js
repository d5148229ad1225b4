// A scenario is played, paused, sped up; who is late is named.
import assert from "node:assert/strict";
import { compose, recordEvent, send, step } from "../harness/desk.js";
import { arrives, eventually, hold } from "../harness/live.js";
import { shot } from "../harness/browser.js";
import { story } from "../harness/story.js";

const title = "Measles in Prey Veng";
const event = { name: "Measles, Prey Veng", summary: "A cluster in one school.", hazard: "measles", grade: "Watch", place: "Prey Veng",
  onset: "2020-01-03", cases: "9", asOf: "2020-01-05T06:00", source: "District hospital" };

const pause = ms => new Promise(done => setTimeout(done, ms));

export async function scenario(t, stage) {
  const s = {}, part = story(t, stage);
  const speed = name => s.front.locator("#play").getByRole("button", { name, exact: true });
  const clock = async () => (await s.front.locator("#play dl").innerText()).replace(/\s+/g, " ");

  await part("it begins and can be paused", async () => {
    s.front = await stage.page();
    await s.front.goto(stage.region.front);
    await s.front.locator("#scenario-covid-2020").getByRole("button", { name: "Play", exact: true }).click();
    await s.front.locator("#play").waitFor();
    await speed("Pause").click();
    await s.front.locator("#play").getByText("Paused").waitFor();
    await pause(1500);
    const before = await clock();
    await pause(2500);
    assert.equal(await clock(), before);
    assert.match(before, /2020/);
  });

  await part("members that stay silent past the due time are named", async () => {
    s.duty = await stage.enter("KH", "duty_officer");
    s.approver = await stage.enter("KH", "approver");
    s.note = await compose(s.duty, await recordEvent(s.duty, event), { title, message: "Check vaccination.", hours: 1 });
    await send(s.duty, s.approver, s.note);
    s.sg = await stage.enter("SG", "duty_officer");
    await eventually(s.sg, s.sg.locator("#todo").getByText(`Acknowledge: ${title}`), "the notification");
    await s.sg.locator("#todo").getByRole("link", { name: `Acknowledge: ${title}` }).click();
    await s.sg.locator("form#answer-acknowledge").getByRole("button", { name: "Acknowledge" }).click();
    await s.sg.locator("#top").getByText("Acknowledged").first().waitFor();
    await s.duty.goto(s.note);
    await eventually(s.duty, s.duty.locator("#acks .acksum .acted", { hasText: "SG" }), "the acknowledgement");
    assert.equal(await s.duty.locator("#acks .late b").count(), 0);
    await speed("1 hour per second").click();
    await pause(3000);
    await speed("Pause").click();
    await s.front.locator("#play").getByText("Paused").waitFor();
    await s.duty.reload();
    const late = await s.duty.locator("#acks .late b").innerText();
    for (const name of ["Brunei Darussalam", "Indonesia", "Thailand", "ASEAN Secretariat"]) assert.match(late, new RegExp(name));
    assert.doesNotMatch(late, /Singapore|Cambodia/);
    await s.duty.goto(s.duty.origin + "/");
    const item = s.duty.locator("#todo li").filter({ hasText: `No answer yet: ${title}` });
    assert.match(await item.innerText(), /Late with the acknowledgement: .*Thailand/);
    s.th = await stage.enter("TH", "duty_officer");
    assert.match(await s.th.locator("#todo li").filter({ hasText: title }).locator(".due").innerText(), /late by/);
  });

  await part("a reminder reaches the silent and nobody else", async () => {
    await s.th.locator("#todo").getByRole("link", { name: `Acknowledge: ${title}` }).click();
    await hold(s.th);
    await step(s.duty, s.note, "Remind the silent");
    await arrives(s.th, s.th.locator("#top").getByText("Cambodia reminds you to answer"), "the reminder");
    await s.sg.reload();
    assert.equal(await s.sg.locator("#top").getByText("reminds you").count(), 0);
  });

  await part("at five days a second, events appear at the duty desks by themselves", async () => {
    const desks = { KH: s.duty };
    for (const m of ["SG", "VN"]) desks[m] = await stage.enter(m, "duty_officer");
    await s.duty.goto(s.duty.origin + "/");
    for (const page of Object.values(desks)) await hold(page);
    await speed("5 days per second").click();
    for (const [m, page] of Object.entries(desks))
      await arrives(page, page.locator("#open .ev tbody tr").nth(3), `a fourth event at ${m}`, 60_000);
    await s.front.locator("#play").getByText(/Played to the end|Paused/).waitFor({ timeout: 90_000 });
    assert.equal(await s.front.locator(".region-errors").count(), 0);
    for (const page of Object.values(desks)) assert.match(await page.locator("main").innerText(), /Exercise|2020/);
  });

  await part("pictures of the duty desk and of an event", async () => {
    const page = await stage.enter("SG", "duty_officer", { viewport: { width: 1440, height: 1000 } });
    await shot(page, "duty-desk");
    await page.locator("#open .ev .ttl a", { hasText: "Novel coronavirus, first confirmed case, Singapore" }).click();
    await page.waitForURL(/\/health\/events\//);
    await shot(page, "event");
  });
}
