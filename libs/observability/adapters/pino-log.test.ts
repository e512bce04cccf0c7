import { pinoLog } from './pino-log.js';

function lines(): { readonly written: string[]; readonly write: (line: string) => void } {
  const written: string[] = [];
  return { written, write: (line) => void written.push(line) };
}

describe('pinoLog', () => {
  it('writes one JSON line with instant, level, service, message and fields', () => {
    const sink = lines();
    pinoLog({ level: 'info', service: 'api' }, sink).with({ repository: 'debian' }).info('sync ended', { ms: 5 });
    expect(sink.written).toHaveLength(1);
    expect(JSON.parse(sink.written[0] ?? '')).toMatchObject({
      level: 'info',
      service: 'api',
      message: 'sync ended',
      repository: 'debian',
      ms: 5,
    });
    expect(sink.written[0]).toMatch(/"time":"\d{4}-\d\d-\d\dT[\d:.]+Z"/);
  });

  it('stays below its level', () => {
    const sink = lines();
    pinoLog({ level: 'warn', service: 'api' }, sink).info('not this');
    expect(sink.written).toEqual([]);
  });

  it('never writes a secret, neither of a line nor of what stands in all lines (T-145, I-20)', () => {
    const sink = lines();
    const log = pinoLog({ level: 'info', service: 'api' }, sink).with({ token: 'canary' });
    log.info('asked', { password: 'canary', request: { headers: { authorization: 'canary' } } });
    expect(sink.written.join('')).not.toContain('canary');
    expect(sink.written.join('').match(/\[redacted\]/g)).toHaveLength(3);
  });

  it('keeps line breaks of user text inside the value (T-145)', () => {
    const sink = lines();
    pinoLog({ level: 'info', service: 'api' }, sink).info('asked', { path: 'a\n{"level":"error"}' });
    expect(sink.written.join('').trimEnd().split('\n')).toHaveLength(1);
  });

  it('writes errors with their causes', () => {
    const sink = lines();
    pinoLog({ level: 'info', service: 'api' }, sink).error('failed', {
      error: new Error('outer', { cause: new Error('inner') }),
    });
    expect(sink.written.join('')).toContain('inner');
  });
});
