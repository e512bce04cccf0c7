import { rmSync } from 'node:fs';

import { RecordedLog } from '#libs/observability/testing/recorded-log.js';
import { blobKey, type Sha256 } from '#libs/storage/layout.js';

import { ask } from '../testing/raw-http.js';
import { basic, startApi, type RunningApi } from '../testing/running-api.js';

const good = basic('one', 'secret');
const LEFT_OUT = 'alike lines left out';

describe('what the api writes about requests', () => {
  let log: RecordedLog;
  let running: RunningApi;
  beforeEach(async () => {
    log = new RecordedLog();
    running = await startApi({}, log);
    await running.addRepository('debian');
    await running.addSystem('one', 'enterprise', 'secret');
    await running.publish('debian', { file: 'content' });
  });
  afterEach(() => running.stop());

  const get = (path = 'file', headers: Readonly<Record<string, string>> = good) =>
    ask(running.port, `/repository/enterprise/debian/${path}`, { headers });

  const flood = async (
    count: number,
    path: string,
    headers: Readonly<Record<string, string>> = good,
  ): Promise<void> => {
    for (let i = 0; i < count; i += 1) await get(path, headers);
  };
  const written = (status: number) => log.of('file request').filter((fields) => fields['status'] === status);

  it.each([
    ['404, a file that is not there', 404, 'none', good],
    ['403, a wrong secret', 403, 'file', basic('one', 'wrong')],
    ['416, a range that is not there', 416, 'file', { ...good, Range: 'bytes=5000-' }],
  ])('is a sample of a flood of %s, and its size when the process ends (T-141)', async (_, status, path, headers) => {
    await flood(100, path, headers);
    expect(written(status)).toHaveLength(30);
    await running.api.stop(0);
    expect(log.of(LEFT_OUT)).toEqual([{ line: 'file request', kind: status, count: 70 }]);
  });

  it.each([
    ['challenges', 401, 'file', {}],
    ['what is malformed', 400, '../file', good],
  ])('is nothing at all of %s, which are counted (T-141)', async (_, status, path, headers) => {
    await flood(40, path, headers);
    const { body } = await ask(running.port, '/metrics');
    expect(body.toString()).toContain(`parceler_http_requests_total{status="${String(status)}"} 40`);
    expect(log.lines).toEqual([]);
  });

  it('counts what is left out like everything else (T-141)', async () => {
    await flood(100, 'none');
    const { body } = await ask(running.port, '/metrics');
    expect(body.toString()).toContain('parceler_http_requests_total{status="404"} 100');
  });

  it('is one whole line for every delivery', async () => {
    await flood(100, 'file');
    expect(written(200)).toHaveLength(100);
    expect(written(200)[0]).toMatchObject({
      method: 'GET',
      edition: 'enterprise',
      repository: 'debian',
      path: 'file',
      system: 'one',
      complete: true,
      client: '127.0.0.1',
    });
  });

  it('cuts what a refused client says at length (T-141)', async () => {
    await get(`none${'x'.repeat(1_500)}`, basic('y'.repeat(250), 'secret'));
    await get(`none${'x'.repeat(1_500)}`);
    expect(log.of('file request').map(({ path }) => path)).toEqual(Array(2).fill(`none${'x'.repeat(196)}…`));
    expect(written(403)[0]?.['system']).toBe(`${'y'.repeat(200)}…`);
  });

  it('is one line without a stack for a blob that is missing, and then a number (T-134, T-141)', async () => {
    const { headers } = await get();
    rmSync(running.fileOf(blobKey((headers['etag'] ?? '').replaceAll('"', '') as Sha256)));
    await flood(100, 'file');
    const lines = log.of('file could not be sent');
    expect(lines).toHaveLength(30);
    expect(lines[0]).toEqual({
      code: 'CONTENT_DAMAGED',
      repository: 'debian',
      snapshot: headers['x-parceler-snapshot'],
      path: 'file',
      reason: 'content is missing',
    });
    expect(JSON.stringify(log.lines)).not.toMatch(/ENOENT|node:fs|\.ts:/);
    await running.api.stop(0);
    expect(log.of(LEFT_OUT)).toContainEqual({ line: 'file could not be sent', kind: 'CONTENT_DAMAGED', count: 70 });
  });
});
