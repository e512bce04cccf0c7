import { assertSafeLibrary } from './safe-library.js';

describe('assertSafeLibrary (T-86)', () => {
  it.each(['3.51.3', '3.51.10', '3.52.0', '3.53.2', '4.0.0', '3.50.7'])('takes SQLite %s', (version) => {
    expect(() => {
      assertSafeLibrary(version);
    }).not.toThrow();
  });

  it.each(['3.51.2', '3.51.0', '3.50.6', '3.50.8', '3.9.99', '2.99.99', '', 'unknown'])(
    'refuses SQLite "%s"',
    (version) => {
      const failure = { code: 'DATABASE_LIBRARY_UNSAFE', message: expect.stringContaining('WAL-reset bug') as string };
      expect(() => {
        assertSafeLibrary(version);
      }).toThrow(expect.objectContaining(failure));
    },
  );
});
