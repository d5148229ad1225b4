// A region that is started for the tests: `lintas demo` in a folder of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const binary = resolve(process.env.LINTAS || "../../bin/lintas");
const STARTS_WITHIN = 60_000;
const STOPS_WITHIN = 3_000;

export async function startRegion() {
  const dir = await mkdtemp(join(tmpdir(), "lintas-browser-"));
  const child = spawn(binary, ["demo", "--dir", join(dir, "region"), "--port", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "", err = "";
  child.stderr.on("data", b => { err += b; });
  const ended = new Promise(done => child.once("exit", (code, signal) => done({ code, signal })));
  const front = await new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error(`the region did not start\n${out}\n${err}`)), STARTS_WITHIN);
    child.once("error", fail);
    child.once("exit", code => fail(new Error(`the region ended with ${code}\n${out}\n${err}`)));
    child.stdout.on("data", b => {
      out += b;
      const found = out.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) { clearTimeout(late); done(found[0]); }
    });
  });
  return {
    front,
    // stop is what Ctrl-C does: everything must have ended cleanly in three seconds.
    async stop() {
      const began = performance.now();
      child.kill("SIGINT");
      const last = setTimeout(() => child.kill("SIGKILL"), 15_000);
      const { code, signal } = await ended;
      clearTimeout(last);
      const took = performance.now() - began;
      await rm(dir, { recursive: true, force: true });
      assert.equal(signal, null, `the region ended by ${signal} after ${Math.round(took)} ms`);
      assert.equal(code, 0, `the region ended with ${code}: ${err}`);
      assert.ok(took < STOPS_WITHIN, `the region took ${Math.round(took)} ms to stop`);
      return took;
    },
  };
}
