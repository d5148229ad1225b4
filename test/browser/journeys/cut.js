// A node that is cut off the network misses nothing.
import assert from "node:assert/strict";
import { compose, recordEvent, send } from "../harness/desk.js";
import { arrives, hold } from "../harness/live.js";
import { story } from "../harness/story.js";

const title = "Nipah virus in Kandal";
const event = { name: "Nipah, Kandal", summary: "Two cases in one village.", hazard: "nipah", grade: "Emergency", place: "Kandal",
  onset: "2026-11-18", cases: "2", asOf: "2026-11-22T06:00", source: "National laboratory" };

export async function cut(t, stage) {
  const s = {}, part = story(t, stage);
  const node = () => s.front.locator("#node-SG");
  await part("Singapore is cut off on the front page, which says so by itself", async () => {
    s.duty = await stage.enter("KH", "duty_officer");
    s.approver = await stage.enter("KH", "approver");
    s.sg = await stage.enter("SG", "duty_officer");
    s.draft = await compose(s.duty, await recordEvent(s.duty, event), { title, message: "Screen travellers from Kandal." });
    s.front = await stage.page();
    await s.front.goto(stage.region.front);
    await node().getByText("In step").waitFor();
    await s.front.getByRole("button", { name: "Cut off Singapore from the network" }).click();
    await s.front.getByRole("button", { name: "Reconnect Singapore" }).waitFor();
    await hold(s.front);
    await arrives(s.front, node().getByText("Unreachable"), "that Singapore is unreachable");
  });

  await part("what is released meanwhile waits for it and reaches the others", async () => {
    await send(s.duty, s.approver, s.draft);
    await arrives(s.front, node().getByText(/\d+ messages? waits? at the hub/), "that something waits");
    const th = await stage.enter("TH", "duty_officer");
    await hold(th);
    await arrives(th, th.locator("#todo").getByText(title), "the notification at Thailand");
    assert.equal(await s.duty.locator("#acks .acksum span", { hasText: "SG" }).getAttribute("class").then(c => /waiting/.test(c)), true);
    await hold(s.sg);
    assert.equal(await s.sg.locator("#todo").getByText(title).count(), 0);
  });

  await part("reconnected, it gets it by itself", async () => {
    await s.front.getByRole("button", { name: "Reconnect Singapore" }).click();
    await arrives(s.sg, s.sg.locator("#todo").getByText(title), "the notification at Singapore", 30_000);
    await hold(s.front);
    await arrives(s.front, node().getByText("In step"), "that Singapore is in step", 30_000);
  });
}
