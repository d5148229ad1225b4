// Some journeys need days to pass: a cut-off, a level that ends. They share a
// second region, whose clock is that of a scenario which has hardly begun.
import { Stage } from "./browser.js";
import { startRegion } from "./region.js";

const scenario = "nipah-1998"; // few steps, in months that leave room between them
const HOUR = 3_600_000;

export async function clocked(stage) {
  const own = stage.clocked ??= await started(stage);
  const front = await own.page(), play = front.locator("#play");
  const speed = name => play.getByRole("button", { name, exact: true }).click();
  const pause = async () => {
    await speed("Pause");
    await play.getByText("Paused").waitFor();
  };
  await front.goto(own.region.front);
  if (!await play.count()) {
    await front.locator(`#scenario-${scenario}`).getByRole("button", { name: "Play", exact: true }).click();
    await pause();
  }
  const now = async () => {
    const [, day, time] = (await play.locator("dl").innerText()).replace(/\s+/g, " ").match(/(\d+ \S+ \d{4}) (\d\d:\d\d)/);
    return Date.parse(`${day} ${time} UTC`);
  };
  return {
    stage: own,
    // at is a time some hours from now, as forms take it.
    at: async hours => new Date(await now() + hours * HOUR).toISOString().slice(0, 16),
    day: async days => new Date(await now() + days * 24 * HOUR).toISOString().slice(0, 10),
    // pass lets at least so many hours go by, and stops the clock again.
    async pass(hours) {
      const until = await now() + hours * HOUR;
      await speed(hours > 12 ? "1 day per second" : "1 hour per second");
      while (await now() < until) await front.waitForTimeout(150);
      await pause();
    },
  };
}

async function started(stage) {
  const own = new Stage(stage.browser, await startRegion());
  own.complaints = stage.complaints;
  return own;
}
