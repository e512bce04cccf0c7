import { RunLog } from './run-log.js';
import { InMemoryRunStore } from '../testing/in-memory-run-store.js';
import { DEBIAN, BY_ROOT } from '../testing/sync-world.js';
import { until } from '#libs/kernel/testing/until.js';
import { silentLog } from '#libs/observability/log.js';

describe('RunLog', () => {
  const make = async () => {
    const runs = new InMemoryRunStore();
    const requested = await runs.request({ kind: 'sync', repository: DEBIAN, at: new Date(0), act: BY_ROOT });
    const id = requested?.run.id ?? 0;
    return { runs, id, text: async () => (await runs.log(id, 1)).map((chunk) => chunk.text) };
  };

  it('writes what came in half a second at once, for those who follow', async () => {
    const { runs, id, text } = await make();
    const log = new RunLog(runs, id, silentLog);
    log.write('one\n');
    log.write('two\n');
    expect(await text()).toEqual([]);
    await until(async () => (await text()).length > 0);
    expect(await text()).toEqual(['one\ntwo\n']);
    log.note('three');
    await log.close();
    expect(await text()).toEqual(['one\ntwo\n', 'parceler: three\n']);
  });

  it('keeps the beginning and the end of a flood, in bounded memory (T-65)', async () => {
    const { runs, id, text } = await make();
    const log = new RunLog(runs, id, silentLog);
    for (let line = 1; line <= 200_000; line++) log.write(`line ${String(line)}\n`);
    log.note('the end');
    await log.close();
    const all = (await text()).join('');
    expect(all.length).toBeLessThan(600 * 1024);
    expect(all).toMatch(/^line 1\nline 2\n/);
    expect(all).toMatch(/KiB left out/);
    expect(all).toMatch(/line 200000\nparceler: the end\n$/);
  });

  it('writes later what could not be written', async () => {
    const { runs, id, text } = await make();
    let failures = 1;
    const appendLog = async (run: number, piece: string) => {
      if (failures-- > 0) throw new Error('busy');
      await runs.appendLog(run, piece);
    };
    const failing = new Proxy(runs, {
      get: (store, name) => (name === 'appendLog' ? appendLog : (Reflect.get(store, name) as unknown)),
    });
    const log = new RunLog(failing, id, silentLog);
    log.write('one\n');
    await until(() => failures <= 0);
    log.write('two\n');
    await log.close();
    expect(await text()).toEqual(['one\ntwo\n']);
  });
});
