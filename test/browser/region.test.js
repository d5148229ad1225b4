// Journeys of people through a running region, in a real browser. One region
// serves them; they run in this order; the clock stands in the past after the
// scenario. Those that let days pass (level, report) share a second region.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Stage, startBrowser } from "./harness/browser.js";
import { startRegion } from "./harness/region.js";
import { alert } from "./journeys/alert.js";
import { conflict } from "./journeys/conflict.js";
import { check } from "./journeys/check.js";
import { cut } from "./journeys/cut.js";
import { everywhere } from "./journeys/everywhere.js";
import { incident } from "./journeys/incident.js";
import { keyboard } from "./journeys/keyboard.js";
import { noscript } from "./journeys/noscript.js";
import { request } from "./journeys/request.js";
import { review } from "./journeys/review.js";
import { level } from "./journeys/level.js";
import { report } from "./journeys/report.js";
import { reserve } from "./journeys/reserve.js";
import { risk } from "./journeys/risk.js";
import { scenario } from "./journeys/scenario.js";
import { signal } from "./journeys/signal.js";
import { sop } from "./journeys/sop.js";
import { triage } from "./journeys/triage.js";
import { surveillance } from "./journeys/surveillance.js";
import { verification } from "./journeys/verification.js";

const journeys = { alert, signal, triage, verification, risk, check, incident, noscript, conflict, request, reserve, level, report, review, sop, surveillance, cut, keyboard, scenario, everywhere };
const only = process.env.JOURNEYS?.split(",");

test("a region in a browser", async t => {
  const region = await startRegion();
  const browser = await startBrowser();
  const stage = new Stage(browser, region);
  try {
    for (const [name, journey] of Object.entries(journeys)) {
      if (only && !only.includes(name)) continue;
      await t.test(name, { timeout: 900_000 }, t => journey(t, stage));
      await stage.clear();
    }
    await t.test("no page complained", () => assert.deepEqual(stage.complaints.found, []));
  } finally {
    await browser.close();
    await stage.clocked?.region.stop();
    await t.test("Ctrl-C ends the region in time", () => region.stop());
  }
});
