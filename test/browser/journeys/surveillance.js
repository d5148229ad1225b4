// Counts from a published file to the map: OpenDengue as it is, its columns
// confirmed, the names that are not certain said by a person, and the disease
// page with its table, its curve and its map; then a standing release that a
// second person clears.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { audit } from "../harness/audit.js";
import { press } from "../harness/desk.js";
import { story } from "../harness/story.js";

const file = resolve("../../../shared/data/opendengue/Spatial_extract_WPRO_V1_3.zip");

export async function surveillance(t, stage) {
  if (!existsSync(file)) return t.skip(`OpenDengue is not beside the project: ${file}`);
  const s = {}, part = story(t, stage);
  await part("an epidemiologist describes a dataset", async () => {
    s.epi = await stage.enter("KH", "epidemiologist");
    await s.epi.goto(s.epi.origin + "/surveillance/datasets/new");
    const form = s.epi.locator("form#dataset");
    await form.locator("[name=title]").fill("OpenDengue, by province and month");
    await form.locator("[name=source]").fill("OpenDengue V1.3");
    await form.locator("[name=terms]").fill("CC BY-SA 4.0; cite OpenDengue");
    await form.locator("[name=calendar]").selectOption("month");
    await form.locator("[name=marking][value='TLP:GREEN']").check();
    await press(s.epi, "Save");
    await s.epi.waitForURL(/\/surveillance\/datasets\/[0-9a-f-]+$/);
    s.set = s.epi.url();
  });

  await part("the file is uploaded as it was published, and its columns are guessed", async () => {
    await s.epi.goto(s.set + "/import");
    await s.epi.locator("form#upload input[type=file]").setInputFiles(file);
    await press(s.epi, "Upload");
    await s.epi.waitForURL(/\/map$/);
    const form = s.epi.locator("form#map");
    const chosen = name => form.locator(`select[name="${name}"] option:checked`).innerText();
    assert.match(await chosen("col.count"), /dengue_total/);
    assert.match(await chosen("col.state"), /adm_0|ISO/i);
    await s.epi.locator("form#map [name='only.0.column']").selectOption({ label: "T_res" });
    await s.epi.locator("form#map [name='only.0.values']").fill("Month");
    await press(s.epi, "Read the file");
    await s.epi.locator("#state").waitFor();
    s.import = s.epi.url();
  });

  await part("what is not certain waits for a person, who says which place is meant", async () => {
    const names = s.epi.locator("#terms");
    if (await names.count() === 0) return; // every name was certain
    await s.epi.goto(s.import + "/names?suggest=1");
    await s.epi.locator("form#names").waitFor();
    await press(s.epi, "Confirm");
    await s.epi.waitForURL(u => !u.pathname.endsWith("/names"));
  });

  await part("the counts are stored and the map shows them with their date", async () => {
    await s.epi.goto(s.import);
    const leave = s.epi.locator("form#apply [name=leave_bad]");
    if (await leave.count()) await leave.check();
    await s.epi.locator("form#apply button[type=submit], form#apply button").first().click();
    await s.epi.locator("#state", { hasText: "Revision 1" }).waitFor({ timeout: 120_000 });
    await s.epi.goto(s.set + "/diseases/dengue");
    assert.ok(await s.epi.locator("#map-panel svg.map path").count() > 300);
    assert.match(await s.epi.locator("#map-panel .note-s").innerText(), /OpenDengue V1\.3/);
    assert.match(await s.epi.locator("#map-panel .note-s").innerText(), /do not imply endorsement/);
    assert.ok(await s.epi.locator("#curve svg.chart rect").count() > 5);
    assert.ok(await s.epi.locator("#map-panel [fill^='url(']").count() > 0, "what nobody reported is hatched");
  });

  await part("a figure is saved as a picture", async () => {
    const [download] = await Promise.all([s.epi.waitForEvent("download"), s.epi.locator("#map-panel a", { hasText: "PNG" }).click()]);
    assert.match(download.suggestedFilename(), /^dengue-map\.png$/);
  });

  await part("a standing release is composed, and a second person clears it", async () => {
    await s.epi.goto(s.epi.origin + "/surveillance/releases/new");
    const form = s.epi.locator("form#share");
    await form.locator("select[name=of]").selectOption({ label: "Dengue" });
    await form.locator("[name=to][value=TH]").check();
    await press(s.epi, "Save");
    await s.epi.waitForURL(/\/surveillance\/releases\/[0-9a-f-]{36}$/);
    await s.epi.locator("#act-submit button").click();
    await s.epi.locator("#act-recall").waitFor();
    s.approver = await stage.enter("KH", "approver");
    await s.approver.goto(s.epi.url());
    await s.approver.locator("#act-clear button").click();
    await s.approver.locator("#act-withdraw").waitFor({ state: "attached" });
  });

  await part("the recipient sees the counts beside its own, with their owner", async () => {
    s.th = await stage.enter("TH", "epidemiologist");
    await arrives(s.th, "/surveillance/releases", page => page.locator("#received a[href*='/surveillance/released/']"));
    await s.th.locator("#received a[href*='/surveillance/released/']").first().click();
    await s.th.waitForURL(/\/surveillance\/released\//);
    assert.ok(await s.th.locator("#counts tbody tr").count() > 0);
    await s.th.goto(s.th.origin + "/surveillance/region");
    assert.match(await s.th.locator("#table tbody").innerText(), /OpenDengue V1\.3/);
  });

  await part("counts of this year that rise become an alarm", async () => {
    await s.epi.goto(s.epi.origin + "/surveillance/datasets/new");
    const form = s.epi.locator("form#dataset");
    await form.locator("[name=title]").fill("Monthly counts of the exercise");
    await form.locator("[name=source]").fill("Sample for the exercise");
    await form.locator("[name=terms]").fill("Sample");
    await form.locator("[name=calendar]").selectOption("month");
    await form.locator("[name=marking][value='TLP:GREEN']").check();
    await press(s.epi, "Save");
    await s.epi.waitForURL(/\/surveillance\/datasets\/[0-9a-f-]+$/);
    await s.epi.goto(s.epi.url() + "/import");
    await s.epi.locator("form#upload input[type=file]").setInputFiles({ name: "counts.csv", mimeType: "text/csv", buffer: Buffer.from(rising()) });
    await press(s.epi, "Upload");
    await s.epi.waitForURL(/\/map$/);
    await s.epi.locator("form#map [name='fix.disease']").selectOption("dengue");
    await press(s.epi, "Read the file");
    await s.epi.locator("form#apply button").first().click();
    await s.epi.locator("#state", { hasText: "Revision 1" }).waitFor();
    await arrives(s.epi, "/surveillance/alarms", page => page.locator("#alarms tbody a[href^='/surveillance/alarms/']"));
    await s.epi.locator("#alarms tbody a[href^='/surveillance/alarms/']").first().click();
    await s.epi.locator("#figures").waitFor();
    assert.match(await s.epi.locator("#figures").innerText(), /400/);
  });

  await part("computed again the alarm is the same, and it leads to its signal", async () => {
    s.alarm = s.epi.url();
    await s.epi.goto(s.alarm + "?again=1");
    assert.match(await s.epi.locator("#again").innerText(), /same|equal/i);
    await s.epi.goto(s.alarm);
    await s.epi.locator("main a[href^='/health/signals/']").first().click();
    await s.epi.waitForURL(/\/health\/signals\/[0-9a-f-]{36}$/);
    assert.match(await s.epi.locator("main").innerText(), /Dengue/);
  });

  await part("map, course, alarm and region are accessible on both screens", async () => {
    const found = [];
    for (const path of [s.set + "/diseases/dengue", s.set + "/diseases/dengue?in=KH&of=KH-12", s.alarm, s.epi.origin + "/surveillance/alarms", s.epi.origin + "/surveillance/region", s.epi.origin + "/surveillance/intervals"]) {
      await s.epi.goto(path);
      await audit(s.epi, "en", found);
    }
    assert.deepEqual(found, []);
  });
}

// arrives opens a page until what another node or the scan makes is there.
async function arrives(page, path, what) {
  for (const until = Date.now() + 60_000; Date.now() < until; await page.waitForTimeout(250)) {
    await page.goto(page.origin + path);
    if (await what(page).count()) return;
  }
  assert.fail(`nothing came to ${path}`);
}

// rising are eight years of monthly counts of one province up to the month
// before this one, quiet but for the last.
function rising() {
  const day = new Date(), lines = ["country,province,period_start,period_end,cases"];
  for (let back = 96; back >= 1; back--) {
    const from = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - back, 1));
    const to = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - back + 1, 0));
    const count = back === 1 ? 400 : 20 + (back * 7) % 9;
    lines.push(["CAMBODIA", "KAMPOT", from.toISOString().slice(0, 10), to.toISOString().slice(0, 10), count].join(","));
  }
  return lines.join("\n") + "\n";
}
