// A story is told in order: after a part that failed, the rest is skipped
// instead of waiting for what cannot come. Pictures of what was open show why.
export function story(t, stage) {
  let broken = "";
  return async (name, part) => {
    await t.test(name, { skip: broken ? `after the failure of: ${broken}` : false }, async () => {
      try {
        await part();
      } catch (e) {
        broken = name;
        await stage.pictures(`failed-${t.name}`);
        throw e;
      }
    });
  };
}
