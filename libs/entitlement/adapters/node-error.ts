/** Whether this is a system error of that code; `instanceof` would miss errors from another realm. */
export const isNodeError = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
