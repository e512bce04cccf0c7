/** The code that the system or a driver gave an error (`ENOSPC`, `SQLITE_BUSY`), or the empty string. */
export function systemCode(error: unknown): string {
  // By its shape: an error of Node itself or of a native module is no `instanceof Error` in another realm, such as a Jest test.
  const isCoded = typeof error === 'object' && error !== null && 'code' in error;
  return isCoded && typeof error.code === 'string' ? error.code : '';
}
