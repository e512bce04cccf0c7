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

  it.each(['authorization', 'secret', 'token', 'password'])('never writes a field named %s (T-145, I-20)', (name) => {
    const sink = lines();
    pinoLog({ level: 'info', service: 'api' }, sink).info('asked', { [name]: 'canary', request: { [name]: 'canary' } });
    expect(sink.written.join('')).not.toContain('canary');
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
