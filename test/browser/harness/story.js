// A story is told in order: after a part that failed, the rest is skipped
// instead of waiting for what cannot come.
export function story(t) {
  let broken = "";
  return async (name, part) => {
    await t.test(name, { skip: broken && `after the failure of: ${broken}` }, async () => {
      try {
        await part();
      } catch (e) {
        broken = name;
        throw e;
      }
    });
  };
}
