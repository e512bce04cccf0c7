import fc from 'fast-check';

import { CappedLog } from './capped-log.js';

const written = (log: CappedLog, pieces: readonly string[]): string =>
  pieces.map((piece) => log.push(piece)).join('') + log.end();

describe('CappedLog', () => {
  it('passes on at once what fits the head', () => {
    const log = new CappedLog({ headBytes: 10, tailBytes: 5 });
    expect(log.push('one\n')).toBe('one\n');
    expect(log.push('two\n')).toBe('two\n');
    expect(log.end()).toBe('');
  });

  it('keeps the end in whole lines, and says how much is missing between', () => {
    const log = new CappedLog({ headBytes: 4, tailBytes: 8 });
    expect(written(log, ['one\n', 'two\n', 'three\n', 'four\n', 'end\n'])).toBe('one\n\n… 1 KiB left out …\nend\n');
  });

  it('leaves nothing out when head and tail hold everything', () => {
    expect(written(new CappedLog({ headBytes: 4, tailBytes: 8 }), ['one\ntwo\n', 'end\n'])).toBe('one\ntwo\nend\n');
  });

  it('cuts between characters', () => {
    const log = new CappedLog({ headBytes: 3, tailBytes: 4 });
    expect(written(log, ['äöü', 'ß'.repeat(10)])).not.toContain('�');
  });

  it('keeps the head exactly and the tail as an end of the text, within its limits, whatever comes how', () => {
    const limits = { headBytes: 20, tailBytes: 10 };
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 30 })), (pieces) => {
        const whole = pieces.join('');
        const log = new CappedLog(limits);
        const head = pieces.map((piece) => log.push(piece)).join('');
        const rest = log.end();
        expect(whole.startsWith(head)).toBe(true);
        expect(Buffer.byteLength(head)).toBeLessThanOrEqual(limits.headBytes + 3);
        const marked = /^\n… \d+ KiB left out …\n/.exec(rest)?.[0];
        if (marked === undefined) expect(head + rest).toBe(whole);
        else {
          expect(whole.endsWith(rest.slice(marked.length))).toBe(true);
          expect(Buffer.byteLength(rest) - Buffer.byteLength(marked)).toBeLessThanOrEqual(limits.tailBytes);
        }
      }),
    );
  });

  it('stays small however much comes, in small pieces or in a huge one (T-65)', () => {
    const log = new CappedLog({ headBytes: 100, tailBytes: 1_000 });
    for (let index = 0; index < 100_000; index += 1) log.push('y\n');
    log.push('z'.repeat(5_000_000));
    const end = log.end();
    expect(Buffer.byteLength(end)).toBeLessThan(1_100);
    expect(end).toContain('5078 KiB left out');
  });
});
