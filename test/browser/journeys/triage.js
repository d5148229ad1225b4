// A table that somebody sent becomes signals, a damaged row is mended, and the
// inbox is worked through with the keyboard alone.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { press, told } from "../harness/desk.js";
import { story } from "../harness/story.js";

const table = `Disease,Country,Date,Cases,Text
Cholera,Lao PDR,2026-10-02,12,Twelve cases in a river port (sample)
Dengue,Viet Nam,2026-10-03,40,Forty cases in two districts (sample)
Measles,Thailand,31.31.2026,7,Seven children of one school (sample)
Diphtheria,Lao PDR,2026-10-05,2,Two cases without vaccination (sample)`;

export async function triage(t, stage) {
  const s = { found: [] }, part = story(t, stage);
  await part("a pasted table is looked at before anything is stored", async () => {
    s.page = await stage.enter("LA", "duty_officer");
    await s.page.goto(s.page.origin + "/health/signal-imports/new");
    const form = s.page.locator("form#upload");
    await form.locator("[name=source]").selectOption("partner");
    await form.locator("[name=paste]").fill(table);
    await press(s.page, "Look at it");
    await s.page.waitForURL(/\/signal-imports\/[0-9a-f-]{36}$/);
    assert.match(await s.page.locator("#columns").innerText(), /Cholera · Dengue · Measles/);
    await audit(s.page, "en", s.found);
  });

  await part("every row is checked; a damaged one says what is wrong, and is mended", async () => {
    await press(s.page, "Check every row");
    await s.page.locator("#progress").filter({ hasText: /Good\s*3\s*Repaired\s*0\s*Broken\s*1/ }).waitFor(); // it comes by itself
    assert.match(await s.page.locator("#broken").innerText(), /31\.31\.2026/);
    await audit(s.page, "en", s.found);
    await s.page.getByRole("link", { name: "Mend row 4" }).click();
    await s.page.getByLabel(/^Date/).fill("2026-10-04");
    await press(s.page, "Check the row again");
    assert.match(await s.page.locator("#progress").innerText(), /Good\s+4[^]*Broken\s+0/);
  });

  await part("what is good is stored once, and stands in the inbox", async () => {
    await s.page.locator("#progress").getByRole("button", { name: /^Store/ }).click();
    await s.page.locator("#progress").filter({ hasText: "Stored" }).waitFor();
    await s.page.getByRole("link", { name: /^See/ }).click();
    await s.page.locator("form#bulk").waitFor();
    assert.equal(await s.page.locator("form#bulk tbody tr").count(), 4);
    await audit(s.page, "en", s.found);
  });

  await part("two signals are ticked and judged with the keyboard alone; o opens one", async () => {
    const keys = s.page.keyboard;
    for (const key of ["j", "x", "j", "j", "k", "x"]) await keys.press(key);
    assert.deepEqual(await s.page.locator("form#bulk tbody input[type=checkbox]").evaluateAll(all => all.map(b => b.checked)), [true, true, false, false]);
    await s.page.getByLabel("One reason for all").fill("Already known from the neighbours (sample).");
    await s.page.locator("form#bulk select[name=verb]").selectOption("discard");
    await s.page.getByLabel("One reason for all").press("Enter");
    await told(s.page).waitFor();
    assert.match(await told(s.page).innerText(), /2/);
    await keys.press("j");
    await keys.press("o");
    await s.page.waitForURL(/\/health\/signals\/[0-9a-f-]{36}$/);
  });

  await part("every page on the way is accessible", () => assert.deepEqual(s.found, []));
}
