// Everything can be reached with the keyboard alone.
import assert from "node:assert/strict";
import { story } from "../harness/story.js";

const focused = page => page.evaluate(() => {
  const e = document.activeElement, r = e.getBoundingClientRect();
  const ringed = x => { const c = getComputedStyle(x); return c.outlineStyle !== "none" || c.boxShadow !== "none"; };
  return { tag: e.tagName, id: e.id, text: (e.innerText || e.getAttribute("aria-label") || e.name || "").trim(), href: e.getAttribute("href"),
    seen: r.width > 0 && r.height > 0 && r.bottom > 0 && r.top < innerHeight, ring: ringed(e) || ringed(e.parentElement) }; // the search is ringed with its icon
});

export async function keyboard(t, stage) {
  const s = {}, part = story(t, stage);
  await part("the first stop skips to the content", async () => {
    s.page = await stage.enter("KH", "duty_officer");
    await s.page.keyboard.press("Tab");
    const first = await focused(s.page);
    assert.equal(first.text, "Skip to the content");
    assert.ok(first.seen, "the skip link is not seen when it has the focus");
    await s.page.keyboard.press("Enter");
    assert.equal(await s.page.evaluate(() => document.activeElement.id), "main");
  });

  await part("from the content, the next stop is the main action", async () => {
    await s.page.keyboard.press("Tab");
    const next = await focused(s.page);
    assert.equal(next.text, "Record an event");
    assert.ok(next.ring, "the focus is not shown");
    await s.page.keyboard.press("Enter");
    await s.page.waitForURL(/\/health\/events\/new$/);
  });

  await part("a slash leads to the search, but not while somebody types", async () => {
    await s.page.goto(s.page.origin + "/");
    await s.page.keyboard.press("/");
    assert.equal((await focused(s.page)).id, "q");
    await s.page.keyboard.type("a/b");
    assert.equal(await s.page.locator("#q").inputValue(), "a/b");
    await s.page.keyboard.press("Enter");
    await s.page.waitForURL(/\/search\?q=a%2Fb/);
  });

  await part("every stop of the duty desk is seen and marked, and the order has no trap", async () => {
    await s.page.goto(s.page.origin + "/");
    const stops = [];
    for (let i = 0; i < 150; i++) {
      await s.page.keyboard.press("Tab");
      const f = await focused(s.page);
      if (f.tag === "BODY") break;
      stops.push(f);
    }
    assert.ok(stops.length > 12 && stops.length < 150, `${stops.length} stops`);
    assert.deepEqual(stops.filter(f => !f.seen || !f.ring), []);
    assert.ok(stops.some(f => f.text === "Record an event"));
  });

  await part("a menu closes with Escape and gives the focus back", async () => {
    const menu = s.page.locator("details.menu").first();
    await menu.locator("summary").focus();
    await s.page.keyboard.press("Enter");
    assert.equal(await menu.getAttribute("open"), "");
    await s.page.keyboard.press("Tab");
    await s.page.keyboard.press("Escape");
    assert.equal(await menu.getAttribute("open"), null);
    assert.equal((await focused(s.page)).tag, "SUMMARY");
  });
}
