// The regional report over five nodes: the desk asks, some give their figures,
// one has nothing to report, one stays silent and is printed as silent, never as
// zero; sources that disagree stand side by side; the next issue says what is
// new, a correction what it changed.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { audit } from "../harness/audit.js";
import { clocked } from "../harness/clock.js";
import { addFigures, recordEvent, shareFamily, step, todo } from "../harness/desk.js";
import { arrives, eventually, hold } from "../harness/live.js";
import { story } from "../harness/story.js";

const family = "Cholera on both shores", first = "Cholera on both shores, first issue", second = "Cholera on both shores, second issue";
const event = { name: "Cholera, Pursat shore", summary: "Cases along the lake (sample).", hazard: "cholera", grade: "Warning", place: "Pursat", cases: "114", source: "Provincial health office (sample)" };
const there = { ...event, name: "Cholera, Trat", place: "Trat", cases: "5", source: "Trat hospital (sample)" };

export async function report(t, stage) {
  const own = await clocked(stage), s = { found: [] }, part = story(t, own.stage);
  const enter = async (m, role) => s[m] ??= Object.assign(await own.stage.enter(m, role), { approver: await own.stage.enter(m, "approver") });

  await part("the regional desk asks Cambodia alone, and issues its first report", async () => {
    await enter("KH", "duty_officer");
    await enter("ASEC", "secretariat_desk");
    const seen = { onset: await own.day(-5), asOf: await own.at(-6) };
    await recordEvent(s.KH, { ...event, ...seen });
    s.event = s.KH.url();
    s.family = await shareFamily(s.KH, s.KH.approver, family);
    await enter("TH", "duty_officer");
    await recordEvent(s.TH, { ...there, ...seen });
    s.there = s.TH.url();
    s.one = await opened(own, s, first, ["KH"]);
    await given(s.KH, event.name, "Cases rise along the lake.");
    await s.ASEC.goto(s.ASEC.origin + s.one);
    await eventually(s.ASEC, s.ASEC.locator("#top").getByRole("link", { name: "Compose from the inputs" }), "the step that the input of Cambodia makes possible");
    await step(s.ASEC, null, "Compose from the inputs");
    await composed(s.ASEC, s.one, "One state reports cases.");
  });

  await part("then it asks four members; two differ in what they give, one has nothing, one says nothing", async () => {
    await addFigures(s.KH, s.event, [{ place: "KH", cases: "131", asOf: await own.at(-1), source: event.source }]);
    await addFigures(s.TH, s.there, [{ place: "TH", cases: "7", asOf: await own.at(-5), source: "Disease control office 6 (sample)" }]);
    s.two = await opened(own, s, second, ["KH", "TH", "SG", "VN"]);
    await audit(s.ASEC, "en", s.found);
    await hold(s.ASEC);
    s.ours = await given(s.KH, event.name, "Seventeen more cases.");
    await given(s.TH, there.name, "Hospital and office count differently.");
    await enter("SG", "duty_officer");
    await given(s.SG, null, "");
    await arrives(s.ASEC, s.ASEC.locator("#inputs tbody tr").filter({ hasText: "Singapore" }).getByText("Nothing to report"), "the answer of Singapore");
    assert.equal(await s.ASEC.locator("#top").getByRole("link", { name: "Compose from the inputs" }).count(), 0, "Viet Nam has time until the cut-off");
  });

  await part("the cut-off passes: the silent member is “no report”, the differing figures stand side by side", async () => {
    await enter("VN", "duty_officer");
    await s.VN.goto(s.VN.origin + "/");
    await eventually(s.VN, s.VN.locator("#todo li").filter({ hasText: `Report on “${family}”` }), "what Viet Nam is asked");
    await own.pass(3);
    await todo(s.ASEC, `Inputs are overdue: “${second}”`);
    await step(s.ASEC, null, "Compose from the inputs");
    const row = name => s.ASEC.locator("#overview tbody tr").filter({ hasText: name });
    assert.match(await row("Viet Nam").innerText(), /no report/);
    assert.doesNotMatch(await row("Viet Nam").locator("td").first().innerText(), /\d/, "silence became a number");
    assert.match(await row("Singapore").innerText(), /nothing to report/);
    const differ = row("Thailand").locator(".sr-cell.differ .v");
    assert.equal(await differ.count(), 2);
    assert.match((await differ.allInnerTexts()).join(" "), /\b5\b[^]*Trat hospital[^]*\b7\b[^]*office 6|\b7\b[^]*office 6[^]*\b5\b[^]*Trat hospital/);
    assert.match(await row("Cambodia").innerText(), /131[^]*\+17 since report 1/);
    assert.match(await s.ASEC.locator("#sources tbody tr").filter({ hasText: "131" }).innerText(), /Provincial health office[^]*Situation report 2/);
    await composed(s.ASEC, s.two, "Two states report cases; the sources of one differ.");
    await audit(s.ASEC, "en", s.found);
  });

  await part("it is printed as a sheet, and leaves as EDXL-SitRep without a number for the silent", async () => {
    const page = s.TH;
    await page.goto(page.origin + "/health/sitreps?scope=regional");
    await eventually(page, page.locator("#reports").getByRole("link", { name: second }), "the second issue");
    await page.locator("#reports").getByRole("link", { name: second }).click();
    await page.emulateMedia({ media: "print" });
    for (const gone of ["nav.rail", "#top", "#state"]) assert.equal(await page.locator(gone).first().isVisible(), false, `${gone} is printed`);
    assert.match(await page.locator(".sitrep").innerText(), /Situation report 2[^]*no report[^]*Cleared by/);
    assert.ok((await page.pdf({ format: "A4" })).length > 20_000);
    await page.emulateMedia({ media: "screen" });
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "EDXL-SitRep" }).click()]);
    const xml = await readFile(await file.path(), "utf8");
    assert.match(xml, /<sitRep xmlns="urn:oasis:names:tc:emergency:EDXL:SitRep:1\.0"/);
    const cells = m => xml.split("<ext:extension>").filter(x => x.includes(`<ext:value>${m}</ext:value>`));
    assert.ok(cells("KH").some(x => x.includes("<ext:value>131</ext:value>")), "Cambodia's figure is not in the file");
    assert.equal(cells("TH").length, 2, "the two sources of Thailand are not both in the file");
    assert.equal(cells("VN").length, 1);
    assert.ok(cells("VN")[0].includes("no_report") && !cells("VN")[0].includes(">value<"), `silence left as ${cells("VN")[0]}`);
  });

  await part("Cambodia corrects itself, the region reissues, and what changed is marked", async () => {
    await addFigures(s.KH, s.event, [{ place: "KH", cases: "128", asOf: await own.at(0), source: event.source }]);
    await corrected(s.KH, s.ours, "Three cases were counted twice.");
    await s.ASEC.goto(s.ASEC.origin + "/health/sitreps?scope=national&owner=KH");
    await eventually(s.ASEC, s.ASEC.locator("#reports tbody tr").filter({ hasText: "correction 1" }), "the correction of Cambodia");
    s.three = await corrected(s.ASEC, s.two, "Cambodia corrected its figure.");
    await audit(s.ASEC, "en", s.found);
    await s.TH.goto(s.TH.origin + s.two);
    await eventually(s.TH, s.TH.getByRole("link", { name: "Open the correction" }), "the correction");
    await s.TH.getByRole("link", { name: "Open the correction" }).click();
    const row = s.TH.locator("#overview tbody tr").filter({ hasText: "Cambodia" });
    assert.match(await row.innerText(), /128[^]*corrected/);
    assert.equal(await s.TH.locator("#overview tbody tr").filter({ hasText: "Thailand" }).locator("mark").count(), 0);
    assert.match(await s.TH.locator(".sitrep .why").innerText(), /Cambodia corrected its figure/);
    await s.TH.goto(s.TH.url() + "?lang=id");
    await audit(s.TH, "id", s.found);
  });

  await part("every page on the way is accessible", () => assert.deepEqual(s.found, []));
}

