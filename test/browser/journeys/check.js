// A communication check: one press asks, one press answers, and what took how
// many minutes is kept; who is silent is named with whom to call.
import assert from "node:assert/strict";
import { audit } from "../harness/audit.js";
import { press, told } from "../harness/desk.js";
import { arrives, eventually, hold } from "../harness/live.js";
import { story } from "../harness/story.js";

const asked = { MY: "Malaysia", PH: "Philippines", SG: "Singapore" };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

export async function check(t, stage) {
  const s = { found: [] }, part = story(t, stage);
  await part("one press of the regional desk asks three states", async () => {
    s.asec = await stage.enter("ASEC", "secretariat_desk");
    assert.match(await s.asec.locator("h1").innerText(), /Regional duty desk/);
    await s.asec.locator("nav.rail").getByRole("link", { name: "Contacts" }).click();
    await s.asec.locator("main").getByRole("link", { name: "Communication checks" }).click();
    await audit(s.asec, "en", s.found);
    for (const box of await s.asec.locator("form#call [name=member]").all())
      await box.setChecked(Object.hasOwn(asked, await box.getAttribute("value")));
    for (const member of Object.keys(asked)) {
      s[member] = await stage.enter(member, "duty_officer", member === "SG" ? phone : {});
      await hold(s[member]);
    }
    await press(s.asec, "Is anybody there?");
    await s.asec.waitForURL(/\/checks\/[0-9a-f-]{36}$/);
    const results = await s.asec.locator("#results").innerText();
    assert.match(results, /0 of 3/);
    assert.match(results, /Silent: Malaysia, Philippines, Singapore/);
    assert.match(await s.asec.locator("#silent").innerText(), /Call first:/);
    await hold(s.asec);
  });

  for (const [member, how] of [["MY", "at the desk"], ["SG", "on a phone"]])
    await part(`${asked[member]} answers with one press ${how}, from the page that was open`, async () => {
      const page = s[member], item = page.locator("#todo li").filter({ hasText: "ASEAN Secretariat asks: is anybody there?" });
      await arrives(page, item, "the check");
      const button = item.getByRole("button", { name: /^We are here/ });
      if (member === "SG") await button.tap();
      else await button.click();
      assert.match(await told(page).innerText(), /answer/i);
      assert.equal(await item.count(), 0, "it still waits");
      await arrives(s.asec, row(s.asec, member).filter({ hasText: "We are here" }), `the answer of ${asked[member]}`);
    });

  await part("somebody who may not answer has no button", async () => {
    const auditor = await stage.enter("PH", "auditor");
    assert.equal(await auditor.getByRole("button", { name: /^We are here/ }).count(), 0);
  });

  await part("the results are minutes, and the silent one is named with whom to call", async () => {
    for (const member of ["MY", "SG"]) {
      const cells = await row(s.asec, member).locator("td, th").allInnerTexts();
      assert.ok(cells.some(c => /^[0-9]+(\.[0-9])?$/.test(c.trim())), `no minutes in ${cells}`);
    }
    assert.match(await s.asec.locator("#results").innerText(), /2 of 3[^]*Silent: Philippines/);
    assert.doesNotMatch(await s.asec.locator("#results").innerText(), /Silent:[^\n]*Singapore/);
    const call = await s.asec.locator("#silent").innerText();
    assert.match(call, /Philippines[^]*Call first:[^]*\+999/);
    assert.match(await s.asec.locator("#chart").innerText(), /silent/i);
    await audit(s.asec, "en", s.found);
  });

  await part("it is kept: in the list of checks and beside the contacts", async () => {
    await s.PH.locator("#todo").getByRole("button", { name: /^We are here/ }).click();
    await s.asec.goto(s.asec.origin + "/health/contacts/checks");
    await eventually(s.asec, s.asec.locator("#past tbody tr").first().filter({ hasText: "3 of 3" }), "all answers in the list");
    await s.asec.goto(s.asec.origin + "/health/contacts?member=SG");
    assert.match(await s.asec.locator("#m-SG .drill").innerText(), /answered after/);
    await s.SG.goto(s.SG.origin + "/health/contacts/checks");
    assert.match(await s.SG.locator("#calls").innerText(), /ASEAN Secretariat[^]*Duty officer, SG, after/);
  });

  await part("every page on the way is accessible", () => assert.deepEqual(s.found, []));
}

const row = (page, member) => page.locator("#results tbody tr").filter({ hasText: asked[member] });