const here = page => new URL(page.url()).pathname;
const saved = page => page.waitForURL(/\/health\/sitreps\/[0-9a-f-]{36}$/);

// opened begins a regional report and asks members; the cut-off is in two hours.
async function opened(own, s, title, asked) {
  const page = s.ASEC;
  await page.goto(page.origin + "/health/sitreps/regional");
  const form = page.locator("form#sitrep");
  await form.locator("[name=family]").selectOption({ label: family });
  await form.locator("[name=title]").fill(title);
  await form.locator("[name=cut_off]").fill(await own.at(2));
  for (const box of await form.locator("[name=asked]").all()) await box.setChecked(asked.includes(await box.getAttribute("value")));
  await form.locator(".act button").click();
  await saved(page);
  return here(page);
}

// given is the input of a member, cleared by a second person; without an event
// it has nothing to report.
async function given(page, name, words) {
  await todo(page, `Report on “${family}”`);
  await page.getByRole("link", { name: name ? "Write our report" : "We have nothing to report" }).click();
  const form = page.locator("form#sitrep");
  if (name) {
    await form.locator("[name=event]").selectOption({ label: name });
    await form.locator("[name=highlights]").fill(words);
  }
  await form.locator(".act button").click();
  await saved(page);
  return issued(page, here(page));
}

async function issued(page, at) {
  await taken(page, at, "submit");
  await taken(page.approver, at, "clear");
  await taken(page, at, "issue");
  return at;
}

// taken confirms a step on its page, to which the button of the record leads.
async function taken(page, at, verb) {
  await page.goto(`${page.origin}${at}/step/${verb}`);
  await page.locator("form#step .act button").click();
  await page.waitForURL(u => !u.pathname.includes("/step/"));
}

async function composed(page, at, words) {
  await page.locator("#top").getByRole("link", { name: "Edit", exact: true }).click();
  await page.locator("form#sitrep [name=highlights]").fill(words);
  await page.locator("form#sitrep .act button").click();
  await saved(page);
  return issued(page, at);
}

async function corrected(page, at, why) {
  await step(page, page.origin + at, "Correct", { reason: why });
  await saved(page);
  const to = here(page);
  await taken(page, to, "refresh");
  return issued(page, to);
}
